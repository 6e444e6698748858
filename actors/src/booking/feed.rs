//! The token of a resource's calendar feed: made, replaced, revoked.

use sha2::{Digest as _, Sha256};
use zelador_store::Write;
use zelador_store::author::Author;
use zelador_store::id::{ResourceId, TenantId};
use zelador_store::resource::{Resource, Resources};

use super::load::Ground;
use crate::engine::audit::{Deed, note};
use crate::engine::{Shell, Tries};
use crate::error::{Error, Refusal};

/// What a token is known by.
pub fn hash_of(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// Gives a resource's feed a token, in place of the one before, or takes it away;
/// refused if there is none to take.
pub(super) async fn set(
    shell: &Shell,
    (id, within): (ResourceId, Option<TenantId>),
    token: Option<[u8; 32]>,
    by: &Author,
) -> Result<(), Error> {
    let mut tries = Tries::of("changing a calendar's token");
    loop {
        let found = Ground::of(shell, id, within).await?.resource;
        if token.is_none() && found.row.calendar_token.is_none() {
            return Err(Refusal::Absent { what: "calendar" }.into());
        }
        let row = Resource { calendar_token: token, ..found.row.clone() };
        let mut write = Write::new();
        write.update::<Resources>(&found, &row);
        let action = match token {
            Some(_) => "resource.make_calendar",
            None => "resource.revoke_calendar",
        };
        note(shell, &mut write, by, Deed::new(action, id).of(row.tenant));
        match shell.store.commit(write).await {
            Ok(_) => return Ok(()),
            Err(error) => tries.again(error)?,
        }
    }
}
