//! Query parameters: text on the wire, values by the route's schema.
//!
//! A parameter that the route does not know, or one given twice, is refused.

use std::collections::BTreeMap;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Number, Value};
use zelador_actors::Flaw;

use super::page::PageAsk;
use super::route::Spec;
use super::schema::{Checker, Components, TableError};

/// How the text of a parameter becomes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reads {
    Text,
    Integer,
    Number,
    Boolean,
    /// Separated by commas.
    List,
}

/// The parameters of one route.
pub(crate) struct Parameters {
    route: &'static str,
    list: bool,
    known: BTreeMap<String, Reads>,
    checker: Option<Checker>,
}

impl Parameters {
    pub(crate) fn new(
        spec: &Spec,
        components: &Components,
        name: &str,
    ) -> Result<Self, TableError> {
        let mut known = BTreeMap::new();
        let mut checker = None;
        if let Some(shape) = &spec.query {
            let schema = components.resolve(&shape.schema);
            let properties = schema.get("properties").and_then(Value::as_object);
            for (name, property) in properties.into_iter().flatten() {
                known.insert(name.clone(), reads(components, property));
            }
            checker = Some(components.compile(&shape.schema, name)?);
        }
        Ok(Self { route: spec.path, list: spec.list, known, checker })
    }

    /// The values, and which part of a list is asked for; or all that is wrong.
    pub(crate) fn parse(&self, raw: &str) -> Result<(Value, PageAsk), Vec<Flaw>> {
        let mut flaws = Vec::new();
        let mut given = split(raw, &mut flaws);
        let mut page = PageAsk::default();
        if self.list {
            let (limit, cursor) = (given.remove("limit"), given.remove("cursor"));
            match PageAsk::parse(self.route, limit.as_deref(), cursor.as_deref()) {
                Ok(ask) => page = ask,
                Err(wrong) => flaws.extend(wrong),
            }
        }
        let mut values = Map::new();
        for (name, text) in given {
            match self.known.get(&name) {
                Some(reads) => {
                    values.insert(name, value_of(*reads, &text));
                }
                None => flaws.push(Flaw::new(name, "unknown_parameter")),
            }
        }
        let values = Value::Object(values);
        if let Some(checker) = &self.checker {
            flaws.extend(checker.check(&values));
        }
        if flaws.is_empty() { Ok((values, page)) } else { Err(flaws) }
    }
}

fn split(raw: &str, flaws: &mut Vec<Flaw>) -> BTreeMap<String, String> {
    let mut given = BTreeMap::new();
    for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        match (decode(name), decode(value)) {
            (Some(name), Some(value)) => {
                if given.insert(name.clone(), value).is_some() {
                    flaws.push(Flaw::new(name, "repeated_parameter"));
                }
            }
            _ => flaws.push(Flaw::new(name, "encoding")),
        }
    }
    given
}

/// Text as addresses and forms write it; `None` if it is not UTF-8.
pub(super) fn decode(text: &str) -> Option<String> {
    let text = text.replace('+', " ");
    percent_decode_str(&text).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

fn reads(components: &Components, schema: &Value) -> Reads {
    let schema = components.resolve(schema);
    if let Some(options) = schema.get("oneOf").or_else(|| schema.get("anyOf")) {
        let mut options = options.as_array().into_iter().flatten();
        let meant = options.find(|option| option.get("type") != Some(&Value::from("null")));
        return meant.map_or(Reads::Text, |option| reads(components, option));
    }
    let named = match schema.get("type") {
        Some(Value::String(name)) => Some(name.as_str()),
        Some(Value::Array(names)) => {
            names.iter().filter_map(Value::as_str).find(|name| *name != "null")
        }
        _ => None,
    };
    match named {
        Some("integer") => Reads::Integer,
        Some("number") => Reads::Number,
        Some("boolean") => Reads::Boolean,
        Some("array") => Reads::List,
        _ => Reads::Text,
    }
}

/// Text that cannot be read as asked stays text, and the schema says so.
fn value_of(reads: Reads, text: &str) -> Value {
    let read = match reads {
        Reads::Text => None,
        Reads::Integer => i64::from_str(text).ok().map(Value::from),
        Reads::Number => f64::from_str(text).ok().and_then(Number::from_f64).map(Value::Number),
        Reads::Boolean => bool::from_str(text).ok().map(Value::Bool),
        Reads::List => Some(text.split(',').map(Value::from).collect()),
    };
    read.unwrap_or_else(|| Value::from(text))
}
