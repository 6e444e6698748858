//! What one chapter leaves for the next: the tenant and its people.

use jiff::tz::TimeZone;
use serde_json::Value;
use zelador_actors::engine::Clock;
use zelador_store::Timestamp;

/// The tenant's zone.
pub(super) const ZONE: &str = "America/Sao_Paulo";

/// What was made so far.
#[derive(Debug, Default)]
pub(super) struct Scene {
    /// Tells one demo from another on the same daemon.
    pub(super) tag: String,
    /// The tenant.
    pub(super) tenant: Option<String>,
    /// Ana, who books.
    pub(super) ana: Option<String>,
    /// Where the stand-in of Drive can be told what to do, if that is known.
    pub(super) drive: Option<String>,
}

impl Scene {
    /// Nothing yet.
    pub(super) fn new(drive: Option<String>) -> Self {
        let digits: String = now().to_string().chars().filter(char::is_ascii_digit).collect();
        Self { tag: digits, drive, ..Self::default() }
    }
}

impl Scene {
    /// Ana's address.
    pub(super) fn email(&self) -> String {
        format!("ana@demo-{}.example", self.tag)
    }
}

/// The time of day.
pub(super) fn now() -> Timestamp {
    Clock::system().now()
}

/// A day so many days from now where the tenant is, `YYYY-MM-DD`.
pub(super) fn day(ahead: i64) -> String {
    let zone = TimeZone::get(ZONE).unwrap_or(TimeZone::UTC);
    let today = now().to_jiff().to_zoned(zone).date();
    let span = jiff::Span::new().days(ahead);
    today.checked_add(span).unwrap_or(today).to_string()
}

/// A member of an answer; null if it is not there.
pub(super) fn of<'a>(answer: &'a Value, member: &str) -> &'a Value {
    answer.get(member).unwrap_or(&Value::Null)
}

/// The id of a record; empty if there is none, which no route takes for one.
pub(super) fn id(record: &Value) -> String {
    record["id"].as_str().unwrap_or_default().to_owned()
}
