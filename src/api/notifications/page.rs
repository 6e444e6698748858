//! The page behind the link in every mail: no more of this kind, please.
//!
//! Looking changes nothing, for mail programs look at links before people do; the
//! button does it, and so does the one click of a mail program (RFC 8058).

use serde::Deserialize;
use utoipa::ToSchema;
use warp::http::StatusCode;
use zelador_actors::engine::notifications::Chosen;
use zelador_actors::engine::notifications::OptOut;
use zelador_actors::{Error, Refusal};
use zelador_store::author::{Author, AuthorKind};

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
    let Some(found) = found(&doors, &link).await? else { return gone(call.language) };
    let (of, chosen) = found;
    let refused = chosen.refused.contains(&of.kind);
    page(language(&doors, &call, &chosen).await, &link.token, of, refused)
}

async fn act(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let link: Link = call.query()?;
    let Some((of, chosen)) = found(&doors, &link).await? else { return gone(call.language) };
    let by = Author {
        request: Some(call.request_id.to_string()),
        address: Some(call.address),
        ..Author::new(AuthorKind::User, of.user.to_string())
    };
    let wishes = vec![(of.kind, link.again)];
    doors.notices.choose((of.user, None), &wishes, None, &by).await?;
    page(language(&doors, &call, &chosen).await, &link.token, of, !link.again)
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

fn page(language: Language, token: &str, of: OptOut, refused: bool) -> Result<Reply, Problem> {
    let kind = vec![("kind", of.kind.word().to_owned())];
    let say = |code: &str| language.say(code, &kind);
    let (text, button, again) = if refused {
        (say("opt_out_done"), say("opt_out_undo"), "&again=true")
    } else {
        (say("opt_out_ask"), say("opt_out_do"), "")
    };
    // Relative, whatever stands before it.
    let button = Some((format!("opt-out?token={token}{again}"), button));
    let title = language.say("opt_out_title", &[]);
    Linked { title, text, button, ..Linked::default() }.reply(language, StatusCode::OK)
}

fn gone(language: Language) -> Result<Reply, Problem> {
    let (title, text) = (language.say("opt_out_title", &[]), language.say("opt_out_gone", &[]));
    Linked { title, text, ..Linked::default() }.reply(language, StatusCode::NOT_FOUND)
}
