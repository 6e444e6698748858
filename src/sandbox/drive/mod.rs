//! A stand-in Google Drive: tokens, files, sharing, changes and push, over HTTP on
//! loopback.
//!
//! Written row by row from Google's discovery document and what is known of the real
//! service; the conformance tests are named after those rows. Among what it takes
//! over: names are not unique, an id that was handed out makes a file once (409), a
//! service account has no storage of its own, a shared drive shows itself only to
//! who says `supportsAllDrives`, of two changes of permissions at once the last
//! alone counts, tokens end, channels end, and notifications get lost.
//!
//! ```text
//! HTTP face ──▶ Stage (switches, time, chance, tokens) ──▶ World (pure)
//!     └────────▶ push: what the world has to tell is posted, as Google does
//! ```
//! One thing is more lenient than the real one: channels may name plain `http` on
//! this machine, where no certificate can be had.
//!
//! Invariants:
//! - It listens on loopback only, and posts where a channel was opened to, nowhere
//!   else.
//! - What it does not understand it refuses; it never ignores a part of a query.

mod core;
mod faults;
mod http;
mod json;
mod keys;
mod push;
mod stage;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use bytes::Bytes;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use zelador_actors::engine::clock::{Clock, Dice};
use zelador_store::Timestamp;

use self::core::{Caller, Content, NewFile, Restrictions};
use self::stage::Stage;

pub use self::faults::Faults;

/// The shared drive that every stand-in has.
pub const SHARED_DRIVE: &str = "0AsandboxSharedDrivePVA";
/// The service account, a content manager of the shared drive.
pub const SERVICE_ACCOUNT: &str = "zelador@sandbox.iam.gserviceaccount.com";
/// A person of the organisation, who manages the shared drive.
pub const PERSON: &str = "drive@sandbox.example";
/// The organisation's domain; whoever is of it has a Google account.
pub const DOMAIN: &str = "sandbox.example";

/// A stand-in that runs; it stops when this is dropped.
pub struct Sandbox {
    /// Where it is served.
    pub address: SocketAddr,
    stage: Stage,
    stop: CancellationToken,
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Sandbox {
    /// Starts one on a free port of loopback.
    ///
    /// # Errors
    /// If no port is free.
    pub async fn start(clock: Clock, dice: Dice) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let stage = Stage::new(format!("http://{address}"), clock, dice);
        let stop = CancellationToken::new();
        tokio::spawn(self::http::serve(listener, stage.clone(), stop.clone()));
        tokio::spawn(self::push::work(stage.clone(), stop.clone()));
        Ok(Self { address, stage, stop })
    }

    /// Its base URL, for the API and for uploads.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A service account's key file. Making the key takes a moment, once in a
    /// process.
    pub fn service_account(&self) -> Value {
        keys::key_file(&self.url())
    }

    /// What a person who consented leaves behind: a refresh token.
    pub fn authorized_user(&self) -> Value {
        self.stage.authorized_user()
    }

    /// The switches as they are.
    pub fn faults(&self) -> Faults {
        self.stage.faults()
    }

    /// Changes the switches.
    pub fn set(&self, change: impl FnOnce(&mut Faults)) {
        let mut faults = self.stage.faults();
        change(&mut faults);
        self.stage.set_faults(faults);
    }

    /// What the shared drive forbids from now on: nobody outside of the domain,
    /// nobody but its members, folders shared by organizers alone.
    pub fn restrict(&self, domain_only: bool, members_only: bool, organizers_only: bool) {
        if let Some(drive) = self.stage.world().drives.get_mut(SHARED_DRIVE) {
            drive.restrictions = Restrictions {
                domain: DOMAIN.to_owned(),
                domain_users_only: domain_only,
                members_only,
                folders_need_organizer: organizers_only,
            };
        }
    }

    /// Gives somebody a role in the shared drive; `None` takes it.
    pub fn member(&self, email: &str, role: Option<&str>) {
        let mut world = self.stage.world();
        match role {
            Some(role) => world.admit(SHARED_DRIVE, email, role),
            None => {
                if let Some(drive) = world.drives.get_mut(SHARED_DRIVE) {
                    drive.members.remove(email);
                }
            }
        }
    }

    /// Gives somebody a Google account.
    pub fn account(&self, email: &str) {
        let now = self.stage.now();
        self.stage.world().add_account(email, now);
    }

    /// Somebody drops a file into a folder, with a browser; answers its id.
    ///
    /// # Errors
    /// In words, if that person may not.
    pub fn drop_file(
        &self,
        email: &str,
        folder: &str,
        name: &str,
        content: impl Into<Bytes>,
    ) -> Result<String, String> {
        let (id, revision) = (self.stage.fresh_id(), self.stage.fresh_id());
        let new = NewFile {
            name: name.to_owned(),
            mime: Some(mime_of(name).to_owned()),
            parents: vec![folder.to_owned()],
            content: Some(Content::new(content.into(), revision)),
            ..NewFile::default()
        };
        let now = self.stage.now();
        let made = self.stage.world().create(&Caller::person(email), new, true, id, now);
        self.stage.told();
        made.map_err(|refused| refused.message)
    }

    /// When each file, by its id, changed last.
    pub fn last_changes(&self) -> HashMap<String, Timestamp> {
        self.stage.world().last_changes()
    }

    /// A file as the service account sees it.
    pub fn file(&self, id: &str) -> Option<Value> {
        let caller = Stage::service_caller();
        self.stage.world().get(&caller, id, true).ok()
    }

    /// What lies in a folder, trash left out: names and ids in the order of their
    /// making.
    pub fn folder(&self, id: &str) -> Vec<(String, String)> {
        let world = self.stage.world();
        let mut found: Vec<_> = world
            .files
            .values()
            .filter(|file| file.parent.as_deref() == Some(id) && !file.trashed)
            .map(|file| (file.serial, file.name.clone(), file.id.clone()))
            .collect();
        found.sort();
        found.into_iter().map(|(_, name, id)| (name, id)).collect()
    }

    /// Files and folders there are, roots left out.
    pub fn count(&self) -> usize {
        self.stage.world().files.values().filter(|file| file.parent.is_some()).count()
    }

    /// Roles on a file itself, by address.
    pub fn shares(&self, id: &str) -> BTreeMap<String, String> {
        let world = self.stage.world();
        let own = world.own_permissions(id).into_iter();
        own.filter_map(|one| Some((one.email?, one.role.word().to_owned()))).collect()
    }

    /// Ids of the channels that live.
    pub fn channels(&self) -> Vec<String> {
        let now = self.stage.now();
        self.stage.world().live_channels(now)
    }

    /// Channels die, and nobody is told.
    pub fn kill_channels(&self) {
        self.stage.world().kill_channels();
    }

    /// All tokens end now.
    pub fn end_tokens(&self) {
        self.stage.end_tokens();
    }

    /// Every call, with how often: by method and path without ids.
    pub fn asked(&self) -> BTreeMap<String, u64> {
        self.stage.asked()
    }

    /// Notifications that were posted and taken.
    pub fn pushed(&self) -> u64 {
        self.stage.pushed()
    }
}

fn mime_of(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).as_deref() {
        Some("pdf") => "application/pdf",
        Some("txt") => "text/plain",
        Some("csv") => "text/csv",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}
