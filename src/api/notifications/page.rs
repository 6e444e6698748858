//! The page behind the link in every mail: no more of this kind, please.
//!
//! Looking changes nothing, for mail programs look at links before people do; the
//! button does it, and so does the one click of a mail program (RFC 8058). Nothing
//! in the page comes from elsewhere, and nothing of its address goes elsewhere.

use serde::Deserialize;
use utoipa::ToSchema;
use warp::http::StatusCode;
use warp::http::header::{self, HeaderName, HeaderValue};
use zelador_actors::engine::notifications::Chosen;
use zelador_actors::engine::notifications::OptOut;
use zelador_actors::{Error, Refusal};
use zelador_store::author::{Author, AuthorKind};

use crate::api::auth::Need;
use crate::api::call::Call;
use crate::api::doors::Doors;
use crate::api::language::Language;
use crate::api::problem::Problem;
use crate::api::reply::Reply;
use crate::api::route::Route;

const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; \
                      base-uri 'none'; form-action 'self'";
const REFERRER: HeaderName = HeaderName::from_static("referrer-policy");

/// What the link says.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct Link {
    /// Who wants no more of what.
    #[schema(max_length = 400)]
    token: String,
    /// Whether it is wanted after all.
    #[schema(default = false)]
    again: bool,
}

pub(super) fn routes() -> Vec<Route<Doors>> {
    vec![
        Route::get("/notifications/opt-out", Need::Open, look).filters::<Link>().hidden(),
        Route::post("/notifications/opt-out", Need::Open, act)
            .filters::<Link>()
            .ignores_body()
            .secret()
            .hidden(),
    ]
}

async fn look(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let link: Link = call.query()?;
    let Some(found) = found(&doors, &link).await? else { return Ok(gone(call.language)) };
    let (of, chosen) = found;
    let refused = chosen.refused.contains(&of.kind);
    Ok(page(language(&doors, &call, &chosen).await, &link.token, of, refused))
}

async fn act(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let link: Link = call.query()?;
    let Some((of, chosen)) = found(&doors, &link).await? else { return Ok(gone(call.language)) };
    let by = Author {
        request: Some(call.request_id.to_string()),
        address: Some(call.address),
        ..Author::new(AuthorKind::User, of.user.to_string())
    };
    let wishes = vec![(of.kind, link.again)];
    doors.notices.choose((of.user, None), &wishes, None, &by).await?;
    Ok(page(language(&doors, &call, &chosen).await, &link.token, of, !link.again))
}

/// Who wants no more of what; `None`: the link is none of ours, or the person gone.
async fn found(doors: &Doors, link: &Link) -> Result<Option<(OptOut, Chosen)>, Problem> {
    let Some(of) = doors.notices.opt_out(&link.token) else { return Ok(None) };
    match doors.notices.chosen(of.user, None).await {
        Ok(chosen) => Ok(Some((of, chosen))),
        Err(Error::Refused(Refusal::Absent { .. })) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// What the browser asks for, else what the mail was written in.
async fn language(doors: &Doors, call: &Call, chosen: &Chosen) -> Language {
    let tenant = zelador_actors::tenants::queries::get(&doors.shell, chosen.tenant).await;
    tenant.map_or(call.language, |found| call.language_for(&found.tenant))
}

fn page(language: Language, token: &str, of: OptOut, refused: bool) -> Reply {
    let kind = vec![("kind", of.kind.word().to_owned())];
    let say = |code: &str| language.say(code, &kind);
    let (text, button, again) = if refused {
        (say("opt_out_done"), say("opt_out_undo"), "&again=true")
    } else {
        (say("opt_out_ask"), say("opt_out_do"), "")
    };
    // A token that was read is hexadecimal; relative, whatever stands before it.
    let form = format!(
        "<form method=\"post\" action=\"opt-out?token={token}{again}\"><button>{button}</button></form>"
    );
    html(language, StatusCode::OK, &text, &form)
}

fn gone(language: Language) -> Reply {
    let text = language.say("opt_out_gone", &[]);
    html(language, StatusCode::NOT_FOUND, &text, "")
}

fn html(language: Language, status: StatusCode, text: &str, form: &str) -> Reply {
    let (tag, title) = (language.tag(), language.say("opt_out_title", &[]));
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"{tag}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n<p>{text}</p>\n\
         {form}\n</main>\n</body>\n</html>\n"
    );
    let mut reply = Reply::bytes("text/html; charset=utf-8", page)
        .header(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY))
        .header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))
        .header(REFERRER, HeaderValue::from_static("no-referrer"))
        .language(language);
    reply.status = status;
    reply
}

const STYLE: &str = "
:root { --ground: #faf9f7; --ink: #22211f; --link: #0b5a8f; }
@media (prefers-color-scheme: dark) { :root { --ground: #1b1a18; --ink: #eceae6; --link: #7fc1ee; } }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1.05rem/1.6 system-ui, sans-serif; }
main { max-width: 34rem; margin: 0 auto; padding: 3rem 1.25rem; }
h1 { font-size: 1.6rem; margin: 0 0 1rem; }
button { font: inherit; padding: 0.6rem 1.2rem; border: 0; border-radius: 0.4rem;
  background: var(--link); color: var(--ground); cursor: pointer; }
";
