//! `openapi.json`: OpenAPI 3.1, made from the table of routes.
//!
//! Built as plain JSON: the schemas in it are the very values that were compiled to
//! check requests, and a detour over a typed document would lose parts of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock, Weak};

use serde_json::{Map, Value, json};
use warp::http::{Method, StatusCode};

use super::auth::Need;
use super::event_types;
use super::page::{DEFAULT_LIMIT, MAX_LIMIT};
use super::route::{Compiled, Takes};
use super::schema::Components;
use super::table::Table;

/// The documents. Each is written when it is first asked for, and kept: few daemons
/// are ever asked, and all of them together leave several MiB behind.
#[derive(Clone, Default)]
pub(super) struct Documents(Arc<OnceLock<Described>>);

/// What is described, and what has been written of it.
struct Described {
    /// The table owns the routes that show the documents, so they may not own it.
    table: Weak<Table>,
    whole: OnceLock<String>,
    parts: BTreeMap<&'static str, OnceLock<String>>,
}

impl Documents {
    /// Describes these routes from now on.
    pub(crate) fn describe(&self, table: &Arc<Table>) {
        let parts = shown(table).map(|route| (route.spec.part, OnceLock::new())).collect();
        let table = Arc::downgrade(table);
        // A second call would describe the same routes.
        let _ = self.0.set(Described { table, whole: OnceLock::new(), parts });
    }

    /// All of it.
    pub(super) fn whole(&self) -> &str {
        self.0.get().map_or("", |described| described.whole.get_or_init(|| described.write(None)))
    }

    /// One part's.
    pub(super) fn part(&self, name: &str) -> Option<&str> {
        let described = self.0.get()?;
        let written = described.parts.get(name)?;
        Some(written.get_or_init(|| described.write(Some(name))))
    }

    /// Whether there is such a part.
    pub(super) fn has_part(&self, name: &str) -> bool {
        self.0.get().is_some_and(|described| described.parts.contains_key(name))
    }
}

impl Described {
    fn write(&self, part: Option<&str>) -> String {
        // It is there as long as anybody can ask.
        let Some(table) = self.table.upgrade() else { return String::new() };
        let chosen = shown(&table).filter(|route| part.is_none_or(|part| route.spec.part == part));
        let mut document = document(chosen, &table.components);
        if part.is_none_or(|part| part == "events")
            && let Some(document) = document.as_object_mut()
        {
            document.insert("webhooks".to_owned(), event_types::webhooks());
        }
        document.to_string()
    }
}

fn shown(table: &Table) -> impl Iterator<Item = &Compiled> {
    table.routes.iter().map(Arc::as_ref).filter(|route| !route.spec.hidden)
}

fn document<'a>(routes: impl Iterator<Item = &'a Compiled>, components: &Components) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in routes {
        let path = paths.entry(route.spec.path).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            let method = route.spec.method.as_str().to_ascii_lowercase();
            path.insert(method, operation(route, components));
        }
    }
    let mut schemas = components.to_value();
    if let Some(schemas) = schemas.as_object_mut() {
        schemas.insert("Problem".to_owned(), problem_schema());
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "zelador",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Every path also answers with `/api` before it and a slash after it.",
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer" },
                "api_key": { "type": "apiKey", "in": "header", "name": "X-API-Key" },
            },
        },
    })
}

fn operation(route: &Compiled, components: &Components) -> Value {
    let spec = &route.spec;
    let mut operation = json!({
        "operationId": operation_id(&spec.method, spec.path),
        "summary": spec.summary,
        "description": need(spec.need),
        "tags": [spec.part],
        "parameters": parameters(route, components),
        "responses": responses(route),
        "security": security(spec.need),
    });
    if !matches!(spec.takes, Takes::Nothing)
        && let Some(operation) = operation.as_object_mut()
    {
        let mut content = json!({ "schema": route.body_schema });
        if let (Some(example), Some(content)) = (&spec.example, content.as_object_mut()) {
            content.insert("example".to_owned(), example.clone());
        }
        let required = matches!(spec.takes, Takes::Whole(_));
        let body = json!({ "required": required, "content": { "application/json": content } });
        operation.insert("requestBody".to_owned(), body);
    }
    operation
}

