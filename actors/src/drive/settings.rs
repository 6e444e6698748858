//! `[drive]`: which Drive, whose folders, what makes them and what processes files.

use std::collections::BTreeMap;
use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::rules::routes::Route;
pub use crate::mode::Mode;

/// The folder that users drop files into.
pub const NOVOS: &str = "novos";
/// The folder that files go to which could not be processed.
pub const ERROS: &str = "erros";

/// What makes a user's folders.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// The daemon itself.
    #[default]
    Native,
    /// A program of the operator's.
    Script,
}

impl Provider {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Script => "script",
        }
    }
}

/// A text that is never printed.
#[derive(Clone, Default)]
pub struct Hidden(SecretString);

impl Hidden {
    /// With this text.
    pub fn new(text: impl Into<SecretString>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }

    /// Credentials: the text itself, or the file that it names.
    pub fn text(&self) -> Result<SecretString, String> {
        let text = self.expose().trim();
        if text.is_empty() {
            return Err("[drive] credentials: none are configured".to_owned());
        }
        if text.starts_with('{') {
            return Ok(text.into());
        }
        let read = std::fs::read_to_string(text);
        read.map(SecretString::from)
            .map_err(|error| format!("[drive] credentials: {text}: {error}"))
    }
}

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl PartialEq for Hidden {
    fn eq(&self, other: &Self) -> bool {
        bool::from(self.expose().as_bytes().ct_eq(other.expose().as_bytes()))
    }
}

/// What must be said by a program to have done its work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Speech {
    /// JSON on its input, JSON lines with a result on its output.
    #[default]
    Jsonl,
    /// Arguments, and an exit code.
    Exit,
}

/// A program of the operator's: `[drive.script]`, `[drive.processor]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProgramSettings {
    /// Its absolute path, and arguments that never change; empty: none.
    pub command: Vec<String>,
    /// More arguments, with values such as `{user.email}`.
    pub args: Vec<String>,
    /// Where it runs; empty: at the root of the file system.
    pub cwd: String,
    /// What its environment holds beside the usual.
    pub env: BTreeMap<String, String>,
    /// Variables of the daemon's own environment that are passed on.
    pub env_pass: Vec<String>,
    /// A user to run it as, `uid:gid`; empty: the daemon's. Only a daemon that is root
    /// can.
    pub run_as: String,
    /// What it must say to have done its work.
    pub protocol: Speech,
}

/// `[drive.callback]`: whom the backend hears from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CallbackSettings {
    /// Where; empty: nobody is told.
    pub url: String,
    /// Shown as `X-API-Key`.
    pub api_key: Hidden,
    /// What deliveries are signed with; empty: the key.
    pub secret: Hidden,
    /// The daemon's own address, which the backend is told; empty: it is not.
    pub own_url: String,
}

/// What the concern takes of the configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct DriveSettings {
    /// Which Drive.
    pub mode: Mode,
    /// What makes folders.
    pub provider: Provider,
    /// Where users' folders are on the VM.
    pub root: PathBuf,
    /// The folders of a user.
    pub folders: Vec<String>,
    /// Where the API is.
    pub api_base_url: String,
    /// Where uploads go.
    pub upload_base_url: String,
    /// Where tokens are had; empty: where the credentials say.
    pub token_url: String,
    /// A key file's content, or its path.
    pub credentials: Hidden,
    /// The shared drive that folders are made in; empty: the account's own.
    pub shared_drive_id: String,
    /// The folder that users' folders go into; empty: where the drive begins.
    pub parent_folder_id: String,
    /// The user that a service account acts for; empty: itself.
    pub subject: String,
    /// Where Google reaches the daemon; empty: it does not.
    pub public_url: String,
    /// Seconds between two looks at what changed.
    pub poll_seconds: u32,
    /// Seconds that a job about folders or files may take: its program gets a little
    /// less.
    pub job_seconds: u32,
    /// The program that makes folders.
    pub script: ProgramSettings,
    /// The program that processes files.
    pub processor: ProgramSettings,
    /// Where files go that no program decides about.
    pub routes: Vec<Route>,
    /// Whom the backend hears from.
    pub callback: CallbackSettings,
}

impl Default for DriveSettings {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            provider: Provider::default(),
            root: PathBuf::from("./data/drive"),
            folders: [NOVOS, "processados", ERROS].map(str::to_owned).to_vec(),
            api_base_url: "https://www.googleapis.com".to_owned(),
            upload_base_url: "https://www.googleapis.com".to_owned(),
            token_url: String::new(),
            credentials: Hidden::default(),
            shared_drive_id: String::new(),
            parent_folder_id: String::new(),
            subject: String::new(),
            public_url: String::new(),
            poll_seconds: 30,
            job_seconds: 600,
            script: ProgramSettings::default(),
            processor: ProgramSettings::default(),
            routes: Vec::new(),
            callback: CallbackSettings::default(),
        }
    }
}

impl DriveSettings {
    /// Which Drive this is: what is known of one is not known of another.
    pub fn source(&self) -> String {
        [&self.api_base_url, &self.shared_drive_id, &self.subject].map(String::as_str).join(" ")
    }

    /// Where Google's notifications go; `None`: it does not reach the daemon.
    pub fn push_address(&self) -> Option<String> {
        let base = self.public_url.trim_end_matches('/');
        (!base.is_empty()).then(|| format!("{base}/drive/notifications"))
    }

    /// The folder that users' folders go into; `None`: where the account's files
    /// begin.
    pub fn parent(&self) -> Option<&str> {
        [&self.parent_folder_id, &self.shared_drive_id]
            .into_iter()
            .map(String::as_str)
            .find(|id| !id.is_empty())
    }
}
