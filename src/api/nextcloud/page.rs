//! The page behind the link that shows a first password once.
//!
//! Looking shows nothing, for mail programs look at links before people do; the
//! button does.

use secrecy::ExposeSecret as _;
use serde::Deserialize;
use utoipa::ToSchema;
use warp::http::StatusCode;
use zelador_actors::nextcloud::Revealed;
use zelador_actors::users::queries;
use zelador_store::id::UserId;

use crate::api::auth::Need;
use crate::api::call::Call;
use crate::api::doors::Doors;
use crate::api::language::Language;
use crate::api::linked::Linked;
use crate::api::problem::Problem;
use crate::api::reply::Reply;
use crate::api::route::Route;

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
        return gone(call.language);
    };
    let language = language(&doors, &call, user).await;
    // Relative, whatever stands before it.
    let action = format!("password?token={}", link.token);
    let button = Some((action, language.say("first_password_show", &[])));
    Linked { button, ..page(language, "first_password_ask") }.reply(language, StatusCode::OK)
}

async fn reveal(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let link: Link = call.query()?;
    let user = doors.nextcloud.invited(&link.token).await?;
    let (Some(user), Some(shown)) = (user, doors.nextcloud.reveal(&link.token).await?) else {
        return gone(call.language);
    };
    let language = language(&doors, &call, user).await;
    let shown = rows(language, &shown);
    Linked { shown, ..page(language, "first_password_is") }.reply(language, StatusCode::OK)
}

fn rows(language: Language, shown: &Revealed) -> Vec<(String, String)> {
    [
        ("first_password_address", shown.base_url.as_str()),
        ("first_password_account", &shown.account_id),
        ("first_password_password", shown.password.expose_secret()),
    ]
    .map(|(code, value)| (language.say(code, &[]), value.to_owned()))
    .to_vec()
}

fn gone(language: Language) -> Result<Reply, Problem> {
    page(language, "first_password_gone").reply(language, StatusCode::NOT_FOUND)
}

fn page(language: Language, text: &str) -> Linked {
    let (title, text) = (language.say("first_password_title", &[]), language.say(text, &[]));
    Linked { title, text, ..Linked::default() }
}
