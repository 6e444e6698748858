//! What may be asked about a user's folders, and what is answered.

use serde::{Deserialize, Serialize};
use zelador_store::drive::{Folder, FolderState, Journey, ShareState};
use zelador_store::id::{JobId, UserId};

use super::settings::NOVOS;

/// The arguments of the jobs about a user's folders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FolderArgs {
    /// Whose.
    pub user_id: UserId,
}

/// What came of asking for folders.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The job that makes them, or made them last; `None`: they came without one.
    pub job: Option<JobId>,
    /// The folders, as they stand.
    pub folder: Folder,
}

/// A user's folders as they are shown.
#[derive(Debug, Clone, PartialEq)]
pub struct FolderView {
    /// Whose.
    pub user: UserId,
    /// `None`: nobody asked for any.
    pub folder: Option<Folder>,
}

impl FolderView {
    /// Where they stand, in a word.
    pub fn status(&self) -> &'static str {
        self.folder.as_ref().map_or("none", |folder| folder.state.word())
    }

    /// Where they are on the VM.
    pub fn local_path(&self) -> Option<&str> {
        self.folder.as_ref()?.part("")?.path.as_deref()
    }

    /// The id of the top folder on Drive.
    pub fn drive_folder(&self) -> Option<&str> {
        made(self.folder.as_ref()?, "")
    }

    /// The id of `novos` on Drive.
    pub fn novos_folder(&self) -> Option<&str> {
        made(self.folder.as_ref()?, NOVOS)
    }

    /// Who has the share of `novos`.
    pub fn shared_with(&self) -> Option<&str> {
        match &self.folder.as_ref()?.share {
            ShareState::Granted { email, .. } => Some(email),
            ShareState::None | ShareState::Withdrawn => None,
        }
    }

    /// Why they could not be made.
    pub fn error(&self) -> Option<&str> {
        let folder = self.folder.as_ref()?;
        folder.error.as_deref().filter(|_| folder.state != FolderState::Ready)
    }
}

/// The id of a part that is there.
pub(super) fn made<'a>(folder: &'a Folder, name: &str) -> Option<&'a str> {
    folder.part(name).filter(|part| part.made)?.drive_id.as_deref()
}

/// A file's journey, and whose.
#[derive(Debug, Clone, PartialEq)]
pub struct FileView {
    /// What its version is known by.
    pub version: String,
    /// The journey.
    pub journey: Journey,
}
