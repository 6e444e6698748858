//! Lists of categories and of resources.

use std::collections::HashMap;

use zelador_store::category::{Categories, Category, CategoryType};
use zelador_store::id::{CategoryId, TenantId};
use zelador_store::resource::{Resource, Resources};
use zelador_store::{Cursor, Page};

use super::walk::{Listed, Source, Walk};
use crate::engine::Shell;
use crate::error::{During, Error, Refusal};
use crate::resources::messages::{CategoryRecord, ResourceRecord};

/// Which categories.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CategoryFilter {
    /// Of this tenant; `None`: of all.
    pub tenant: Option<TenantId>,
    /// Of this type.
    pub category_type: Option<CategoryType>,
    /// Whose name begins like this, whatever case and accents.
    pub beginning: Option<String>,
}

/// Which resources.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResourceFilter {
    /// Of this tenant; `None`: of all.
    pub tenant: Option<TenantId>,
    /// Of this category.
    pub category: Option<CategoryId>,
    /// That can, or cannot, be booked.
    pub is_active: Option<bool>,
    /// Whose name begins like this, whatever case and accents.
    pub beginning: Option<String>,
}

/// A page of categories.
pub async fn categories(
    shell: &Shell,
    filter: &CategoryFilter,
    after: Option<Cursor>,
    limit: usize,
) -> Result<Page<CategoryRecord>, Error> {
    let mut walk = Walk::new(shell, filter.tenant, filter.beginning.as_deref());
    let source = walk.source();
    check_place::<Categories>(&source, after.as_ref())?;
    let fits =
        |row: &Category| filter.category_type.is_none_or(|wanted| wanted == row.category_type);
    let page = walk.page::<Categories>(&source, after, limit, fits).await;
    let page = page.during("listing categories")?;
    let rows = page.rows.into_iter();
    let rows = rows.map(|(id, category, tenant)| CategoryRecord { id, category, tenant });
    Ok(Page { rows: rows.collect(), next: page.next })
}

/// A page of resources, each with its category.
pub async fn resources(
    shell: &Shell,
    filter: &ResourceFilter,
    after: Option<Cursor>,
    limit: usize,
) -> Result<Page<ResourceRecord>, Error> {
    let mut walk = Walk::new(shell, filter.tenant, filter.beginning.as_deref());
    let source = match (walk.source(), filter.category) {
        (Source::All | Source::Tenant(_), Some(category)) => Source::Category(category),
        (source, _) => source,
    };
    check_place::<Resources>(&source, after.as_ref())?;
    let fits = |row: &Resource| {
        filter.category.is_none_or(|wanted| row.category == Some(wanted))
            && filter.is_active.is_none_or(|wanted| wanted == row.is_active)
    };
    let page = walk.page::<Resources>(&source, after, limit, fits).await;
    let page = page.during("listing resources")?;
    let mut known: HashMap<CategoryId, Option<Category>> = HashMap::new();
    let mut rows = Vec::with_capacity(page.rows.len());
    for (id, resource, tenant) in page.rows {
        if let Some(id) = resource.category.filter(|id| !known.contains_key(id)) {
            let found = shell.store.get::<Categories>(&id).await.during("listing resources")?;
            known.insert(id, found.map(|found| found.row));
        }
        let category = resource.category.and_then(|id| known.get(&id).cloned().flatten());
        rows.push(ResourceRecord { id, resource, category, tenant });
    }
    Ok(Page { rows, next: page.next })
}

/// A cursor of another list is refused.
fn check_place<T: Listed>(source: &Source, after: Option<&Cursor>) -> Result<(), Refusal> {
    match after {
        Some(place) if !source.knows::<T>(place) => Err(Refusal::field("cursor", "cursor")),
        _ => Ok(()),
    }
}
