//! Commands about instances.

use serde_json::{Value, json};
use zelador_store::id::InstanceId;
use zelador_store::kv::Clash;
use zelador_store::nextcloud::{
    ApiWay, Health, Instance, InstanceStatus, Instances, InstancesByName, Method, Occupancy,
    Secret, SshWay,
};
use zelador_store::tenant::Tenants;
use zelador_store::{Error as StoreError, Lookup as _, Stored, Write};

use super::super::http::{HttpPort, HttpTarget, Trust};
use super::super::jobs::wake;
use super::super::lines::sealed_for;
use super::super::messages::{
    AddInstance, InstanceDraft, InstanceRecord, NewSecret, RemoveInstance, ReviseInstance,
    SecretChange,
};
use super::super::port::Limits;
use super::super::queries;
use super::super::rules::draft;
use super::super::settings::Mode;
use super::super::ssh::HostPin;
use super::NextcloudDesk;
use crate::engine::Tries;
use crate::engine::audit::{Deed, note};
use crate::error::{During, Error, Flaw, Refusal};
use crate::tenants::rules::expect_version;

/// The most instances that a pool may have.
const MOST: usize = 500;

/// All that is wrong with a draft.
async fn check(
    desk: &NextcloudDesk,
    draft: &InstanceDraft,
    before: Option<&Instance>,
) -> Result<(), Error> {
    let mut flaws = draft::flaws(draft, before);
    let target = HttpTarget {
        base_url: draft.base_url.clone(),
        username: String::new(),
        password: String::new().into(),
        trust: Trust::Machine,
        limits: Limits::default(),
    };
    if HttpPort::new(target).is_err() {
        flaws.push(Flaw::new("base_url", "instance_url"));
    }
    let ssh = draft.ssh.as_ref().filter(|_| draft.method == Method::Ssh);
    if ssh.is_some_and(|ssh| HostPin::parse(&ssh.host_key).is_err()) {
        flaws.push(Flaw::new("ssh.host_key", "host_key"));
    }
    if let Some(ssh) = ssh
        && let SecretChange::Replace(NewSecret::Given(key)) = &ssh.private_key
    {
        let passphrase = match &ssh.passphrase {
            SecretChange::Replace(NewSecret::Given(text)) => Some(text),
            _ => None,
        };
        let given = !matches!(ssh.passphrase, SecretChange::Replace(_)) || passphrase.is_some();
        let known =
            before.and_then(|row| row.ssh.as_ref()).is_some_and(|ssh| ssh.passphrase.is_some());
        // One whose passphrase lies elsewhere is tried when it is used.
        if given && !known && super::super::ssh::is_key(key, passphrase).is_err() {
            flaws.push(Flaw::new("ssh.private_key", "private_key"));
        }
    }
    for (at, tenant) in draft.tenants.iter().enumerate() {
        let found = desk.shell.store.get::<Tenants>(tenant).await.during("reading a tenant")?;
        if !found.is_some_and(|found| found.row.is_live()) {
            flaws.push(Flaw::new(format!("tenant_ids[{at}]"), "unknown_tenant"));
        }
    }
    if flaws.is_empty() { Ok(()) } else { Err(Refusal::Invalid(flaws).into()) }
}

/// A secret after a change.
fn secret(
    desk: &NextcloudDesk,
    id: InstanceId,
    name: &str,
    change: &SecretChange,
    before: Option<&Secret>,
) -> Option<Secret> {
    Some(match change {
        SecretChange::Keep => return before.cloned(),
        SecretChange::Remove => return None,
        SecretChange::Replace(NewSecret::Given(text)) => {
            Secret::Sealed(desk.seal.seal(&sealed_for(id, name), text))
        }
        SecretChange::Replace(NewSecret::Credential(name)) => Secret::Credential(name.clone()),
        SecretChange::Replace(NewSecret::File(path)) => Secret::File(path.clone()),
        SecretChange::Replace(NewSecret::Env(name)) => Secret::Env(name.clone()),
    })
}

