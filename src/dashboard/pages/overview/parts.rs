//! The parts of the overview that are more than an answer: the day by resource, people
//! by status, what comes next.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Zoned};
use serde::Deserialize;
use serde_json::Value;
use warp::http::Method;

use crate::api::Problem;
use crate::dashboard::html::{At, encoded, spell};
use crate::dashboard::names::Tenants;
use crate::dashboard::visit::Visit;

/// People of a status that are counted; more are "so many and more".
const COUNTED: usize = 100;
/// Resources that the day shows.
const RESOURCES: u32 = 12;
/// Bookings that the day shows.
const BOOKINGS: u32 = 200;
/// What comes next: so many lines.
const NEXT: u32 = 8;
/// And of so long; the agenda has all of it.
const SOON: Duration = Duration::from_hours(48);

/// What one waits for in a queue, and how much.
#[derive(Debug, Deserialize)]
pub(super) struct Load {
    pub(super) name: String,
    pub(super) paused: bool,
    pub(super) ready: u64,
    pub(super) scheduled: u64,
    pub(super) running: u64,
    pub(super) failed: u64,
    pub(super) throughput: f64,
    pub(super) oldest_wait_seconds: Option<f64>,
}

impl Load {
    /// Jobs a minute.
    pub(super) fn pace(&self) -> String {
        if self.throughput >= 10.0 || self.throughput == 0.0 {
            format!("{:.0}", self.throughput)
        } else {
            format!("{:.1}", self.throughput)
        }
    }

    pub(super) fn oldest(&self) -> String {
        self.oldest_wait_seconds.map_or("–".to_owned(), spell)
    }
}

/// A day of a tenant, by resource.
pub(super) struct Day {
    pub(super) tenants: Tenants,
    pub(super) date: String,
    pub(super) rows: Vec<Row>,
    pub(super) hours: Vec<(u32, String)>,
}

impl Day {
    /// Whether nothing is booked.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.iter().all(|row| row.blocks.is_empty())
    }
}

/// A resource's day.
pub(super) struct Row {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) blocks: Vec<Block>,
}

/// A booking within a day, in minutes of it.
pub(super) struct Block {
    pub(super) id: String,
    pub(super) from: i64,
    pub(super) minutes: i64,
    pub(super) status: String,
    pub(super) text: String,
}

#[derive(Deserialize)]
struct Named {
    id: String,
    name: String,
}

#[derive(Deserialize)]
struct Booked {
    id: String,
    resource_id: String,
    start_time: Timestamp,
    end_time: Timestamp,
    status: String,
    status_label: String,
}

/// Minutes of the part of a day that is shown.
const SHOWN: (i64, i64) = (6 * 60, 23 * 60);

/// Today, of the tenant that is looked at.
pub(super) async fn day(visit: &Visit) -> Result<Option<Day>, Problem> {
    if !visit.may(&Method::GET, "/bookings") || !visit.may(&Method::GET, "/resources") {
        return Ok(None);
    }
    let tenants = Tenants::of(visit).await?;
    let zone = tenants.zone();
    let Some((from, to)) = today(visit, &zone) else { return Ok(None) };
    let tenant = encoded(tenants.id());
    let target = format!("/resources?tenant_id={tenant}&limit={RESOURCES}");
    let resources: Vec<Named> = visit.perhaps(&target).await?.unwrap_or_default();
    let target = format!(
        "/bookings?tenant_id={tenant}&from={}&to={}&status=reservado,pendente,confirmado,concluido&limit={BOOKINGS}",
        from.timestamp(),
        to.timestamp()
    );
    let booked: Vec<Booked> = visit.perhaps(&target).await?.unwrap_or_default();
    let mut blocks: BTreeMap<&str, Vec<Block>> = BTreeMap::new();
    for one in &booked {
        blocks.entry(&one.resource_id).or_default().extend(block(one, &from));
    }
    let rows = resources.iter().map(|resource| Row {
        blocks: blocks.remove(resource.id.as_str()).unwrap_or_default(),
        id: resource.id.clone(),
        name: resource.name.clone(),
    });
    let hours = (6..23).step_by(3).map(|hour| (hour * 60 - 360, format!("{hour:02}:00")));
    let date = from.date().to_string();
    Ok(Some(Day { date, rows: rows.collect(), hours: hours.collect(), tenants }))
}

/// The first instants of today and of tomorrow.
fn today(visit: &Visit, zone: &TimeZone) -> Option<(Zoned, Zoned)> {
    let now = visit.within.now().to_jiff().to_zoned(zone.clone());
    let from = now.start_of_day().ok()?;
    let to = from.checked_add(Span::new().days(1)).ok()?;
    Some((from, to))
}

fn block(one: &Booked, day: &Zoned) -> Option<Block> {
    let minutes = |at: Timestamp| (at.as_second() - day.timestamp().as_second()) / 60;
    let from = minutes(one.start_time).max(SHOWN.0);
    let to = minutes(one.end_time).min(SHOWN.1);
    let local = |at: Timestamp| at.to_zoned(day.time_zone().clone()).strftime("%H:%M").to_string();
    let text = format!("{}–{} {}", local(one.start_time), local(one.end_time), one.status_label);
    (to > from).then(|| Block {
        id: one.id.clone(),
        from: from - SHOWN.0,
        minutes: to - from,
        status: one.status.clone(),
        text,
    })
}

/// How many people are of a status.
pub(super) struct Standing {
    pub(super) word: &'static str,
    pub(super) text: String,
    pub(super) count: String,
}

/// People by status. It is counted when a page is opened, not when it is looked at
/// again.
pub(super) async fn people(visit: &Visit) -> Result<Option<Vec<Standing>>, Problem> {
    if !visit.may(&Method::GET, "/users") || visit.browser.is_fetch() {
        return Ok(None);
    }
    let mut found = Vec::new();
    for word in ["ACTIVE", "PENDING", "SUSPENDED", "INACTIVE", "BANNED"] {
        let target = format!("/users?status={word}&limit={COUNTED}");
        let (rows, next): (Vec<Value>, _) = visit.list(&target).await?;
        let more = if next.is_some() { "+" } else { "" };
        let count = format!("{}{more}", rows.len());
        found.push(Standing { word, text: visit.text.word("status", word), count });
    }
    Ok(Some(found))
}

/// What comes next.
#[derive(Debug, Deserialize)]
pub(super) struct Next {
    pub(super) at: At,
    pub(super) kind: String,
    pub(super) what: String,
    pub(super) user_id: Option<String>,
    pub(super) job_id: Option<String>,
    pub(super) schedule: Option<String>,
}

/// The next things that the daemon will do of itself.
pub(super) async fn next(visit: &Visit) -> Result<Option<Vec<Next>>, Problem> {
    if !visit.may(&Method::GET, "/agenda") {
        return Ok(None);
    }
    let kinds = "ban,status_change,leave,job,schedule";
    let until = (visit.within.now() + SOON).to_seconds_string();
    visit.perhaps(&format!("/agenda?kind={kinds}&to={until}&limit={NEXT}")).await
}
