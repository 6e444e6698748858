//! A user's sessions and invitations over HTTP.

use serde::Serialize;
use utoipa::ToSchema;
use zelador_store::Stored;
use zelador_store::session::Sessions;
use zelador_store::user::Users;

use super::auth::Need;
use super::call::Call;
use super::doors::Doors;
use super::problem::Problem;
use super::reply::Reply;
use super::route::Route;
use super::time::Utc;
use super::users::{WRITE, found};
use zelador_actors::Refusal;
use zelador_actors::error::During as _;

/// A person signed in on some device.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub(super) struct SessionView {
    /// Its id.
    #[schema(format = "uuid")]
    id: String,
    /// When it began.
    created_at: Utc,
    /// When it was refreshed last.
    refreshed_at: Utc,
    /// When it ends, unless it is refreshed.
    expires_at: Utc,
    /// Where the person signed in.
    address: Option<String>,
    /// With what program.
    agent: Option<String>,
    /// Whether it is the one that asks.
    current: bool,
}

impl SessionView {
    pub(super) fn new(session: Stored<Sessions>, call: &Call) -> Self {
        let current = call.person().is_ok_and(|person| person.session == session.key);
        let (id, row) = (session.key.to_string(), session.row);
        Self {
            id,
            created_at: row.created_at.into(),
            refreshed_at: row.refreshed_at.into(),
            expires_at: row.expires_at.into(),
            address: row.address,
            agent: row.agent,
            current,
        }
    }
}

/// An invitation that was just made.
#[derive(Serialize, ToSchema)]
struct InviteMade {
    /// Its text, which is never shown again: for `POST /auth/accept-invite`.
    #[schema(example = "zli_5f0c…")]
    token: String,
    /// The page on which it is accepted, for you to hand over; null while neither
    /// `[notifications] public_url` nor `invite_url` is set.
    #[schema(example = "https://zelador.example/invitation?token=zli_5f0c…")]
    url: Option<String>,
    /// From when on it is refused.
    expires_at: Utc,
}

/// An invitation that is being sent.
#[derive(Serialize, ToSchema)]
struct InviteSent {
    /// From when on it is refused.
    expires_at: Utc,
}

/// The routes.
pub fn routes() -> Vec<Route<Doors>> {
    vec![
        Route::get("/users/{id}/sessions", Need::Own("users:read"), list)
            .summary("Where a user is signed in, the newest first")
            .answers::<Vec<SessionView>>(200)
            .refuses(404, "not_found"),
        Route::delete("/users/{id}/sessions", Need::Own("users:write"), revoke)
            .summary("End all sessions of a user; the very next request with them is refused")
            .status(204)
            .refuses(404, "not_found"),
        Route::post("/users/{id}/invite", WRITE, invite)
            .summary("Invite a user to set a password; an open invitation is replaced")
            .answers::<InviteMade>(201)
            .refuses(404, "not_found")
            .secret(),
        Route::post("/users/{id}/invite/send", WRITE, send)
            .summary("Send a user a link to choose a password by; an open invitation is replaced")
            .answers::<InviteSent>(202)
            .refuses(404, "not_found")
            .refuses(409, "invitations_off"),
    ]
}

async fn list(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let record = found(&doors, &call, call.id("id")?).await?;
    call.permit(record.id, "users:read")?;
    let sessions = doors.identity.sessions(record.id).await?;
    let rows: Vec<_> = sessions.into_iter().map(|s| SessionView::new(s, &call)).collect();
    Reply::ok(&rows)
}

async fn revoke(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let record = found(&doors, &call, call.id("id")?).await?;
    call.permit(record.id, "users:write")?;
    call.outranks(&record)?;
    doors.identity.revoke_all(record.user.tenant, record.id, &call.author()).await?;
    Ok(Reply::none())
}

/// Whoever may be invited by the caller.
async fn invited(doors: &Doors, call: &Call) -> Result<Stored<Users>, Problem> {
    let record = found(doors, call, call.id("id")?).await?;
    call.outranks(&record)?;
    let stored = doors.shell.store.get::<Users>(&record.id).await.during("reading a user")?;
    stored.ok_or_else(|| Problem::absent("user"))
}

/// By the ways in which all notices go.
async fn send(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let user = invited(&doors, &call).await?;
    let settings = doors.notices.settings();
    if !settings.is_on() || settings.invite_url.is_none() {
        return Err(Refusal::conflict("invitations_off").into());
    }
    let sent = doors.identity.send_invitation(&user, &doors.inviter, &call.author()).await?;
    Reply::accepted(&InviteSent { expires_at: sent.into() })
}

async fn invite(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let stored = invited(&doors, &call).await?;
    let invited = doors.identity.invite(&stored, &call.author()).await?;
    let page = doors.notices.settings().invite_url.clone();
    let url = page.map(|page| page.replace("{token}", &invited.token));
    let made = InviteMade { token: invited.token, url, expires_at: invited.expires_at.into() };
    Reply::created(format!("/users/{}/sessions", stored.key), &made)
}
