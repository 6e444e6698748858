//! The table as JSON Schema.

use serde_json::{Map, Value, json};

use super::{EventKind, Holds, Member};

/// The JSON Schema (2020-12) of a type's payload.
pub fn schema(kind: &EventKind) -> Value {
    let members: Vec<_> = kind.members().copied().collect();
    object(&members)
}

fn object(members: &[Member]) -> Value {
    let properties: Map<String, Value> =
        members.iter().map(|member| (member.name.to_owned(), property(member))).collect();
    let required: Vec<_> =
        members.iter().filter(|member| member.required).map(|member| member.name).collect();
    json!({
        "type": "object", "required": required, "properties": properties,
        "additionalProperties": false,
    })
}

fn property(member: &Member) -> Value {
    let schema = match member.holds {
        Holds::Text => json!({ "type": "string" }),
        Holds::Id => json!({ "type": "string", "format": "uuid" }),
        Holds::Instant => json!({ "type": "string", "format": "date-time" }),
        Holds::Date => json!({ "type": "string", "format": "date" }),
        Holds::Number => json!({ "type": "integer", "minimum": 0 }),
        Holds::Flag => json!({ "type": "boolean" }),
        Holds::Word(words) => json!({ "type": "string", "enum": words }),
        Holds::Names => json!({ "type": "array", "items": { "type": "string" } }),
        Holds::Object(members) => object(members),
    };
    if member.nullable { json!({ "anyOf": [schema, { "type": "null" }] }) } else { schema }
}
