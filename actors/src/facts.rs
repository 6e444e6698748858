//! Events as the concerns write them.

use serde_json::{Value, json};
use zelador_store::author::Author;
use zelador_store::event::Event;
use zelador_store::id::{TenantId, UserId};

use crate::engine::Shell;

/// An event about a tenant, initiated by `by`.
pub fn about_tenant(
    shell: &Shell,
    kind: &str,
    tenant: TenantId,
    by: &Author,
    data: Value,
) -> Event {
    Event {
        id: shell.id(),
        kind: kind.to_owned(),
        tenant: Some(tenant),
        user: None,
        key: format!("tenant:{tenant}"),
        at: shell.now(),
        data: initiated(data, by).to_string(),
    }
}

/// An event about a user, initiated by `by`; the user's timeline shows it.
pub fn about_user(
    shell: &Shell,
    kind: &str,
    tenant: TenantId,
    user: UserId,
    by: &Author,
    data: Value,
) -> Event {
    let event = about_tenant(shell, kind, tenant, by, data);
    Event { user: Some(user), key: format!("user:{user}"), ..event }
}

/// The payload with who had it done.
fn initiated(mut data: Value, by: &Author) -> Value {
    if let Some(members) = data.as_object_mut() {
        members.insert("initiated_by".into(), author(by));
        if let Some(request) = &by.request {
            members.insert("request_id".into(), json!(request));
        }
    }
    data
}

/// An author as payloads and answers show one.
pub fn author(by: &Author) -> Value {
    json!({ "kind": by.kind, "id": by.id })
}
