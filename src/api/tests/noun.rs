//! A sample noun: it has every sort of member, and every sort of handler, that a
//! real one has.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::Notify;
use utoipa::ToSchema;
use zelador_actors::Refusal;
use zelador_store::answer::Answer;

use crate::api::{Call, Merge, Need, Problem, Reply, Route};

/// How big a crate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Size {
    /// Small.
    Small,
    /// Large.
    Large,
}

/// Where it goes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Label {
    /// The street.
    #[schema(min_length = 1, max_length = 200, format = "line")]
    pub(super) street: String,
    /// The zone.
    #[schema(format = "timezone", default = "America/Sao_Paulo")]
    #[serde(default = "zone")]
    pub(super) zone: String,
}

/// What makes a crate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewCrate {
    /// Its name.
    #[schema(min_length = 1, max_length = 200, format = "line", example = "Box")]
    pub(super) name: String,
    /// How many things it holds.
    #[schema(minimum = 1, maximum = 100, default = 1)]
    #[serde(default = "one")]
    pub(super) count: u32,
    /// How big it is.
    #[schema(default = "small")]
    #[serde(default = "small")]
    pub(super) size: Size,
    /// Where it goes.
    #[serde(default)]
    pub(super) label: Option<Label>,
    /// Who to tell.
    #[schema(format = "email")]
    #[serde(default)]
    pub(super) email: Option<String>,
    /// Days it may travel.
    #[schema(max_items = 7)]
    #[serde(default)]
    pub(super) days: Vec<u8>,
    /// Anything else.
    #[schema(value_type = Object, additional_properties = true)]
    #[serde(default)]
    pub(super) extra: BTreeMap<String, Value>,
}

/// A crate.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(super) struct Crate {
    /// Its number.
    id: usize,
    /// What made it.
    #[serde(flatten)]
    made: NewCrate,
    /// Its version.
    version: u64,
}

/// Which crates.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    /// How big.
    size: Option<Size>,
    /// Holding at least so much.
    #[schema(minimum = 1)]
    least: Option<u32>,
    /// Made to fail.
    #[serde(default)]
    broken: bool,
}

fn zone() -> String {
    "America/Sao_Paulo".to_owned()
}

fn small() -> Size {
    Size::Small
}

fn one() -> u32 {
    1
}

/// What the handlers reach the "daemon" through.
#[derive(Clone, Default)]
pub(super) struct Depot {
    pub(super) crates: Arc<Mutex<Vec<Crate>>>,
    pub(super) answers: Arc<Mutex<BTreeMap<[u8; 32], Answer>>>,
    pub(super) entered: Arc<Notify>,
    pub(super) gate: Arc<Notify>,
}

pub(super) fn routes() -> Vec<Route<Depot>> {
    vec![
        Route::post("/crates", Need::Scope("crates:write"), create)
            .summary("Make a crate")
            .takes::<NewCrate>()
            .example(json!({ "name": "Box" }))
            .answers::<Crate>(201)
            .refuses(409, "busy"),
        Route::get("/crates", Need::Scope("crates:read"), list)
            .summary("List crates")
            .filters::<Filter>()
            .lists::<Crate>(),
        Route::get("/crates/{number}", Need::Scope("crates:read"), show)
            .summary("Show a crate")
            .answers::<Crate>(200),
        Route::patch("/crates/{number}", Need::Scope("crates:write"), change)
            .summary("Change a crate")
            .changes::<NewCrate>()
            .answers::<Crate>(200),
        Route::delete("/crates/{number}", Need::Global("crates:write"), |_, _| async {
            Ok(Reply::none())
        })
        .summary("Destroy a crate")
        .status(204),
        Route::post("/crates/{number}/panic", Need::Operator, |_, _| async { panic!("dropped") })
            .summary("Drop it"),
        Route::get("/crates/{number}/panic", Need::Operator, |_, _| async { panic!("dropped") })
            .summary("Look at it so that it drops"),
        Route::post("/crates/{number}/wait", Need::Operator, wait).summary("Hold it"),
        Route::post("/keys", Need::Operator, create)
            .takes::<NewCrate>()
            .secret()
            .summary("Make a key"),
    ]
}

fn shown(made: &Crate) -> Result<Reply, Problem> {
    let reply = Reply::created(format!("/crates/{}", made.id), made)?;
    Ok(reply.version(made.version))
}

async fn create(depot: Depot, call: Call) -> Result<Reply, Problem> {
    let made: NewCrate = call.body()?;
    let mut crates = depot.crates.lock();
    let made = Crate { id: crates.len(), made, version: 1 };
    crates.push(made.clone());
    let reply = shown(&made)?;
    if let Some(slot) = call.answer_slot {
        depot.answers.lock().insert(slot.scope, slot.finish(reply.rendered()));
    }
    Ok(reply)
}

async fn list(depot: Depot, call: Call) -> Result<Reply, Problem> {
    let filter: Filter = call.query()?;
    if filter.broken {
        return Err(Problem::fault("counting crates", "the shelf gave way".to_owned()));
    }
    let after = call.page.after.map_or(0, |place| place.to_string().len() / 2);
    let crates = depot.crates.lock();
    let wanted: Vec<&Crate> = crates
        .iter()
        .filter(|made| filter.size.is_none_or(|size| made.made.size == size))
        .filter(|made| filter.least.is_none_or(|least| made.made.count >= least))
        .collect();
    let rows: Vec<_> = wanted.iter().skip(after).take(call.page.limit).collect();
    let end = after + rows.len();
    // A cursor as long as the number of rows before it.
    let next = (end < wanted.len()).then(|| "00".repeat(end).parse().unwrap());
    Reply::list(&rows, next)
}

fn find(depot: &Depot, call: &Call) -> Result<Crate, Problem> {
    let number: Option<usize> = call.param("number").parse().ok();
    let crates = depot.crates.lock();
    number.and_then(|at| crates.get(at).cloned()).ok_or(Problem::absent("crate"))
}

async fn show(depot: Depot, call: Call) -> Result<Reply, Problem> {
    let made = find(&depot, &call)?;
    Ok(Reply::ok(&made)?.version(made.version))
}

async fn change(depot: Depot, call: Call) -> Result<Reply, Problem> {
    let old = find(&depot, &call)?;
    call.if_match.check(old.version)?;
    let how = Merge { whole: &[], fixed: &["size"] };
    let made: NewCrate = call.merge(&old, &how)?;
    if made.count == 13 {
        return Err(Refusal::rule("in_the_past").into());
    }
    let new = Crate { made, version: old.version + 1, id: old.id };
    depot.crates.lock()[old.id] = new.clone();
    Ok(Reply::ok(&new)?.version(new.version))
}

async fn wait(depot: Depot, call: Call) -> Result<Reply, Problem> {
    depot.entered.notify_one();
    depot.gate.notified().await;
    let reply = Reply::ok(&json!({ "number": call.param("number") }))?;
    if let Some(slot) = call.answer_slot {
        depot.answers.lock().insert(slot.scope, slot.finish(reply.rendered()));
    }
    Ok(reply)
}
