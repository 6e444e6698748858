//! The way in and out: landing page, signing in, signing out, language and theme.

use askama::Template;
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use serde_json::{Map, Value};
use warp::http::{Method, StatusCode};

use super::flash;
use super::frame::{Done, Frame, Guest, Outcome, look, open, own_path};
use super::visit::{LANGUAGE, THEME, Visit};
use super::{Dashboard, pages};
use crate::api::doors::Doors;
use crate::api::{Language, Problem, Route};

pub(super) fn routes(dashboard: &Dashboard) -> Vec<Route<Doors>> {
    vec![
        open(dashboard, (Method::GET, "/"), front),
        open(dashboard, (Method::GET, "/dashboard/sign-in"), ask),
        open(dashboard, (Method::POST, "/dashboard/sign-in"), sign_in),
        open(dashboard, (Method::POST, "/dashboard/sign-out"), sign_out),
        open(dashboard, (Method::POST, "/dashboard/preferences"), prefer),
        look(dashboard, "/dashboard", |_| async { Ok(Done::Go("/".to_owned())) }),
        look(dashboard, "/dashboard/{*rest}", |_| async {
            Err(Problem::new(StatusCode::NOT_FOUND, "unknown_page"))
        }),
    ]
}

#[derive(Template)]
#[template(path = "landing.html")]
struct Landing {
    f: Frame,
}

/// The overview; for who has not signed in, what this is.
async fn front(guest: Guest) -> Outcome {
    let visit = guest.lock().await;
    if visit.is_known() {
        return pages::overview(&visit).await;
    }
    Done::page(&Landing { f: Frame::new(&visit, "", visit.text.s("landing-title")) })
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn {
    f: Frame,
    to: String,
    email: String,
    domain: String,
    refused: Option<String>,
}

async fn ask(guest: Guest) -> Outcome {
    let visit = guest.lock().await;
    let to = own_path(visit.browser.parameter("to"));
    if visit.is_known() { Ok(Done::Go(to)) } else { form(&visit, to, StatusCode::OK, None) }
}

fn form(visit: &Visit, to: String, status: StatusCode, refused: Option<String>) -> Outcome {
    let given = |name| visit.field(name).unwrap_or_default();
    Done::with(
        status,
        &SignIn {
            f: Frame::new(visit, "", visit.text.s("sign-in")),
            to,
            email: given("email"),
            domain: given("domain"),
            refused,
        },
    )
}

async fn sign_in(guest: Guest) -> Outcome {
    let mut visit = guest.lock().await;
    let to = own_path(visit.browser.field("to"));
    match token(&visit).await {
        Ok(token) => {
            visit.begin(&token);
            Ok(Done::Go(to))
        }
        Err(problem) => {
            let said = flash::words(&problem, visit.text);
            form(&visit, to, problem.status(), Some(said))
        }
    }
}

#[derive(Deserialize)]
struct Tokens {
    access_token: String,
}

/// The token that was typed in, or that an address and a password are good for.
async fn token(visit: &Visit) -> Result<String, Problem> {
    if let Some(email) = visit.field("email") {
        let mut body = Map::new();
        body.insert("email".to_owned(), email.into());
        body.insert("password".to_owned(), visit.browser.field("password").into());
        body.extend(visit.field("domain").map(|domain| ("domain".to_owned(), domain.into())));
        let tokens = visit.tell(Method::POST, "/auth/login", Value::Object(body)).await?;
        return Ok(tokens.read::<Tokens>()?.access_token);
    }
    let unknown = || Problem::new(StatusCode::UNAUTHORIZED, "bad_token");
    let token = visit.field("token").ok_or_else(unknown)?;
    let within = visit.within.showing(token.clone(), visit.text.0);
    if within.who().await?.is_none() {
        visit.within.count_bad_token()?;
        return Err(unknown());
    }
    Ok(token)
}

async fn sign_out(guest: Guest) -> Outcome {
    let mut visit = guest.lock().await;
    let is_person = visit.who.user().is_some();
    if is_person && visit.session.as_ref().is_some_and(|s| !s.token.expose_secret().is_empty()) {
        // A session that has ended already is what was wanted.
        let _ = visit.tell(Method::POST, "/auth/logout", Value::Null).await;
    }
    visit.end();
    Ok(Done::Go("/".to_owned()))
}

async fn prefer(guest: Guest) -> Outcome {
    let mut visit = guest.lock().await;
    if let Some(language) = visit.field("language") {
        let tag = Language::of_tag(&language).map_or("", Language::tag);
        visit.choose(LANGUAGE, tag);
    }
    let theme = visit.field("theme").unwrap_or_default();
    let theme = if ["light", "dark"].contains(&theme.as_str()) { theme } else { String::new() };
    visit.choose(THEME, &theme);
    Ok(Done::Go(own_path(visit.browser.field("to"))))
}
