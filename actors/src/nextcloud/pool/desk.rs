//! Where places are asked for.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::watch;
use zelador_store::nextcloud::Place;

use super::super::settings::NextcloudSettings;
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
    actor: Arc<OnceLock<Roster<Clerk>>>,
}

impl PoolDesk {
    /// A desk whose callers do the work themselves.
    pub fn new(shell: Shell) -> Self {
        Self { clerk: Clerk { shell, settings: None }, actor: Arc::default() }
    }

    /// The same desk, for instances of the mode in force alone.
    pub fn with_settings(self, settings: watch::Receiver<Arc<NextcloudSettings>>) -> Self {
        let clerk = Clerk { settings: Some(settings), ..self.clerk };
        Self { clerk, ..self }
    }

    /// From now on one actor does the work, for all clones: places are given out one
    /// after the other, so that nobody weighs in vain.
    pub fn staff(&self, floor: Floor, board: Board) {
        let shell = self.clerk.shell.clone();
        self.actor.get_or_init(|| Roster::new(self.clerk.clone(), shell, floor, board, IDLE));
    }

    /// The same desk with its actor.
    pub fn staffed(self, floor: Floor, board: Board) -> Self {
        self.staff(floor, board);
        self
    }

    /// A place for an account that has none; the one it has, if it has one.
    pub async fn reserve(&self, ask: Reserve) -> Result<Reserved, Error> {
        match self.actor.get() {
            Some(actor) => actor.ask(&Pool, ask).await,
            None => clerk::reserve(&self.clerk, &ask).await,
        }
    }

    /// Another id on the same instance.
    pub async fn renumber(&self, ask: Renumber) -> Result<Place, Error> {
        match self.actor.get() {
            Some(actor) => actor.ask(&Pool, ask).await,
            None => clerk::renumber(&self.clerk.shell, &ask).await,
        }
    }

    /// Gives up the place of an account that was not made.
    pub async fn release(&self, ask: Release) -> Result<(), Error> {
        match self.actor.get() {
            Some(actor) => actor.ask(&Pool, ask).await,
            None => clerk::release(&self.clerk.shell, &ask).await,
        }
    }
}
