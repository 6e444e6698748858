//! What the concern needs of an instance, whichever way it is reached.

use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;

use super::rules::{AccountId, Edit, Seen, ServerStatus, Trouble, Wanted};

/// How long calls may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Making an account.
    pub create: Duration,
    /// Anything else.
    pub call: Duration,
}

impl Default for Limits {
    /// With a mail server that hangs, 11 s were seen; old servers sleep 30 s after
    /// bad logins.
    fn default() -> Self {
        Self { create: Duration::from_secs(75), call: Duration::from_secs(45) }
    }
}

/// One Nextcloud, over HTTP or SSH.
///
/// Every call has a time limit of its own and answers typed trouble. After trouble
/// [in doubt](Trouble::doubt) the change may have been made: [`find`](Self::find)
/// the account, compare it with what was wanted, and apply the difference.
#[async_trait]
pub trait Port: Send + Sync {
    /// What the server says of itself; answers during maintenance, too.
    async fn status(&self) -> Result<ServerStatus, Trouble>;

    /// The account of an id, whatever its letters' case.
    async fn find(&self, id: &AccountId) -> Result<Option<Seen>, Trouble>;

    /// Makes an account as it is wanted, all of it; groups that are missing are
    /// made. Never touches an account that stands.
    async fn create(&self, wanted: &Wanted, password: &SecretString) -> Result<(), Trouble>;

    /// Changes one thing of an account. Doing it twice does no harm.
    async fn edit(&self, id: &AccountId, edit: &Edit) -> Result<(), Trouble>;

    /// Deletes an account; one that is gone is deleted.
    async fn delete(&self, id: &AccountId) -> Result<(), Trouble>;

    /// How many accounts the server has, people's and its own.
    async fn count(&self) -> Result<u64, Trouble>;

    /// A page of account ids; shorter than `limit`: the last one.
    async fn list(&self, offset: u64, limit: u32) -> Result<Vec<String>, Trouble>;

    /// Whether edits of some values are limited: see [`Edit::is_scarce`].
    fn has_scarce_edits(&self) -> bool;
}
