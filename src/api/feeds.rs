//! Calendar feeds: the bookings of a resource for calendar programs (RFC 5545).
//!
//! Whoever knows the token reads the feed; the token is shown once, and the store
//! holds its SHA-256. What was called off stays in the feed as cancelled, for
//! programs drop what they no longer see without a word.

use std::time::Duration;

use icalendar::Calendar;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;
use warp::http::header;
use zelador_actors::booking::feed::hash_of;
use zelador_actors::booking::queries::{self, Feed};
use zelador_actors::ical;
use zelador_store::id::ResourceId;

use super::auth::Need;
use super::booking::refused::labels;
use super::call::Call;
use super::doors::Doors;
use super::language::Language;
use super::problem::Problem;
use super::reply::Reply;
use super::route::Route;

/// How long what is over stays in a feed.
const KEPT: Duration = Duration::from_hours(30 * 24);
/// How often calendar programs are asked to look.
const REFRESH: &str = "PT15M";

/// The way to a feed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CalendarToken)]
struct TokenView {
    /// The token; it is shown only now.
    token: String,
    /// The path of the feed, to be put behind the daemon's public address.
    #[schema(example = "/calendars/5f0c….ics")]
    path: String,
}

/// The routes.
pub(super) fn routes() -> Vec<Route<Doors>> {
    const WRITE: Need = Need::Scope("resources:write");
    vec![
        Route::post("/resources/{id}/calendar-token", WRITE, make)
            .summary("Make the token of a resource's calendar feed; one before is revoked")
            .answers::<TokenView>(201)
            .secret()
            .refuses(404, "not_found"),
        Route::delete("/resources/{id}/calendar-token", WRITE, revoke)
            .summary("Revoke the token of a resource's calendar feed")
            .status(204)
            .refuses(404, "not_found"),
        Route::get("/calendars/{token}.ics", Need::Open, feed)
            .part("resources")
            .summary("The bookings of a resource for calendar programs")
            .refuses(404, "not_found"),
    ]
}

async fn make(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let id: ResourceId = call.id("id")?;
    let token = hex::encode(doors.shell.dice.secret());
    let resource = (id, call.who.tenant());
    doors.bookings.feed_token(resource, Some(hash_of(&token)), &call.author()).await?;
    let path = format!("/calendars/{token}.ics");
    let mut reply = Reply::created(path.clone(), &TokenView { token, path })?;
    // The address of a feed is a secret; headers end up in logs.
    reply.location = None;
    Ok(reply)
}

async fn revoke(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let id: ResourceId = call.id("id")?;
    doors.bookings.feed_token((id, call.who.tenant()), None, &call.author()).await?;
    Ok(Reply::none())
}

async fn feed(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let token = hash_of(call.param("token"));
    let feed = queries::feed(&doors.shell, token, call.now - KEPT).await?;
    let language = call.language_for(&feed.tenant.row);
    let text = written(&feed, language);
    let digest: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    let version = digest.iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    let private = header::HeaderValue::from_static("private, max-age=300");
    let reply = Reply::bytes("text/calendar; charset=utf-8", text.into_bytes());
    Ok(reply.version(version).language(language).header(header::CACHE_CONTROL, private))
}

/// The feed as RFC 5545 writes it. The same bookings make the same text.
fn written(feed: &Feed, language: Language) -> String {
    let mut calendar = Calendar::empty();
    calendar
        .append_property(("VERSION", "2.0"))
        .append_property(("PRODID", ical::PRODUCT))
        .append_property(("CALSCALE", "GREGORIAN"))
        .append_property(("NAME", feed.resource.row.name.as_str()))
        .append_property(("X-WR-CALNAME", feed.resource.row.name.as_str()))
        .append_property(("X-PUBLISHED-TTL", REFRESH))
        .append_property(
            icalendar::Property::new("REFRESH-INTERVAL", REFRESH)
                .add_parameter("VALUE", "DURATION")
                .done(),
        );
    let [_, (_, label), _] = labels(&feed.tenant.row, language);
    for (id, booking) in &feed.bookings {
        let summary = format!("{label}: {}", feed.resource.row.name);
        calendar.push(ical::event(*id, booking, &summary, feed.resource.row.location.as_deref()));
    }
    calendar.done().to_string()
}
