//! Consumers: where they stand, replay, and what they gave up on.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use warp::http::StatusCode;
use zelador_actors::engine::audit::{Deed, note};
use zelador_actors::engine::events::{ConsumerView, ParkedView, Retried};
use zelador_store::id::TenantId;
use zelador_store::{Cursor, Timestamp, Write};

use super::external::name_of;
use super::{EventRecord, record};
use crate::api::auth::Need;
use crate::api::call::Call;
use crate::api::doors::Doors;
use crate::api::jobs::keep_alone;
use crate::api::page;
use crate::api::problem::Problem;
use crate::api::reply::Reply;
use crate::api::route::Route;

const READ: Need = Need::Scope("events:read");

/// A reader of the log.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ConsumerRecord {
    /// Its name.
    pub(super) name: String,
    /// `built_in`, or `external`: made for a program.
    #[schema(example = "external")]
    kind: &'static str,
    /// The last event that it is done with.
    cursor: u64,
    /// Events after that.
    lag: u64,
    /// Those that it wants, among the next thousand.
    pending: u64,
    /// Those that it gave up on; a thousand stands for more as well.
    parked: u64,
    /// How often the next event has failed.
    tries: u16,
    /// Not before this instant is it tried again.
    #[schema(value_type = Option<String>, format = "date-time")]
    retry_at: Option<Timestamp>,
    /// What went wrong last.
    last_error: Option<String>,
    /// It fell too far behind and is no longer served, until a replay.
    detached: bool,
    /// Whether this release still has it.
    known: bool,
    /// The types that an external one wants; empty: all.
    types: Vec<String>,
    /// Whose events an external one is given; null: everybody's.
    #[schema(value_type = Option<String>, format = "uuid")]
    tenant_id: Option<TenantId>,
    /// Seconds that members of an external one have to acknowledge.
    ack_seconds: Option<u32>,
    /// Events that an external one's members hold.
    held: u64,
}

/// From where.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReplayDraft {
    /// The first event to handle again.
    #[schema(minimum = 1, example = 1)]
    from: u64,
}

/// What will be handled again.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct Replaying {
    /// The consumer.
    name: String,
    /// The first event that it handles again.
    from: u64,
}

/// An event that a consumer gave up on.
#[derive(Debug, Serialize, ToSchema)]
struct ParkedRecord {
    /// Its place in the log.
    seq: u64,
    /// Why.
    error: String,
    /// After how many tries.
    tries: u16,
    /// When.
    #[schema(value_type = String, format = "date-time")]
    parked_at: Timestamp,
    /// The event; null: it is no longer kept.
    event: Option<EventRecord>,
}

/// What became of a parked event.
#[derive(Debug, Serialize, ToSchema)]
struct ParkedRetried {
    /// Its place in the log.
    seq: u64,
    /// Whether it is handled now, or waits for its reader; else it stays parked.
    handled: bool,
    /// Why not.
    error: Option<String>,
}

/// What became of all parked events.
#[derive(Debug, Serialize, ToSchema)]
struct ParkedSwept {
    /// How many are handled now.
    handled: u64,
    /// How many failed again and stay parked.
    failed: u64,
}

/// The routes.
pub(super) fn routes() -> Vec<Route<Doors>> {
    let parked = "/events/consumers/{name}/parked";
    let retry = "/events/consumers/{name}/parked/{seq}/retry";
    let retry_all = "/events/consumers/{name}/parked/retry-all";
    vec![
        Route::get("/events/consumers", READ, list)
            .summary("List the readers of the event log")
            .lists::<ConsumerRecord>(),
        Route::post("/events/consumers/{name}/replay", Need::Operator, replay)
            .summary("Let a consumer handle everything again from an event on")
            .takes::<ReplayDraft>()
            .answers::<Replaying>(202)
            .refuses(404, "not_found")
            .example(json!({ "from": 1 })),
        Route::get(parked, READ, list_parked)
            .summary("List the events that a consumer gave up on")
            .lists::<ParkedRecord>()
            .refuses(404, "not_found"),
        Route::post(retry, Need::Operator, retry_parked)
            .summary("Hand a parked event to its consumer once more")
            .answers::<ParkedRetried>(200)
            .refuses(404, "not_found"),
        Route::delete("/events/consumers/{name}/parked/{seq}", Need::Operator, discard_parked)
            .summary("Forget a parked event: nobody will handle it")
            .status(204),
        Route::post(retry_all, Need::Operator, retry_all_parked)
            .summary("Hand every parked event to its consumer once more")
            .answers::<ParkedSwept>(200)
            .refuses(404, "not_found"),
    ]
}

