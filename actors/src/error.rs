//! Three families of failure, and the family decides what happens.
//!
//! - [`Refusal`]: the caller's to mend. Never retried, never logged as an error.
//! - [`Error::Outage`]: an upstream's. Jobs try again.
//! - [`Error::Fault`]: ours. Logged once, with its chain, where it stops
//!   travelling.
//!
//! [`Error::Busy`] and [`Error::StorageFull`] say "not now": nothing was done,
//! the same call may go through later. Nothing here knows HTTP; the edge has one
//! `match` that turns families into status codes.

use std::time::Duration;

use serde_json::Value;
use zelador_store::kv::EngineError;

/// Values that go into a message for people.
pub type Args = Vec<(&'static str, String)>;

/// A source of trouble that is reported, not matched on.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// One member of a request with a wrong value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The member, as a path: `settings.timezone`.
    pub field: String,
    /// Stable code, such as `required` or `unknown_timezone`.
    pub code: &'static str,
    /// Values for the message.
    pub args: Args,
}

impl Flaw {
    /// A flaw without values.
    pub fn new(field: impl Into<String>, code: &'static str) -> Self {
        Self { field: field.into(), code, args: Vec::new() }
    }

    /// With a value for its message.
    #[expect(clippy::needless_pass_by_value, reason = "callers pass numbers as they are")]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.args.push((name, value.to_string()));
        self
    }
}

/// The caller's to mend.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// The record, or one that the request names, is absent or invisible.
    #[error("there is no such {what}")]
    Absent {
        /// The noun.
        what: &'static str,
    },
    /// Members with wrong values, all of them.
    #[error("some members are wrong: {}", fields(.0))]
    Invalid(Vec<Flaw>),
    /// What was shown does not prove who the caller is.
    #[error("not known: {code}")]
    Unknown {
        /// Stable code.
        code: &'static str,
    },
    /// Visible, but not permitted.
    #[error("not permitted: {code}")]
    Forbidden {
        /// Stable code.
        code: &'static str,
    },
    /// The request was made for an older version of the record.
    #[error("the record has changed since")]
    Stale,
    /// A business rule broken.
    #[error("a rule forbids it: {code}")]
    Rule {
        /// Stable code.
        code: &'static str,
        /// Values for the message.
        args: Args,
        /// Members for programs; an object or null.
        details: Value,
    },
    /// A collision, or a state that does not allow it.
    #[error("it collides: {code}")]
    Conflict {
        /// Stable code.
        code: &'static str,
        /// Values for the message.
        args: Args,
        /// Members for programs; an object or null.
        details: Value,
    },
}

impl Refusal {
    /// One wrong member.
    pub fn field(field: impl Into<String>, code: &'static str) -> Self {
        Self::Invalid(vec![Flaw::new(field, code)])
    }

    /// A broken rule without values.
    pub const fn rule(code: &'static str) -> Self {
        Self::Rule { code, args: Vec::new(), details: Value::Null }
    }

    /// A conflict without values.
    pub const fn conflict(code: &'static str) -> Self {
        Self::Conflict { code, args: Vec::new(), details: Value::Null }
    }
}

fn fields(flaws: &[Flaw]) -> String {
    flaws.iter().map(|flaw| flaw.field.as_str()).collect::<Vec<_>>().join(", ")
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller's to mend.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Too much is waiting, or the part is being started again. Nothing was done.
    #[error("{what} is busy")]
    Busy {
        /// Which part.
        what: &'static str,
        /// When to try again.
        retry_after: Duration,
    },
    /// The caller asks too often. Nothing was done.
    #[error("too many attempts")]
    TooMany {
        /// When to try again.
        retry_after: Duration,
    },
    /// The disk is full. Nothing was done; reads go on.
    #[error("the disk is full")]
    StorageFull,
    /// An upstream failed.
    #[error("{upstream} failed while {doing}")]
    Outage {
        /// Which.
        upstream: &'static str,
        /// The operation.
        doing: &'static str,
        /// What it said.
        #[source]
        source: Cause,
    },
    /// We failed.
    #[error("failed while {doing}")]
    Fault {
        /// The operation.
        doing: &'static str,
        /// Why.
        #[source]
        source: Cause,
    },
}

impl Error {
    /// A fault of ours.
    pub fn fault(doing: &'static str, source: impl Into<Cause>) -> Self {
        Self::Fault { doing, source: source.into() }
    }

    /// What the store's answer means to a caller. Conflicts that the caller did
    /// not handle mean that others were faster again and again.
    pub fn from_store(doing: &'static str, error: zelador_store::Error) -> Self {
        use zelador_store::Error as Store;
        match error {
            Store::Engine(EngineError::Full) => Self::StorageFull,
            Store::Engine(EngineError::Overloaded) => {
                Self::Busy { what: "store", retry_after: Duration::from_secs(1) }
            }
            Store::Conflict(_) => {
                Self::Busy { what: "record", retry_after: Duration::from_secs(1) }
            }
            other => Self::fault(doing, other),
        }
    }

    /// The whole chain of causes in one line, for the log.
    pub fn chain(&self) -> String {
        chain(self)
    }
}

/// An error with all its causes in one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// Store answers become faults of the operation that was under way.
pub trait During<T> {
    /// Names the operation.
    fn during(self, doing: &'static str) -> Result<T, Error>;
}

impl<T> During<T> for Result<T, zelador_store::Error> {
    fn during(self, doing: &'static str) -> Result<T, Error> {
        self.map_err(|error| Error::from_store(doing, error))
    }
}
