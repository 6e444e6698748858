//! `/openapi.json`, and Swagger UI for each part of it, without asking any other
//! server for anything.

use std::sync::Arc;

use utoipa_swagger_ui::Config;
use warp::http::StatusCode;
use warp::http::header::{self, HeaderValue};

use super::auth::Need;
use super::call::Call;
use super::openapi::Documents;
use super::problem::Problem;
use super::reply::Reply;
use super::route::Route;

/// The part that is all parts.
const WHOLE: &str = "all";
/// Scripts and styles of our own only; Swagger UI writes styles into its page and
/// carries its icons in its style sheet.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                      img-src 'self' data:; connect-src 'self'; font-src 'self'; \
                      base-uri 'self'; frame-ancestors 'none'";

/// The routes; `documents` learn later what they describe, once these are known, too.
pub(crate) fn routes<C: Send + 'static>(documents: &Documents) -> Vec<Route<C>> {
    let (whole, page, file) = (documents.clone(), documents.clone(), documents.clone());
    vec![
        Route::get("/openapi.json", Need::Open, move |_, _| {
            let text = whole.whole().to_owned();
            async move { Ok(Reply::json_text(text)) }
        })
        .hidden(),
        Route::get("/api-docs", Need::Open, |_, call: Call| async move {
            file_of("index.html", WHOLE, call.prefix)
        })
        .hidden(),
        Route::get("/api-docs/{part}", Need::Open, move |_, call: Call| {
            let known = is_part(&page, call.param("part"));
            async move {
                if known {
                    file_of("index.html", call.param("part"), call.prefix)
                } else {
                    Err(nothing())
                }
            }
        })
        .hidden(),
        Route::get("/api-docs/{part}/{file}", Need::Open, move |_, call: Call| {
            let answer = part_file(&file, &call);
            async move { answer }
        })
        .hidden(),
    ]
}

fn is_part(documents: &Documents, name: &str) -> bool {
    name == WHOLE || documents.has_part(name)
}

fn part_file(documents: &Documents, call: &Call) -> Result<Reply, Problem> {
    let (part, file) = (call.param("part"), call.param("file"));
    if !is_part(documents, part) {
        return Err(nothing());
    }
    if file == "openapi.json" {
        let text = if part == WHOLE {
            documents.whole()
        } else {
            documents.part(part).unwrap_or_default()
        };
        return Ok(Reply::json_text(text));
    }
    file_of(file, part, call.prefix)
}

/// A file of Swagger UI, made to show this part.
fn file_of(file: &str, part: &str, prefix: &str) -> Result<Reply, Problem> {
    let config = Arc::new(Config::from("openapi.json").try_it_out_enabled(true));
    let found = utoipa_swagger_ui::serve(file, config)
        .map_err(|error| Problem::fault("preparing the documentation", error.to_string()))?
        .ok_or_else(nothing)?;
    let mut bytes = found.bytes.into_owned();
    if file == "index.html" {
        let base = format!("<head>\n    <base href=\"{prefix}/api-docs/{part}/\">");
        let page = String::from_utf8_lossy(&bytes).replacen("<head>", &base, 1).replacen(
            "Swagger UI",
            &format!("zelador: {part}"),
            1,
        );
        bytes = page.into_bytes();
    }
    let kept = if file == "index.html" { "no-cache" } else { "public, max-age=3600" };
    Ok(Reply::bytes(found.content_type, bytes)
        .header(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY))
        .header(header::CACHE_CONTROL, HeaderValue::from_static(kept)))
}

fn nothing() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "unknown_route")
}
