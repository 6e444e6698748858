//! A version of a file begins its journey: once, whoever found it, however often.

use std::path::Path;

use zelador_store::drive::{Folders, Journey, JourneyState, Journeys, Side};
use zelador_store::id::JobId;
use zelador_store::kv::Term;
use zelador_store::{Stored, Write};

use super::Inner;
use crate::drive::jobs::{PROCESS, ProcessArgs};
use crate::drive::port::RemoteFile;
use crate::drive::rules::files::{mime_of, remote_version};
use crate::drive::settings::ERROS;
use crate::drive::vm::Entry;
use crate::engine::jobs::NewJob;
use crate::error::{During as _, Error};

/// A file in a `novos`.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) side: Side,
    /// What its version is known by.
    pub(super) version: String,
    pub(super) name: String,
    pub(super) mime: String,
    pub(super) size: u64,
    /// Its id on Drive, or its path on the VM.
    pub(super) place: String,
    pub(super) md5: Option<String>,
}

impl Found {
    pub(super) fn on_drive(file: &RemoteFile) -> Self {
        Self {
            side: Side::Drive,
            version: remote_version(file),
            name: file.name.clone(),
            mime: file.mime.clone(),
            size: file.size.unwrap_or(0),
            place: file.id.clone(),
            md5: file.md5.clone(),
        }
    }

    pub(super) fn on_vm(dir: &Path, entry: &Entry, version: String) -> Self {
        Self {
            side: Side::Vm,
            version,
            name: entry.name.clone(),
            mime: mime_of(&entry.name).to_owned(),
            size: entry.print.size,
            place: dir.join(&entry.name).display().to_string(),
            md5: None,
        }
    }
}

impl Inner {
    /// Stages the journey of a file, and its job, if there is none under way.
    pub(super) async fn begun(
        &self,
        folder: &Stored<Folders>,
        file: &Found,
        write: &mut Write,
    ) -> Result<(), Error> {
        let (shell, user) = (&self.shell, folder.key);
        let key = (user, Term::new(&file.version));
        let known = shell.store.get::<Journeys>(&key).await.during("reading a journey")?;
        let under_way = known.as_ref().is_some_and(|known| {
            matches!(known.row.state, JourneyState::New | JourneyState::Processing)
        });
        if under_way {
            return Ok(());
        }
        let job: JobId = shell.id();
        let fresh = Journey {
            tenant: folder.row.tenant,
            side: file.side,
            name: file.name.clone(),
            mime: file.mime.clone(),
            size: file.size,
            place: file.place.clone(),
            md5: file.md5.clone(),
            // Noted by the job that takes the content for its own.
            sha256: None,
            state: JourneyState::New,
            to: None,
            target: None,
            job: Some(job),
            error: None,
            note: None,
            program: None,
            seen_at: shell.now(),
            ended_at: None,
        };
        match &known {
            None => write.insert::<Journeys>(&key, &fresh),
            // It is in novos again, or still. Where it goes was decided, and is not asked
            // again; what went to erros is tried anew.
            Some(known) => {
                let to = known.row.to.clone();
                let to = to.filter(|to| to != ERROS);
                let again = Journey { to, seen_at: known.row.seen_at, ..fresh };
                write.update::<Journeys>(known, &again)
            }
        };
        let args = ProcessArgs { user_id: user, version: file.version.clone() };
        let row = NewJob::new(PROCESS, &args).about(folder.row.tenant, user);
        write.enqueue(job, &row.build(shell.now()));
        Ok(())
    }
}