fn ssh(
    desk: &NextcloudDesk,
    id: InstanceId,
    draft: &InstanceDraft,
    before: Option<&Instance>,
) -> Option<SshWay> {
    let ssh = draft.ssh.as_ref()?;
    let old = before.and_then(|row| row.ssh.as_ref());
    let of = |name, change, old: Option<&Secret>| secret(desk, id, name, change, old);
    Some(SshWay {
        host: ssh.host.clone(),
        port: ssh.port,
        user: ssh.user.clone(),
        private_key: of(
            "ssh.private_key",
            &ssh.private_key,
            old.and_then(|old| old.private_key.as_ref()),
        ),
        passphrase: of(
            "ssh.passphrase",
            &ssh.passphrase,
            old.and_then(|old| old.passphrase.as_ref()),
        ),
        password: of("ssh.password", &ssh.password, old.and_then(|old| old.password.as_ref())),
        host_key: ssh.host_key.trim().to_owned(),
        occ_path: ssh.occ_path.clone(),
        php: ssh.php.clone(),
        run_as: ssh.run_as.clone(),
    })
}

fn api(
    desk: &NextcloudDesk,
    id: InstanceId,
    draft: &InstanceDraft,
    before: Option<&Instance>,
) -> Option<ApiWay> {
    let api = draft.api.as_ref()?;
    let old = before.and_then(|row| row.api.as_ref()).map(|api| &api.password);
    let password = secret(desk, id, "api.password", &api.password, old)?;
    Some(ApiWay { username: api.username.clone(), password })
}

/// The row that a draft makes.
fn row(
    desk: &NextcloudDesk,
    id: InstanceId,
    draft: &InstanceDraft,
    before: Option<&Instance>,
    sandbox: bool,
) -> Instance {
    let now = desk.shell.now();
    Instance {
        name: draft.name.trim().to_owned(),
        base_url: draft.base_url.trim().trim_end_matches('/').to_owned(),
        method: draft.method,
        status: draft.status,
        max_users: draft.max_users,
        tenants: draft.tenants.clone(),
        ssh: ssh(desk, id, draft, before),
        api: api(desk, id, draft, before),
        health: before.map_or_else(Health::default, |row| row.health.clone()),
        breaker: before.and_then(|row| row.breaker.clone()),
        drift: before.and_then(|row| row.drift.clone()),
        sandbox: before.map_or(sandbox, |row| row.sandbox),
        version: before.map_or(1, |row| row.version),
        created_at: before.map_or(now, |row| row.created_at),
        updated_at: before.map_or(now, |row| row.updated_at),
    }
}

/// What of an instance is told to the audit; secrets are named in [`replaced`].
fn told(row: &Instance) -> Value {
    json!({
        "name": row.name, "base_url": row.base_url, "management_method": row.method,
        "status": row.status, "max_users": row.max_users, "tenant_ids": row.tenants,
        "ssh": row.ssh.as_ref().map(|ssh| json!({
            "host": ssh.host, "port": ssh.port, "user": ssh.user, "host_key": ssh.host_key,
            "occ_path": ssh.occ_path, "php": ssh.php, "run_as": ssh.run_as,
        })),
        "api": row.api.as_ref().map(|api| json!({ "username": api.username })),
    })
}

/// Secrets that are others than before, by name.
fn replaced(before: Option<&Instance>, after: &Instance) -> Vec<&'static str> {
    type Of = fn(&Instance) -> Option<&Secret>;
    let all: [(&'static str, Of); 4] = [
        ("api.password", |row| row.api.as_ref().map(|api| &api.password)),
        ("ssh.private_key", |row| row.ssh.as_ref()?.private_key.as_ref()),
        ("ssh.passphrase", |row| row.ssh.as_ref()?.passphrase.as_ref()),
        ("ssh.password", |row| row.ssh.as_ref()?.password.as_ref()),
    ];
    let differs = |(_, of): &(&str, Of)| before.and_then(of) != of(after);
    all.into_iter().filter(differs).map(|(name, _)| name).collect()
}

fn entry(
    action: &'static str,
    id: InstanceId,
    before: Option<&Instance>,
    after: &Instance,
) -> Deed {
    let old = before.map_or(Value::Null, told);
    let deed = Deed::new(action, id).change(&old, &told(after));
    replaced(before, after).into_iter().fold(deed, Deed::unsaid)
}

/// A name that another instance has is the caller's to mend.
fn free_name(error: StoreError) -> Result<StoreError, Refusal> {
    match error {
        StoreError::Conflict(Clash::Taken(index)) if index == InstancesByName::NAME => {
            Err(Refusal::conflict("instance_name_taken"))
        }
        other => Ok(other),
    }
}

