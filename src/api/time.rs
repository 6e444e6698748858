//! Instants as answers write them: UTC, whole seconds, `2025-12-05T14:00:00Z`.
//!
//! Jobs and events write milliseconds: there, [`Timestamp`] serialises itself.

use serde::{Serialize, Serializer};
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::{KnownFormat, RefOr};
use utoipa::{PartialSchema, ToSchema};
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_whole_seconds_of_utc() {
        let at: Timestamp = "2025-12-05T11:00:00.987-03:00".parse().unwrap();
        let written = serde_json::to_value(Utc(at)).unwrap();
        assert_eq!(written, "2025-12-05T14:00:00Z");
    }
}
