//! What is told of webhooks: events, and entries of the audit. No URL is in an
//! event, for some hold a secret; those who may see it read the record.

use serde_json::{Value, json};
use zelador_store::Write;
use zelador_store::author::{Author, AuthorKind};
use zelador_store::event::Event;
use zelador_store::id::WebhookId;
use zelador_store::webhook::{Webhook, WebhookHealth};

use crate::engine::Shell;
use crate::engine::audit::{Deed, note};
use crate::facts::about_tenant;

/// Stages what a person did: the event, and the entry.
pub(super) fn changed(
    shell: &Shell,
    write: &mut Write,
    by: &Author,
    id: WebhookId,
    (before, after): (Option<&Webhook>, Option<&Webhook>),
) {
    let (Some(row), verb) = (after.or(before), verb(before, after)) else { return };
    let mut data = payload(id, row);
    let changed = differing(before, after);
    if verb == 1
        && let Some(members) = data.as_object_mut()
    {
        members.insert("changed".into(), json!(changed));
    }
    let pick = |words: [&'static str; 3]| words.get(verb).copied().unwrap_or_default();
    let kind = pick(["webhook.created", "webhook.updated", "webhook.deleted"]);
    let mut event = about_tenant(shell, kind, row.tenant, by, data);
    event.key = format!("webhook:{id}");
    write.event(&event);
    let action = pick(["webhook.create", "webhook.update", "webhook.delete"]);
    let side = |row: Option<&Webhook>| row.map_or(Value::Null, told);
    let mut deed = Deed::new(action, id).of(row.tenant).change(&side(before), &side(after));
    if changed.contains(&"secret") || (before.is_none() && row.secret.is_some()) {
        deed = deed.unsaid("secret");
    }
    note(shell, write, by, deed);
}

fn verb(before: Option<&Webhook>, after: Option<&Webhook>) -> usize {
    match (before, after) {
        (None, _) => 0,
        (Some(_), Some(_)) => 1,
        (Some(_), None) => 2,
    }
}

/// The names of the members that differ.
fn differing(before: Option<&Webhook>, after: Option<&Webhook>) -> Vec<&'static str> {
    let (Some(before), Some(after)) = (before, after) else { return Vec::new() };
    let members = [
        ("url", before.url != after.url),
        ("events", before.events != after.events),
        ("secret", before.secret != after.secret),
        ("is_active", before.is_active != after.is_active),
    ];
    members.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}

fn payload(id: WebhookId, row: &Webhook) -> Value {
    json!({
        "webhook_id": id, "tenant_id": row.tenant, "is_active": row.is_active,
        "version": row.version,
    })
}

fn told(row: &Webhook) -> Value {
    json!({
        "url": row.url, "events": row.events, "is_active": row.is_active,
        "has_secret": row.secret.is_some(),
    })
}

/// The event of a webhook that the daemon switched off.
pub(super) fn disabled(
    shell: &Shell,
    id: WebhookId,
    row: &Webhook,
    health: &WebhookHealth,
) -> Event {
    let why = row.disabled.as_ref().map(|disabled| disabled.why.clone());
    let data = json!({
        "webhook_id": id, "tenant_id": row.tenant, "reason": why, "since": health.failing_since,
        "last_error": health.last_error, "replay_from": row.replay_from,
    });
    let by = Author::new(AuthorKind::Job, "webhooks");
    let mut event = about_tenant(shell, "webhook.disabled", row.tenant, &by, data);
    event.key = format!("webhook:{id}");
    event
}
