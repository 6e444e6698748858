//! A walk through the living rows of categories or of resources, in the order of
//! a list.
//!
//! | asked for | walked |
//! |---|---|
//! | a beginning of a name in a tenant | its names |
//! | a category | its resources |
//! | a tenant | all of its rows |
//! | nothing | all rows |
//!
//! Rows come by id, the oldest first, but for a beginning: there they come by name.

use std::collections::HashMap;

use zelador_store::category::{Categories, CategoriesByName, CategoriesByTenant, Category};
use zelador_store::fold::fold;
use zelador_store::id::{CategoryId, ResourceId, TenantId};
use zelador_store::kv::{Part, Term};
use zelador_store::resource::{
    Resource, Resources, ResourcesByCategory, ResourcesByName, ResourcesByTenant,
};
use zelador_store::tenant::{Tenant, Tenants};
use zelador_store::{Cursor, Error, Lookup, Page, Query, Table};

use crate::engine::Shell;

/// Rows looked at for one page. A page of a rare kind may be short, or empty, and
/// yet not be the last.
const LOOKED_AT: usize = 5000;
/// Candidates fetched at a time, at most.
const BATCH: usize = 200;
/// Bytes of a beginning that an index is asked for; the row is asked for all.
const BEGINNING: usize = 240;

/// What both nouns have.
pub(super) trait Listed: Table<Key: Part + Copy> {
    type ByTenant: Lookup<Table = Self, Key = (TenantId, u8)>;
    type ByName: Lookup<Table = Self, Key = (TenantId, Term)>;
    fn tenant(row: &Self::Row) -> TenantId;
    fn is_live(row: &Self::Row) -> bool;
    fn name(row: &Self::Row) -> &str;

    /// About `count` of a category after one of them, and whether there are more.
    fn of_category(
        shell: &Shell,
        category: CategoryId,
        after: Option<Self::Key>,
        count: usize,
    ) -> impl Future<Output = Result<(Vec<Self::Key>, bool), Error>> + Send;
}

impl Listed for Categories {
    type ByTenant = CategoriesByTenant;
    type ByName = CategoriesByName;

    fn tenant(row: &Category) -> TenantId {
        row.tenant
    }

    fn is_live(row: &Category) -> bool {
        row.is_live()
    }

    fn name(row: &Category) -> &str {
        &row.name
    }

    /// Categories are of none.
    async fn of_category(
        _: &Shell,
        _: CategoryId,
        _: Option<CategoryId>,
        _: usize,
    ) -> Result<(Vec<CategoryId>, bool), Error> {
        Ok((Vec::new(), false))
    }
}

impl Listed for Resources {
    type ByTenant = ResourcesByTenant;
    type ByName = ResourcesByName;

    fn tenant(row: &Resource) -> TenantId {
        row.tenant
    }

    fn is_live(row: &Resource) -> bool {
        row.is_live()
    }

    fn name(row: &Resource) -> &str {
        &row.name
    }

    async fn of_category(
        shell: &Shell,
        category: CategoryId,
        after: Option<ResourceId>,
        count: usize,
    ) -> Result<(Vec<ResourceId>, bool), Error> {
        let after = after.map(|id| Cursor::after(&(category, id)));
        let query = Query::under_key(&category).after(after).limit(count);
        let page = shell.store.entries::<ResourcesByCategory>(&query).await?;
        Ok((page.rows.iter().map(|(_, id)| *id).collect(), page.next.is_some()))
    }
}

/// What is walked.
pub(super) enum Source {
    All,
    Tenant(TenantId),
    Category(CategoryId),
    /// A folded beginning of a name.
    Beginning(TenantId, String),
}

/// Some candidates with the place behind each, and the place to go on from.
struct Batch<K> {
    candidates: Vec<(K, Cursor)>,
    next: Option<Cursor>,
}

/// Who walks, for one page.
pub(super) struct Walk<'a> {
    pub(super) shell: &'a Shell,
    pub(super) tenant: Option<TenantId>,
    /// A folded beginning of a name.
    pub(super) beginning: Option<String>,
    tenants: HashMap<TenantId, Option<Tenant>>,
}

/// A row, and whose it is.
pub(super) type Met<T> = (<T as Table>::Key, <T as Table>::Row, Tenant);

impl<'a> Walk<'a> {
    pub(super) fn new(shell: &'a Shell, tenant: Option<TenantId>, beginning: Option<&str>) -> Self {
        let beginning = beginning.map(fold).filter(|folded| !folded.is_empty());
        Self { shell, tenant, beginning, tenants: HashMap::new() }
    }

    /// Where a list without a narrower way comes from.
    pub(super) fn source(&self) -> Source {
        match (self.tenant, &self.beginning) {
            (Some(tenant), Some(beginning)) => Source::Beginning(tenant, beginning.clone()),
            (Some(tenant), None) => Source::Tenant(tenant),
            (None, _) => Source::All,
        }
    }

