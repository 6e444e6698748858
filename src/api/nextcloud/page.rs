//! The page behind the link that shows a first password once.
//!
//! Looking shows nothing, for mail programs look at links before people do; the
//! button does. Nothing in the page comes from elsewhere, nothing of its address goes
//! elsewhere, and nobody keeps it.

use secrecy::ExposeSecret as _;
use serde::Deserialize;
use utoipa::ToSchema;
use warp::http::StatusCode;
use warp::http::header::{self, HeaderName, HeaderValue};
use zelador_actors::nextcloud::Revealed;
use zelador_actors::users::queries;
use zelador_store::id::UserId;

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
#[schema(as = PasswordLinkQuery)]
struct Link {
    /// Whose password.
    #[schema(max_length = 400)]
    token: String,
}

pub(super) fn routes() -> Vec<Route<Doors>> {
    vec![
        Route::get("/nextcloud/password", Need::Open, look).filters::<Link>().hidden(),
        Route::post("/nextcloud/password", Need::Open, reveal)
            .filters::<Link>()
            .ignores_body()
            .secret()
            .hidden(),
    ]
}

/// What the browser asks for, else what the person's tenant speaks.
async fn language(doors: &Doors, call: &Call, user: UserId) -> Language {
    let found = queries::get(&doors.shell, user, None).await;
    found.map_or(call.language, |found| call.language_for(&found.tenant))
}

async fn look(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let link: Link = call.query()?;
    let Some(user) = doors.nextcloud.invited(&link.token).await? else {
        return Ok(gone(call.language));
    };
    let language = language(&doors, &call, user).await;
    let (text, button) = (language.say("first_password_ask", &[]), "first_password_show");
    // A token that was read is hexadecimal; relative, whatever stands before it.
    let form = format!(
        "<form method=\"post\" action=\"password?token={}\"><button>{}</button></form>",
        link.token,
        language.say(button, &[])
    );
    Ok(html(language, StatusCode::OK, &text, &form))
}

async fn reveal(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let link: Link = call.query()?;
    let user = doors.nextcloud.invited(&link.token).await?;
    let (Some(user), Some(shown)) = (user, doors.nextcloud.reveal(&link.token).await?) else {
        return Ok(gone(call.language));
    };
    let language = language(&doors, &call, user).await;
    let text = language.say("first_password_is", &[]);
    Ok(html(language, StatusCode::OK, &text, &table(language, &shown)))
}

fn table(language: Language, shown: &Revealed) -> String {
    let row = |code: &str, value: &str| {
        format!("<dt>{}</dt><dd>{}</dd>", language.say(code, &[]), escaped(value))
    };
    let password = row("first_password_password", shown.password.expose_secret());
    let account = row("first_password_account", &shown.account_id);
    let address = row("first_password_address", &shown.base_url);
    format!("<dl>{address}{account}{password}</dl>")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn gone(language: Language) -> Reply {
    let text = language.say("first_password_gone", &[]);
    html(language, StatusCode::NOT_FOUND, &text, "")
}

fn html(language: Language, status: StatusCode, text: &str, rest: &str) -> Reply {
    let (tag, title) = (language.tag(), language.say("first_password_title", &[]));
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"{tag}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n<p>{text}</p>\n\
         {rest}\n</main>\n</body>\n</html>\n"
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
dt { font-weight: 600; }
dd { margin: 0 0 0.75rem; font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
button { font: inherit; padding: 0.6rem 1.2rem; border: 0; border-radius: 0.4rem;
  background: var(--link); color: var(--ground); cursor: pointer; }
";
