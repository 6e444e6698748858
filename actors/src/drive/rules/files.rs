//! Which files are to be processed, and which were.

use std::time::Duration;

use zelador_store::drive::JourneyState;

use crate::drive::port::RemoteFile;

/// What a version of a file on Drive is known by. A change that leaves it the same,
/// such as our own move or a new name, is none.
pub fn remote_version(file: &RemoteFile) -> String {
    let content = file.md5.as_deref().or(file.revision.as_deref());
    let own = || file.version.to_string();
    format!("drive:{}:{}", file.id, content.map_or_else(own, str::to_owned))
}

/// What a version of a file on the VM is known by.
pub fn local_version(path: &str, inode: u64, size: u64, modified_millis: i64) -> String {
    use sha2::{Digest as _, Sha256};
    let digest = Sha256::digest(format!("{path}\0{inode}\0{size}\0{modified_millis}").as_bytes());
    format!("vm:{}", hex::encode(digest).get(..32).unwrap_or_default())
}

/// What is to be done about a file that a change, or a look, tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is new in `novos`.
    Process,
    /// It is none of ours: elsewhere, a folder, in the trash.
    Leave,
}

/// Whether a file is to be processed. `novos`: the folder it must be in.
pub fn verdict(file: &RemoteFile, novos: &str) -> Verdict {
    let there = file.parent.as_deref() == Some(novos);
    if there && !file.trashed && !file.is_folder() { Verdict::Process } else { Verdict::Leave }
}

/// The state of another file with the same content, as far as it decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Twin {
    /// There is none.
    None,
    /// It is being processed: wait for it.
    Working,
    /// It was processed: this one goes where that one went.
    Done,
    /// It failed: this one is tried by itself.
    Failed,
}

/// How long a file that was processed stands for what holds the same: what comes later
/// is processed by itself.
pub const STANDS: Duration = Duration::from_secs(24 * 60 * 60);

/// Another file with the same content, on the other side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    /// Where it stands.
    pub state: JourneyState,
    /// Where it went, or is to go.
    pub to: Option<String>,
    /// Since it ended; of one that is under way, since it was seen.
    pub age: Duration,
}

/// The twin that decides, and where it went. Of all that hold the same, one that was
/// processed decides, else one that is being processed.
pub fn twin(others: &[Other]) -> (Twin, Option<String>) {
    let of = |state: JourneyState| others.iter().find(move |other| other.state == state);
    let done =
        others.iter().find(|other| other.state == JourneyState::Processed && other.age < STANDS);
    if let Some(Other { to: Some(to), .. }) = done {
        (Twin::Done, Some(to.clone()))
    } else if of(JourneyState::New).or(of(JourneyState::Processing)).is_some() {
        (Twin::Working, None)
    } else if of(JourneyState::Failed).is_some() {
        (Twin::Failed, None)
    } else {
        (Twin::None, None)
    }
}

/// What a file on the VM is, by its name; empty: nobody knows.
pub fn mime_of(name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase());
    match ending.as_deref().unwrap_or_default() {
        "pdf" => "application/pdf",
        "txt" => "text/plain",
        "csv" => "text/csv",
        "json" => "application/json",
        "xml" => "application/xml",
        "zip" => "application/zip",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "tif" | "tiff" => "image/tiff",
        "mp4" => "video/mp4",
        "mp3" => "audio/mpeg",
        "doc" => "application/msword",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xls" => "application/vnd.ms-excel",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _ => "",
    }
}

/// Whether a file is processed itself, given its twin on the other side.
pub fn runs_itself(twin: Twin) -> Option<bool> {
    match twin {
        Twin::None | Twin::Failed => Some(true),
        Twin::Done => Some(false),
        Twin::Working => None,
    }
}
