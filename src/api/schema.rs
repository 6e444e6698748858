//! Shapes: the JSON Schema that is published is the one that checks.
//!
//! A type derives `utoipa::ToSchema`; its schema goes into `openapi.json` and, with
//! all it refers to, into a compiled [`Checker`]. A checker finds everything that is
//! wrong at once and names it in our own codes (see `flaws.rs`).

use std::collections::{BTreeMap, BTreeSet};

use jsonschema::Validator;
use serde_json::{Map, Value, json};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use zelador_actors::Flaw;

use super::{flaws, formats};

/// The schema of a type, and of all it refers to.
#[derive(Debug, Clone)]
pub struct Shape {
    /// The schema itself, or a reference to the component it is.
    pub(crate) schema: Value,
    parts: Vec<(String, Value)>,
}

impl Shape {
    /// The shape of `T`, as a component of its own.
    pub fn of<T: ToSchema>() -> Self {
        let name = T::name().into_owned();
        let mut parts = vec![(name.clone(), <T as PartialSchema>::schema())];
        T::schemas(&mut parts);
        let parts = parts.into_iter().map(|(name, part)| (name, to_value(&part))).collect();
        Self { schema: reference(&name), parts }
    }

    /// A list of `T`.
    pub fn list_of<T: ToSchema>() -> Self {
        let one = Self::of::<T>();
        Self { schema: json!({ "type": "array", "items": one.schema }), parts: one.parts }
    }

    /// The same with one more member, which is always there.
    pub fn with(mut self, name: &str, member: Self) -> Self {
        let more = json!({
            "type": "object", "required": [name], "properties": { name: member.schema },
        });
        self.parts.extend(member.parts);
        Self { schema: json!({ "allOf": [self.schema, more] }), parts: self.parts }
    }

    /// An object without members.
    pub fn nothing() -> Self {
        let schema = json!({ "type": "object", "additionalProperties": false });
        Self { schema, parts: Vec::new() }
    }
}

/// A schema is made of nothing that JSON cannot say.
fn to_value(schema: &RefOr<Schema>) -> Value {
    serde_json::to_value(schema).unwrap_or_default()
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// The table of routes is not one: found when it is built, so by every test.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// Two types of one name.
    #[error("two schemas are called {0}")]
    TwoSchemas(String),
    /// A schema that cannot be compiled.
    #[error("the schema of {route} cannot be compiled: {reason}")]
    Schema {
        /// The route.
        route: String,
        /// Why.
        reason: String,
    },
    /// A path that cannot be, or that two routes claim.
    #[error("{route} cannot be routed: {reason}")]
    Path {
        /// The route.
        route: String,
        /// Why.
        reason: String,
    },
}

/// All component schemas, by name.
#[derive(Debug, Clone, Default)]
pub struct Components(BTreeMap<String, Value>);

impl Components {
    /// Takes in all that `shape` is made of.
    pub fn add(&mut self, shape: &Shape) -> Result<(), TableError> {
        for (name, schema) in &shape.parts {
            match self.0.get(name) {
                Some(known) if known != schema => {
                    return Err(TableError::TwoSchemas(name.clone()));
                }
                Some(_) => {}
                None => {
                    self.0.insert(name.clone(), schema.clone());
                }
            }
        }
        Ok(())
    }

    /// As they stand in `openapi.json`.
    pub fn to_value(&self) -> Value {
        self.0.iter().map(|(name, schema)| (name.clone(), self.composed(schema))).collect()
    }

    /// A schema made of several: a part that takes no members but its own, as bodies
    /// do, would refuse its neighbours', and so stands there without that.
    fn composed(&self, schema: &Value) -> Value {
        let mut schema = schema.clone();
        let parts = schema.get_mut("allOf").and_then(Value::as_array_mut);
        for part in parts.into_iter().flatten() {
            let mut whole = self.resolve(part).clone();
            let members = whole.as_object_mut();
            if members.is_some_and(|members| members.remove("additionalProperties").is_some()) {
                *part = whole;
            }
        }
        schema
    }

