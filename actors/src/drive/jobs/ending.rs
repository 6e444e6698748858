//! How the making of folders ends, in the commit of its job's end: the row, the event,
//! the backend's callback.

use serde_json::json;
use zelador_store::Write;
use zelador_store::author::{Author, AuthorKind};
use zelador_store::drive::{Folder, FolderState, Folders};
use zelador_store::id::JobId;
use zelador_store::job::Job;

use super::callback::{self, Told};
use super::create::{Making, folder_of};
use crate::drive::messages::made;
use crate::drive::settings::NOVOS;
use crate::engine::Shell;
use crate::error::Error;
use crate::facts::about_user;

/// All is there.
pub(super) fn ready(making: &Making) -> Write {
    let (shell, job, user) = (&making.cx.shell, making.cx.id, making.id);
    let now = shell.now();
    let folder = Folder {
        state: FolderState::Ready,
        error: None,
        program: None,
        ready_at: Some(now),
        updated_at: now,
        ..making.row.row.clone()
    };
    let mut write = Write::new();
    write.update::<Folders>(&making.row, &folder);
    let data = json!({
        "user_id": user, "tenant_id": folder.tenant, "job_id": job,
        "drive_folder_id": made(&folder, ""), "novos_folder_id": made(&folder, NOVOS),
        "web_view_link": folder.link,
    });
    let event = about_user(shell, "drive.folder_created", folder.tenant, user, &author(job), data);
    write.event(&event);
    let told = Told {
        event: "folder.ready".to_owned(),
        user_id: user,
        job_id: job,
        error: None,
        file: None,
    };
    callback::stage(shell, &mut write, &making.settings.callback.url, folder.tenant, &told);
    tracing::info!(%user, job_id = %job, provider = folder.provider, "drive folders ready");
    write
}

/// They could not be made, and no try is left.
pub(super) async fn failed(
    shell: &Shell,
    id: JobId,
    job: &Job,
    why: &str,
    callback: &str,
) -> Result<Write, Error> {
    let mut write = Write::new();
    let Some(row) = folder_of(shell, job).await?.filter(|row| row.row.job == Some(id)) else {
        return Ok(write);
    };
    let (user, tenant) = (row.key, row.row.tenant);
    let folder = Folder {
        state: FolderState::Failed,
        error: Some(why.to_owned()),
        program: None,
        updated_at: shell.now(),
        ..row.row.clone()
    };
    write.update::<Folders>(&row, &folder);
    let data = json!({ "user_id": user, "tenant_id": tenant, "job_id": id, "error": why });
    write.event(&about_user(shell, "drive.folder_failed", tenant, user, &author(id), data));
    let told = Told {
        event: "folder.failed".to_owned(),
        user_id: user,
        job_id: id,
        error: Some(why.to_owned()),
        file: None,
    };
    callback::stage(shell, &mut write, callback, tenant, &told);
    tracing::warn!(%user, job_id = %id, error = why, "drive folders were not made");
    Ok(write)
}

/// Another try follows: the row says what the last one met.
pub(super) async fn waits(shell: &Shell, id: JobId, job: &Job) -> Result<Write, Error> {
    let mut write = Write::new();
    if let Some(row) = folder_of(shell, job).await?.filter(|row| row.row.job == Some(id))
        && row.row.state != FolderState::Ready
    {
        let folder =
            Folder { error: job.error.clone(), updated_at: shell.now(), ..row.row.clone() };
        write.update::<Folders>(&row, &folder);
    }
    Ok(write)
}

/// Who did it: a job.
pub(super) fn author(job: JobId) -> Author {
    Author::new(AuthorKind::Job, job.to_string())
}
