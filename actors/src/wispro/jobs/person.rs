//! A client as a user: what the sync writes of a person, and nothing else.

use serde_json::{Value, json};
use zelador_store::Stored;
use zelador_store::Write;
use zelador_store::author::Author;
use zelador_store::id::{TenantId, UserId};
use zelador_store::session::{Credential, Credentials, IdNumberLogin};
use zelador_store::user::{
    Permissions, Status, StatusChange, StatusHistory, User, UserType, Users,
};
use zelador_store::wispro::{SandboxUsers, StagedClients};

use crate::engine::Shell;
use crate::engine::audit::{Deed, note};
use crate::engine::notifications::Inviter;
use crate::facts::about_user;
use crate::id_number::{IdNumber, Letter};
use crate::wispro::settings::InitialPassword;

/// How a client becomes a user.
pub(super) struct Made<'a> {
    pub(super) tenant: TenantId,
    pub(super) sandbox: bool,
    /// Whether with the client's address.
    pub(super) email: bool,
    pub(super) initial: InitialPassword,
    pub(super) inviter: &'a Inviter,
    pub(super) by: &'a Author,
}

/// Stages a new user with its history, its credential, its event and its audit.
pub(super) fn create(
    shell: &Shell,
    staged: &Stored<StagedClients>,
    made: &Made<'_>,
) -> (Write, UserId) {
    let (id, now): (UserId, _) = (shell.id(), shell.now());
    let user = user(staged, made, now);
    let mut write = Write::new();
    write.insert::<Users>(&id, &user);
    if made.initial == InitialPassword::IdNumber {
        // No password is derived: the login compares with the record itself.
        let login = Credential {
            must_change: true,
            id_number: IdNumberLogin::Once,
            ..Credential::default()
        };
        write.insert::<Credentials>(&id, &login);
    }
    // Of the sandbox's people nobody is written to.
    if made.initial == InitialPassword::Invite && !made.sandbox {
        made.inviter.stage(shell, &mut write, (id, made.tenant), None, made.by);
    }
    let first = StatusChange {
        from: None,
        to: user.status,
        reason: None,
        plan: None,
        leave: None,
        by: Some(made.by.clone()),
        noted_at: now,
    };
    write.insert::<StatusHistory>(&(id, now, 0), &first);
    if made.sandbox {
        write.insert::<SandboxUsers>(&id, &now);
    }
    let data = payload(id, &user);
    write.event(&about_user(shell, "user.created", user.tenant, id, made.by, data));
    let deed = Deed::new("user.create", id).of(user.tenant).about(id);
    note(shell, &mut write, made.by, deed.with(&synced(&user)));
    (write, id)
}

fn user(staged: &Stored<StagedClients>, made: &Made<'_>, now: zelador_store::Timestamp) -> User {
    let client = staged.row.clone();
    // A number without a letter that nobody has means V.
    let number = client.id_number.as_deref().and_then(IdNumber::parse);
    let number = number.map(|number| number.meaning(Letter::V));
    User {
        tenant: made.tenant,
        name: client.name.unwrap_or_default(),
        email: client.email.filter(|_| made.email),
        user_type: UserType::User,
        permissions: Permissions::default(),
        profile: "{}".into(),
        phone: client.phone,
        address: client.address,
        zone: client.zone,
        code: number.as_ref().map(IdNumber::bare),
        id_number: number.as_ref().map(IdNumber::canonical),
        id_wispro: Some(staged.key.1.as_str().to_owned()),
        plan_id: None,
        plan: None,
        role: 0,
        status: Status::Active,
        status_since: now,
        status_reason: None,
        status_changes: 1,
        planned: Vec::new(),
        leaves: Vec::new(),
        version: 1,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    }
}

/// Stages the change of a user with its event and its audit.
pub(super) fn change(
    shell: &Shell,
    write: &mut Write,
    found: &Stored<Users>,
    next: &User,
    by: &Author,
) {
    let (id, before) = (found.key, synced(&found.row));
    let next = User {
        version: found.row.version + 1,
        updated_at: found.row.updated_at.max(shell.now()),
        ..next.clone()
    };
    let after = synced(&next);
    let mut data = payload(id, &next);
    let changed = crate::tenants::rules::changed_members(&before, &after);
    if let Some(data) = data.as_object_mut() {
        data.insert("changed".into(), json!(changed));
    }
    write.update::<Users>(found, &next);
    write.event(&about_user(shell, "user.updated", next.tenant, id, by, data));
    let deed = Deed::new("user.update", id).of(next.tenant).about(id);
    note(shell, write, by, deed.change(&before, &after));
}

/// As `user.created` and `user.updated` have it: no personal data.
fn payload(id: UserId, user: &User) -> Value {
    json!({
        "user_id": id, "tenant_id": user.tenant, "user_type": user.user_type,
        "status": user.status, "version": user.version,
    })
}

/// What the sync may write of a user, as the audit compares it.
fn synced(user: &User) -> Value {
    json!({
        "name": user.name, "email": user.email, "phone": user.phone, "address": user.address,
        "zone": user.zone, "code": user.code, "id_number": user.id_number,
        "id_wispro": user.id_wispro, "status": user.status,
    })
}