    /// The components that `schema` refers to, directly or through others.
    fn below(&self, schema: &Value) -> Map<String, Value> {
        let mut found = Map::new();
        let mut open = vec![schema];
        while let Some(value) = open.pop() {
            match value {
                Value::Array(items) => open.extend(items),
                Value::Object(members) => open.extend(members.values()),
                Value::String(target) => {
                    let name = target.strip_prefix("#/components/schemas/");
                    let component = name.and_then(|name| self.0.get_key_value(name));
                    if let Some((name, component)) = component
                        && found.insert(name.clone(), component.clone()).is_none()
                    {
                        open.push(component);
                    }
                }
                _ => {}
            }
        }
        found
    }

    /// Follows references to the schema itself.
    pub fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let mut schema = schema;
        for _ in 0..16 {
            let target = schema.get("$ref").and_then(Value::as_str);
            let name = target.and_then(|target| target.strip_prefix("#/components/schemas/"));
            match name.and_then(|name| self.0.get(name)) {
                Some(found) => schema = found,
                None => break,
            }
        }
        schema
    }

    /// The members of an object schema, those of types it was flattened from included.
    pub fn members(&self, schema: &Value) -> BTreeSet<String> {
        let schema = self.resolve(schema);
        let properties = schema.get("properties").and_then(Value::as_object);
        let own = properties.into_iter().flat_map(Map::keys).cloned();
        let parts = schema.get("allOf").and_then(Value::as_array);
        own.chain(parts.into_iter().flatten().flat_map(|part| self.members(part))).collect()
    }

    /// The schema of a change to what `schema` creates: nothing is required, and
    /// `null` is allowed everywhere. `known` are members that may be repeated.
    pub fn change_of(&self, schema: &Value, known: &BTreeSet<String>) -> Value {
        let mut change = self.loosen(schema, 0);
        if let Some(properties) = change.get_mut("properties").and_then(Value::as_object_mut) {
            for name in known {
                properties.entry(name.clone()).or_insert_with(|| json!({ "readOnly": true }));
            }
        }
        change
    }

    fn loosen(&self, schema: &Value, depth: u8) -> Value {
        let whole = self.resolve(schema);
        let options = whole.get("oneOf").or_else(|| whole.get("anyOf")).and_then(Value::as_array);
        if let Some(options) = options {
            // One that is loose may fit where another fits, too.
            let loose = options.iter().map(|option| self.loosen_member(option, depth));
            return json!({ "anyOf": loose.collect::<Vec<_>>() });
        }
        let Some(properties) = whole.get("properties").and_then(Value::as_object) else {
            return schema.clone();
        };
        let members: Map<String, Value> = properties
            .iter()
            .map(|(name, member)| (name.clone(), or_null(&self.loosen_member(member, depth))))
            .collect();
        let mut loose = whole.clone();
        if let Some(object) = loose.as_object_mut() {
            object.remove("required");
            object.insert("properties".to_owned(), Value::Object(members));
        }
        loose
    }

    fn loosen_member(&self, member: &Value, depth: u8) -> Value {
        if depth < 8 { self.loosen(member, depth + 1) } else { member.clone() }
    }

    /// A checker of `schema`; `route` is for the error text.
    pub fn compile(&self, schema: &Value, route: &str) -> Result<Checker, TableError> {
        let mut root = schema.clone();
        if let Some(root) = root.as_object_mut() {
            // Not all there are: each checker keeps its own copy.
            root.insert("components".to_owned(), json!({ "schemas": self.below(schema) }));
        }
        let options = formats::register(jsonschema::draft202012::options());
        let validator = options.build(&root).map_err(|error| TableError::Schema {
            route: route.to_owned(),
            reason: error.to_string(),
        })?;
        Ok(Checker(validator))
    }
}

/// The same, or `null`.
fn or_null(schema: &Value) -> Value {
    json!({ "anyOf": [schema, { "type": "null" }] })
}

/// A compiled schema.
#[derive(Debug)]
pub struct Checker(Validator);

impl Checker {
    /// Everything that is wrong with `value`, in the order of its members.
    pub fn check(&self, value: &Value) -> Vec<Flaw> {
        if self.0.is_valid(value) {
            return Vec::new();
        }
        let mut found = Vec::new();
        for error in self.0.iter_errors(value) {
            flaws::collect(&error, &mut found);
        }
        found
    }
}
