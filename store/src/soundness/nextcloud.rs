//! Accounts on Nextcloud: each has a place as soon as its state says so, on an
//! instance that is there, and every place is counted where it is.
//!
//! An instance may count more than the accounts that are placed there: what a move
//! left behind keeps its place until it was switched off, and for good where that
//! was given up. It may never count fewer, or more accounts would be placed there
//! than it takes.

use std::collections::{BTreeMap, BTreeSet};

use super::read;
use crate::id::{InstanceId, UserId};
use crate::kv::Table;
use crate::kv::keeping::Finding;
use crate::nextcloud::{Account, AccountState, Accounts, Instances, Occupancy};

/// What was met on the walk. Rows that cannot be read are the general check's
/// to name.
#[derive(Default)]
pub(super) struct Placed {
    instances: BTreeSet<InstanceId>,
    /// What each says is taken.
    told: BTreeMap<InstanceId, u32>,
    /// Whose account has a place on which.
    places: Vec<(InstanceId, UserId)>,
    wrong: Vec<Finding>,
}

impl Placed {
    pub(super) fn look(&mut self, key: &[u8], value: &[u8]) {
        let Some((tag, rest)) = key.split_first_chunk() else { return };
        match u16::from_be_bytes(*tag) {
            Instances::TAG => {
                self.instances.extend(read::<Instances>(rest, value).map(|(id, _)| id));
            }
            Occupancy::TAG => {
                let told = read::<Occupancy>(rest, value);
                self.told.extend(told.map(|(id, taken)| (id, taken.places)));
            }
            Accounts::TAG => {
                if let Some((user, account)) = read::<Accounts>(rest, value) {
                    self.account(user, &account);
                }
            }
            _ => {}
        }
    }

    fn account(&mut self, user: UserId, account: &Account) {
        let placed = match account.state {
            AccountState::Pending => Some(false),
            AccountState::Creating | AccountState::Active | AccountState::Disabled => Some(true),
            AccountState::Failed => None,
        };
        let state = account.state.word();
        match (placed, account.place.is_some()) {
            (Some(true), false) => self.note(format!("{user} is {state} and has no place")),
            (Some(false), true) => self.note(format!("{user} is {state} and has a place")),
            _ => {}
        }
        let former = account.moving.as_ref().map(|moving| &moving.from);
        for place in account.place.iter().chain(former) {
            self.places.push((place.instance, user));
        }
    }

    fn note(&mut self, problem: String) {
        self.wrong.push(Finding::new(Accounts::NAME, problem));
    }

    pub(super) fn compare(mut self, findings: &mut Vec<Finding>) {
        let mut placed: BTreeMap<InstanceId, u32> = BTreeMap::new();
        for (instance, user) in std::mem::take(&mut self.places) {
            *placed.entry(instance).or_default() += 1;
            if !self.instances.contains(&instance) {
                self.note(format!("{user} is placed on {instance}, which is gone"));
            }
        }
        findings.append(&mut self.wrong);
        let mut note = |problem| findings.push(Finding::new(Occupancy::NAME, problem));
        for (id, there) in &placed {
            let said = self.told.get(id).unwrap_or(&0);
            if self.instances.contains(id) && there > said {
                note(format!("{id}: {there} accounts are placed there, it says {said}"));
            }
        }
        for id in self.told.keys().filter(|id| !self.instances.contains(id)) {
            note(format!("{id} is counted, and is gone"));
        }
    }
}
