//! The shell: one actor for each resource that is being booked. While many ask for
//! one resource, it decides on all who wait and commits them as one.

use zelador_store::Store;
use zelador_store::id::ResourceId;

use super::book::book;
use super::change::change;
use super::messages::{Book, Booked, Changed, Command, Decided};
use crate::engine::Shell;
use crate::engine::supervisor::{Member, Serve};
use crate::error::Error;

/// Serves what is asked of one resource, one thing at a time. All it knows, the
/// store knows: any of its actors can be thrown away.
#[derive(Clone)]
pub(super) struct Clerk {
    pub(super) shell: Shell,
}

impl Member for Clerk {
    type Key = ResourceId;
    const NAME: &'static str = "resource";
    const CONCERN: &'static str = "booking";

    fn on(&self, draft: &Store) -> Option<Self> {
        let store = draft.clone();
        Some(Self { shell: Shell { store, ..self.shell.clone() } })
    }
}

impl Serve<Book> for Clerk {
    type Answer = Decided<Booked>;

    async fn serve(&self, _: ResourceId, command: &Book) -> Result<Decided<Booked>, Error> {
        book(&self.shell, command, true).await
    }
}

impl Serve<Command> for Clerk {
    type Answer = Decided<Changed>;

    async fn serve(&self, _: ResourceId, command: &Command) -> Result<Decided<Changed>, Error> {
        change(&self.shell, command, true).await
    }
}
