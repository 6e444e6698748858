//! One booking: what it is, confirmed, called off.

use std::sync::Arc;

use askama::Template;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::{Map, json};
use warp::http::Method;

use crate::api::doors::Doors;
use crate::api::{Problem, Route};
use crate::dashboard::Dashboard;
use crate::dashboard::address::Address;
use crate::dashboard::frame::{Done, Frame, Outcome, act, look};
use crate::dashboard::html::{At, State, encoded};
use crate::dashboard::names::{People, Tenant, Tenants};
use crate::dashboard::visit::Visit;

#[derive(Debug, Deserialize)]
struct Booking {
    id: String,
    tenant_id: String,
    resource_id: String,
    user_id: String,
    client_id: String,
    start_time: Timestamp,
    end_time: Timestamp,
    notes: Option<String>,
    status: String,
    status_label: String,
    rrule: Option<String>,
    cancelled_at: Option<At>,
    cancelled_by: Option<String>,
    cancellation_reason: Option<String>,
    created_at: At,
}

impl Booking {
    /// Whether it is still to come, or under way.
    fn stands(&self) -> bool {
        ["reservado", "pendente", "confirmado"].contains(&self.status.as_str())
    }

    fn is_pending(&self) -> bool {
        self.status == "pendente"
    }
}

#[derive(Debug, Deserialize)]
struct Named {
    name: String,
}

pub(super) fn routes(dashboard: &Dashboard) -> Vec<Route<Doors>> {
    vec![
        look(dashboard, "/dashboard/bookings/{id}", show),
        act(dashboard, "/dashboard/bookings/{id}/cancel", cancel),
        act(dashboard, "/dashboard/bookings/{id}/status", set),
    ]
}

#[derive(Template)]
#[template(path = "booking.html")]
struct Shown {
    f: Frame,
    booking: Booking,
    resource: String,
    people: People,
    hours: String,
    zone: String,
    day: Address,
    may: bool,
}

async fn show(visit: Arc<Visit>) -> Outcome {
    let booking: Booking = visit.get(&format!("/bookings/{}", visit.param("id"))).await?;
    let target = format!("/resources/{}", encoded(&booking.resource_id));
    let resource = visit.perhaps::<Named>(&target).await?;
    let people = People::of(&visit, [&booking.user_id, &booking.client_id]).await?;
    let tenants = Tenants::of(&visit).await?;
    let tenant = tenants.all.iter().find(|tenant| tenant.id == booking.tenant_id);
    let zone = tenant.map_or(TimeZone::UTC, Tenant::zone);
    let start = booking.start_time.to_zoned(zone.clone());
    let end = booking.end_time.to_zoned(zone);
    let day_format = visit.text.0.day_format();
    let day = Address::new("/dashboard/calendar").with("tenant", &booking.tenant_id);
    let resource = resource.map_or_else(|| "–".to_owned(), |resource| resource.name);
    Done::page(&Shown {
        f: Frame::new(&visit, "calendar", resource.clone()),
        resource,
        people,
        hours: format!(
            "{} {}–{}",
            start.strftime(day_format),
            start.strftime("%H:%M"),
            end.strftime("%H:%M")
        ),
        zone: tenant.map_or("UTC", Tenant::zone_name).to_owned(),
        day: day.with("date", start.date().to_string()),
        may: visit.may(&Method::POST, "/bookings/0/cancel"),
        booking,
    })
}

impl Shown {
    fn state(&self) -> State {
        State::new(&self.booking.status, &self.booking.status_label)
    }
}

async fn cancel(visit: Arc<Visit>) -> Result<(String, Option<String>), Problem> {
    let target = Address::new(format!("/bookings/{}/cancel", visit.param("id")));
    let target = target.and("scope", visit.field("scope"));
    let mut body = Map::new();
    body.extend(visit.field("reason").map(|reason| ("reason".to_owned(), reason.into())));
    visit.tell(Method::POST, target.text(), body.into()).await?;
    Ok((visit.text.s("booking-cancelled"), None))
}

async fn set(visit: Arc<Visit>) -> Result<(String, Option<String>), Problem> {
    let target = format!("/bookings/{}/status", visit.param("id"));
    let body = json!({ "status": visit.browser.field("status") });
    visit.tell(Method::PUT, &target, body).await?;
    Ok((visit.text.s("booking-changed"), None))
}
