//! Reports over HTTP: how a tenant's resources were used, as JSON or CSV.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zelador_actors::Flaw;
use zelador_actors::booking::queries::{self, Report, ResourceReport};
use zelador_store::id::TenantId;

use super::auth::Need;
use super::call::Call;
use super::doors::Doors;
use super::problem::Problem;
use super::reply::Reply;
use super::route::Route;

/// Which days.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = ReportDays)]
struct Days {
    /// The first day, local to the tenant.
    #[schema(format = "date", example = "2025-12-01")]
    from: Option<String>,
    /// The last day; at most 366 in all.
    #[schema(format = "date", example = "2025-12-31")]
    to: Option<String>,
}

/// One resource in a report.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ResourceReport)]
struct ResourceView {
    /// Which.
    #[schema(format = "uuid")]
    resource_id: String,
    /// What it is called.
    name: String,
    /// Its category.
    #[schema(format = "uuid")]
    category_id: Option<String>,
    /// Bookings that begin in these days and were not given up.
    bookings: u64,
    /// Minutes of seats that were taken.
    booked_minutes: u64,
    /// Minutes of seats that were open.
    open_minutes: u64,
    /// Taken of open, 0 to 1.
    occupancy: f64,
    /// Bookings that were called off.
    cancellations: u64,
    /// Bookings to which nobody came.
    no_shows: u64,
}

impl From<&ResourceReport> for ResourceView {
    fn from(row: &ResourceReport) -> Self {
        Self {
            resource_id: row.id.to_string(),
            name: row.name.clone(),
            category_id: row.category.map(|id| id.to_string()),
            bookings: row.bookings,
            booked_minutes: row.booked_minutes,
            open_minutes: row.open_minutes,
            occupancy: (row.occupancy() * 10_000.0).round() / 10_000.0,
            cancellations: row.cancellations,
            no_shows: row.no_shows,
        }
    }
}

/// Bookings of a category.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CategoryReport)]
struct CategoryView {
    /// Which; none for resources without one.
    #[schema(format = "uuid")]
    category_id: Option<String>,
    /// What it is called.
    name: Option<String>,
    /// Bookings that begin in these days and were not given up.
    bookings: u64,
}

/// A report.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BookingReport)]
struct ReportView {
    /// The first day.
    #[schema(format = "date")]
    from: String,
    /// The last day.
    #[schema(format = "date")]
    to: String,
    /// IANA name of the zone of its days.
    timezone: String,
    /// By resource.
    resources: Vec<ResourceView>,
    /// By category.
    categories: Vec<CategoryView>,
    /// Bookings that begin in these days, by status.
    statuses: BTreeMap<&'static str, u64>,
    /// Bookings that were called off.
    cancellations: u64,
    /// Bookings to which nobody came.
    no_shows: u64,
}

impl From<&Report> for ReportView {
    fn from(report: &Report) -> Self {
        let category =
            |(id, (name, bookings)): (&Option<_>, &(Option<String>, u64))| CategoryView {
                category_id: id.as_ref().map(ToString::to_string),
                name: name.clone(),
                bookings: *bookings,
            };
        Self {
            from: report.from.to_string(),
            to: report.to.to_string(),
            timezone: report.timezone.clone(),
            resources: report.resources.iter().map(Into::into).collect(),
            categories: report.categories.iter().map(category).collect(),
            statuses: report
                .statuses
                .iter()
                .map(|(status, count)| (status.word(), *count))
                .collect(),
            cancellations: report.resources.iter().map(|row| row.cancellations).sum(),
            no_shows: report.resources.iter().map(|row| row.no_shows).sum(),
        }
    }
}

/// The routes.
pub fn routes() -> Vec<Route<Doors>> {
    vec![
        Route::get("/tenants/{id}/reports/bookings", Need::Scope("reports:read"), bookings)
            .part("bookings")
            .summary("How resources were used: JSON, or CSV for `Accept: text/csv`")
            .filters::<Days>()
            .answers::<ReportView>(200)
            .refuses(404, "not_found"),
    ]
}

async fn bookings(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let asked: Days = call.query()?;
    let tenant: TenantId = call.id("id")?;
    if !call.who.sees(tenant) {
        return Err(Problem::absent("tenant"));
    }
    let days = (date("from", asked.from.as_deref())?, date("to", asked.to.as_deref())?);
    let report = queries::report(&doors.shell, tenant, days).await?;
    let view = ReportView::from(&report);
    if call.prefers_csv {
        return Ok(Reply::bytes("text/csv; charset=utf-8; header=present", csv(&view)?));
    }
    Reply::ok(&view)
}

fn date(field: &str, text: Option<&str>) -> Result<Date, Problem> {
    let invalid = |flaw: Flaw| Problem::invalid(vec![flaw]);
    let text = text.ok_or_else(|| invalid(Flaw::new(field, "required")))?;
    text.parse().map_err(|_| invalid(Flaw::new(field, "format").with("format", "date")))
}

/// The resources as lines, with a head.
fn csv(view: &ReportView) -> Result<Vec<u8>, Problem> {
    let fault = |error: csv::Error| Problem::fault("writing a report", error);
    let mut lines = csv::Writer::from_writer(Vec::new());
    for row in &view.resources {
        lines.serialize(row).map_err(fault)?;
    }
    lines.into_inner().map_err(|error| Problem::fault("writing a report", error.to_string()))
}
