//! Plans before deeds: what a command would do. It is decided as any other, and
//! its write is dropped.

use zelador_store::Query;
use zelador_store::booking::BookingsByClient;
use zelador_store::id::UserId;

use super::actor::{Clerk, Decided, check, load};
use super::lifecycle::Transition;
use super::messages::{Command, Foreseen};
use super::queries;
use crate::engine::Shell;
use crate::error::{During, Error};

/// Bookings that are looked at, at most.
const MOST: usize = 10_000;

impl Clerk {
    /// What a command would come to.
    pub(super) async fn foresee(&self, command: &Command) -> Result<Foreseen, Error> {
        check(&command.what, self.shell.now())?;
        let (found, owner) = load(&self.shell, command.id, command.within).await?;
        let mut decided = self.decide(command, &found, &owner).await?;
        self.guard(command, &found, &mut decided).await?;
        let Decided { user, turn, done, .. } = decided;
        let mut actions = Vec::new();
        for (transition, _) in Transition::of_turn(&found.row, &turn) {
            for action in self.lifecycle.of(transition) {
                let is_for = action.is_for(&self.shell, command.id).await;
                let is_for = is_for.during("foreseeing actions")?;
                if is_for && !actions.contains(&action.name) {
                    actions.push(action.name);
                }
            }
        }
        let bookings_cancelled = if actions.contains(&"cancel_bookings") {
            upcoming(&self.shell, command.id).await?
        } else {
            0
        };
        let sessions = done.iter().filter(|done| done.action == "revoke_sessions");
        Ok(Foreseen {
            record: queries::record(&self.shell, command.id, user, owner.row).await?,
            sessions_revoked: sessions.map(|done| done.count).sum(),
            bookings_cancelled,
            plans: turn.ended,
            leaves: turn.leaves.into_iter().filter(|step| !step.state.is_open()).collect(),
            actions,
        })
    }
}

/// How many bookings for a user are to come, and take a place.
async fn upcoming(shell: &Shell, user: UserId) -> Result<u32, Error> {
    let query = Query::under(&(user,)).from(&(user, shell.now())).limit(MOST);
    let page = shell.store.page_by::<BookingsByClient>(&query).await;
    let rows = page.during("counting bookings")?.rows;
    let count = rows.iter().filter(|found| found.row.status.occupies()).count();
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}
