//! Where places are asked for.

use std::time::Duration;

use zelador_store::nextcloud::Place;

use super::clerk::{self, Clerk, Pool, Release, Renumber, Reserve, Reserved};
use crate::engine::Shell;
use crate::engine::supervisor::{Board, Floor, Roster};
use crate::error::Error;

/// How long the pool's actor stays without work.
const IDLE: Duration = Duration::from_secs(300);

/// Gives out places; clones are the same desk.
#[derive(Clone)]
pub struct PoolDesk {
    clerk: Clerk,
    actor: Option<Roster<Clerk>>,
}

impl PoolDesk {
    /// A desk whose callers do the work themselves.
    pub fn new(shell: Shell) -> Self {
        Self { clerk: Clerk { shell }, actor: None }
    }

    /// The same desk with one actor: places are given out one after the other, so
    /// that nobody weighs in vain.
    pub fn staffed(self, floor: Floor, board: Board) -> Self {
        let shell = self.clerk.shell.clone();
        let actor = Roster::new(self.clerk.clone(), shell, floor, board, IDLE);
        Self { actor: Some(actor), ..self }
    }

    /// A place for an account that has none; the one it has, if it has one.
    pub async fn reserve(&self, ask: Reserve) -> Result<Reserved, Error> {
        match &self.actor {
            Some(actor) => actor.ask(&Pool, ask).await,
            None => clerk::reserve(&self.clerk.shell, ask).await,
        }
    }

    /// Another id on the same instance.
    pub async fn renumber(&self, ask: Renumber) -> Result<Place, Error> {
        match &self.actor {
            Some(actor) => actor.ask(&Pool, ask).await,
            None => clerk::renumber(&self.clerk.shell, ask).await,
        }
    }

    /// Gives up the place of an account that was not made.
    pub async fn release(&self, ask: Release) -> Result<(), Error> {
        match &self.actor {
            Some(actor) => actor.ask(&Pool, ask).await,
            None => clerk::release(&self.clerk.shell, ask).await,
        }
    }
}
