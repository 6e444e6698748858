//! Consumers for programs: made over the API, read in turns, acknowledged.
//!
//! The names of a tenant's consumers end in `@` and its id, so that no tenant
//! learns what others call theirs; a caller that is bound to a tenant may leave
//! that out.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::time::{Instant, sleep_until};
use utoipa::ToSchema;
use zelador_actors::engine::events::external::{Acknowledged, Begins, Draft, Externals, Handed};
use zelador_actors::tenants::queries;
use zelador_store::id::{EventId, TenantId};
use zelador_store::kv::Bell;
use zelador_store::{Cursor, Timestamp};

use super::consumers::{ConsumerRecord, consumer};
use super::{EventRecord, record};
use crate::api::auth::Need;
use crate::api::call::Call;
use crate::api::doors::Doors;
use crate::api::problem::Problem;
use crate::api::reply::Reply;
use crate::api::route::Route;

const USE: Need = Need::Scope("events:write");
const READ: Need = Need::Scope("events:read");

/// A consumer to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ConsumerDraft {
    /// Its name; a tenant's is known as `NAME@TENANT_ID`.
    #[schema(pattern = "^[a-z0-9][a-z0-9_.-]{0,63}$", example = "crm")]
    name: String,
    /// The types that it wants; empty: all.
    #[schema(max_items = 64, example = json!(["booking.created", "booking.cancelled"]))]
    #[serde(default)]
    types: Vec<String>,
    /// Only this tenant's events.
    #[schema(format = "uuid")]
    #[serde(default)]
    tenant_id: Option<String>,
    /// Where it begins: `oldest`, `now`, or a sequence number.
    #[serde(default)]
    from: BeginsAt,
    /// Seconds that its members have to acknowledge what they read; then it is
    /// handed to another.
    #[schema(minimum = 1, maximum = 43200, default = 60)]
    #[serde(default = "minute")]
    ack_seconds: u32,
}

fn minute() -> u32 {
    60
}

/// Where a consumer begins.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
enum BeginsAt {
    /// At one end of the log.
    End(LogEnd),
    /// With this event.
    Seq(u64),
}

impl Default for BeginsAt {
    fn default() -> Self {
        Self::End(LogEnd::Now)
    }
}

/// An end of the log.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum LogEnd {
    /// With the oldest event that is kept.
    Oldest,
    /// With what happens from now on.
    Now,
}

/// What a member asks for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReadDraft {
    /// Events at most.
    #[schema(minimum = 1, maximum = 500, default = 50)]
    #[serde(default = "fifty")]
    limit: usize,
    /// Who of the consumer's members asks.
    #[schema(min_length = 1, max_length = 64, default = "default", pattern = "^[!-~]+$")]
    #[serde(default = "somebody")]
    member: String,
    /// Seconds to wait for an event if there is none.
    #[schema(minimum = 0, maximum = 20, default = 0)]
    #[serde(default)]
    wait_seconds: u64,
}

fn fifty() -> usize {
    50
}

fn somebody() -> String {
    "default".to_owned()
}

/// An event that was handed out.
#[derive(Debug, Serialize, ToSchema)]
struct DeliveredEvent {
    #[serde(flatten)]
    event: EventRecord,
    /// How often it was handed out, this time included.
    deliveries: u32,
    /// Until when it must be acknowledged.
    #[schema(value_type = String, format = "date-time")]
    lease_until: Timestamp,
}

/// What is done with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AckDraft {
    /// By sequence number.
    #[schema(max_items = 1000)]
    #[serde(default)]
    seqs: BTreeSet<u64>,
    /// By id.
    #[schema(value_type = Vec<String>, max_items = 1000)]
    #[serde(default)]
    ids: BTreeSet<EventId>,
}

/// What was acknowledged.
#[derive(Debug, Serialize, ToSchema)]
struct AckRecord {
    /// Events that were held and are done with now.
    acknowledged: usize,
    /// Those named that were not held: done with before, or never handed out.
    unknown: usize,
}