/// `GET /users/{id}/status` is `get_users_by_id_status`.
fn operation_id(method: &Method, path: &str) -> String {
    let mut id = method.as_str().to_ascii_lowercase();
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        let name = segment.strip_prefix('{').and_then(|name| name.strip_suffix('}'));
        id.push('_');
        id.push_str(&name.map_or_else(|| segment.to_owned(), |name| format!("by_{name}")));
    }
    id.replace(['-', '.', '*'], "_")
}

/// What a caller must hold, as OpenAPI 3.1 lists roles.
fn security(need: Need) -> Value {
    let role = match need {
        Need::Open => return json!([]),
        // Nothing, on this machine.
        Need::Local => return json!([{}, { "bearer": ["operator"] }, { "api_key": ["operator"] }]),
        Need::Operator => "operator",
        Need::Scope(scope) | Need::Global(scope) | Need::Own(scope) | Need::Member(scope) => scope,
        Need::SignedIn => "person",
    };
    json!([{ "bearer": [role] }, { "api_key": [role] }])
}

fn need(need: Need) -> String {
    match need {
        Need::Open => "Open to all.".to_owned(),
        Need::Local => "From this machine, or with the operator's token.".to_owned(),
        Need::Operator => "With the operator's token.".to_owned(),
        Need::Scope(scope) => format!("With the scope `{scope}`."),
        Need::Own(scope) => format!("With the scope `{scope}`, or about oneself."),
        Need::Member(scope) => format!("With the scope `{scope}`, or as a person of the tenant."),
        Need::SignedIn => "By a person who has signed in.".to_owned(),
        Need::Global(scope) => {
            format!("With the scope `{scope}`, of a token that is not bound to a tenant.")
        }
    }
}

fn parameters(route: &Compiled, components: &Components) -> Vec<Value> {
    let spec = &route.spec;
    let mut all: Vec<Value> = path_names(spec.path).map(path_parameter).collect();
    if let Some(shape) = &spec.query {
        all.extend(query_parameters(components.resolve(&shape.schema)));
    }
    if spec.list {
        all.push(json!({
            "name": "limit", "in": "query", "required": false,
            "schema": { "type": "integer", "minimum": 1, "maximum": MAX_LIMIT,
                        "default": DEFAULT_LIMIT },
        }));
        all.push(json!({
            "name": "cursor", "in": "query", "required": false, "schema": { "type": "string" },
            "description": "From the `Link` of the page before.",
        }));
    }
    if spec.method == Method::POST && !spec.secret {
        all.push(header("Idempotency-Key", "The same key and body within 24 h: the same answer."));
    }
    if matches!(spec.takes, Takes::Change(_)) || spec.method == Method::DELETE {
        all.push(header("If-Match", "Only if the record still has this `ETag`."));
    }
    all
}

