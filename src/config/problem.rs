//! What is wrong with a configuration, and where.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// Where a value of the configuration was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Nowhere: it is a default.
    Default,
    /// In the file; line and column count from 1, columns in characters.
    File {
        /// The file, as it was named.
        path: Arc<PathBuf>,
        /// The line.
        line: usize,
        /// The column.
        column: usize,
    },
    /// In this environment variable.
    Variable(String),
    /// In this flag of the command line.
    Flag(&'static str),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line, column } => write!(f, "{}:{line}:{column}", path.display()),
            Self::Variable(name) => f.write_str(name),
            Self::Flag(flag) => f.write_str(flag),
        }
    }
}

/// One thing that is wrong. Its text never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The key, as its parts; empty where the whole file is meant.
    pub key: Vec<String>,
    /// Where the value was given.
    pub place: Place,
    /// What is wrong.
    pub message: String,
    /// What to do about it; empty where the message says it already.
    pub remedy: String,
}

impl Problem {
    /// A problem whose place is not known yet. `key` is written with dots.
    pub fn new(key: &str, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::at(key.split('.').map(str::to_owned).collect(), message, remedy)
    }

    /// As [`Problem::new`], with a key whose parts may themselves hold dots.
    pub fn at(key: Vec<String>, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { key, place: Place::Default, message: message.into(), remedy: remedy.into() }
    }

    /// The same problem, placed.
    pub fn placed(self, place: Place) -> Self {
        Self { place, ..self }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place != Place::Default {
            write!(f, "{}: ", self.place)?;
        }
        if !self.key.is_empty() {
            write!(f, "{}: ", dotted(&self.key))?;
        }
        f.write_str(&self.message)?;
        if self.remedy.is_empty() { Ok(()) } else { write!(f, " ({})", self.remedy) }
    }
}

/// A key as it is written in the file: dots between its parts, quotes around a
/// part that needs them.
pub(super) fn dotted(key: &[String]) -> String {
    let bare = |part: &String| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
    };
    let quoted = |part: &String| if bare(part) { part.clone() } else { format!("{part:?}") };
    key.iter().map(quoted).collect::<Vec<_>>().join(".")
}

/// A configuration that is refused, with everything that is wrong with it, a
/// line each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// At least one problem, in the order of the file.
    pub problems: Vec<Problem>,
}

impl Refused {
    /// Puts problems into the order in which a person would mend them.
    pub(super) fn new(mut problems: Vec<Problem>) -> Self {
        problems.sort_by_key(|problem| match &problem.place {
            Place::File { line, column, .. } => (0, *line, *column),
            Place::Variable(_) => (1, 0, 0),
            Place::Flag(_) => (2, 0, 0),
            Place::Default => (3, 0, 0),
        });
        Self { problems }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            let newline = if index == 0 { "" } else { "\n" };
            write!(f, "{newline}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Refused {}
