//! Instants as answers write them: UTC, whole seconds, `2025-12-05T14:00:00Z`; and
//! as requests do: with an offset, or local to a tenant.
//!
//! Jobs and events write milliseconds: there, [`Timestamp`] serialises itself.

use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::{KnownFormat, RefOr};
use utoipa::{PartialSchema, ToSchema};
use zelador_actors::Flaw;
use zelador_actors::moment::{self, Spoken};
use zelador_store::Timestamp;

/// An instant in an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Utc(pub Timestamp);

impl From<Timestamp> for Utc {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

impl Serialize for Utc {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.0.to_seconds_string())
    }
}

impl PartialSchema for Utc {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("An instant, in UTC"))
            .examples([serde_json::Value::from("2025-12-05T14:00:00Z")])
            .into()
    }
}

impl ToSchema for Utc {}

/// The instant that a member names. Without an offset it is local to `zone`;
/// where there is none, it must have one.
pub fn instant(field: &str, text: &str, zone: Option<&TimeZone>) -> Result<Timestamp, Flaw> {
    let spoken: Spoken =
        text.parse().map_err(|_| Flaw::new(field, "format").with("format", "date-time"))?;
    match (spoken, zone) {
        (Spoken::Instant(at), _) => Ok(at),
        (_, None) => Err(Flaw::new(field, "offset_required")),
        (local, Some(zone)) => {
            local.resolve(zone).map_err(|_| Flaw::new(field, "nonexistent_local_time"))
        }
    }
}

/// The zone of a name that was checked when it was stored.
pub fn zone(name: &str) -> TimeZone {
    moment::zone(name).map_or(TimeZone::UTC, |(zone, _)| zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_whole_seconds_of_utc() {
        let at: Timestamp = "2025-12-05T11:00:00.987-03:00".parse().unwrap();
        let written = serde_json::to_value(Utc(at)).unwrap();
        assert_eq!(written, "2025-12-05T14:00:00Z");
    }

    #[track_caller]
    fn check(text: &str, zone: Option<&str>, expected: Result<&str, &str>) {
        let zone = zone.map(super::zone);
        let found = instant("at", text, zone.as_ref());
        let found = found.map(Timestamp::to_seconds_string).map_err(|flaw| flaw.code);
        assert_eq!(found, expected.map(str::to_owned), "{text}");
    }

    #[test]
    fn times_without_an_offset_need_a_zone() {
        let sao_paulo = Some("America/Sao_Paulo");
        check("2025-12-05T14:00:00-03:00", None, Ok("2025-12-05T17:00:00Z"));
        check("2025-12-05T14:00:00", sao_paulo, Ok("2025-12-05T17:00:00Z"));
        check("2025-12-05T14:00:00", None, Err("offset_required"));
        check("2025-12-05", None, Err("offset_required"));
        check("2018-11-04T00:30", sao_paulo, Err("nonexistent_local_time"));
        check("soon", sao_paulo, Err("format"));
    }
}
