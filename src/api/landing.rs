//! `/`: what a person sees who opens the address in a browser.

use warp::http::header::{self, HeaderValue};

use super::auth::Need;
use super::call::Call;
use super::language::Language;
use super::reply::Reply;
use super::route::Route;

const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; \
                      base-uri 'none'; form-action 'none'";

pub(crate) fn routes<C: Send + 'static>() -> Vec<Route<C>> {
    vec![
        Route::get("/", Need::Open, |_, call| async move { Ok(page(&call)) })
            .part("pages")
            .hidden(),
    ]
}

fn page(call: &Call) -> Reply {
    let language = call.language;
    let html = write(language, call.prefix);
    Reply::bytes("text/html; charset=utf-8", html)
        .header(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY))
        .header(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))
        .header(header::VARY, HeaderValue::from_static("Accept-Language"))
        .header(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()))
}

/// Nothing in the page comes from outside this file and the message files.
fn write(language: Language, prefix: &str) -> String {
    let say = |code: &str| language.say(code, &[]);
    let link = |path: &str, code: &str| {
        format!("<li><a href=\"{prefix}{path}\">{}</a> <code>{path}</code></li>", say(code))
    };
    format!(
        "<!DOCTYPE html>\n<html lang=\"{tag}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>zelador</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>zelador</h1>\n<p>{tagline}</p>\n\
         <h2>{docs}</h2>\n<ul>{all}{openapi}</ul>\n\
         <h2>{state}</h2>\n<ul>{health}{ready}</ul>\n</main>\n</body>\n</html>\n",
        tag = language.tag(),
        tagline = say("landing-tagline"),
        docs = say("landing-docs"),
        all = link("/api-docs", "landing-docs-all"),
        openapi = link("/openapi.json", "landing-openapi"),
        state = say("landing-state"),
        health = link("/health", "landing-health"),
        ready = link("/ready", "landing-ready"),
    )
}

const STYLE: &str = "
:root { --ground: #faf9f7; --ink: #22211f; --soft: #6b6862; --link: #0b5a8f; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #1b1a18; --ink: #eceae6; --soft: #a09c94; --link: #7fc1ee; }
}
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 1.05rem/1.6 system-ui, sans-serif; }
main { max-width: 38rem; margin: 0 auto; padding: 3rem 1.25rem; }
h1 { font-size: 2.2rem; margin: 0; letter-spacing: -0.02em; }
h2 { font-size: 1rem; margin: 2.2rem 0 0.4rem; color: var(--soft); }
ul { list-style: none; margin: 0; padding: 0; }
li { padding: 0.35rem 0; }
a { color: var(--link); }
code { color: var(--soft); font-size: 0.85em; margin-left: 0.4rem; }
";