fn path_names(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

fn path_parameter(name: &str) -> Value {
    let is_id = name == "id" || name.ends_with("_id");
    let schema = if is_id {
        json!({ "type": "string", "format": "uuid" })
    } else {
        json!({ "type": "string" })
    };
    json!({ "name": name, "in": "path", "required": true, "schema": schema })
}

fn query_parameters(schema: &Value) -> Vec<Value> {
    let required = schema.get("required").and_then(Value::as_array);
    let properties = schema.get("properties").and_then(Value::as_object);
    let one = |(name, property): (&String, &Value)| {
        let needed = required.is_some_and(|names| names.iter().any(|needed| needed == name));
        let mut parameter = json!({
            "name": name, "in": "query", "required": needed, "schema": property,
        });
        // Lists are one value, separated by commas.
        if let Some(parameter) = parameter.as_object_mut() {
            parameter.insert("explode".to_owned(), Value::Bool(false));
            if let Some(text) = property.get("description") {
                parameter.insert("description".to_owned(), text.clone());
            }
        }
        parameter
    };
    properties.into_iter().flatten().map(one).collect()
}

fn header(name: &str, description: &str) -> Value {
    json!({
        "name": name, "in": "header", "required": false, "description": description,
        "schema": { "type": "string" },
    })
}

fn responses(route: &Compiled) -> Value {
    let spec = &route.spec;
    let mut all: Map<String, Value> = Map::new();
    let answered = spec.answers.as_ref().map(|shape| &shape.schema);
    let mut success = json_answer(spec.summary, answered);
    if spec.streams {
        let content = json!({ "text/event-stream": { "schema": { "type": "string" } } });
        success = json!({ "description": spec.summary, "content": content });
    }
    if let Some(tried) = &spec.tried {
        let text = "With `dry_run=true`: what would happen. Nothing is changed.";
        if spec.status == StatusCode::OK {
            let text = format!("{}. {text}", spec.summary);
            success = json_answer(&text, Some(&perhaps_tried(&tried.schema)));
        } else {
            all.insert("200".to_owned(), json_answer(text, Some(&tried.schema)));
        }
    }
    all.insert(spec.status.as_u16().to_string(), success);
    for (status, codes) in refusals(route) {
        let codes: Vec<String> = codes.into_iter().map(|code| format!("`{code}`")).collect();
        all.insert(
            status.to_string(),
            json!({
                "description": codes.join(", "),
                "content": { "application/problem+json": {
                    "schema": { "$ref": "#/components/schemas/Problem" },
                } },
            }),
        );
    }
    Value::Object(all)
}

fn json_answer(text: &str, schema: Option<&Value>) -> Value {
    match schema {
        Some(schema) => json!({
            "description": text, "content": { "application/json": { "schema": schema } },
        }),
        None => json!({ "description": text }),
    }
}

/// The schema of an answer that holds what a trial adds to it, or does not.
fn perhaps_tried(tried: &Value) -> Value {
    let mut schema = tried.clone();
    let parts = schema.get_mut("allOf").and_then(Value::as_array_mut);
    for part in parts.into_iter().flatten().filter_map(Value::as_object_mut) {
        // The record's own is behind a reference.
        part.remove("required");
    }
    schema
}

/// Every code that the route can refuse with, by status: its own, and those that
/// follow from what it is.
pub(crate) fn refusals(route: &Compiled) -> BTreeMap<u16, BTreeSet<&'static str>> {
    let spec = &route.spec;
    let mut all: BTreeMap<u16, BTreeSet<&'static str>> = BTreeMap::new();
    let mut add = |status: u16, codes: &[&'static str]| {
        all.entry(status).or_default().extend(codes);
    };
    add(400, &["bad_host", "ambiguous_header"]);
    if !matches!(spec.need, Need::Open) {
        add(401, &["token_required", "bad_token"]);
        add(403, &["forbidden"]);
        add(429, &["too_many_requests"]);
    }
    if path_names(spec.path).next().is_some() {
        add(404, &["not_found"]);
    }
    add(422, &["validation_failed"]);
    if route.reads_body() {
        add(400, &["malformed_json", "json_too_deep", "repeated_key"]);
        add(413, &["body_too_large"]);
        add(415, &["not_json"]);
    }
    if spec.method == Method::POST && !spec.secret {
        add(400, &["bad_idempotency_key"]);
        add(409, &["request_in_flight"]);
        add(422, &["idempotency_key_reused"]);
    }
    if matches!(spec.takes, Takes::Change(_)) || spec.method == Method::DELETE {
        add(412, &["stale_version"]);
    }
    for (status, code) in &spec.errors {
        add(*status, &[code]);
    }
    all
}

fn problem_schema() -> Value {
    json!({
        "type": "object",
        "description": "RFC 9457, and the members that older clients read.",
        "required": ["type", "title", "status", "detail", "success", "error", "message", "trace_id"],
        "properties": {
            "type": { "type": "string", "format": "uri" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "detail": { "type": "string" },
            "success": { "const": false },
            "error": { "type": "string", "description": "The stable code." },
            "message": { "type": "string", "description": "The same as `detail`." },
            "trace_id": { "type": "string" },
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["field", "code", "message"],
                    "properties": {
                        "field": { "type": "string" },
                        "code": { "type": "string" },
                        "message": { "type": "string" },
                    },
                },
            },
        },
        "example": {
            "type": "urn:zelador:problem:not_found", "title": "Not found", "status": 404,
            "detail": "The user was not found.", "success": false, "error": "not_found",
            "message": "The user was not found.", "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        },
    })
}
