//! Where commands about users are handed in.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::actor::Clerk;
use super::erasure::{Erase, erase};
use super::lifecycle::Lifecycle;
use super::messages::{Command, Foreseen, Register, UserRecord};
use super::settings::UserSettings;
use crate::engine::Shell;
use crate::engine::supervisor::{Board, Floor, Roster};
use crate::error::Error;

/// How long the actor of a user stays without work.
const IDLE: Duration = Duration::from_secs(60);

/// Takes in commands about users; clones are the same desk.
#[derive(Clone)]
pub struct UserDesk {
    clerk: Clerk,
    actors: Option<Roster<Clerk>>,
}

impl UserDesk {
    /// A desk whose callers do the work themselves: no less right, for every
    /// write says what it believes, but with no order among those who ask at
    /// once.
    pub fn new(shell: Shell, settings: watch::Receiver<Arc<UserSettings>>) -> Self {
        Self { clerk: Clerk::new(shell, settings), actors: None }
    }

    /// The same desk with what follows from a change of status; without, it is
    /// what `[lifecycle]` says where nobody has changed it.
    pub fn with_lifecycle(mut self, lifecycle: Lifecycle) -> Self {
        self.clerk.lifecycle = lifecycle;
        self
    }

    /// The same desk with an actor for each user that is asked for.
    pub fn staffed(self, floor: Floor, board: Board) -> Self {
        let shell = self.clerk.shell.clone();
        let actors = Roster::new(self.clerk.clone(), shell, floor, board, IDLE);
        Self { actors: Some(actors), ..self }
    }

    /// Registers a user. There is no actor of a user that is not yet.
    pub async fn register(&self, command: Register) -> Result<UserRecord, Error> {
        self.clerk.register(command).await
    }

    /// Erases what is known of a person; the record at once, the rest by a job.
    pub async fn erase(&self, command: Erase) -> Result<(), Error> {
        match &self.actors {
            Some(actors) => actors.ask(&command.id.clone(), command).await,
            None => erase(&self.clerk, &command).await,
        }
    }

    /// Carries out a command about one user; answers the user as it then is.
    pub async fn execute(&self, command: Command) -> Result<UserRecord, Error> {
        match &self.actors {
            Some(actors) => actors.ask(&command.id.clone(), command).await,
            None => self.clerk.execute(&command).await,
        }
    }

    /// What a command would do, and changes nothing. Reads only, and so on the
    /// caller's task.
    pub async fn foresee(&self, command: &Command) -> Result<Foreseen, Error> {
        self.clerk.foresee(command).await
    }
}
