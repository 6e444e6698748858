//! Where commands about tenants are handed in.

use std::time::Duration;

use super::actor::{self, Clerk};
use super::messages::{Delete, Register, Revise, TenantRecord};
use crate::engine::Shell;
use crate::engine::supervisor::{Board, Floor, Roster};
use crate::error::Error;

/// How long the actor of a tenant stays without work.
const IDLE: Duration = Duration::from_secs(60);

/// Takes in commands about tenants; clones are the same desk.
#[derive(Clone)]
pub struct TenantDesk {
    clerk: Clerk,
    actors: Option<Roster<Clerk>>,
}

impl TenantDesk {
    /// A desk whose callers do the work themselves.
    pub fn new(shell: Shell) -> Self {
        Self { clerk: Clerk { shell }, actors: None }
    }

    /// The same desk with an actor for each tenant that is asked for.
    pub fn staffed(self, floor: Floor, board: Board) -> Self {
        let shell = self.clerk.shell.clone();
        let actors = Roster::new(self.clerk.clone(), shell, floor, board, IDLE);
        Self { actors: Some(actors), ..self }
    }

    /// Registers a tenant. There is no actor of a tenant that is not yet.
    pub async fn register(&self, command: Register) -> Result<TenantRecord, Error> {
        actor::register(&self.clerk.shell, command).await
    }

    /// Makes a tenant what a draft says.
    pub async fn revise(&self, command: Revise) -> Result<TenantRecord, Error> {
        match &self.actors {
            Some(actors) => actors.ask(&command.id.clone(), command).await,
            None => actor::revise(&self.clerk.shell, &command).await,
        }
    }

    /// Deletes a tenant; its rows go in the background.
    pub async fn delete(&self, command: Delete) -> Result<(), Error> {
        match &self.actors {
            Some(actors) => actors.ask(&command.id.clone(), command).await,
            None => actor::delete(&self.clerk.shell, &command).await,
        }
    }
}