    /// A page of the living rows that fit.
    pub(super) async fn page<T: Listed>(
        &mut self,
        source: &Source,
        after: Option<Cursor>,
        limit: usize,
        fits: impl Fn(&T::Row) -> bool,
    ) -> Result<Page<Met<T>>, Error> {
        let (mut rows, mut place, mut looked_at, mut kept) = (Vec::new(), after, 0, None);
        let count = (limit + 1).min(BATCH);
        loop {
            let batch = self.batch::<T>(source, place.as_ref(), count).await?;
            for (id, behind) in batch.candidates {
                looked_at += 1;
                let Some(found) = self.shell.store.get::<T>(&id).await? else { continue };
                if !self.belongs::<T>(&found.row) || !fits(&found.row) {
                    continue;
                }
                let Some(tenant) = self.tenant(T::tenant(&found.row)).await? else { continue };
                if rows.len() == limit {
                    return Ok(Page { rows, next: kept });
                }
                rows.push((found.key, found.row, tenant));
                kept = Some(behind);
            }
            place = batch.next;
            if place.is_none() || looked_at >= LOOKED_AT {
                return Ok(Page { rows, next: place });
            }
        }
    }

    fn belongs<T: Listed>(&self, row: &T::Row) -> bool {
        let begins = |beginning: &String| fold(T::name(row)).starts_with(beginning);
        T::is_live(row)
            && self.tenant.is_none_or(|tenant| tenant == T::tenant(row))
            && self.beginning.as_ref().is_none_or(begins)
    }

    async fn tenant(&mut self, id: TenantId) -> Result<Option<Tenant>, Error> {
        if let Some(known) = self.tenants.get(&id) {
            return Ok(known.clone());
        }
        let found = self.shell.store.get::<Tenants>(&id).await?;
        let living = found.map(|found| found.row).filter(Tenant::is_live);
        self.tenants.insert(id, living.clone());
        Ok(living)
    }

    /// About `count` candidates after a place of this source.
    async fn batch<T: Listed>(
        &self,
        source: &Source,
        place: Option<&Cursor>,
        count: usize,
    ) -> Result<Batch<T::Key>, Error> {
        let store = &self.shell.store;
        let after = place.and_then(Cursor::key::<T::Key>);
        match source {
            Source::All => {
                let query = Query::all().after(place.cloned()).limit(count);
                let page = store.page::<T>(&query).await?;
                Ok(by_id(page.rows.iter().map(|row| row.key), page.next.is_some()))
            }
            Source::Tenant(tenant) => {
                let after = after.map(|id| Cursor::after(&(*tenant, 0_u8, id)));
                let query = Query::under_key(&(*tenant, 0)).after(after).limit(count);
                let page = store.entries::<T::ByTenant>(&query).await?;
                Ok(by_id(page.rows.iter().map(|(_, id)| *id), page.next.is_some()))
            }
            Source::Category(category) => {
                let (ids, more) = T::of_category(self.shell, *category, after, count).await?;
                Ok(by_id(ids.into_iter(), more))
            }
            Source::Beginning(tenant, beginning) => {
                let (least, end) = bounds(*tenant, beginning);
                let query = Query::all().from_key(&least).to_key(&end);
                let query = query.after(place.cloned()).limit(count);
                let page = store.entries::<T::ByName>(&query).await?;
                let place = |(named, id): ((TenantId, Term), T::Key)| {
                    (id, Cursor::after(&(named.0, named.1, id)))
                };
                Ok(Batch {
                    candidates: page.rows.into_iter().map(place).collect(),
                    next: page.next,
                })
            }
        }
    }
}

fn by_id<K: Part + Copy>(ids: impl Iterator<Item = K>, more: bool) -> Batch<K> {
    let candidates: Vec<_> = ids.map(|id| (id, Cursor::after(&id))).collect();
    let next = candidates.last().filter(|_| more).map(|(_, behind)| behind.clone());
    Batch { candidates, next }
}

impl Source {
    /// Whether `place` can be one of this source.
    pub(super) fn knows<T: Listed>(&self, place: &Cursor) -> bool {
        match self {
            Self::Beginning(tenant, _) => {
                place.key::<(TenantId, Term, T::Key)>().is_some_and(|(whose, ..)| whose == *tenant)
            }
            _ => place.key::<T::Key>().is_some(),
        }
    }
}

/// The least key with a beginning, and one past all of them.
fn bounds(tenant: TenantId, beginning: &str) -> ((TenantId, Term), (TenantId, Term)) {
    let mut kept = beginning.to_owned();
    while kept.len() > BEGINNING {
        kept.pop();
    }
    let past = format!("{kept}{}", char::MAX);
    ((tenant, Term::new(&kept)), (tenant, Term::new(&past)))
}
