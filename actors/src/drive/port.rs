//! What the concern needs of Google Drive.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;

use super::rules::answer::Trouble;
use super::settings::DriveSettings;

/// A file or folder, as far as it matters here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RemoteFile {
    /// Its id.
    pub id: String,
    /// Its name; others may have the same.
    pub name: String,
    /// Its type.
    pub mime: String,
    /// The folder it is in.
    pub parent: Option<String>,
    /// It, or a folder above it, is in the trash.
    pub trashed: bool,
    /// Bytes; folders and documents of Google's have none.
    pub size: Option<u64>,
    /// MD5 of its content, in hexadecimal.
    pub md5: Option<String>,
    /// SHA-256 of its content, in hexadecimal.
    pub sha256: Option<String>,
    /// Grows with every change.
    pub version: u64,
    /// The revision of its content.
    pub revision: Option<String>,
    /// The mark that we put on what we make.
    pub mark: Option<String>,
    /// Where people see it.
    pub link: Option<String>,
}

impl RemoteFile {
    /// Whether it is a folder.
    pub fn is_folder(&self) -> bool {
        self.mime == FOLDER
    }
}

/// What a folder is.
pub const FOLDER: &str = "application/vnd.google-apps.folder";

/// A folder that is to be made. Its id was handed out before, and made durable:
/// making it twice makes it once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFolder {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The folder it goes into; `None`: where the account's files begin.
    pub parent: Option<String>,
    /// The mark by which it is known as ours.
    pub mark: String,
}

/// Somebody's share of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// Its id.
    pub id: String,
    /// Whose.
    pub email: Option<String>,
    /// What it grants.
    pub role: String,
}

/// A change of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Which file.
    pub file: String,
    /// How it is now; `None`: it is gone, or not ours to see any more.
    pub now: Option<RemoteFile>,
}

/// A page of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// In order.
    pub changes: Vec<Change>,
    /// Where the next page begins.
    pub next: String,
    /// This was the last page.
    pub end: bool,
}

/// A channel that is to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewChannel {
    /// Its id: never used before.
    pub id: String,
    /// What every notification must show.
    pub token: String,
    /// Where notifications go.
    pub address: String,
    /// When it is to end, in milliseconds since 1970.
    pub expiration: i64,
}

/// A channel that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenChannel {
    /// Google's name of what is watched.
    pub resource: String,
    /// When it really ends, in milliseconds since 1970.
    pub expiration: i64,
}

/// What is known of the account and its shared drive.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Who we are to Google.
    pub email: String,
    /// Bytes that may be stored; `None`: no limit.
    pub limit: Option<u64>,
    /// The shared drive; `None`: none is configured, or we are no member of it.
    pub drive: Option<SharedDrive>,
}

/// A shared drive, as its members see it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "as the upstream has them")]
pub struct SharedDrive {
    /// Its name.
    pub name: String,
    /// Nobody outside of the domain gets anything.
    pub domain_users_only: bool,
    /// Nobody but its members gets anything.
    pub members_only: bool,
    /// Folders are shared by organizers alone.
    pub folders_need_organizer: bool,
    /// We may put files into it.
    pub can_add: bool,
    /// We may share what is in it.
    pub can_share: bool,
}

/// A conversation with Google Drive.
#[async_trait]
pub trait Port: Send + Sync {
    /// Who we are, and how we stand to the shared drive.
    async fn standing(&self) -> Result<Standing, Trouble>;
    /// Ids for files that are yet to be made.
    async fn ids(&self, count: usize) -> Result<Vec<String>, Trouble>;
    /// Makes a folder; [`Trouble::Exists`] if it was made before.
    async fn make_folder(&self, new: &NewFolder) -> Result<RemoteFile, Trouble>;
    /// A file; [`Trouble::Missing`] if it is gone or not ours to see.
    async fn file(&self, id: &str) -> Result<RemoteFile, Trouble>;
    /// All that lies in a folder, the trash left out.
    async fn in_folder(&self, id: &str) -> Result<Vec<RemoteFile>, Trouble>;
    /// Folders that carry a mark of ours.
    async fn marked(&self, mark: &str) -> Result<Vec<RemoteFile>, Trouble>;
    /// Takes a file out of the trash.
    async fn untrash(&self, id: &str) -> Result<RemoteFile, Trouble>;
    /// Moves a file.
    async fn move_file(&self, id: &str, from: &str, to: &str) -> Result<RemoteFile, Trouble>;
    /// The shares of a folder itself.
    async fn shares(&self, id: &str) -> Result<Vec<Share>, Trouble>;
    /// Gives somebody the role `writer`; answers the share's id. `notify`: Google
    /// tells them by mail.
    async fn share(&self, id: &str, email: &str, notify: bool) -> Result<String, Trouble>;
    /// Takes a share back; one that is gone is no trouble.
    async fn unshare(&self, id: &str, share: &str) -> Result<(), Trouble>;
    /// Writes what a file holds to a place; answers the bytes.
    async fn download(&self, id: &str, to: &Path) -> Result<u64, Trouble>;
    /// Puts a small text into a folder, under an id that was handed out.
    async fn put_text(&self, new: &NewFolder, text: &str) -> Result<(), Trouble>;
    /// Where the log of changes ends now.
    async fn log_end(&self) -> Result<String, Trouble>;
    /// A page of the log.
    async fn changes(&self, from: &str) -> Result<Changes, Trouble>;
    /// Opens a channel for what comes after a place in the log.
    async fn watch(&self, from: &str, new: &NewChannel) -> Result<OpenChannel, Trouble>;
    /// Closes a channel; one that is gone is no trouble.
    async fn stop(&self, channel: &str, resource: &str) -> Result<(), Trouble>;
}

/// Begins conversations with whatever the settings name.
pub trait Upstream: Send + Sync + 'static {
    /// One of them; the error is in words an operator can act on.
    fn open(&self, settings: &DriveSettings) -> Result<Arc<dyn Port>, String>;
}
