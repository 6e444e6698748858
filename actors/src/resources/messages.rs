//! What categories and resources can be asked to do. `Ok` means that it is on
//! disk.

use zelador_store::author::Author;
use zelador_store::category::Category;
use zelador_store::id::{CategoryId, Id, ResourceId, TenantId};
use zelador_store::resource::Resource;
use zelador_store::tenant::Tenant;

use crate::answer::Keep;

/// A category as it was committed, and whom it inherits from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CategoryRecord {
    /// Its id.
    pub id: CategoryId,
    /// Its row.
    pub category: Category,
    /// Whose it is.
    pub tenant: Tenant,
}

/// A resource as it was committed, and whom it inherits from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceRecord {
    /// Its id.
    pub id: ResourceId,
    /// Its row.
    pub resource: Resource,
    /// Its category, if it has one.
    pub category: Option<Category>,
    /// Whose it is.
    pub tenant: Tenant,
}

/// Makes a category or a resource in a tenant.
#[derive(Debug)]
pub struct Register<D, R> {
    /// Whose it shall be.
    pub tenant: TenantId,
    /// What it shall be.
    pub draft: D,
    /// Who wants it.
    pub by: Author,
    /// Where to keep the answer.
    pub keep: Option<Keep<R>>,
}

/// Makes a category or a resource what the draft says.
#[derive(Debug)]
pub struct Revise<K, D> {
    /// Which.
    pub id: Id<K>,
    /// The one tenant that the caller sees; `None`: all.
    pub within: Option<TenantId>,
    /// What it shall be.
    pub draft: D,
    /// The version that the draft was made from; another one is refused.
    pub if_version: Option<u64>,
    /// Who wants it.
    pub by: Author,
}

/// Deletes a category or a resource: it is invisible at once.
#[derive(Debug)]
pub struct Delete<K> {
    /// Which.
    pub id: Id<K>,
    /// The one tenant that the caller sees; `None`: all.
    pub within: Option<TenantId>,
    /// The version that was meant; another one is refused.
    pub if_version: Option<u64>,
    /// Who wants it.
    pub by: Author,
}

/// Bookings to come that occupy a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Upcoming {
    /// How many were counted.
    pub bookings: usize,
    /// There are more.
    pub more: bool,
}

/// What deleting a resource would come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreseen {
    /// The resource as it is.
    pub record: ResourceRecord,
    /// Bookings that would be cancelled.
    pub cancelled: Upcoming,
}
