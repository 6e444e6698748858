//! A user's Nextcloud account, in the words of the user's record.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zelador_store::nextcloud::AccountState;

/// Where an account of another system stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum AccountWord {
    /// There is none.
    None,
    /// It is to be made.
    Pending,
    /// It is being made.
    Creating,
    /// It works.
    Active,
    /// It could not be made.
    Failed,
}

impl AccountWord {
    /// The states that the word is for.
    pub(super) const fn states(self) -> &'static [Option<AccountState>] {
        match self {
            Self::None => &[None],
            Self::Pending => &[Some(AccountState::Pending)],
            Self::Creating => &[Some(AccountState::Creating)],
            Self::Active => &[Some(AccountState::Active), Some(AccountState::Disabled)],
            Self::Failed => &[Some(AccountState::Failed)],
        }
    }
}

/// Where an account stands, in the words of a user's record.
pub(in crate::api) const fn account_word(state: AccountState) -> &'static str {
    match state {
        AccountState::Pending => "pending",
        AccountState::Creating => "creating",
        // Whether its owner is let in is the user's own status.
        AccountState::Active | AccountState::Disabled => "active",
        AccountState::Failed => "failed",
    }
}
