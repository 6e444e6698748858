//! Categories, their resources, and how many each has.

use std::collections::BTreeMap;

use super::read;
use crate::category::{Categories, CategoryCounts};
use crate::id::{CategoryId, ResourceId, TenantId};
use crate::kv::keeping::Finding;
use crate::kv::{Key, Table, Tally};
use crate::resource::{Resource, Resources};
use crate::tenant::Tenants;

/// What was met on the walk. Rows that cannot be read are the general check's
/// to name.
#[derive(Default)]
pub(super) struct Things {
    /// Whether each tenant is alive: of one that is not, rows are being removed.
    tenants: BTreeMap<TenantId, bool>,
    /// Whose each category is, and whether it is alive.
    categories: BTreeMap<CategoryId, (TenantId, bool)>,
    /// Living resources: whose, and of which category.
    resources: BTreeMap<ResourceId, (TenantId, Option<CategoryId>)>,
    told: BTreeMap<CategoryId, i64>,
}

impl Things {
    pub(super) fn look(&mut self, key: &[u8], value: &[u8]) {
        let Some((tag, rest)) = key.split_first_chunk() else { return };
        match u16::from_be_bytes(*tag) {
            Tenants::TAG => {
                if let Some((id, tenant)) = read::<Tenants>(rest, value) {
                    self.tenants.insert(id, tenant.is_live());
                }
            }
            Categories::TAG => {
                if let Some((id, category)) = read::<Categories>(rest, value) {
                    self.categories.insert(id, (category.tenant, category.is_live()));
                }
            }
            Resources::TAG => {
                let found = read::<Resources>(rest, value);
                if let Some((id, resource)) = found.filter(|(_, found)| Resource::is_live(found)) {
                    self.resources.insert(id, (resource.tenant, resource.category));
                }
            }
            CategoryCounts::TAG => {
                if let (Ok(id), Ok(number)) = (CategoryId::from_bytes(rest), value.try_into()) {
                    self.told.insert(id, i64::from_le_bytes(number));
                }
            }
            _ => {}
        }
    }

    pub(super) fn compare(self, findings: &mut Vec<Finding>) {
        let mut walked: BTreeMap<CategoryId, i64> = BTreeMap::new();
        for (id, (tenant, category)) in &self.resources {
            let mut note = |problem| findings.push(Finding::new(Resources::NAME, problem));
            if !self.tenants.contains_key(tenant) {
                note(format!("{id} belongs to {tenant}, which is gone"));
            }
            let Some(category) = category else { continue };
            *walked.entry(*category).or_default() += 1;
            if self.tenants.get(tenant) == Some(&false) {
                continue;
            }
            match self.categories.get(category) {
                Some((owner, true)) if owner == tenant => {}
                Some((owner, _)) if owner != tenant => {
                    note(format!("{id} is of {category}, which is another tenant's"));
                }
                _ => note(format!("{id} is of {category}, which is gone")),
            }
        }
        for id in walked.keys().chain(self.told.keys().filter(|id| !walked.contains_key(id))) {
            let (there, said) = (walked.get(id).unwrap_or(&0), self.told.get(id).unwrap_or(&0));
            if there != said {
                let problem = format!("{id}: there are {there}, it says {said}");
                findings.push(Finding::new(CategoryCounts::NAME, problem));
            }
        }
    }
}
