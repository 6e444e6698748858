//! How a concern that talks to others talks to them.

use serde::{Deserialize, Serialize};

/// Who stands at the other end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// The real one.
    Live,
    /// The stand-in inside the program.
    #[default]
    Sandbox,
    /// Nobody.
    Off,
}

impl Mode {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Sandbox => "sandbox",
            Self::Off => "off",
        }
    }
}