/// An event that is held.
#[derive(Debug, Serialize, ToSchema)]
struct PendingEvent {
    /// Its place in the log.
    seq: u64,
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: EventId,
    /// Who has it; empty: nobody yet, after a retry of what was parked.
    member: String,
    /// Since when.
    #[schema(value_type = String, format = "date-time")]
    since: Timestamp,
    /// Until when nobody else is given it.
    #[schema(value_type = String, format = "date-time")]
    lease_until: Timestamp,
    /// How often it was handed out.
    deliveries: u32,
}

/// What a member takes over.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ClaimDraft {
    /// Who takes over.
    #[schema(min_length = 1, max_length = 64, pattern = "^[!-~]+$", example = "worker-2")]
    member: String,
    /// Only what others have had for so long.
    #[schema(minimum = 0, maximum = 43200, default = 60)]
    #[serde(default = "idle")]
    min_idle_seconds: u64,
    /// Events at most.
    #[schema(minimum = 1, maximum = 500, default = 50)]
    #[serde(default = "fifty")]
    limit: usize,
}

fn idle() -> u64 {
    60
}

/// The routes.
pub(super) fn routes() -> Vec<Route<Doors>> {
    let draft = json!({ "name": "crm", "types": ["booking.created"], "from": "now" });
    vec![
        Route::post("/events/consumers", USE, make)
            .summary("Make a consumer of the event log for a program")
            .takes::<ConsumerDraft>()
            .answers::<ConsumerRecord>(201)
            .refuses(404, "not_found")
            .refuses(409, "consumer_exists")
            .refuses(409, "too_many_consumers")
            .example(draft),
        Route::delete("/events/consumers/{name}", USE, remove)
            .summary("Remove a consumer that was made for a program")
            .status(204),
        // An answer with many events is too large to be kept; who lost one is
        // handed its events again.
        Route::post("/events/consumers/{name}/read", USE, read)
            .summary("Hand events to a member of a consumer; it must acknowledge them in time")
            .takes::<ReadDraft>()
            .answers_many::<DeliveredEvent>()
            .secret()
            .refuses(409, "consumer_detached"),
        Route::post("/events/consumers/{name}/ack", USE, acknowledge)
            .summary("Acknowledge events: they are done with")
            .takes::<AckDraft>()
            .answers::<AckRecord>(200)
            .example(json!({ "seqs": [4711, 4712] })),
        Route::get("/events/consumers/{name}/pending", READ, pending)
            .summary("List the events that were handed out and are not acknowledged")
            .lists::<PendingEvent>(),
        Route::post("/events/consumers/{name}/claim", USE, claim)
            .summary("Take over what other members have held for long")
            .takes::<ClaimDraft>()
            .answers_many::<DeliveredEvent>()
            .secret()
            .refuses(409, "consumer_detached")
            .example(json!({ "member": "worker-2", "min_idle_seconds": 60 })),
    ]
}

/// The full name of what the caller means; another tenant's is absent.
pub(super) fn name_of(call: &Call) -> Result<String, Problem> {
    let (name, tenant) = (call.param("name"), call.who.tenant());
    if tenant.is_some_and(|tenant| foreign(name, tenant)) {
        return Err(Problem::absent("consumer"));
    }
    Ok(Externals::full_name(name, tenant))
}

fn foreign(name: &str, tenant: TenantId) -> bool {
    name.split_once('@').is_some_and(|(_, owner)| owner != tenant.to_string())
}

