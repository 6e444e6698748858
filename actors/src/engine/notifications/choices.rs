//! What a person wants to hear of: asked, and changed.

use zelador_store::Write;
use zelador_store::author::Author;
use zelador_store::id::{TenantId, UserId};
use zelador_store::notice::{NoticeChoice, NoticeChoices, NoticeKind};
use zelador_store::user::Users;

use super::desk::NoticeDesk;
use crate::engine::Tries;
use crate::engine::audit::{Deed, note};
use crate::error::{During, Error, Refusal};

/// What a person wants to hear of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// Who.
    pub user: UserId,
    /// Whose.
    pub tenant: TenantId,
    /// What they do not want to be told.
    pub refused: Vec<NoticeKind>,
    /// Raised with every change; 0: they never chose.
    pub version: u64,
}

/// What a person says of some kinds: whether they want them.
pub type Wishes = Vec<(NoticeKind, bool)>;

impl NoticeDesk {
    /// What a person wants to hear of; refused if there is no such person within
    /// the tenant.
    pub async fn chosen(&self, user: UserId, within: Option<TenantId>) -> Result<Chosen, Error> {
        Ok(self.load(user, within).await?.0)
    }

    /// Takes over what a person wants. A choice of the same is no change.
    pub async fn choose(
        &self,
        (user, within): (UserId, Option<TenantId>),
        wishes: &Wishes,
        if_version: Option<u64>,
        by: &Author,
    ) -> Result<Chosen, Error> {
        let mut tries = Tries::of("noting what a person wants to hear of");
        loop {
            let (before, person, stored) = self.load(user, within).await?;
            if if_version.is_some_and(|version| version != before.version) {
                return Err(Refusal::Stale.into());
            }
            let refused = after(&before.refused, wishes);
            if refused == before.refused {
                return Ok(before);
            }
            let (version, now) = (before.version + 1, self.shell.now());
            let row = NoticeChoice { refused: refused.clone(), version, updated_at: now };
            let mut write = Write::new();
            // A person who is being purged leaves no choice behind.
            write.expect(&person);
            match &stored {
                Some(stored) => write.update::<NoticeChoices>(stored, &row),
                None => write.insert::<NoticeChoices>(&user, &row),
            };
            let words = |kinds: &[NoticeKind]| serde_json::json!({ "refused": kinds });
            let deed = Deed::new("user.choose_notices", user).of(before.tenant).about(user);
            note(
                &self.shell,
                &mut write,
                by,
                deed.change(&words(&before.refused), &words(&refused)),
            );
            match self.shell.store.commit(write).await {
                Ok(_) => return Ok(Chosen { refused, version, ..before }),
                Err(error) => tries.again(error)?,
            }
        }
    }

    async fn load(
        &self,
        user: UserId,
        within: Option<TenantId>,
    ) -> Result<
        (Chosen, zelador_store::Stored<Users>, Option<zelador_store::Stored<NoticeChoices>>),
        Error,
    > {
        let store = &self.shell.store;
        let found = store.get::<Users>(&user).await.during("reading a user")?;
        let person = found
            .filter(|found| found.row.is_live())
            .filter(|found| within.is_none_or(|tenant| tenant == found.row.tenant))
            .ok_or(Refusal::Absent { what: "user" })?;
        let stored = store.get::<NoticeChoices>(&user).await.during("reading choices")?;
        let (refused, version) = stored
            .as_ref()
            .map(|stored| (stored.row.refused.clone(), stored.row.version))
            .unwrap_or_default();
        let chosen = Chosen { user, tenant: person.row.tenant, refused, version };
        Ok((chosen, person, stored))
    }
}

/// What is refused once these wishes are heard.
fn after(refused: &[NoticeKind], wishes: &Wishes) -> Vec<NoticeKind> {
    let wanted = |kind: &NoticeKind| {
        let said = wishes.iter().rev().find(|(of, _)| of == kind).map(|(_, wanted)| *wanted);
        said.unwrap_or(!refused.contains(kind))
    };
    NoticeKind::ALL.into_iter().filter(|kind| !wanted(kind)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nothing_is_said_of_stays() {
        use NoticeKind::{AccountReady, BookingMade, BookingReminder};
        for (before, wishes, expected) in [
            (vec![], vec![], vec![]),
            (vec![], vec![(BookingMade, false)], vec![BookingMade]),
            (vec![BookingMade], vec![(BookingReminder, false)], vec![BookingMade, BookingReminder]),
            (vec![BookingMade], vec![(BookingMade, true)], vec![]),
            (
                vec![AccountReady],
                vec![(AccountReady, true), (AccountReady, false)],
                vec![AccountReady],
            ),
        ] {
            assert_eq!(after(&before, &wishes), expected, "{before:?} {wishes:?}");
        }
    }
}