pub(super) async fn add(
    desk: &NextcloudDesk,
    command: AddInstance,
) -> Result<InstanceRecord, Error> {
    let AddInstance { draft, sandbox, by, keep } = command;
    if desk.settings().mode == Mode::Off {
        return Err(Refusal::conflict("concern_off").into());
    }
    check(desk, &draft, None).await?;
    let shell = &desk.shell;
    let mut tries = Tries::of("registering an instance");
    loop {
        let all = queries::instances(shell, None, MOST).await?;
        if all.rows.len() >= MOST {
            return Err(Refusal::conflict("too_many_instances").into());
        }
        let id: InstanceId = shell.id();
        let row = row(desk, id, &draft, None, sandbox);
        let mut write = Write::new();
        write.insert::<Instances>(&id, &row);
        note(shell, &mut write, &by, entry("instance.create", id, None, &row));
        let taken = zelador_store::nextcloud::Taken::default();
        let record = InstanceRecord { id, instance: row, taken };
        if let Some(keep) = &keep {
            keep.stage(&mut write, &record);
        }
        match shell.store.commit(write).await {
            Ok(_) => {
                tracing::info!(instance_id = %id, instance = record.instance.name, %by,
                    "nextcloud instance registered");
                // Who waited because there was none.
                wake(shell).await?;
                return Ok(record);
            }
            Err(error) => tries.again(free_name(error)?)?,
        }
    }
}

async fn found(desk: &NextcloudDesk, id: InstanceId) -> Result<Stored<Instances>, Error> {
    let found = desk.shell.store.get::<Instances>(&id).await.during("reading an instance")?;
    found.ok_or_else(|| Refusal::Absent { what: "instance" }.into())
}

pub(super) async fn revise(
    desk: &NextcloudDesk,
    command: ReviseInstance,
) -> Result<InstanceRecord, Error> {
    let ReviseInstance { id, draft, if_version, by } = command;
    let shell = &desk.shell;
    let mut tries = Tries::of("revising an instance");
    loop {
        let before = found(desk, id).await?;
        expect_version(before.row.version, if_version)?;
        check(desk, &draft, Some(&before.row)).await?;
        let mut next = row(desk, id, &draft, Some(&before.row), false);
        if next == before.row {
            return queries::instance(shell, id).await;
        }
        next.version += 1;
        next.updated_at = shell.now();
        renewed(&before.row, &mut next);
        let mut write = Write::new();
        write.update::<Instances>(&before, &next);
        note(shell, &mut write, &by, entry("instance.update", id, Some(&before.row), &next));
        match shell.store.commit(write).await {
            Ok(_) => {
                tracing::info!(instance_id = %id, instance = next.name, %by,
                    "nextcloud instance changed");
                wake(shell).await?;
                return queries::instance(shell, id).await;
            }
            Err(error) => tries.again(free_name(error)?)?,
        }
    }
}

/// Whatever was wrong with the way there may be mended: it is tried again.
fn renewed(before: &Instance, next: &mut Instance) {
    let way = |row: &Instance| (row.base_url.clone(), row.method, row.ssh.clone(), row.api.clone());
    let back = before.status != InstanceStatus::Active && next.status == InstanceStatus::Active;
    if way(before) != way(next) || back {
        next.breaker = None;
        next.health = Health {
            healthy: None,
            checked_at: None,
            failures: 0,
            error: None,
            maintenance: false,
            ..next.health.clone()
        };
    }
}

pub(super) async fn remove(desk: &NextcloudDesk, command: RemoveInstance) -> Result<(), Error> {
    let RemoveInstance { id, if_version, by } = command;
    let shell = &desk.shell;
    let mut tries = Tries::of("forgetting an instance");
    loop {
        let before = found(desk, id).await?;
        expect_version(before.row.version, if_version)?;
        let taken = shell.store.get::<Occupancy>(&id).await.during("reading the occupancy")?;
        let places = taken.as_ref().map_or(0, |taken| taken.row.places);
        if places > 0 {
            let args = vec![("count", places.to_string())];
            let details = json!({ "current_users": places });
            return Err(Refusal::Conflict { code: "instance_in_use", args, details }.into());
        }
        let mut write = Write::new();
        write.remove::<Instances>(&before);
        match &taken {
            Some(taken) => {
                write.remove::<Occupancy>(taken);
            }
            None => {
                write.expect_absent::<Occupancy>(&id);
            }
        }
        let deed = Deed::new("instance.delete", id).change(&told(&before.row), &Value::Null);
        note(shell, &mut write, &by, deed);
        match shell.store.commit(write).await {
            Ok(_) => {
                tracing::info!(instance_id = %id, instance = before.row.name, %by,
                    "nextcloud instance forgotten");
                return Ok(());
            }
            Err(error) => tries.again(error)?,
        }
    }
}
