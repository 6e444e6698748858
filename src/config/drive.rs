//! `[drive]`: the concern's settings, and what of them is secret.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use zelador_actors::drive::rules::routes::Route;
use zelador_actors::drive::{
    CallbackSettings, DriveSettings, Hidden, Mode, ProgramSettings, Provider,
};

use super::secret::{self, Secret};

/// `[drive]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DriveSection {
    /// Which Drive is talked to.
    pub mode: Mode,
    /// What makes a user's folders.
    pub provider: Provider,
    /// Where users' folders are on the VM.
    pub root: PathBuf,
    /// The folders of a user.
    pub folders: Vec<String>,
    /// Where Google's API is.
    pub api_base_url: String,
    /// Where uploads go.
    pub upload_base_url: String,
    /// Where tokens are had; empty: where the credentials say.
    pub token_url: String,
    /// A key file's path, or by reference its content; `None` (empty in the file): what
    /// the variable `GOOGLE_APPLICATION_CREDENTIALS` names.
    #[serde(with = "secret::optional")]
    pub credentials: Option<Secret>,
    /// The shared drive; empty: none.
    pub shared_drive_id: String,
    /// The folder that users' folders go into; empty: where the drive begins.
    pub parent_folder_id: String,
    /// The user that a service account acts for; empty: itself.
    pub subject: String,
    /// The https address at which Google reaches the daemon; empty: none.
    pub public_url: String,
    /// Seconds between two looks at what changed.
    pub poll_seconds: u32,
    /// What the dashboard's backend shows: a service token with `folders:*`; `None` (empty
    /// in the file): there is none of this sort.
    #[serde(with = "secret::optional")]
    pub api_key: Option<Secret>,
    /// Where files go that no program decides about.
    pub routes: Vec<Route>,
    /// `[drive.script]`: the program that makes folders.
    pub script: ProgramSettings,
    /// `[drive.processor]`: the program that processes files.
    pub processor: ProgramSettings,
    /// `[drive.callback]`: whom the backend hears from.
    pub callback: CallbackSection,
}

/// `[drive.callback]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CallbackSection {
    /// Where; empty: nobody is told.
    pub url: String,
    /// Shown as `X-API-Key`.
    #[serde(with = "secret::optional")]
    pub api_key: Option<Secret>,
    /// What deliveries are signed with; `None` (empty in the file): the key.
    #[serde(with = "secret::optional")]
    pub secret: Option<Secret>,
    /// The daemon's own address, which the backend is told; empty: it is not.
    pub own_url: String,
}

impl Default for DriveSection {
    fn default() -> Self {
        let own = DriveSettings::default();
        Self {
            mode: own.mode,
            provider: own.provider,
            root: own.root,
            folders: own.folders,
            api_base_url: own.api_base_url,
            upload_base_url: own.upload_base_url,
            token_url: own.token_url,
            credentials: None,
            shared_drive_id: own.shared_drive_id,
            parent_folder_id: own.parent_folder_id,
            subject: own.subject,
            public_url: own.public_url,
            poll_seconds: own.poll_seconds,
            api_key: None,
            routes: own.routes,
            script: own.script,
            processor: own.processor,
            callback: CallbackSection::default(),
        }
    }
}

/// Where the stand-in is, and how one gets in.
#[derive(Clone, Debug)]
pub struct StandIn {
    /// Its address.
    pub url: String,
    /// Credentials that are good there.
    pub credentials: String,
    /// Its shared drive.
    pub drive: String,
}

impl DriveSection {
    /// What the concern takes of it. `job_seconds`: what a job about folders may take.
    pub fn in_force(&self, stand_in: Option<&StandIn>, job_seconds: u32) -> DriveSettings {
        let text = |secret: &Option<Secret>| {
            let text = secret.as_ref().map_or_else(String::new, |secret| secret.expose().into());
            Hidden::new(SecretString::from(text))
        };
        let own = DriveSettings {
            mode: self.mode,
            provider: self.provider,
            root: self.root.clone(),
            folders: self.folders.clone(),
            api_base_url: self.api_base_url.clone(),
            upload_base_url: self.upload_base_url.clone(),
            token_url: self.token_url.clone(),
            credentials: text(&self.credentials),
            shared_drive_id: self.shared_drive_id.clone(),
            parent_folder_id: self.parent_folder_id.clone(),
            subject: self.subject.clone(),
            public_url: self.public_url.clone(),
            poll_seconds: self.poll_seconds,
            job_seconds,
            script: self.script.clone(),
            processor: self.processor.clone(),
            routes: self.routes.clone(),
            callback: CallbackSettings {
                url: self.callback.url.clone(),
                api_key: text(&self.callback.api_key),
                secret: text(&self.callback.secret),
                own_url: self.callback.own_url.clone(),
            },
        };
        match (self.mode, stand_in) {
            (Mode::Sandbox, Some(there)) => DriveSettings {
                api_base_url: there.url.clone(),
                upload_base_url: there.url.clone(),
                token_url: String::new(),
                credentials: Hidden::new(there.credentials.clone()),
                shared_drive_id: there.drive.clone(),
                parent_folder_id: String::new(),
                subject: String::new(),
                ..own
            },
            _ => own,
        }
    }
}
