//! Lists of users.

use std::collections::HashMap;

use zelador_store::id::TenantId;
use zelador_store::nextcloud::AccountState;
use zelador_store::tenant::{Tenant, Tenants};
use zelador_store::user::{Status, User, Users};
use zelador_store::{Cursor, Error as StoreError, Page, Timestamp};

use super::source::{Beginning, Source};
use crate::engine::Shell;
use crate::error::{During, Error, Refusal};
use crate::users::messages::UserRecord;
use crate::users::rules::shown;

/// Rows looked at for one page. A page of a rare kind of user may be short, or
/// empty, and yet not be the last.
const LOOKED_AT: usize = 5000;
/// Candidates fetched at a time, at most.
const BATCH: usize = 200;

/// Which users.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this tenant; `None`: of all.
    pub tenant: Option<TenantId>,
    /// With one of these in force; empty: any.
    pub statuses: Vec<Status>,
    /// Whose name or address begins like this, whatever case and accents.
    pub beginning: Option<String>,
    /// Whose Nextcloud account is in one of these states, `None` being that there is
    /// none; empty: any.
    pub cloud: Vec<Option<AccountState>>,
}

/// A page of users as are in force now.
pub async fn list(
    shell: &Shell,
    filter: &Filter,
    after: Option<Cursor>,
    limit: usize,
) -> Result<Page<UserRecord>, Error> {
    let source = source(shell, filter).await.during("listing users")?;
    if after.as_ref().is_some_and(|place| !source.knows(place)) {
        return Err(Refusal::field("cursor", "cursor").into());
    }
    let mut walk = Walk {
        shell,
        filter,
        beginning: filter.beginning.as_deref().and_then(Beginning::of),
        now: shell.now(),
        tenants: HashMap::new(),
    };
    walk.page(&source, after, limit).await.during("listing users")
}

async fn source(shell: &Shell, filter: &Filter) -> Result<Source, StoreError> {
    let Some(tenant) = filter.tenant else { return Ok(Source::All) };
    if let Some(beginning) = filter.beginning.as_deref().and_then(Beginning::of) {
        return Ok(Source::Beginning(tenant, beginning));
    }
    match filter.statuses.as_slice() {
        [status] => Source::of_status(shell, tenant, *status).await,
        _ => Ok(Source::Tenant(tenant)),
    }
}

struct Walk<'a> {
    shell: &'a Shell,
    filter: &'a Filter,
    beginning: Option<Beginning>,
    now: Timestamp,
    /// Living tenants met so far, and those that are not.
    tenants: HashMap<TenantId, Option<Tenant>>,
}

impl Walk<'_> {
    async fn page(
        &mut self,
        source: &Source,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<UserRecord>, StoreError> {
        let (mut rows, mut place, mut looked_at) = (Vec::new(), after, 0);
        let mut kept = None;
        let count = (limit + 1).min(BATCH);
        loop {
            let batch = source.after(self.shell, place.as_ref(), count).await?;
            for candidate in batch.candidates {
                looked_at += 1;
                let found = self.shell.store.get::<Users>(&candidate.id).await?;
                let Some(found) = found else { continue };
                if candidate.is_repeated(source, &found.row) {
                    continue;
                }
                let Some(record) = self.shown(found.key, &found.row).await? else { continue };
                if rows.len() == limit {
                    return Ok(Page { rows, next: kept });
                }
                rows.push(record);
                kept = Some(candidate.place);
            }
            place = batch.next;
            if place.is_none() || looked_at >= LOOKED_AT {
                return Ok(Page { rows, next: place });
            }
        }
    }

    /// The user as is in force, if it belongs in the list.
    async fn shown(
        &mut self,
        id: zelador_store::id::UserId,
        row: &User,
    ) -> Result<Option<UserRecord>, StoreError> {
        let user = shown::in_force(row, self.now);
        let fits = row.is_live()
            && self.filter.tenant.is_none_or(|tenant| tenant == row.tenant)
            && (self.filter.statuses.is_empty() || self.filter.statuses.contains(&user.status))
            && self.beginning.as_ref().is_none_or(|beginning| beginning.fits(row));
        if !fits {
            return Ok(None);
        }
        let cloud = super::cloud(self.shell, id).await?;
        let state = cloud.as_ref().map(|cloud| cloud.state);
        if !self.filter.cloud.is_empty() && !self.filter.cloud.contains(&state) {
            return Ok(None);
        }
        let folder = super::folder(self.shell, id).await?;
        let tenant = self.tenant(row.tenant).await?;
        Ok(tenant.map(|tenant| UserRecord { id, user, tenant, cloud, folder }))
    }

    async fn tenant(&mut self, id: TenantId) -> Result<Option<Tenant>, StoreError> {
        if let Some(known) = self.tenants.get(&id) {
            return Ok(known.clone());
        }
        let found = self.shell.store.get::<Tenants>(&id).await?;
        let living = found.map(|found| found.row).filter(Tenant::is_live);
        self.tenants.insert(id, living.clone());
        Ok(living)
    }
}
