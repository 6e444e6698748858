//! What goes wrong with an instance, told apart by what follows from it.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The longest that words of a server are kept, in characters.
const MOST_WORDS: usize = 300;

/// What sort of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The instance refuses the credentials that zelador has for it.
    WrongCredentials,
    /// The credentials are right, and may not do this.
    NotPermitted,
    /// The instance takes no more accounts.
    Full,
    /// The instance is in maintenance mode, or waits for an upgrade.
    Maintenance,
    /// The password, the id or another value is refused by the server's rules.
    Policy,
    /// No connection, or it broke off, or time ran out.
    Unreachable,
    /// The SSH host key is not the one that was pinned.
    HostKey,
    /// The instance answers nothing for a while: bad logins, or too many edits.
    Throttled,
    /// What zelador was told about the instance is wrong: path, user, `sudo`, name.
    Misconfigured,
    /// The account id is taken.
    Taken,
    /// A group is missing.
    NoGroup,
    /// There is no such account.
    UnknownUser,
    /// The server stumbled.
    Failed,
}

impl Class {
    /// The word for it, as the API and the logs say it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::WrongCredentials => "wrong_credentials",
            Self::NotPermitted => "not_permitted",
            Self::Full => "full",
            Self::Maintenance => "maintenance",
            Self::Policy => "policy",
            Self::Unreachable => "unreachable",
            Self::HostKey => "host_key",
            Self::Throttled => "throttled",
            Self::Misconfigured => "misconfigured",
            Self::Taken => "taken",
            Self::NoGroup => "no_group",
            Self::UnknownUser => "unknown_user",
            Self::Failed => "failed",
        }
    }

    /// Whether one occurrence is reason enough to ask the instance nothing more
    /// until somebody or something has changed it.
    pub const fn opens_breaker(self) -> bool {
        matches!(
            self,
            Self::WrongCredentials | Self::NotPermitted | Self::HostKey | Self::Misconfigured
        )
    }

    /// Whether the same call may go through later without anybody's doing.
    pub const fn passes(self) -> bool {
        matches!(
            self,
            Self::Full | Self::Maintenance | Self::Unreachable | Self::Throttled | Self::Failed
        )
    }

    /// Whether waiting costs no try: the instance said that it is not to be asked now.
    pub const fn snoozes(self) -> bool {
        matches!(self, Self::Full | Self::Maintenance | Self::Throttled)
    }
}

/// Something went wrong at an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What sort.
    pub class: Class,
    /// What the server said, or what zelador noticed; never a secret.
    pub words: String,
    /// How long the instance is to be left alone.
    pub after: Option<Duration>,
    /// Whether the change may have been made all the same: look before anything else.
    pub doubt: bool,
}

impl Trouble {
    /// Trouble with words; control characters in them become blanks.
    pub fn new(class: Class, words: impl Into<String>) -> Self {
        let clean = |c: char| if c.is_control() { ' ' } else { c };
        let words: String = words.into().trim().chars().map(clean).take(MOST_WORDS).collect();
        Self { class, words, after: None, doubt: false }
    }

    /// The change may have been made.
    pub fn in_doubt(mut self) -> Self {
        self.doubt = true;
        self
    }

    /// The change was certainly not made.
    pub fn certain(mut self) -> Self {
        self.doubt = false;
        self
    }

    /// The instance is to be left alone this long.
    pub fn for_now(mut self, after: Duration) -> Self {
        self.after = Some(after);
        self
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.class.word(), self.words)
    }
}

impl std::error::Error for Trouble {}
