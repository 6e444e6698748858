//! What can go wrong between the command line and the daemon.

use std::fmt::Write as _;
use std::path::PathBuf;

use reqwest::StatusCode;
use serde::Deserialize;

use crate::cli::{Exit, Failure};

/// A request that was not done.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody answers there, or not to the end.
    #[error("the daemon is not reached at {url}: {}", cause(source))]
    Unreachable {
        /// Where it should be.
        url: String,
        /// Why not.
        source: reqwest::Error,
    },
    /// The token is not there, or not for this person to read.
    #[error("cannot read the token in {}: {source}{}", file.display(), remedy(source))]
    Token {
        /// The file it should be in.
        file: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The daemon said no.
    #[error("{}", said_in_words(.0))]
    Said(Box<Said>),
    /// An answer that is not the JSON expected.
    #[error("the daemon's answer is not understood: {0}")]
    Garbled(#[source] serde_json::Error),
    /// A list was asked for, and something else came.
    #[error("the daemon's answer is not a list")]
    NotAList,
    /// The path cannot be part of an address.
    #[error("`{0}` is not a path")]
    Path(String),
    /// The HTTP client cannot be made.
    #[error("cannot make an HTTP client: {0}")]
    Setup(#[source] reqwest::Error),
}

/// A refusal, as the daemon words it (RFC 9457 and the seeds' members).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Said {
    /// The HTTP status.
    #[serde(skip)]
    pub status: u16,
    /// The machine-readable code.
    pub error: String,
    /// The text for people.
    pub message: String,
    /// Finds the request in the daemon's log.
    pub trace_id: String,
    /// What is wrong with which member.
    pub errors: Vec<Flaw>,
}

/// What is wrong with one member.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Flaw {
    /// The member.
    pub field: String,
    /// The text for people.
    pub message: String,
}

impl ClientError {
    /// Reads a refusal; a body that is none of the daemon's is left out.
    pub(super) fn said(status: StatusCode, body: &[u8]) -> Self {
        let mut said: Said = serde_json::from_slice(body).unwrap_or_default();
        said.status = status.as_u16();
        if said.message.is_empty() {
            said.message = format!("the daemon answers {status}");
        }
        Self::Said(Box::new(said))
    }

    /// What a command that meets it ends with.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Unreachable { .. } | Self::Token { .. } => Exit::Unreachable,
            Self::Path(_) => Exit::Usage,
            Self::Said(_) | Self::Garbled(_) | Self::NotAList | Self::Setup(_) => Exit::No,
        }
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        Self::new(error.exit(), error)
    }
}

/// What helps when a token cannot be read.
fn remedy(error: &std::io::Error) -> &'static str {
    match error.kind() {
        std::io::ErrorKind::NotFound => {
            " (has the daemon of this data directory been started? --data-dir or --config names another)"
        }
        std::io::ErrorKind::PermissionDenied => {
            " (it is for the daemon's user and root alone: sudo zelador)"
        }
        _ => "",
    }
}

fn said_in_words(said: &Said) -> String {
    let mut text = said.message.clone();
    if said.status == 401 {
        text += "\n  is the token (operator.token of the data directory, or --token-file) that of the daemon which answers?";
    }
    for flaw in &said.errors {
        let _ = write!(text, "\n  {}: {}", flaw.field, flaw.message);
    }
    if !said.trace_id.is_empty() {
        let _ = write!(text, "\n  trace_id: {}", said.trace_id);
    }
    // What comes over the wire must not steer the terminal.
    text.chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect()
}

/// The innermost cause: the outer ones only say that a request failed.
fn cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
