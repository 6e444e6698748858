//! What is known of folders and files, from committed data.

use zelador_store::drive::{Channels, Folders, JourneysByTime, SandboxFolders};
use zelador_store::id::UserId;
use zelador_store::kv::Cursor;
use zelador_store::{Query, Timestamp};

use super::messages::{FileView, FolderView};
use super::settings::DriveSettings;
use super::watch::is_ours;
use crate::engine::Shell;
use crate::error::{During as _, Error};

/// A user's folders; that there is such a user is the caller's to know.
pub async fn folder(shell: &Shell, user: UserId) -> Result<FolderView, Error> {
    let found = shell.store.get::<Folders>(&user).await.during("reading a user's folders")?;
    Ok(FolderView { user, folder: found.map(|found| found.row) })
}

/// A page of the files of a user, the newest first.
pub async fn files(
    shell: &Shell,
    user: UserId,
    after: Option<Cursor>,
    limit: usize,
) -> Result<(Vec<FileView>, Option<Cursor>), Error> {
    let query = Query::under(&(user,)).reverse().after(after).limit(limit);
    let page = shell.store.page_by::<JourneysByTime>(&query).await;
    let page = page.during("listing a user's files")?;
    let view = |row: zelador_store::Stored<zelador_store::drive::Journeys>| FileView {
        version: row.key.1.as_str().to_owned(),
        journey: row.row,
    };
    Ok((page.rows.into_iter().map(view).collect(), page.next))
}

/// Whether anything was made against the sandbox.
pub async fn has_sandbox_folders(shell: &Shell) -> Result<bool, Error> {
    let page = shell.store.page_by::<SandboxFolders>(&Query::all().limit(1)).await;
    Ok(!page.during("looking for folders of the sandbox")?.rows.is_empty())
}

/// The channel that tells of changes, and when it ends; `None`: there is none, or it has
/// not said a word yet.
pub async fn channel(
    shell: &Shell,
    settings: &DriveSettings,
) -> Result<Option<(String, Timestamp)>, Error> {
    let page = shell.store.page::<Channels>(&Query::all().limit(500)).await;
    let now = shell.now();
    let rows = page.during("listing channels")?.rows.into_iter();
    let open = rows.filter(|row| {
        let open = row.row.resource.is_some() && row.row.number > 0 && row.row.expires_at > now;
        open && is_ours(&row.row, settings)
    });
    let newest = open.max_by_key(|row| (row.row.opened_at, row.row.expires_at));
    Ok(newest.map(|row| (row.key.as_str().to_owned(), row.row.expires_at)))
}
