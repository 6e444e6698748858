//! Everything the daemon will do of itself, day by day; and the schedules.

use std::sync::Arc;

use askama::Template;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::Value;
use warp::http::Method;

use crate::api::Route;
use crate::api::doors::Doors;
use crate::dashboard::Dashboard;
use crate::dashboard::address::Address;
use crate::dashboard::frame::{Done, Frame, Outcome, act, look};
use crate::dashboard::html::{At, State};
use crate::dashboard::names::Tenants;
use crate::dashboard::visit::Visit;

/// Lines on a page.
const PAGE: &str = "100";
/// Sorts of things.
const KINDS: [&str; 6] = ["ban", "status_change", "leave", "job", "schedule", "expiry"];

#[derive(Debug, Deserialize)]
struct Item {
    at: At,
    kind: String,
    what: String,
    tenant_id: Option<String>,
    user_id: Option<String>,
    job_id: Option<String>,
    schedule: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Schedule {
    name: String,
    kind: String,
    cron: String,
    timezone: String,
    next_run_at: Option<At>,
    last_run_at: Option<At>,
    last_job_id: Option<String>,
    last_job_state: Option<String>,
    skipped: Option<String>,
}

pub(super) fn routes(dashboard: &Dashboard) -> Vec<Route<Doors>> {
    vec![
        look(dashboard, "/dashboard/agenda", list),
        act(dashboard, "/dashboard/schedules/{name}/run", |visit| async move {
            let target = format!("/schedules/{}/run", visit.param("name"));
            visit.tell(Method::POST, &target, Value::Null).await?;
            Ok((visit.text.s("schedule-started"), None))
        }),
    ]
}

#[derive(Template)]
#[template(path = "agenda.html")]
struct Agenda {
    f: Frame,
    tenants: Tenants,
    kinds: [&'static str; 6],
    kind: String,
    days: Vec<(String, Vec<Item>)>,
    /// In which the days are those.
    zone: String,
    schedules: Vec<Schedule>,
    next: Option<Address>,
    may: bool,
}

async fn list(visit: Arc<Visit>) -> Outcome {
    let tenants = Tenants::if_asked(&visit).await?;
    let kind = visit.asked("kind").unwrap_or_default();
    let narrowed = |path: &str, tenant: &str| {
        Address::new(path).and("kind", Some(&kind)).and(tenant, Some(tenants.id()))
    };
    let target = narrowed("/agenda", "tenant_id").with("limit", PAGE);
    let target = target.and("cursor", visit.asked("cursor"));
    let (items, next): (Vec<Item>, _) = visit.list(target.text()).await?;
    let schedules = visit.perhaps("/schedules?limit=100").await?.unwrap_or_default();
    let zone = TimeZone::get(tenants.common_zone()).unwrap_or(TimeZone::UTC);
    let next = next.map(|cursor| narrowed("/dashboard/agenda", "tenant").with("cursor", cursor));
    Done::page(&Agenda {
        f: Frame::new(&visit, "agenda", visit.text.s("menu-agenda")),
        may: visit.may(&Method::POST, "/schedules/x/run"),
        kinds: KINDS,
        days: by_day(items, &zone, visit.text.0.day_format()),
        zone: tenants.common_zone().to_owned(),
        schedules,
        next,
        tenants,
        kind,
    })
}

/// They come in the order of time.
fn by_day(items: Vec<Item>, zone: &TimeZone, format: &str) -> Vec<(String, Vec<Item>)> {
    let mut days: Vec<(String, Vec<Item>)> = Vec::new();
    for item in items {
        let at = item.at.raw().parse::<Timestamp>();
        let local = at.map(|at| at.to_zoned(zone.clone()).strftime(format).to_string());
        let day = local.unwrap_or_else(|_| item.at.day().to_owned());
        match days.last_mut() {
            Some((last, same)) if *last == day => same.push(item),
            _ => days.push((day, vec![item])),
        }
    }
    days
}

impl Agenda {
    fn state(&self, word: &str) -> State {
        State::new(word, &self.f.t.word("state", word))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_day_is_one_of_the_zone_and_not_of_utc() {
        let item = |at: &str| -> Item {
            serde_json::from_value(json!({ "at": at, "kind": "job", "what": "x" })).unwrap()
        };
        let late = ["2025-12-05T23:30:00Z", "2025-12-06T01:30:00Z", "2025-12-06T12:00:00Z"];
        let zone = TimeZone::get("America/Sao_Paulo").unwrap();
        let days = by_day(late.map(item).into(), &zone, "%d/%m/%Y");
        let shown: Vec<_> = days.iter().map(|(day, items)| (day.as_str(), items.len())).collect();
        assert_eq!(shown, [("05/12/2025", 2), ("06/12/2025", 1)]);
    }
}