async fn list(doors: Doors, call: Call) -> Result<Reply, Problem> {
    // A tenant's callers are shown the tenant's own.
    let theirs = |view: &ConsumerView| match call.who.tenant() {
        None => true,
        bound => view.external.as_ref().is_some_and(|external| external.tenant == bound),
    };
    let views = doors.events.consumers().await?.into_iter().filter(theirs).collect();
    let (views, next) = page::cut(views, &call.page, |view| view.name.clone());
    let rows: Vec<_> = views.iter().map(consumer).collect();
    Reply::list(&rows, next)
}

async fn replay(doors: Doors, mut call: Call) -> Result<Reply, Problem> {
    let ReplayDraft { from } = call.body()?;
    let replaying = Replaying { name: call.param("name").to_owned(), from };
    let show = |replaying: &Replaying| Reply::accepted(replaying);
    let keep = call.keep(show);
    let mut also = keep.as_ref().map_or_else(Write::new, |keep| keep.alone(&replaying));
    let deed = Deed::new("consumer.replay", &replaying.name).with(&json!({ "from": from }));
    note(&doors.shell, &mut also, &call.author(), deed);
    doors.events.replay(&replaying.name, from, &also).await?;
    show(&replaying)
}

async fn list_parked(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let after = call.page.after.as_ref().and_then(Cursor::key::<u64>).unwrap_or(0);
    let limit = call.page.limit;
    let views = doors.events.parked(&name_of(&call)?, after, limit).await?;
    let next = views.last().filter(|_| views.len() == limit).map(|view| Cursor::after(&view.seq));
    let rows: Vec<_> = views.into_iter().map(parked).collect();
    Reply::list(&rows, next)
}

async fn retry_parked(doors: Doors, mut call: Call) -> Result<Reply, Problem> {
    // What is no number is the number of nothing.
    let seq = call.param("seq").parse().map_err(|_| Problem::absent("event"))?;
    let name = call.param("name").to_owned();
    let show = move |retried: &Retried| {
        let error = match retried {
            Retried::Handled | Retried::Waits => None,
            Retried::Failed { error } => Some(error.clone()),
        };
        Reply::json(StatusCode::OK, &ParkedRetried { seq, handled: error.is_none(), error })
    };
    let keep = call.keep(show);
    let retried = doors.events.retry_parked(&name, seq, Some(&call.author())).await?;
    keep_alone(&doors, keep, &retried).await?;
    show(&retried)
}

async fn discard_parked(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let seq = call.param("seq").parse().map_err(|_| Problem::absent("event"))?;
    doors.events.discard_parked(call.param("name"), seq, &call.author()).await?;
    Ok(Reply::none())
}

async fn retry_all_parked(doors: Doors, mut call: Call) -> Result<Reply, Problem> {
    let name = call.param("name").to_owned();
    let show = |&(handled, failed): &(u64, u64)| Reply::ok(&ParkedSwept { handled, failed });
    let keep = call.keep(show);
    let swept = doors.events.retry_all_parked(&name, Some(&call.author())).await?;
    keep_alone(&doors, keep, &swept).await?;
    show(&swept)
}

pub(super) fn consumer(view: &ConsumerView) -> ConsumerRecord {
    let ConsumerView { name, row, known, lag, pending, parked, external, held } = view;
    let own = external.as_ref();
    ConsumerRecord {
        name: name.clone(),
        kind: if own.is_some() { "external" } else { "built_in" },
        cursor: row.cursor,
        lag: *lag,
        pending: *pending,
        parked: *parked,
        tries: row.tries,
        retry_at: row.retry_at,
        last_error: row.last_error.clone(),
        detached: row.detached,
        known: *known,
        types: own.map(|own| own.kinds.clone()).unwrap_or_default(),
        tenant_id: own.and_then(|own| own.tenant),
        ack_seconds: own.map(|own| own.ack_seconds),
        held: *held,
    }
}

fn parked(view: ParkedView) -> ParkedRecord {
    let ParkedView { seq, parked, event } = view;
    ParkedRecord {
        seq,
        error: parked.error,
        tries: parked.tries,
        parked_at: parked.at,
        event: event.map(|event| record(seq, event)),
    }
}
