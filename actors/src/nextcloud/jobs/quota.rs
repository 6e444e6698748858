//! `nextcloud.set_quota`: makes an account's quota what the plan grants. It takes no
//! input: what is wanted is looked up when it runs.

use async_trait::async_trait;
use serde::Deserialize;
use zelador_store::id::{TenantId, UserId};
use zelador_store::job::JobsByUnique;
use zelador_store::kv::Term;
use zelador_store::nextcloud::{Account, AccountState, Accounts, AccountsByState};
use zelador_store::{Query, Write};

use super::super::rules::profile::{plan, quota};
use super::super::rules::{Class, Edit, Quota};
use super::create::person;
use super::site::{Site, site_of, troubled};
use super::{Tools, quota_text, set_quota};
use crate::engine::jobs::{Failure, Handler, JobCx};

/// Accounts put in line in one commit.
const PAGE: usize = 200;

/// Whose quota.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Whose {
    User { user_id: UserId },
    Tenant { tenant_id: TenantId },
}

/// A job for each account of a tenant that stands.
async fn all(cx: &JobCx, tenant: TenantId) -> Result<Write, Failure> {
    let store = &cx.shell.store;
    for state in [AccountState::Active, AccountState::Disabled] {
        let mut after = None;
        loop {
            let query = Query::under_key(&(state.code(), tenant)).after(after).limit(PAGE);
            let page = store.page_by::<AccountsByState>(&query).await?;
            let mut write = Write::new();
            for found in &page.rows {
                let job = set_quota(tenant, found.key);
                let key = Term::new(job.unique.as_deref().unwrap_or_default());
                if store.find::<JobsByUnique>(&key).await?.is_none() {
                    write.enqueue(cx.shell.id(), &job.build(cx.shell.now()));
                }
            }
            if !write.is_empty() {
                store.commit(write).await?;
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    Ok(Write::new())
}

/// Sets quotas.
pub(super) struct SetQuota(pub(super) Tools);

#[async_trait]
impl Handler for SetQuota {
    async fn run(&self, cx: JobCx) -> Result<Write, Failure> {
        let (user_id, settings) = match cx.args()? {
            Whose::Tenant { tenant_id } => return all(&cx, tenant_id).await,
            Whose::User { user_id } => (user_id, self.0.gate(&cx.shell).await?),
        };
        let Some(found) = cx.shell.store.get::<Accounts>(&user_id).await? else {
            return Ok(Write::new());
        };
        let Some((person, tenant)) = person(&cx.shell, user_id).await? else {
            return Ok(Write::new());
        };
        // One that is being made looks at the plan itself.
        let stands = matches!(found.row.state, AccountState::Active | AccountState::Disabled);
        let Some(place) = found.row.place.clone().filter(|_| stands) else {
            return Ok(Write::new());
        };
        let wanted = quota(&settings, plan(&person, &tenant)).map_err(Failure::permanent)?;
        if wanted == found.row.quota {
            return Ok(Write::new());
        }
        let (site, id) = site_of(&self.0, &cx, &place).await?;
        afford(&cx, &site)?;
        let quota = wanted.map_or(Quota::Unlimited, Quota::Limit);
        if let Err(trouble) = site.line.port.edit(&id, &Edit::Quota(quota)).await {
            if trouble.class == Class::Throttled {
                site.line.budget.lock().refused(cx.shell.now());
            }
            return Err(troubled(&self.0, &cx, site.id, &trouble).await?);
        }
        site.well(&cx.shell).await?;
        let mut write = Write::new();
        let row = Account {
            quota: wanted,
            version: found.row.version + 1,
            updated_at: cx.shell.now(),
            ..found.row.clone()
        };
        write.update::<Accounts>(&found, &row);
        tracing::info!(user = %user_id, tenant_id = %row.tenant, instance = site.instance.name,
            quota = quota_text(wanted), "nextcloud quota set");
        Ok(write)
    }
}

/// Takes one edit from the allowance, or waits until there is one.
fn afford(cx: &JobCx, site: &Site) -> Result<(), Failure> {
    if !site.line.port.has_scarce_edits() {
        return Ok(());
    }
    let (now, mut budget) = (cx.shell.now(), site.line.budget.lock());
    if budget.left(now) > 0 {
        budget.spend(1, now);
        return Ok(());
    }
    let until = Some(budget.free_at(1, now));
    let reason = format!("{} allows no more edits for now", site.instance.name);
    Err(Failure::Snooze { until, reason })
}
