//! What the audit says of users.

use serde_json::{Value, json};
use zelador_store::Write;
use zelador_store::author::Author;
use zelador_store::id::UserId;
use zelador_store::plan::PlanSort;
use zelador_store::user::User;

use super::messages::{Command, What};
use super::rules::Move;
use crate::engine::Shell;
use crate::engine::audit::{Deed, note, note_executed};

/// How a change of what somebody signs in with is named, here and in events.
pub(super) const PASSWORD: &str = "password";

/// Stages the entry of a new user.
pub(super) fn registered(shell: &Shell, write: &mut Write, by: &Author, id: UserId, user: &User) {
    note(shell, write, by, deed("user.create", id, user).with(&shown(user)));
}

/// Stages the entry of a command that changed a user.
pub(super) fn commanded(
    shell: &Shell,
    write: &mut Write,
    command: &Command,
    before: &User,
    after: &User,
) {
    let deed = deed(action(&command.what), command.id, after);
    let deed = deed.change(&shown(before), &shown(after));
    let deed = if command.credential.is_some() { deed.unsaid(PASSWORD) } else { deed };
    note(shell, write, &command.by, deed);
}

/// Stages the entry of a command that changed nothing but the password.
pub(super) fn password(shell: &Shell, write: &mut Write, command: &Command, user: &User) {
    note(shell, write, &command.by, deed("user.set_password", command.id, user));
}

/// Stages the entry of a plan that came true.
pub(super) fn carried_out(
    shell: &Shell,
    write: &mut Write,
    (planned_by, executed_by): (&Author, &Author),
    (id, user): (UserId, &User),
    change: &Move,
) {
    let before = json!({ "status": change.from });
    let after = json!({ "status": change.to, "status_reason": change.reason });
    let deed = deed("user.status_executed", id, user).change(&before, &after);
    note_executed(shell, write, planned_by, executed_by, deed);
}

fn deed(action: &'static str, id: UserId, user: &User) -> Deed {
    Deed::new(action, id).of(user.tenant).about(id)
}

const fn action(what: &What) -> &'static str {
    match what {
        What::Revise(_) => "user.update",
        What::Delete => "user.delete",
        What::SetStatus { .. } => "user.set_status",
        What::PlanBan { .. } => "user.plan_ban",
        What::PlanChange { .. } => "user.plan_status",
        What::CallOff(PlanSort::Ban) => "user.call_off_ban",
        What::CallOff(PlanSort::Change) => "user.call_off_status",
        What::Leave { .. } => "user.plan_leave",
        What::CallOffLeave(_) => "user.call_off_leave",
    }
}

/// The record as the audit compares it: its profile as the object it is.
fn shown(user: &User) -> Value {
    let mut shown = json!(user);
    if let Some(members) = shown.as_object_mut() {
        let profile = serde_json::from_str(&user.profile).unwrap_or_default();
        members.insert("profile".into(), profile);
        // They belong to the entry itself, or follow from the rest.
        members.remove("tenant");
        members.remove("status_since");
    }
    shown
}
