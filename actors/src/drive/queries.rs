//! What is known of folders and files, from committed data.

use zelador_store::drive::{
    Channels, FolderState, Folders, JourneysByTime, JourneysUnderWay, LogPlace, LogPlaces,
    SandboxFolders,
};
use zelador_store::id::{TenantId, UserId};
use zelador_store::kv::Cursor;
use zelador_store::{Page, Query, Timestamp};

use super::messages::{FileView, FolderView};
use super::settings::DriveSettings;
use super::watch::{is_ours, place_key};
use crate::engine::Shell;
use crate::error::{During as _, Error};

/// Rows looked at for one page. A page of a rare kind may be short, or empty, and yet
/// not be the last.
const LOOKED_AT: usize = 5000;

/// Which folders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FolderFilter {
    /// Of this tenant; `None`: of all.
    pub tenant: Option<TenantId>,
    /// In one of these states; empty: any.
    pub states: Vec<FolderState>,
}

/// A page of the folders that were ever asked for, those of the newest users first.
pub async fn list(
    shell: &Shell,
    filter: &FolderFilter,
    mut after: Option<Cursor>,
    limit: usize,
) -> Result<Page<FolderView>, Error> {
    let (mut rows, mut looked_at) = (Vec::new(), 0);
    loop {
        // As many as are missing, so that the cursor stands right behind the last row.
        let query = Query::all().reverse().after(after).limit(limit.saturating_sub(rows.len()));
        let page = shell.store.page::<Folders>(&query).await.during("listing folders")?;
        looked_at += page.rows.len();
        let fit = page.rows.into_iter().filter(|found| {
            filter.tenant.is_none_or(|tenant| tenant == found.row.tenant)
                && (filter.states.is_empty() || filter.states.contains(&found.row.state))
        });
        rows.extend(fit.map(|found| FolderView { user: found.key, folder: Some(found.row) }));
        after = page.next;
        if after.is_none() || rows.len() >= limit || looked_at >= LOOKED_AT {
            return Ok(Page { rows, next: after });
        }
    }
}

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

/// How many files are under way, counted up to this.
pub const MANY: usize = 1000;

/// How many files are under way; [`MANY`] may be more.
pub async fn under_way(shell: &Shell) -> Result<usize, Error> {
    let page = shell.store.entries::<JourneysUnderWay>(&Query::all().limit(MANY)).await;
    Ok(page.during("counting files under way")?.rows.len())
}

/// How far the log of changes on Drive was read; `None`: never yet.
pub async fn log_place(shell: &Shell, settings: &DriveSettings) -> Result<Option<LogPlace>, Error> {
    let place = shell.store.get::<LogPlaces>(&place_key(settings)).await;
    Ok(place.during("reading a place in a log")?.map(|place| place.row))
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
