//! What a command ends with.

use std::fmt;
use std::process::ExitCode;

use crate::config::Refused;

/// What a command ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// The daemon, or the command, said no.
    No = 1,
    /// Wrong usage; clap ends with it by itself.
    Usage = 2,
    /// The daemon is not reached.
    Unreachable = 3,
    /// The disk failed to keep what was written.
    Disk = 74,
    /// The data directory is held, or the address is taken.
    Taken = 75,
    /// The configuration is refused.
    Config = 78,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A command that did not do what was asked.
#[derive(Debug)]
pub struct Failure {
    /// What it ends with.
    pub exit: Exit,
    /// What a person is told; may have several lines.
    pub message: String,
}

impl Failure {
    /// A failure with its text.
    pub fn new(exit: Exit, message: impl fmt::Display) -> Self {
        Self { exit, message: message.to_string() }
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self::new(Exit::Config, format_args!("the configuration is refused:\n{refused}"))
    }
}
