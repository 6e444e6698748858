//! A version of a file begins its journey: once, whoever found it, however often.

use std::collections::HashMap;
use std::path::Path;

use zelador_store::drive::{Folders, Journey, JourneyState, Journeys, JourneysUnderWay, Side};
use zelador_store::id::{JobId, UserId};
use zelador_store::kv::Term;
use zelador_store::{Query, Stored, Write};

use super::Inner;
use crate::drive::jobs::{PROCESS, ProcessArgs};
use crate::drive::port::RemoteFile;
use crate::drive::rules::fair::{self, MANY};
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

/// Journeys that begin in one commit.
#[derive(Default)]
pub(super) struct Beginnings {
    pub(super) write: Write,
    /// How many of a user's are under way, with those that begin here.
    under_way: HashMap<UserId, usize>,
}

impl Inner {
    /// How many of a user's files are under way before the next one, which is counted.
    async fn next_of(&self, user: UserId, begin: &mut Beginnings) -> Result<usize, Error> {
        let before = if let Some(before) = begin.under_way.get(&user) {
            *before
        } else {
            let live = Query::under_key(&user).limit(MANY);
            let live = self.shell.store.entries::<JourneysUnderWay>(&live).await;
            live.during("counting journeys")?.rows.len()
        };
        begin.under_way.insert(user, before + 1);
        Ok(before)
    }

    /// Stages the journey of a file, and its job, if there is none under way.
    pub(super) async fn begun(
        &self,
        folder: &Stored<Folders>,
        file: &Found,
        begin: &mut Beginnings,
    ) -> Result<(), Error> {
        let (shell, user) = (&self.shell, folder.key);
        let key = (user, Term::new(&file.version));
        let known = shell.store.get::<Journeys>(&key).await.during("reading a journey")?;
        if known.as_ref().is_some_and(|known| known.row.state.is_live()) {
            return Ok(());
        }
        let before = self.next_of(user, begin).await?;
        let write = &mut begin.write;
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
        let priority = fair::priority(before);
        let row = NewJob { priority, ..NewJob::new(PROCESS, &args).about(folder.row.tenant, user) };
        write.enqueue(job, &row.build(shell.now()));
        Ok(())
    }
}
