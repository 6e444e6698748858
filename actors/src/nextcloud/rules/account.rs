//! Accounts: as they are wanted, and as a server shows them.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::quota::{Quota, SeenQuota};

/// An id that Nextcloud takes. Two ids that differ in letters' case alone are one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountId(String);

/// Why a text is no account id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAnAccountId {
    /// It holds nothing but blanks or dots.
    #[error("an account id is more than blanks and dots")]
    Empty,
    /// More than 64 characters.
    #[error("an account id has at most 64 characters")]
    TooLong,
    /// A character that Nextcloud does not take.
    #[error("an account id is made of a-z, A-Z, 0-9, blanks and _.@-'")]
    Character,
    /// Blanks around it, or a dash before it.
    #[error("an account id begins with neither blank nor dash and ends with no blank")]
    Edge,
}

/// The most characters of an id.
pub const MOST_CHARS: usize = 64;

impl AccountId {
    /// The id of a text.
    pub fn new(text: impl Into<String>) -> Result<Self, NotAnAccountId> {
        let text = text.into();
        if text.chars().all(|c| c == '.' || c.is_whitespace()) {
            return Err(NotAnAccountId::Empty);
        }
        if text.chars().count() > MOST_CHARS {
            return Err(NotAnAccountId::TooLong);
        }
        if !text.chars().all(is_legal) {
            return Err(NotAnAccountId::Character);
        }
        if text.trim() != text || text.starts_with('-') {
            return Err(NotAnAccountId::Edge);
        }
        Ok(Self(text))
    }

    /// Its text.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Whether a server means this account by that text.
    pub fn is(&self, other: &str) -> bool {
        self.0.eq_ignore_ascii_case(other)
    }

    /// What it is compared and indexed by.
    pub fn folded(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether Nextcloud takes a character in an id.
pub fn is_legal(c: char) -> bool {
    c.is_ascii_alphanumeric() || " _.@-'".contains(c)
}

/// An account as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its id.
    pub id: AccountId,
    /// What it is shown as; `None`: whatever it is.
    pub display_name: Option<String>,
    /// Where mail for it goes; `None`: whatever it is.
    pub email: Option<String>,
    /// How much it may store.
    pub quota: Quota,
    /// Groups that it is in. Those that it is in beside them are somebody's wish.
    pub groups: BTreeSet<String>,
    /// The language that it is spoken to in; `None`: whatever it is.
    pub language: Option<String>,
    /// Whether its owner may sign in.
    pub enabled: bool,
    /// Whether the server's own mail is to let its owner choose a password; where
    /// that cannot be, a new account has the one that it is given.
    pub invite: bool,
}

/// An account as a server shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Its id, in the server's letters.
    pub id: String,
    /// What it is shown as.
    pub display_name: String,
    /// Where mail for it goes.
    pub email: Option<String>,
    /// How much it may store.
    pub quota: SeenQuota,
    /// Groups that it is in.
    pub groups: BTreeSet<String>,
    /// The language; `None`: not shown.
    pub language: Option<String>,
    /// Whether its owner may sign in.
    pub enabled: bool,
}

/// One change of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// Lets its owner in, or keeps them out.
    Enabled(bool),
    /// Sets the quota.
    Quota(Quota),
    /// Sets what it is shown as.
    DisplayName(String),
    /// Sets the address.
    Email(String),
    /// Sets the language.
    Language(String),
    /// Puts it into a group.
    Join(String),
    /// Takes it out of a group.
    Leave(String),
}

impl Edit {
    /// Whether HTTP allows but few of these.
    pub const fn is_scarce(&self) -> bool {
        matches!(self, Self::Quota(_) | Self::DisplayName(_) | Self::Email(_) | Self::Language(_))
    }
}

/// What a server says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerStatus {
    /// Such as `32.0.1`.
    pub version: String,
    /// Whether it is in maintenance mode.
    pub maintenance: bool,
    /// Whether it waits for an upgrade.
    pub needs_upgrade: bool,
}
