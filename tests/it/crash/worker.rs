//! One of the callers: chooses what to write, and knows what it wrote.

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use super::call::Caller;
use super::jobs::{All, Jobs};
use super::log::Log;
use super::people::People;
use super::tokens::Tokens;
use crate::harness::Client;

/// A caller with all that it ever wrote.
pub(super) struct Worker {
    pub(super) number: u64,
    rng: StdRng,
    jobs: Jobs,
    people: People,
    tokens: Tokens,
}

impl Worker {
    pub(super) fn new(number: u64, seed: u64) -> Self {
        Self {
            number,
            rng: StdRng::seed_from_u64(seed.wrapping_mul(31).wrapping_add(number)),
            jobs: Jobs::new(number),
            people: People::new(number),
            tokens: Tokens::new(number),
        }
    }

    /// Writes until a call is cut off.
    pub(super) async fn work(&mut self, caller: &Caller) {
        loop {
            let uncut = match self.rng.random_range(0..100) {
                0..55 => self.jobs.act(caller, &mut self.rng).await,
                55..97 => self.people.act(caller, &mut self.rng).await,
                _ => self.tokens.act(caller, &mut self.rng).await,
            };
            if !uncut {
                return;
            }
        }
    }

    /// After a restart.
    pub(super) async fn settle(&mut self, caller: &Caller) {
        self.jobs.settle(caller).await;
        self.people.settle(caller).await;
        self.tokens.settle(caller).await;
    }

    /// When no kill comes any more.
    pub(super) async fn finish(&mut self, client: &Client) {
        self.tokens.finish(client).await;
        self.people.finish(client).await;
    }

    /// Whether the log tells what happened, and nothing twice, and all jobs have
    /// come to their end.
    pub(super) fn compare_with(&self, log: &Log, all: &All) {
        self.people.compare_with(log);
        self.jobs.compare_with(all);
    }
}
