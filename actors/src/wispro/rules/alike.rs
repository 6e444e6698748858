//! Which clients of a run have a number or an address in common.
//!
//! Almost none do, so nothing is remembered of the others but a few bytes: a
//! first pass over the clients finds what occurs twice ([`Sieve`]), a second one
//! collects who has it ([`Alike`]). A digest that two numbers share by chance costs
//! a look, and changes nothing.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::BuildHasher as _;

use zelador_store::fold::{fold_address, fold_number};
use zelador_store::wispro::StagedClient;

use super::matching::Sibling;
use crate::id_number::IdNumber;

/// Clients with one number that are looked at: more than that is a fault of
/// somebody's data, and ambiguous all the same.
pub const MOST: usize = 20;

/// What a client can be taken for another by.
enum Mark<'a> {
    Number(&'a str),
    Address(&'a str),
}

/// Digests that were met once, and those that were met again.
#[derive(Default)]
pub struct Sieve {
    random: RandomState,
    once: HashSet<u64>,
    again: HashSet<u64>,
}

impl Sieve {
    /// Meets a client, each once.
    pub fn meet(&mut self, client: &StagedClient) {
        let mut digests = BTreeSet::new();
        for number in numbers(client) {
            digests.insert(self.digest(&Mark::Number(&number)));
        }
        if let Some(email) = &client.email {
            digests.insert(self.digest(&Mark::Address(&fold_address(email))));
        }
        for digest in digests {
            if !self.once.insert(digest) {
                self.again.insert(digest);
            }
        }
    }

    /// What collects who they are; `None`: all are different.
    pub fn collect(self) -> Option<Alike> {
        let Self { random, again, .. } = self;
        let found = !again.is_empty();
        found.then(|| Alike { random, again, ..Alike::default() })
    }

    fn digest(&self, mark: &Mark<'_>) -> u64 {
        digest(&self.random, mark)
    }
}

/// Clients that may have something in common.
#[derive(Default)]
pub struct Alike {
    random: RandomState,
    again: HashSet<u64>,
    numbers: HashMap<String, Vec<Sibling>>,
    addresses: HashMap<String, String>,
}

impl Alike {
    /// Meets a client: in the order of their ids, the ones that the sieve met.
    pub fn meet(&mut self, id: &str, client: &StagedClient) {
        let known = client.id_number.as_deref();
        if let Some((text, number)) = known.and_then(|text| Some((text, IdNumber::parse(text)?))) {
            let key = fold_number(text);
            if self.again.contains(&digest(&self.random, &Mark::Number(&key))) {
                let alike = self.numbers.entry(key).or_default();
                if alike.len() < MOST {
                    alike.push(Sibling { id: id.to_owned(), number });
                }
            }
        }
        if let Some(address) = client.email.as_deref().map(fold_address)
            && self.again.contains(&digest(&self.random, &Mark::Address(&address)))
        {
            self.addresses.entry(address).or_insert_with(|| id.to_owned());
        }
    }

    /// Other clients with a number that may be this client's.
    pub fn siblings(&self, id: &str, number: &IdNumber) -> Vec<Sibling> {
        let keys = number.keys();
        let alike = keys.iter().filter_map(|key| self.numbers.get(key)).flatten();
        alike.filter(|other| other.id != id).cloned().collect()
    }

    /// The lowest id of a client with this address; `None`: nobody else has it.
    pub fn first_at(&self, email: &str) -> Option<&str> {
        self.addresses.get(&fold_address(email)).map(String::as_str)
    }
}

/// Every form in which a client's number may stand in another's record.
fn numbers(client: &StagedClient) -> Vec<String> {
    let Some(text) = client.id_number.as_deref() else { return Vec::new() };
    let mut keys = IdNumber::parse(text).map(|number| number.keys()).unwrap_or_default();
    keys.push(fold_number(text));
    keys
}

fn digest(random: &RandomState, mark: &Mark<'_>) -> u64 {
    match mark {
        Mark::Number(number) => random.hash_one((0_u8, number)),
        Mark::Address(address) => random.hash_one((1_u8, address)),
    }
}
