//! Invitations that are sent: a person gets a link that sets a password, once.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::watch;
use zelador_store::author::Author;
use zelador_store::id::{TenantId, UserId};
use zelador_store::session::{Credential, Credentials};
use zelador_store::{Stored, Timestamp, Write};

use super::links::Links;
use crate::engine::Shell;
use crate::facts::about_user;

/// Makes them; clones are the same.
#[derive(Clone, Debug)]
pub struct Inviter {
    links: Links,
    hours: watch::Receiver<Arc<u32>>,
}

impl Inviter {
    /// With what signs, and the hours for which an invitation is good.
    pub fn new(links: Links, hours: watch::Receiver<Arc<u32>>) -> Self {
        Self { links, hours }
    }

    /// One whose hours do not change.
    pub fn fixed(links: Links, hours: u32) -> Self {
        Self::new(links, watch::channel(Arc::new(hours)).1)
    }

    /// Stages an invitation, which replaces one that is open, and the event by
    /// which it is sent. Answers until when it is good.
    pub fn stage(
        &self,
        shell: &Shell,
        write: &mut Write,
        (user, tenant): (UserId, TenantId),
        found: Option<&Stored<Credentials>>,
        by: &Author,
    ) -> Timestamp {
        let lasts = Duration::from_secs(u64::from(**self.hours.borrow()) * 3600);
        let invite = self.links.invite(user, shell.now(), lasts);
        let until = invite.expires_at;
        let with = |row: Credential| Credential { invite: Some(invite), ..row };
        match found {
            Some(found) => write.update::<Credentials>(found, &with(found.row.clone())),
            None => write.insert::<Credentials>(&user, &with(Credential::default())),
        };
        let data = json!({ "user_id": user, "tenant_id": tenant, "expires_at": until });
        write.event(&about_user(shell, "user.invited", tenant, user, by, data));
        until
    }
}