async fn make(doors: Doors, mut call: Call) -> Result<Reply, Problem> {
    let draft: ConsumerDraft = call.body()?;
    let tenant = match draft.tenant_id.as_deref() {
        None => call.who.tenant(),
        Some(text) => {
            let tenant: TenantId = text.parse().map_err(|_| Problem::absent("tenant"))?;
            if !call.who.sees(tenant) {
                return Err(Problem::absent("tenant"));
            }
            queries::get(&doors.shell, tenant).await?;
            Some(tenant)
        }
    };
    let draft = Draft {
        name: Externals::full_name(&draft.name, tenant),
        kinds: draft.types,
        tenant,
        begins: match draft.from {
            BeginsAt::End(LogEnd::Oldest) => Begins::Oldest,
            BeginsAt::End(LogEnd::Now) => Begins::Now,
            BeginsAt::Seq(seq) => Begins::At(seq),
        },
        ack_seconds: draft.ack_seconds,
    };
    let show = |view: &_| {
        let record = consumer(view);
        Reply::created(format!("/events/consumers/{}", record.name), &record)
    };
    let keep = call.keep(show);
    let view = doors.externals.make(draft, keep.as_ref(), &call.author()).await?;
    show(&view)
}

async fn remove(doors: Doors, call: Call) -> Result<Reply, Problem> {
    doors.externals.remove(&name_of(&call)?, &call.author()).await?;
    Ok(Reply::none())
}

async fn read(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let draft: ReadDraft = call.body()?;
    let name = name_of(&call)?;
    let mut bell = doors.shell.store.listen(Bell::Events);
    let until = Instant::now() + Duration::from_secs(draft.wait_seconds);
    // Whoever waits takes a place among the streams; where there is none, nobody
    // waits.
    let place = if draft.wait_seconds > 0 { doors.streams.enter(&call.who).ok() } else { None };
    loop {
        bell.mark_unchanged();
        let last = place.is_none() || Instant::now() >= until;
        let handed = doors.externals.read(&name, &draft.member, draft.limit, last).await?;
        if last || !handed.is_empty() {
            return delivered(handed);
        }
        let next = doors.externals.next_free(&name).await?;
        let free = async {
            match next {
                Some(at) => doors.shell.clock.until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = bell.changed() => {}
            () = free => {}
            () = sleep_until(until) => {}
            () = doors.streams.closing() => return delivered(Vec::new()),
        }
        if !call.credential.still(&call.who).await {
            return Err(Problem::forbidden("forbidden"));
        }
    }
}

async fn acknowledge(doors: Doors, mut call: Call) -> Result<Reply, Problem> {
    let AckDraft { seqs, ids } = call.body()?;
    let name = name_of(&call)?;
    let show = |done: &Acknowledged| {
        let Acknowledged { acknowledged, unknown } = *done;
        Reply::ok(&AckRecord { acknowledged, unknown })
    };
    let keep = call.keep(show);
    show(&doors.externals.acknowledge(&name, &seqs, &ids, keep.as_ref()).await?)
}

async fn pending(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let after = call.page.after.as_ref().and_then(Cursor::key::<u64>).unwrap_or(0);
    let limit = call.page.limit;
    let held = doors.externals.pending(&name_of(&call)?, after, limit).await?;
    let next = held.last().filter(|_| held.len() == limit).map(|held| Cursor::after(&held.seq));
    let rows: Vec<_> = held
        .into_iter()
        .map(|held| PendingEvent {
            seq: held.seq,
            id: held.event,
            member: held.lease.member,
            since: held.lease.since,
            lease_until: held.lease.until,
            deliveries: held.lease.deliveries,
        })
        .collect();
    Reply::list(&rows, next)
}

async fn claim(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let ClaimDraft { member, min_idle_seconds, limit } = call.body()?;
    let idle = Duration::from_secs(min_idle_seconds);
    delivered(doors.externals.claim(&name_of(&call)?, &member, idle, limit).await?)
}

fn delivered(handed: Vec<Handed>) -> Result<Reply, Problem> {
    let rows: Vec<_> = handed
        .into_iter()
        .map(|handed| DeliveredEvent {
            event: record(handed.seq, handed.event),
            deliveries: handed.deliveries,
            lease_until: handed.until,
        })
        .collect();
    Reply::ok(&rows)
}
