//! Plans before deeds: what a command would do. It is decided as any other, and
//! its write is dropped.

use super::actor::{Clerk, Decided, check, load};
use super::lifecycle::Transition;
use super::messages::{Command, Foreseen, UserRecord};
use crate::error::Error;

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
                if !actions.contains(&action.name) {
                    actions.push(action.name);
                }
            }
        }
        let sessions = done.iter().filter(|done| done.action == "revoke_sessions");
        Ok(Foreseen {
            record: UserRecord { id: command.id, user, tenant: owner.row },
            sessions_revoked: sessions.map(|done| done.count).sum(),
            plans: turn.ended,
            leaves: turn.leaves.into_iter().filter(|step| !step.state.is_open()).collect(),
            actions,
        })
    }
}
