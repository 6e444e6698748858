//! What is booked, and what is free: a day of all resources, or a week of one.

mod explain;
mod grid;

use std::sync::Arc;

use askama::Template;
use jiff::civil::{Date, Weekday};
use jiff::{Span, Timestamp};
use serde::Deserialize;

use self::grid::{Availability, Booked, Column, Grid};
use crate::api::doors::Doors;
use crate::api::{Problem, Route};
use crate::dashboard::Dashboard;
use crate::dashboard::address::Address;
use crate::dashboard::frame::{Done, Frame, Outcome, look};
use crate::dashboard::html::encoded;
use crate::dashboard::names::{People, Tenants};
use crate::dashboard::visit::Visit;

/// Resources side by side; each is a question of its own.
const COLUMNS: usize = 10;
/// Bookings of a view.
const BOOKINGS: &str = "500";
/// What occupies a slot, or did.
const SHOWN: &str = "reservado,pendente,confirmado,concluido,nao_compareceu";

/// A resource.
#[derive(Debug, Clone, Deserialize)]
struct Resource {
    id: String,
    tenant_id: String,
    name: String,
}

pub(super) fn routes(dashboard: &Dashboard) -> Vec<Route<Doors>> {
    let mut routes = vec![look(dashboard, "/dashboard/calendar", show)];
    routes.extend(explain::routes(dashboard));
    routes
}

/// What is looked at.
struct View {
    tenants: Tenants,
    resources: Vec<Resource>,
    /// The one whose week is shown; `None`: a day of all.
    resource: Option<Resource>,
    date: Date,
}

impl View {
    async fn of(visit: &Visit) -> Result<Self, Problem> {
        let tenants = Tenants::of(visit).await?;
        let own = visit.who.tenant().map(|id| id.to_string());
        let tenant = Some(tenants.id().to_owned()).filter(|id| !id.is_empty()).or(own);
        let target = Address::new("/resources").and("tenant_id", tenant).with("limit", "200");
        let (mut resources, _): (Vec<Resource>, _) = visit.list(target.text()).await?;
        resources.sort_by_key(|resource| resource.name.to_lowercase());
        let today = visit.within.now().to_jiff().to_zoned(tenants.zone()).date();
        let date = visit.asked("date").and_then(|text| text.parse().ok()).unwrap_or(today);
        let is_week = visit.asked("view").as_deref() == Some("week");
        let asked = visit.asked("resource");
        let named = resources.iter().find(|resource| Some(&resource.id) == asked.as_ref());
        let resource = named.or(resources.first()).filter(|_| is_week).cloned();
        Ok(Self { tenants, resources, resource, date })
    }

    /// The first and the last day.
    fn days(&self) -> (Date, Date) {
        if self.resource.is_none() {
            return (self.date, self.date);
        }
        let since = self.date.weekday().since(Weekday::Monday);
        let monday = self.date.checked_sub(Span::new().days(since)).unwrap_or(self.date);
        (monday, monday.checked_add(Span::new().days(6)).unwrap_or(monday))
    }

    /// The same view of another day.
    fn at(&self, date: Date) -> Address {
        let address = Address::new("/dashboard/calendar").and("tenant", Some(self.tenants.id()));
        let address = address.with("date", date.to_string());
        match &self.resource {
            Some(resource) => address.with("view", "week").with("resource", &resource.id),
            None => address,
        }
    }

    /// The view so many days, or weeks, from here.
    fn moved(&self, by: i64) -> Address {
        let days = if self.resource.is_some() { by * 7 } else { by };
        self.at(self.date.checked_add(Span::new().days(days)).unwrap_or(self.date))
    }
}

#[derive(Template)]
#[template(path = "calendar.html")]
struct Calendar {
    f: Frame,
    view: View,
    grid: Grid,
    title: String,
    left_out: usize,
}

async fn show(visit: Arc<Visit>) -> Outcome {
    let view = View::of(&visit).await?;
    let (columns, left_out) = columns(&visit, &view).await?;
    let booked = booked(&visit, &view).await?;
    let people = People::of(&visit, booked.iter().map(|one| &one.client_id)).await?;
    let grid = Grid::new(columns, &booked, &people, &view.tenants.zone());
    let (first, last) = view.days();
    let day = |date: Date| date.strftime(visit.text.0.day_format()).to_string();
    let title =
        if first == last { day(first) } else { format!("{} – {}", day(first), day(last)) };
    let f = Frame::new(&visit, "calendar", visit.text.s("menu-calendar"));
    Done::page(&Calendar { f, view, grid, title, left_out })
}

/// A column a resource, or a day; and how many found no place.
async fn columns(visit: &Visit, view: &View) -> Result<(Vec<Column>, usize), Problem> {
    let mut columns = Vec::new();
    let (first, last) = view.days();
    if let Some(resource) = &view.resource {
        let all = availability(visit, &resource.id, first, last).await?;
        let mut day = first;
        while day <= last {
            let weekday =
                visit.text.s(&format!("weekday-{}", day.weekday().to_monday_zero_offset()));
            let title = format!("{weekday} {}", day.day());
            columns.push(Column::new(title, &resource.id, all.of(day)).chosen(day == view.date));
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        return Ok((columns, 0));
    }
    for resource in view.resources.iter().take(COLUMNS) {
        let all = availability(visit, &resource.id, first, last).await?;
        let week = Address::new("/dashboard/calendar").and("tenant", Some(view.tenants.id()));
        let week = week.with("date", view.date.to_string()).with("view", "week");
        let column = Column::new(resource.name.clone(), &resource.id, all.of(first));
        columns.push(column.leading_to(week.with("resource", &resource.id)));
    }
    Ok((columns, view.resources.len().saturating_sub(COLUMNS)))
}

async fn availability(
    visit: &Visit,
    resource: &str,
    first: Date,
    last: Date,
) -> Result<Availability, Problem> {
    let target = Address::new(format!("/resources/{}/availability", encoded(resource)))
        .with("from", first.to_string())
        .with("to", last.to_string());
    visit.get(target.text()).await
}

async fn booked(visit: &Visit, view: &View) -> Result<Vec<Booked>, Problem> {
    let (first, last) = view.days();
    let zone = view.tenants.zone();
    let instant =
        |date: Date| -> Option<Timestamp> { Some(date.to_zoned(zone.clone()).ok()?.timestamp()) };
    let until = last.tomorrow().ok().and_then(instant);
    let (Some(from), Some(to)) = (instant(first), until) else { return Ok(Vec::new()) };
    let target = Address::new("/bookings")
        .and("tenant_id", Some(view.tenants.id()))
        .and("resource_id", view.resource.as_ref().map(|resource| &resource.id))
        .with("from", from.to_string())
        .with("to", to.to_string())
        .and("status", Some(SHOWN))
        .with("limit", BOOKINGS);
    Ok(visit.list(target.text()).await?.0)
}
