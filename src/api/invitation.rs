//! The page behind the link of an invitation: whoever was invited chooses a password.
//!
//! ```text
//! GET ──▶ form ──▶ POST ──▶ done
//!  │        ▲       │ │
//!  │        └───────┘ └──▶ gone: expired, replaced, used
//!  └──▶ gone
//! ```
//! Invariants:
//! - Looking changes nothing, for mail programs look at links before people do.
//! - The invitation's text stands in the link and in the form, and nowhere else: no
//!   log holds it, no other site is told of it, no password is ever sent back.

use secrecy::SecretString;
use warp::http::StatusCode;
use warp::http::header::{self, HeaderValue};
use zelador_actors::identity::passwords::{LONGEST, SHORTEST};
use zelador_actors::tenants::queries;
use zelador_store::tenant::Tenant;
use zelador_store::user::User;

use super::auth::Need;
use super::call::Call;
use super::doors::Doors;
use super::language::Language;
use super::linked::{Chosen, Linked};
use super::login::origin;
use super::problem::Problem;
use super::reply::Reply;
use super::route::Route;

/// The routes.
pub fn routes() -> Vec<Route<Doors>> {
    vec![
        Route::get("/invitation", Need::Open, look).part("auth").page(),
        Route::post("/invitation", Need::Open, accept).part("auth").page(),
    ]
}

/// Somebody who was invited.
struct Guest {
    user: User,
    tenant: Tenant,
    language: Language,
    token: String,
}

/// Whom the invitation is for; `None`: it is no good (any more).
async fn guest(doors: &Doors, call: &Call, token: &str) -> Result<Option<Guest>, Problem> {
    let secret = SecretString::from(token.to_owned());
    let Some(user) = doors.identity.invited(&secret, &origin(call)).await? else {
        return Ok(None);
    };
    let tenant = queries::get(&doors.shell, user.row.tenant).await?.tenant;
    let language = call.language_for(&tenant);
    Ok(Some(Guest { user: user.row, tenant, language, token: token.to_owned() }))
}

async fn look(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let token = call.browser.parameter("token");
    match guest(&doors, &call, token).await {
        Ok(Some(guest)) => guest.form(StatusCode::OK, None),
        Ok(None) => gone(call.language),
        Err(problem) => busy(call.language, &problem),
    }
}

async fn accept(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let guest = match guest(&doors, &call, call.browser.field("token")).await {
        Ok(Some(guest)) => guest,
        Ok(None) => return gone(call.language),
        Err(problem) => return busy(call.language, &problem),
    };
    let (password, again) = (call.browser.field("password"), call.browser.field("again"));
    if password != again {
        let said = guest.language.say("invitation_differ", &[]);
        return guest.form(StatusCode::UNPROCESSABLE_ENTITY, Some(said));
    }
    let token = SecretString::from(guest.token.clone());
    let by = (&origin(&call), &call.author());
    match doors.identity.accept(&token, password.to_owned().into(), by).await {
        Ok(()) => guest.done(),
        Err(error) => guest.refused(&Problem::from(error)),
    }
}

impl Guest {
    /// Where the password is chosen.
    fn form(&self, status: StatusCode, refused: Option<String>) -> Result<Reply, Problem> {
        let say = |code: &str| self.language.say(code, &[]);
        let limit = ("limit", SHORTEST.to_string());
        let form = Chosen {
            action: "invitation",
            token: self.token.clone(),
            email: self.user.email.clone().map(|email| (say("invitation_email"), email)),
            password: say("invitation_password"),
            again: say("invitation_again"),
            rules: self.language.say("invitation_rules", &[limit]),
            limits: (SHORTEST, LONGEST),
            refused,
            label: say("invitation_do"),
        };
        let tenant = ("tenant", self.tenant.name.clone());
        let text = self.language.say("invitation_ask", &[tenant]);
        let title = say("invitation_title");
        Linked { title, text, form: Some(form), ..Linked::default() }.reply(self.language, status)
    }

    fn refused(&self, problem: &Problem) -> Result<Reply, Problem> {
        match problem.status() {
            // Somebody was quicker.
            StatusCode::UNAUTHORIZED => gone(self.language),
            StatusCode::UNPROCESSABLE_ENTITY => {
                let flaws = problem.flaws().iter();
                let said: Vec<_> = flaws
                    .map(|flaw| self.language.say(&format!("field-{}", flaw.code), &flaw.args))
                    .collect();
                self.form(problem.status(), Some(said.join(" ")))
            }
            _ => busy(self.language, problem),
        }
    }

    fn done(&self) -> Result<Reply, Problem> {
        let email = ("email", self.user.email.clone().unwrap_or_default());
        let code = if self.user.email.is_some() { "invitation_done" } else { "invitation_set" };
        page(self.language, &self.language.say(code, &[email]), StatusCode::OK)
    }
}

fn page(language: Language, text: &str, status: StatusCode) -> Result<Reply, Problem> {
    let (title, text) = (language.say("invitation_title", &[]), text.to_owned());
    Linked { title, text, ..Linked::default() }.reply(language, status)
}

fn gone(language: Language) -> Result<Reply, Problem> {
    page(language, &language.say("invitation_gone", &[]), StatusCode::NOT_FOUND)
}

/// Too many attempts, or something of ours that does not work now.
fn busy(language: Language, problem: &Problem) -> Result<Reply, Problem> {
    problem.log();
    let reply = page(language, &problem.message(language), problem.status())?;
    Ok(reply.header(header::RETRY_AFTER, HeaderValue::from_static("60")))
}
