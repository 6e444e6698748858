//! Commands about webhooks: load, decide, commit, tell.

pub(super) mod redeliver;

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use zelador_store::id::{TenantId, WebhookId};
use zelador_store::sealed::Sealed;
use zelador_store::webhook::{Previous, Webhook, WebhookHealth, WebhookHealths, Webhooks};
use zelador_store::{Stored, Timestamp, Write};

use super::consumer::webhooks_of;
use super::courier::earlier;
use super::desk::WebhookDesk;
use super::jobs;
use super::messages::{
    Delete, Make, NewSecret, Revise, Rotate, SecretChange, WebhookDraft, WebhookRecord, Which,
};
use super::queries::{self, health_of};
use super::rules::{filter, sign, turn, url};
use super::settings::WebhookSettings;
use super::{sealed_for, tell};
use crate::engine::{Shell, Tries};
use crate::error::{During, Error, Flaw, Refusal};
use crate::tenants;

/// How long a secret that was replaced signs as well.
const OVERLAP: Duration = Duration::from_secs(24 * 3600);

/// Makes a webhook.
pub(super) async fn make(desk: &WebhookDesk, command: Make) -> Result<WebhookRecord, Error> {
    let Make { tenant, draft, secret, by, keep } = command;
    let (shell, settings) = (&desk.shell, desk.settings());
    let given = match &secret {
        NewSecret::Given(text) => Some(text),
        _ => None,
    };
    check(&draft, given, &settings)?;
    let _one = desk.making.lock().await;
    let mut tries = Tries::of("making a webhook");
    loop {
        let owner = tenants::load(shell, tenant).await?;
        room_for_one(shell, tenant, &settings).await?;
        let (id, now): (WebhookId, _) = (shell.id(), shell.now());
        let made = matches!(secret, NewSecret::Made).then(|| sign::secret_of(shell.dice.secret()));
        let row = new_row(tenant, &draft, sealed(desk, id, given.or(made.as_ref())), now);
        let mut write = Write::new();
        write.expect(&owner);
        write.insert::<Webhooks>(&id, &row);
        tell::changed(shell, &mut write, &by, id, (None, Some(&row)));
        let health = WebhookHealth::default();
        let record = WebhookRecord { id, webhook: row, health, made };
        if let Some(keep) = &keep {
            keep.stage(&mut write, &record);
        }
        match shell.store.commit(write).await {
            Ok(_) => {
                tracing::info!(webhook_id = %id, tenant_id = %tenant, %by, "webhook made");
                return Ok(record);
            }
            Err(error) => tries.again(error)?,
        }
    }
}

