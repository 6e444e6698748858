//! What may be asked of the audit: newest first, a page at a time.

use zelador_store::audit::{
    Audit, AuditByAuthor, AuditByRecord, AuditByTenant, AuditByUser, AuditEntry,
};
use zelador_store::id::{AuditId, TenantId, UserId};
use zelador_store::kv::{PrefixOf, Term};
use zelador_store::{Cursor, Id, Key, Lookup, Page, Query, Stored, Timestamp};

use crate::engine::Shell;
use crate::error::{During, Error};

/// Entries looked at for one page of a filtered listing, at most: a page may be
/// short, with a cursor to go on from.
const LOOKED_AT: usize = 2000;

/// Which entries.
#[derive(Debug, Clone, Default)]
pub struct AuditQuery {
    /// Of this tenant.
    pub tenant: Option<TenantId>,
    /// About records of this noun.
    pub record: Option<String>,
    /// About the record with this id; with `record`.
    pub record_id: Option<String>,
    /// About this person.
    pub user: Option<UserId>,
    /// Of this action.
    pub action: Option<String>,
    /// Wanted by the token, person or job of this id.
    pub by: Option<String>,
    /// Not before this instant.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub to: Option<Timestamp>,
    /// Rows wanted.
    pub limit: usize,
    /// Where the last page ended.
    pub after: Option<Cursor>,
}

impl AuditQuery {
    fn takes(&self, entry: &AuditEntry) -> bool {
        let is = |wanted: &Option<String>, found: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted == found)
        };
        self.tenant.is_none_or(|tenant| entry.tenant == Some(tenant))
            && self.user.is_none_or(|user| entry.user == Some(user))
            && is(&self.record, &entry.record)
            && is(&self.record_id, &entry.record_id)
            && is(&self.action, &entry.action)
            && is(&self.by, &entry.initiated_by.id)
    }

    /// The span of a lookup under `prefix`, which `key` ends with a time.
    fn span<P: PrefixOf<K>, K: Key>(
        &self,
        prefix: &P,
        key: impl Fn(Timestamp) -> K,
        limit: usize,
        after: Option<Cursor>,
    ) -> Query<K> {
        let mut query = Query::under(prefix).reverse().limit(limit).after(after);
        if let Some(from) = self.from {
            query = query.from_key(&key(from));
        }
        if let Some(to) = self.to {
            query = query.to_key(&key(to));
        }
        query
    }
}

/// A page of entries, the newest first.
pub async fn list(shell: &Shell, query: &AuditQuery) -> Result<Page<Stored<Audit>>, Error> {
    let (mut found, mut looked_at) = (Vec::new(), 0);
    let mut after = query.after.clone();
    loop {
        // As many as are missing, so that the cursor stands right behind the last
        // row answered.
        let wanted = query.limit.saturating_sub(found.len());
        let page = page(shell, query, wanted, after).await.during("reading the audit")?;
        looked_at += wanted;
        found.extend(page.rows.into_iter().filter(|stored| query.takes(&stored.row)));
        after = page.next;
        if after.is_none() || found.len() >= query.limit || looked_at >= LOOKED_AT {
            return Ok(Page { rows: found, next: after });
        }
    }
}

/// By the narrowest lookup there is.
async fn page(
    shell: &Shell,
    query: &AuditQuery,
    limit: usize,
    after: Option<Cursor>,
) -> Result<Page<Stored<Audit>>, zelador_store::Error> {
    if let Some(user) = query.user {
        let span = query.span(&(user,), |at| (user, at), limit, after);
        return by::<AuditByUser>(shell, &span).await;
    }
    if let (Some(record), Some(id)) = (&query.record, &query.record_id) {
        let (record, id) = (Term::new(record), Term::new(id));
        let key = |at| (record.clone(), id.clone(), at);
        let span = query.span(&(record.clone(), id.clone()), key, limit, after);
        return by::<AuditByRecord>(shell, &span).await;
    }
    if let Some(author) = &query.by {
        let author = Term::new(author);
        let span = query.span(&(author.clone(),), |at| (author.clone(), at), limit, after);
        return by::<AuditByAuthor>(shell, &span).await;
    }
    if let Some(tenant) = query.tenant {
        let span = query.span(&(tenant,), |at| (tenant, at), limit, after);
        return by::<AuditByTenant>(shell, &span).await;
    }
    let key = |at| -> AuditId { Id::new(at, [0; 10]) };
    shell.store.page::<Audit>(&query.span(&(), key, limit, after)).await
}

async fn by<L: Lookup<Table = Audit>>(
    shell: &Shell,
    span: &Query<L::Key>,
) -> Result<Page<Stored<Audit>>, zelador_store::Error> {
    shell.store.page_by::<L>(span).await
}
