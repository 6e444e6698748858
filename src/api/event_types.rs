//! The types of events as `openapi.json` lists them: what arrives at a webhook.

use serde_json::{Map, Value, json};
use zelador_actors::engine::events::kinds::{EventKind, KINDS, schema};

/// Every type by its name, as OpenAPI 3.1 describes calls to others.
pub(super) fn webhooks() -> Value {
    let all: Map<String, Value> =
        KINDS.iter().map(|kind| (kind.name.to_owned(), json!({ "post": call(kind) }))).collect();
    Value::Object(all)
}

fn call(kind: &EventKind) -> Value {
    let body = json!({
        "type": "object",
        "required": ["event", "data"],
        "properties": { "event": { "const": kind.name }, "data": schema(kind) },
    });
    let id = kind.name.replace('.', "_");
    json!({
        "operationId": format!("on_{id}"),
        "summary": kind.name,
        "description": format!("Sent when {}.", kind.when),
        "tags": ["events"],
        "requestBody": {
            "required": true, "content": { "application/json": { "schema": body } },
        },
        "responses": { "2XX": { "description": "Received." } },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_has_a_schema_that_can_be_checked() {
        let all = webhooks();
        assert_eq!(all.as_object().unwrap().len(), KINDS.len());
        for kind in KINDS {
            let body = &all[kind.name]["post"]["requestBody"]["content"]["application/json"];
            let checker = jsonschema::draft202012::new(&body["schema"]).unwrap();
            assert!(!checker.is_valid(&json!({ "event": kind.name, "data": { "x": 1 } })));
        }
    }
}
