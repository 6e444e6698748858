//! Names for ids: tenants, and people.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use serde::Deserialize;

use super::visit::Visit;
use crate::api::Problem;

/// Tenants that a page offers to choose from.
const MOST_TENANTS: u32 = 200;
/// People whose names a page looks up one by one.
const MOST_PEOPLE: usize = 60;

/// A tenant, as far as pages care.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Tenant {
    pub(super) id: String,
    pub(super) name: String,
    settings: Settings,
}

#[derive(Debug, Clone, Deserialize)]
struct Settings {
    timezone: String,
}

impl Tenant {
    /// Its zone.
    pub(super) fn zone(&self) -> TimeZone {
        TimeZone::get(&self.settings.timezone).unwrap_or(TimeZone::UTC)
    }

    /// The name of its zone.
    pub(super) fn zone_name(&self) -> &str {
        &self.settings.timezone
    }
}

/// The tenants that the reader may see, and the one that is looked at.
#[derive(Debug, Default)]
pub(super) struct Tenants {
    pub(super) all: Vec<Tenant>,
    pub(super) chosen: Option<Tenant>,
}

impl Tenants {
    /// Chooses the one that the address names, else the first.
    pub(super) async fn of(visit: &Visit) -> Result<Self, Problem> {
        let target = format!("/tenants?limit={MOST_TENANTS}");
        let mut all: Vec<Tenant> = visit.perhaps(&target).await?.unwrap_or_default();
        all.sort_by_key(|tenant| tenant.name.to_lowercase());
        let asked = visit.asked("tenant");
        let named = all.iter().find(|tenant| Some(&tenant.id) == asked.as_ref());
        let chosen = named.or(all.first()).cloned();
        Ok(Self { all, chosen })
    }

    /// Chooses one only if the address names it.
    pub(super) async fn if_asked(visit: &Visit) -> Result<Self, Problem> {
        let mut tenants = Self::of(visit).await?;
        if visit.asked("tenant").is_none() {
            tenants.chosen = None;
        }
        Ok(tenants)
    }

    /// The id of the chosen one; empty if there is none.
    pub(super) fn id(&self) -> &str {
        self.chosen.as_ref().map_or("", |tenant| tenant.id.as_str())
    }

    /// Whether there is something to choose.
    pub(super) fn several(&self) -> bool {
        self.all.len() > 1
    }

    /// The name of a tenant; its id where it has none here.
    pub(super) fn name<'a>(&'a self, id: &'a str) -> &'a str {
        self.all.iter().find(|tenant| tenant.id == id).map_or(id, |tenant| tenant.name.as_str())
    }

    /// The zone in which the days of all of them are told apart: the chosen one's, else
    /// the one that most have.
    pub(super) fn common_zone(&self) -> &str {
        if let Some(tenant) = &self.chosen {
            return tenant.zone_name();
        }
        let of = |zone: &str| self.all.iter().filter(|other| other.zone_name() == zone).count();
        // Of zones that as many have, the first tenant's.
        let zones = self.all.iter().rev().map(Tenant::zone_name);
        zones.max_by_key(|zone| of(zone)).unwrap_or("UTC")
    }

    /// The zone of the chosen one.
    pub(super) fn zone(&self) -> TimeZone {
        self.chosen.as_ref().map_or(TimeZone::UTC, Tenant::zone)
    }
}

#[derive(Deserialize)]
struct Person {
    name: String,
}

/// People's names by id; of those that are found and fit in.
#[derive(Debug, Default)]
pub(super) struct People(BTreeMap<String, String>);

impl People {
    /// Looks them up.
    pub(super) async fn of(
        visit: &Visit,
        ids: impl IntoIterator<Item = &String>,
    ) -> Result<Self, Problem> {
        let ids: BTreeSet<&String> = ids.into_iter().collect();
        let mut names = BTreeMap::new();
        for id in ids.into_iter().take(MOST_PEOPLE) {
            let target = format!("/users/{}", super::html::encoded(id));
            if let Some(person) = visit.perhaps::<Person>(&target).await? {
                names.insert(id.clone(), person.name);
            }
        }
        Ok(Self(names))
    }

    /// The name; the beginning of the id where there is none.
    pub(super) fn name(&self, id: &str) -> String {
        self.0.get(id).cloned().unwrap_or_else(|| format!("{}…", id.get(..8).unwrap_or(id)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn days_are_those_of_most_tenants_or_of_the_one_that_is_looked_at() {
        let tenant = |zone: &str| -> Tenant {
            serde_json::from_value(json!({
                "id": zone, "name": zone, "settings": { "timezone": zone },
            }))
            .unwrap()
        };
        let all = ["America/Caracas", "America/Sao_Paulo", "America/Sao_Paulo"].map(tenant);
        let mut tenants = Tenants { all: all.into(), chosen: None };
        assert_eq!(tenants.common_zone(), "America/Sao_Paulo");
        tenants.all.pop();
        assert_eq!(tenants.common_zone(), "America/Caracas", "the first one's");
        tenants.chosen = tenants.all.first().cloned();
        assert_eq!(tenants.common_zone(), "America/Caracas");
        assert_eq!(Tenants::default().common_zone(), "UTC");
    }
}
