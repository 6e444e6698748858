//! From bytes to JSON, stricter than JSON demands: bounded depth, no repeated keys.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::map::Entry;
use serde_json::{Map, Number, Value};
use warp::http::StatusCode;

use super::problem::Problem;

/// How deep arrays and objects may be nested.
pub const MAX_DEPTH: u8 = 32;

/// Room for the members of a usual body.
const MEMBERS: usize = 8;

/// Up to here (2 to the 53rd) every whole number is a float of its own.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Why bytes are not a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotABody {
    /// Not JSON, at this line and column (from 1).
    Malformed {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
    },
    /// Nested deeper than [`MAX_DEPTH`].
    TooDeep,
    /// An object has this key twice.
    RepeatedKey(String),
}

impl From<NotABody> for Problem {
    fn from(why: NotABody) -> Self {
        match why {
            NotABody::Malformed { line, column } => {
                Self::new(StatusCode::BAD_REQUEST, "malformed_json")
                    .with("line", line)
                    .with("column", column)
            }
            NotABody::TooDeep => {
                Self::new(StatusCode::BAD_REQUEST, "json_too_deep").with("limit", MAX_DEPTH)
            }
            NotABody::RepeatedKey(key) => {
                let key: String = key.chars().filter(|c| !c.is_control()).take(100).collect();
                Self::new(StatusCode::BAD_REQUEST, "repeated_key").with("key", key)
            }
        }
    }
}

/// Reads one JSON value and nothing after it.
pub fn parse(bytes: &[u8]) -> Result<Value, NotABody> {
    let refused = Cell::new(None);
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let seed = Strict { depth: 0, refused: &refused };
    let result = seed.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    result.map_err(|error| {
        refused.take().unwrap_or(NotABody::Malformed { line: error.line(), column: error.column() })
    })
}

#[derive(Clone, Copy)]
struct Strict<'a> {
    depth: u8,
    refused: &'a Cell<Option<NotABody>>,
}

impl Strict<'_> {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth >= MAX_DEPTH {
            self.refused.set(Some(NotABody::TooDeep));
            return Err(E::custom("too deep"));
        }
        Ok(Self { depth: self.depth + 1, refused: self.refused })
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    /// `1.0` is the integer 1, as JSON Schema has it.
    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        if value.fract() == 0.0 && value.abs() <= EXACT {
            #[expect(clippy::cast_possible_truncation, reason = "whole, and small enough")]
            return Ok(Value::from(value as i64));
        }
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        // Only for the outermost: many small ones must not take more than they hold.
        let room = if self.depth == 0 { MEMBERS } else { 0 };
        let mut object = Map::with_capacity(room);
        while let Some(name) = members.next_key::<String>()? {
            match object.entry(name) {
                Entry::Vacant(place) => {
                    place.insert(members.next_value_seed(inner)?);
                }
                Entry::Occupied(place) => {
                    self.refused.set(Some(NotABody::RepeatedKey(place.key().clone())));
                    return Err(A::Error::custom("repeated key"));
                }
            }
        }
        Ok(Value::Object(object))
    }
}
