//! Events as the concerns write them.

use serde::Serialize;
use serde_json::{Value, json};
use zelador_store::author::{Author, AuthorKind};
use zelador_store::event::Event;
use zelador_store::id::{TenantId, UserId};

use crate::engine::Shell;

/// An event about a tenant, initiated by `by`. `data` is an object.
pub fn about_tenant(
    shell: &Shell,
    kind: &str,
    tenant: TenantId,
    by: &Author,
    data: impl Serialize,
) -> Event {
    about(shell, kind, tenant, format!("tenant:{tenant}"), by, data)
}

/// An event in order with the others of a key, initiated by `by`.
pub fn about(
    shell: &Shell,
    kind: &str,
    tenant: TenantId,
    key: String,
    by: &Author,
    data: impl Serialize,
) -> Event {
    Event {
        id: shell.id(),
        kind: kind.to_owned(),
        tenant: Some(tenant),
        user: None,
        key,
        at: shell.now(),
        data: initiated(data, by),
    }
}

/// An event about a user, initiated by `by`; the user's timeline shows it.
pub fn about_user(
    shell: &Shell,
    kind: &str,
    tenant: TenantId,
    user: UserId,
    by: &Author,
    data: impl Serialize,
) -> Event {
    let event = about(shell, kind, tenant, format!("user:{user}"), by, data);
    Event { user: Some(user), ..event }
}

/// A payload with who had it done.
#[derive(Serialize)]
struct Told<'a, D> {
    #[serde(flatten)]
    data: D,
    initiated_by: Initiator<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

#[derive(Serialize)]
struct Initiator<'a> {
    kind: AuthorKind,
    id: &'a str,
}

fn initiated(data: impl Serialize, by: &Author) -> String {
    let initiated_by = Initiator { kind: by.kind, id: &by.id };
    let payload = Told { data, initiated_by, request_id: by.request.as_deref() };
    serde_json::to_string(&payload).unwrap_or_else(|error| {
        // Payloads have names for members and nothing that JSON does not know.
        tracing::error!(%error, "a payload could not be worded");
        "{}".to_owned()
    })
}

/// An author as payloads and answers show one.
pub fn author(by: &Author) -> Value {
    json!({ "kind": by.kind, "id": by.id })
}
