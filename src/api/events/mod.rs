//! The event log over HTTP, and the consumers that follow it.

mod consumers;
mod external;
mod stream;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use zelador_actors::engine::events::EventFilter;
use zelador_store::event::Event;
use zelador_store::id::{EventId, TenantId, UserId};
use zelador_store::{Cursor, Timestamp};

use super::auth::Need;
use super::call::Call;
use super::doors::Doors;
use super::problem::Problem;
use super::reply::Reply;
use super::route::Route;

/// Which events.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EventQuery {
    /// After this sequence number.
    #[schema(minimum = 0, default = 0)]
    #[serde(default)]
    after: u64,
    /// Begin so many events before the end of the log instead.
    #[schema(minimum = 1, maximum = 500)]
    #[serde(default)]
    last: Option<u64>,
    /// Only of these types, separated by commas.
    #[schema(max_items = 64, example = "user.status_changed")]
    #[serde(default)]
    r#type: Vec<String>,
    /// Only of this tenant.
    #[serde(default)]
    tenant_id: Option<String>,
}

/// A fact.
#[derive(Debug, Serialize, ToSchema)]
struct EventRecord {
    /// Its place in the log: 1, 2, 3, without gaps.
    #[schema(example = 42)]
    seq: u64,
    /// Its id, the same wherever it is sent.
    #[schema(value_type = String, format = "uuid")]
    id: EventId,
    /// What happened.
    #[schema(example = "user.status_changed")]
    r#type: String,
    /// The tenant it belongs to; null: the daemon itself.
    #[schema(value_type = Option<String>, format = "uuid")]
    tenant_id: Option<TenantId>,
    /// The person it is about.
    #[schema(value_type = Option<String>, format = "uuid")]
    user_id: Option<UserId>,
    /// When.
    #[schema(value_type = String, format = "date-time")]
    occurred_at: Timestamp,
    /// The rest of it.
    #[schema(value_type = Object, additional_properties = true)]
    data: Value,
}

/// The routes.
pub fn routes() -> Vec<Route<Doors>> {
    let log = Route::get("/events", Need::Scope("events:read"), list)
        .summary("Read the event log; a tenant's token sees that tenant's events")
        .filters::<EventQuery>()
        .lists::<EventRecord>();
    [log, stream::route()]
        .into_iter()
        .chain(consumers::routes())
        .chain(external::routes())
        .collect()
}

async fn list(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let query: EventQuery = call.query()?;
    let Some(tenant) = tenant_of(&call, query.tenant_id.as_deref()) else {
        return Reply::list(&[] as &[EventRecord], None);
    };
    let filter = EventFilter { kinds: query.r#type, tenant };
    let after = match (call.page.after.as_ref().and_then(Cursor::key::<u64>), query.last) {
        (Some(place), _) => place,
        (None, Some(last)) => doors.events.tip().await?.saturating_sub(last),
        (None, None) => query.after,
    };
    let page = doors.events.page(after, &filter, call.page.limit).await?;
    let rows: Vec<_> = page.rows.into_iter().map(|(seq, event)| record(seq, event)).collect();
    Reply::list(&rows, page.next.map(|seq| Cursor::after(&seq)))
}

/// Whose events: those of the tenant that is asked for, or that the caller is
/// bound to. `None`: of one that does not exist, or not for this caller; neither
/// has any.
#[expect(clippy::option_option, reason = "nobody's, everybody's, or one tenant's")]
fn tenant_of(call: &Call, asked: Option<&str>) -> Option<Option<TenantId>> {
    match asked.map(str::parse::<TenantId>) {
        None => Some(call.who.tenant()),
        Some(Ok(tenant)) if call.who.sees(tenant) => Some(Some(tenant)),
        Some(_) => None,
    }
}

fn record(seq: u64, event: Event) -> EventRecord {
    EventRecord {
        seq,
        id: event.id,
        r#type: event.kind,
        tenant_id: event.tenant,
        user_id: event.user,
        occurred_at: event.at,
        data: serde_json::from_str(&event.data).unwrap_or_default(),
    }
}