fn new_row(
    tenant: TenantId,
    draft: &WebhookDraft,
    secret: Option<Sealed>,
    now: Timestamp,
) -> Webhook {
    Webhook {
        tenant,
        url: draft.url.clone(),
        events: draft.events.clone(),
        secret,
        previous: None,
        is_active: draft.is_active,
        disabled: None,
        replay_from: None,
        active_since: now,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

async fn room_for_one(
    shell: &Shell,
    tenant: TenantId,
    settings: &WebhookSettings,
) -> Result<(), Error> {
    let count = webhooks_of(shell, tenant).await.during("counting webhooks")?.len();
    if count < settings.per_tenant as usize {
        return Ok(());
    }
    let args = vec![("limit", settings.per_tenant.to_string())];
    let details = serde_json::json!({ "limit": settings.per_tenant });
    Err(Refusal::Conflict { code: "too_many_webhooks", args, details }.into())
}

/// All that is wrong with what a webhook shall be.
fn check(
    draft: &WebhookDraft,
    secret: Option<&SecretString>,
    settings: &WebhookSettings,
) -> Result<(), Refusal> {
    let mut flaws = Vec::new();
    flaws.extend(url::check(&draft.url, settings).err());
    for (at, event) in draft.events.iter().enumerate().filter(|(_, one)| !filter::is_known(one)) {
        flaws.push(Flaw::new(format!("events[{at}]"), "webhook_event").with("event", event));
    }
    if secret.is_some_and(|secret| !sign::is_secret(secret.expose_secret())) {
        flaws.push(Flaw::new("secret", "webhook_secret"));
    }
    if flaws.is_empty() { Ok(()) } else { Err(Refusal::Invalid(flaws)) }
}

fn sealed(desk: &WebhookDesk, id: WebhookId, secret: Option<&SecretString>) -> Option<Sealed> {
    secret.map(|secret| desk.seal.seal(&sealed_for(id), secret))
}

/// Makes a webhook what a draft says.
pub(super) async fn revise(desk: &WebhookDesk, command: Revise) -> Result<WebhookRecord, Error> {
    let Revise { which, draft, secret, if_version, by } = command;
    let (shell, settings) = (&desk.shell, desk.settings());
    let given = match &secret {
        SecretChange::Replace(text) => Some(text),
        _ => None,
    };
    check(&draft, given, &settings)?;
    let mut tries = Tries::of("revising a webhook");
    loop {
        let found = queries::load(shell, which).await?;
        tenants::rules::expect_version(found.row.version, if_version)?;
        let health = health_of(shell, which.id).await?;
        let mut row = revised(shell, &found.row, &draft, health.as_ref()).await?;
        match &secret {
            SecretChange::Keep => {}
            SecretChange::Remove => (row.secret, row.previous) = (None, None),
            SecretChange::Replace(text) => {
                (row.secret, row.previous) = (sealed(desk, which.id, Some(text)), None);
            }
        }
        let mut record = record(which, row, health.as_ref());
        if record.webhook == found.row {
            return Ok(record);
        }
        record.webhook.version += 1;
        record.webhook.updated_at = shell.now();
        let mut write = Write::new();
        write.update::<Webhooks>(&found, &record.webhook);
        if record.webhook.is_active && !found.row.is_active {
            forgive(&mut write, health.as_ref(), &mut record);
        }
        let rows = (Some(&found.row), Some(&record.webhook));
        tell::changed(shell, &mut write, &by, which.id, rows);
        match shell.store.commit(write).await {
            Ok(_) => {
                desk.courier.reset(which.id);
                return Ok(record);
            }
            Err(error) => tries.again(error)?,
        }
    }
}

fn record(
    which: Which,
    webhook: Webhook,
    health: Option<&Stored<WebhookHealths>>,
) -> WebhookRecord {
    let health = health.map(|found| found.row.clone()).unwrap_or_default();
    WebhookRecord { id: which.id, webhook, health, made: None }
}

/// The row as the draft has it; one that is switched off notes what it misses.
async fn revised(
    shell: &Shell,
    before: &Webhook,
    draft: &WebhookDraft,
    health: Option<&Stored<WebhookHealths>>,
) -> Result<Webhook, Error> {
    let mut row = Webhook {
        url: draft.url.clone(),
        events: draft.events.clone(),
        is_active: draft.is_active,
        ..before.clone()
    };
    if before.is_active && !row.is_active {
        let known = health.and_then(|found| turn::replay_from(&found.row));
        let next = queries::tip(shell).await?.saturating_add(1);
        row.replay_from = earlier(row.replay_from, known.or(Some(next)));
    }
    if !before.is_active && row.is_active {
        (row.disabled, row.active_since) = (None, shell.now());
    }
    Ok(row)
}

/// One that is switched on again begins anew: five days are counted from now.
fn forgive(write: &mut Write, health: Option<&Stored<WebhookHealths>>, record: &mut WebhookRecord) {
    let Some(found) = health else { return };
    record.health = WebhookHealth { failing_since: None, last_error: None, ..found.row.clone() };
    if record.health != found.row {
        write.update::<WebhookHealths>(found, &record.health);
    }
}

/// Deletes a webhook.
pub(super) async fn delete(desk: &WebhookDesk, command: Delete) -> Result<(), Error> {
    let Delete { which, if_version, by } = command;
    let shell = &desk.shell;
    let mut tries = Tries::of("deleting a webhook");
    loop {
        let found = queries::load(shell, which).await?;
        tenants::rules::expect_version(found.row.version, if_version)?;
        let mut write = Write::new();
        write.remove::<Webhooks>(&found);
        if let Some(health) = health_of(shell, which.id).await? {
            write.remove::<WebhookHealths>(&health);
        }
        write.enqueue(shell.id(), &jobs::clear(which).build(shell.now()));
        tell::changed(shell, &mut write, &by, which.id, (Some(&found.row), None));
        match shell.store.commit(write).await {
            Ok(_) => {
                tracing::info!(webhook_id = %which.id, tenant_id = %which.tenant, %by, "webhook deleted");
                return Ok(());
            }
            Err(error) => tries.again(error)?,
        }
    }
}

/// Replaces a secret, with an overlap.
pub(super) async fn rotate(desk: &WebhookDesk, command: Rotate) -> Result<WebhookRecord, Error> {
    let Rotate { which, secret, by, keep } = command;
    let shell = &desk.shell;
    if secret.as_ref().is_some_and(|secret| !sign::is_secret(secret.expose_secret())) {
        return Err(Refusal::field("secret", "webhook_secret").into());
    }
    let mut tries = Tries::of("rotating a secret");
    loop {
        let found = queries::load(shell, which).await?;
        let now = shell.now();
        let made = secret.is_none().then(|| sign::secret_of(shell.dice.secret()));
        let previous = found.row.secret.clone();
        let previous = previous.map(|secret| Previous { secret, until: now + OVERLAP });
        let row = Webhook {
            secret: sealed(desk, which.id, secret.as_ref().or(made.as_ref())),
            previous,
            version: found.row.version + 1,
            updated_at: now,
            ..found.row.clone()
        };
        let mut write = Write::new();
        write.update::<Webhooks>(&found, &row);
        tell::changed(shell, &mut write, &by, which.id, (Some(&found.row), Some(&row)));
        let health = health_of(shell, which.id).await?;
        let record = WebhookRecord { made, ..record(which, row, health.as_ref()) };
        if let Some(keep) = &keep {
            keep.stage(&mut write, &record);
        }
        match shell.store.commit(write).await {
            Ok(_) => return Ok(record),
            Err(error) => tries.again(error)?,
        }
    }
}
