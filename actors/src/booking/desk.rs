//! Where commands about bookings are handed in.

use std::time::Duration;

use zelador_store::author::Author;
use zelador_store::id::{ResourceId, TenantId, WaitlistId};

use super::actor::Clerk;
use super::book::book;
use super::change::{change, load};
use super::messages::{Book, Booked, Changed, Command, Decided, What};
use super::waitlist::{self, Join, WaitlistRecord};
use super::{feed, log};
use crate::engine::Shell;
use crate::engine::supervisor::{Board, Floor, Roster};
use crate::error::Error;

/// Takes in commands about bookings; clones are the same desk.
#[derive(Clone)]
pub struct BookingDesk {
    clerk: Clerk,
    actors: Option<Roster<Clerk>>,
}

impl BookingDesk {
    /// A desk whose callers do the work themselves: no less right, for every
    /// write says what it believes, but with no order among those who ask at
    /// once.
    pub fn new(shell: Shell) -> Self {
        Self { clerk: Clerk { shell }, actors: None }
    }

    /// The same desk with an actor for each resource that is asked for, which
    /// rests after `idle` without a request.
    pub fn staffed(self, floor: Floor, board: Board, idle: Duration) -> Self {
        let shell = self.clerk.shell.clone();
        let actors = Roster::new(self.clerk.clone(), shell, floor, board, idle);
        Self { actors: Some(actors), ..self }
    }

    /// Makes a booking, a hold or a series; or tells why not.
    pub async fn book(&self, command: Book) -> Result<Decided<Booked>, Error> {
        let decided = match &self.actors {
            Some(actors) => actors.ask(&command.resource.clone(), command).await?,
            None => book(&self.clerk.shell, &command, true).await?,
        };
        if let Ok(booked) = &decided {
            log::booked(booked);
        }
        Ok(decided)
    }

    /// What booking would come to. Reads only, and so on the caller's task.
    pub async fn foresee_book(&self, command: &Book) -> Result<Decided<Booked>, Error> {
        book(&self.clerk.shell, command, false).await
    }

    /// Changes a booking, or more of its series; or tells why not. Asked of the
    /// resource that it is to stand on.
    pub async fn execute(&self, command: Command) -> Result<Decided<Changed>, Error> {
        let line = log::Line::of(&command);
        let decided = self.decide(command).await?;
        if let Ok(changed) = &decided
            && !changed.all.is_empty()
        {
            line.log(changed);
        }
        Ok(decided)
    }

    async fn decide(&self, command: Command) -> Result<Decided<Changed>, Error> {
        let Some(actors) = &self.actors else {
            return change(&self.clerk.shell, &command, true).await;
        };
        let moved_to = match &command.what {
            What::Revise(revision) => revision.resource,
            _ => None,
        };
        let resource = match moved_to {
            Some(resource) => resource,
            None => load(&self.clerk.shell, command.id, command.within).await?.row.resource,
        };
        actors.ask(&resource, command).await
    }

    /// What a command would come to. Reads only.
    pub async fn foresee(&self, command: &Command) -> Result<Decided<Changed>, Error> {
        change(&self.clerk.shell, command, false).await
    }

    /// Puts somebody on a waitlist.
    pub async fn join(&self, command: Join) -> Result<WaitlistRecord, Error> {
        waitlist::join(&self.clerk.shell, &command).await
    }

    /// Takes somebody off it.
    pub async fn leave(
        &self,
        resource: ResourceId,
        id: WaitlistId,
        by: &Author,
    ) -> Result<(), Error> {
        waitlist::leave(&self.clerk.shell, resource, id, by).await
    }

    /// Gives a resource's feed a token (its SHA-256), in place of the one before;
    /// `None`: takes it away.
    pub async fn feed_token(
        &self,
        resource: (ResourceId, Option<TenantId>),
        token: Option<[u8; 32]>,
        by: &Author,
    ) -> Result<(), Error> {
        feed::set(&self.clerk.shell, resource, token, by).await
    }

    /// How many resources are being asked of.
    pub fn at_work(&self) -> usize {
        self.actors.as_ref().map_or(0, Roster::len)
    }
}
