//! Who had something done.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// What kind of caller it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AuthorKind {
    /// Somebody with an operator's token.
    Operator,
    /// A program with a service token.
    Service,
    /// A person of a tenant.
    User,
    /// A job of the daemon's own.
    Job,
}

impl AuthorKind {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Service => "service",
            Self::User => "user",
            Self::Job => "job",
        }
    }
}

/// Who had something done, and by which request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// What kind of caller.
    pub kind: AuthorKind,
    /// The id of the token, the user or the job.
    pub id: String,
    /// The request it came with.
    pub request: Option<String>,
    /// Where it came from. No row keeps it but the audit's, which has a member of
    /// its own for it.
    #[serde(skip)]
    pub address: Option<IpAddr>,
}

impl Author {
    /// A caller without a request.
    pub fn new(kind: AuthorKind, id: impl Into<String>) -> Self {
        Self { kind, id: id.into(), request: None, address: None }
    }
}

/// As the log names it: `operator:0198…`.
impl std::fmt::Display for Author {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.kind.word(), self.id)
    }
}
