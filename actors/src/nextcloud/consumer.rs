//! The consumer `nextcloud`: what happens elsewhere and concerns accounts.
//!
//! | event | what follows |
//! |---|---|
//! | `user.updated`, `tenant.updated`: the plan | the quota is looked at |
//! | `user.erased` | the account is deleted, with all that it holds |

use async_trait::async_trait;
use serde_json::Value;
use zelador_store::event::Event;
use zelador_store::id::{TenantId, UserId};
use zelador_store::job::JobsByUnique;
use zelador_store::kv::Term;
use zelador_store::nextcloud::{AccountState, Accounts, AccountsByState};
use zelador_store::{Query, Write};

use super::jobs::{delete_user, set_quota, set_quotas};
use crate::engine::Shell;
use crate::engine::events::{Begin, Consume, EventCx};
use crate::engine::jobs::{Failure, NewJob};

/// Follows what concerns accounts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Follow;

#[async_trait]
impl Consume for Follow {
    fn name(&self) -> &'static str {
        "nextcloud"
    }

    fn wants(&self, event: &Event) -> bool {
        match event.kind.as_str() {
            "user.updated" | "tenant.updated" => event.data.contains("\"plan\""),
            "user.erased" => true,
            _ => false,
        }
    }

    async fn consume(&self, cx: &EventCx, _: u64, event: &Event) -> Result<Write, Failure> {
        let data: Value = serde_json::from_str(&event.data).map_err(Failure::permanent)?;
        let shell = &cx.shell;
        match (event.kind.as_str(), event.tenant, user_of(event, &data)) {
            ("tenant.updated", Some(tenant), _) => of_tenant(shell, tenant, &data).await,
            ("user.updated", Some(tenant), Some(user)) if is_plan(&data) => {
                once(shell, user, set_quota(tenant, user)).await
            }
            ("user.erased", Some(tenant), Some(user)) => {
                once(shell, user, delete_user(tenant, user)).await
            }
            _ => Ok(Write::new()),
        }
    }

    fn begins(&self) -> Begin {
        Begin::Now
    }
}

fn user_of(event: &Event, data: &Value) -> Option<UserId> {
    let named = || data.get("user_id").and_then(Value::as_str).and_then(|id| id.parse().ok());
    event.user.or_else(named)
}

/// Whether the plan is among what changed.
fn is_plan(data: &Value) -> bool {
    let changed = data.get("changed").and_then(Value::as_array);
    changed.is_some_and(|names| names.iter().any(|name| name == "plan"))
}

/// A job for an account that there is, unless it waits already.
async fn once(shell: &Shell, user: UserId, job: NewJob) -> Result<Write, Failure> {
    let mut write = Write::new();
    let known = shell.store.get::<Accounts>(&user).await?.is_some();
    let key = Term::new(job.unique.as_deref().unwrap_or_default());
    if known && shell.store.find::<JobsByUnique>(&key).await?.is_none() {
        write.enqueue(shell.id(), &job.build(shell.now()));
    }
    Ok(write)
}

/// The quotas of a tenant's users hang on its plan.
async fn of_tenant(shell: &Shell, tenant: TenantId, data: &Value) -> Result<Write, Failure> {
    let mut write = Write::new();
    if !is_plan(data) {
        return Ok(write);
    }
    for state in [AccountState::Active, AccountState::Disabled] {
        let any = Query::under_key(&(state.code(), tenant)).limit(1);
        if !shell.store.entries::<AccountsByState>(&any).await?.rows.is_empty() {
            write.enqueue(shell.id(), &set_quotas(tenant).build(shell.now()));
            break;
        }
    }
    Ok(write)
}
