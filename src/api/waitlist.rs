//! The waitlist of a resource over HTTP.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use zelador_actors::Flaw;
use zelador_actors::booking::waitlist::{self, Join, WaitlistRecord};
use zelador_actors::resources;
use zelador_store::id::{ResourceId, UserId, WaitlistId};
use zelador_store::waitlist::WaitlistEntry;

use super::auth::Need;
use super::call::Call;
use super::doors::Doors;
use super::problem::Problem;
use super::reply::Reply;
use super::route::Route;
use super::time::Utc;

const READ: Need = Need::Own("bookings:read");
const WRITE: Need = Need::Own("bookings:write");

/// A place that somebody would take.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewWaitlistEntry)]
struct NewEntry {
    /// From when; without an offset, local to the tenant.
    #[schema(format = "moment", example = "2025-12-05T14:00:00Z")]
    start_time: String,
    /// Until when.
    #[schema(format = "moment", example = "2025-12-05T15:00:00Z")]
    end_time: String,
    /// Who waits; a person waits for themselves.
    #[serde(default)]
    #[schema(format = "uuid")]
    user_id: Option<String>,
}

/// A place in the waitlist.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WaitlistEntry)]
struct EntryView {
    /// Its id.
    #[schema(format = "uuid")]
    id: String,
    /// Whose.
    #[schema(format = "uuid")]
    tenant_id: String,
    /// For what.
    #[schema(format = "uuid")]
    resource_id: String,
    /// Who waits.
    #[schema(format = "uuid")]
    user_id: String,
    /// From when.
    start_time: Utc,
    /// Until when.
    end_time: Utc,
    /// `waiting`, `offered`, `taken`, `missed`, `withdrawn` or `over`.
    #[schema(example = "waiting")]
    state: &'static str,
    /// The hold that was offered last.
    #[schema(format = "uuid")]
    booking_id: Option<String>,
    /// Raised with every change.
    version: u64,
    /// When it was put on the list: those before come first.
    created_at: Utc,
    /// When it was changed last.
    updated_at: Utc,
}

impl EntryView {
    fn new(id: WaitlistId, entry: &WaitlistEntry) -> Self {
        Self {
            id: id.to_string(),
            tenant_id: entry.tenant.to_string(),
            resource_id: entry.resource.to_string(),
            user_id: entry.user.to_string(),
            start_time: entry.start.into(),
            end_time: entry.end.into(),
            state: entry.state.word(),
            booking_id: entry.booking.map(|id| id.to_string()),
            version: entry.version,
            created_at: entry.created_at.into(),
            updated_at: entry.updated_at.into(),
        }
    }
}

/// The routes.
pub fn routes() -> Vec<Route<Doors>> {
    vec![
        Route::post("/resources/{id}/waitlist", WRITE, join)
            .summary("Wait for a place that is taken")
            .takes::<NewEntry>()
            .example(json!({
                "start_time": "2025-12-05T14:00:00Z",
                "end_time": "2025-12-05T15:00:00Z",
                "user_id": "0198c5a8-5f00-7000-8000-000000000002",
            }))
            .answers::<EntryView>(201)
            .refuses(404, "not_found")
            .refuses(409, "place_is_free")
            .refuses(409, "already_waiting")
            .refuses(409, "waitlist_full"),
        Route::get("/resources/{id}/waitlist", READ, list)
            .summary("The waitlist of a resource, the eldest first")
            .lists::<EntryView>()
            .refuses(404, "not_found"),
        Route::delete("/resources/{id}/waitlist/{entry_id}", WRITE, leave)
            .summary("Take somebody off the waitlist")
            .status(204)
            .refuses(404, "not_found")
            .refuses(409, "not_waiting"),
    ]
}

async fn join(doors: Doors, mut call: Call) -> Result<Reply, Problem> {
    let body: NewEntry = call.body()?;
    let resource: ResourceId = call.id("id")?;
    let format = |field: &str| {
        Problem::invalid(vec![Flaw::new(field, "format").with("format", "date-time")])
    };
    let user: UserId = match (&body.user_id, call.who.user()) {
        (Some(text), _) => text.parse().map_err(|_| Problem::absent("user"))?,
        (None, Some(person)) => person,
        (None, None) => return Err(Problem::invalid(vec![Flaw::new("user_id", "required")])),
    };
    // What the caller cannot see is absent, not forbidden.
    resources::queries::resource(&doors.shell, resource, call.who.tenant()).await?;
    call.permit(user, "bookings:write")?;
    let show = move |record: &WaitlistRecord| {
        let path = format!("/resources/{resource}/waitlist/{}", record.id);
        Ok(Reply::created(path, &EntryView::new(record.id, &record.entry))?
            .version(record.entry.version))
    };
    let keep = call.keep(show);
    let command = Join {
        resource,
        within: call.who.tenant(),
        user,
        start: body.start_time.parse().map_err(|_| format("start_time"))?,
        end: body.end_time.parse().map_err(|_| format("end_time"))?,
        by: call.author(),
        keep,
    };
    show(&doors.bookings.join(command).await?)
}

/// A person who may not see all bookings sees their own places.
async fn list(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let resource: ResourceId = call.id("id")?;
    resources::queries::resource(&doors.shell, resource, call.who.tenant()).await?;
    let (after, limit) = (call.page.after.clone(), call.page.limit);
    let page = waitlist::list(&doors.shell, resource, after, limit).await?;
    let own = |user: UserId| call.who.may("bookings:read") || call.who.user() == Some(user);
    let rows = page.rows.iter().filter(|found| own(found.row.user));
    let rows: Vec<_> = rows.map(|found| EntryView::new(found.key, &found.row)).collect();
    Reply::list(&rows, page.next)
}

async fn leave(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let (resource, entry): (ResourceId, WaitlistId) = (call.id("id")?, call.id("entry_id")?);
    resources::queries::resource(&doors.shell, resource, call.who.tenant()).await?;
    let found = waitlist::get(&doors.shell, resource, entry).await?;
    call.permit(found.row.user, "bookings:write")?;
    doors.bookings.leave(resource, entry, &call.author()).await?;
    Ok(Reply::none())
}
