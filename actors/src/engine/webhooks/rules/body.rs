//! What goes over the wire: exactly `{"event": …, "data": {…}}`.

use serde_json::{Map, Value, json};
use zelador_store::id::TenantId;

/// The body for an event: its payload, with the tenant in it. The same bytes at
/// every try. A payload that is no object is an empty one.
pub fn body(kind: &str, tenant: TenantId, payload: &str) -> String {
    let mut data: Map<String, Value> = serde_json::from_str(payload).unwrap_or_default();
    data.entry("tenant_id").or_insert_with(|| json!(tenant));
    json!({ "event": kind, "data": data }).to_string()
}
