//! Drive's side: its log of changes, page by page, and at times every `novos`.

use zelador_store::drive::{Folder, FolderState, Folders, FoldersByNovos, LogPlace, LogPlaces};
use zelador_store::id::UserId;
use zelador_store::kv::Term;
use zelador_store::{Query, Stored, Write};

use super::begun::{Beginnings, Found};
use super::{Fell, Inner, REPEATS};
use crate::drive::messages::made;
use crate::drive::port::{Port, RemoteFile};
use crate::drive::rules::answer::Trouble;
use crate::drive::rules::files::{Verdict, verdict};
use crate::drive::settings::{DriveSettings, NOVOS};
use crate::error::{During as _, Error};

/// Folders looked at between two reads of the store.
const PAGE: usize = 100;

/// By what the place in the log of the Drive that is spoken to is known.
pub(in crate::drive) fn place_key(settings: &DriveSettings) -> Term {
    let (drive, subject) = (settings.shared_drive_id.as_str(), settings.subject.as_str());
    Term::new(&[settings.mode.word(), drive, subject].join(" "))
}

impl Inner {
    /// Where the log is to be read on.
    pub(super) async fn place(
        &self,
        port: &dyn Port,
        settings: &DriveSettings,
    ) -> Result<Stored<LogPlaces>, Fell> {
        let key = place_key(settings);
        let place = self.shell.store.get::<LogPlaces>(&key).await;
        match place.during("reading a place in a log")? {
            Some(place) => Ok(place),
            None => self.begin(port, &key).await,
        }
    }

    /// One look; answers whether anything was in the log. `all`: at every folder, too.
    pub(super) async fn look(
        &self,
        port: &dyn Port,
        mut place: Stored<LogPlaces>,
        all: bool,
    ) -> Result<bool, Fell> {
        if all || place.row.looked_at.is_none() {
            // The log is read from where it ended before: nothing falls between.
            self.everywhere(port).await?;
            place = self.looked(place).await?;
        }
        let mut found = false;
        loop {
            let page = match port.changes(&place.row.token).await {
                Ok(page) => page,
                Err(trouble) if trouble.is_for("invalid") => {
                    self.forget(&place).await?;
                    return Err(Fell::Lost);
                }
                Err(trouble) => return Err(Fell::Outside(trouble.to_string())),
            };
            found |= !page.changes.is_empty();
            let files: Vec<RemoteFile> =
                page.changes.into_iter().filter_map(|change| change.now).collect();
            place = self.page(place, &files, page.next).await?;
            if page.end {
                return Ok(found);
            }
        }
    }

    async fn begin(&self, port: &dyn Port, key: &Term) -> Result<Stored<LogPlaces>, Fell> {
        let token = port.log_end().await.map_err(|trouble| Fell::Outside(trouble.to_string()))?;
        let row = LogPlace { token, read_at: self.shell.now(), looked_at: None };
        let mut write = Write::new();
        write.insert::<LogPlaces>(key, &row);
        let store = &self.shell.store;
        store.commit(write).await.during("beginning a log")?;
        let place = store.get::<LogPlaces>(key).await.during("reading a place in a log")?;
        place.ok_or(Fell::Lost)
    }

    async fn forget(&self, place: &Stored<LogPlaces>) -> Result<(), Fell> {
        tracing::warn!("drive's log of changes is begun anew");
        let mut write = Write::new();
        write.remove::<LogPlaces>(place);
        self.shell.store.commit(write).await.during("forgetting a place in a log")?;
        Ok(())
    }

    async fn looked(&self, place: Stored<LogPlaces>) -> Result<Stored<LogPlaces>, Fell> {
        let row = LogPlace { looked_at: Some(self.shell.now()), ..place.row.clone() };
        self.moved(place, row, Write::new()).await
    }

    async fn moved(
        &self,
        place: Stored<LogPlaces>,
        row: LogPlace,
        mut write: Write,
    ) -> Result<Stored<LogPlaces>, Fell> {
        write.update::<LogPlaces>(&place, &row);
        let doing = "moving on in a log";
        self.shell.store.commit(write).await.during(doing)?;
        let next = place.rewritten(row).map_err(zelador_store::Error::from);
        Ok(next.during(doing)?)
    }

    /// Takes in a page of the log: what it begins and where it ends are one commit.
    async fn page(
        &self,
        place: Stored<LogPlaces>,
        files: &[RemoteFile],
        next: String,
    ) -> Result<Stored<LogPlaces>, Fell> {
        let read_at = self.shell.now();
        let row = LogPlace { token: next, read_at, ..place.row.clone() };
        if row.token == place.row.token && files.is_empty() {
            return Ok(place);
        }
        let mut left = REPEATS;
        loop {
            let mut begin = Beginnings::default();
            let mut seen = std::collections::BTreeSet::new();
            // The last word about a file counts.
            for file in files.iter().rev().filter(|file| seen.insert(file.id.clone())) {
                let Some(parent) = &file.parent else { continue };
                let folder = self.shell.store.find::<FoldersByNovos>(&Term::new(parent)).await;
                if let Some(folder) = folder.during("looking whose a file is")? {
                    self.dropped(&folder, file, &mut begin).await?;
                }
            }
            begin.write.update::<LogPlaces>(&place, &row);
            match self.shell.store.commit(begin.write).await {
                Ok(_) => {
                    let next = place.rewritten(row).map_err(zelador_store::Error::from);
                    return Ok(next.during("moving on in a log")?);
                }
                Err(error) if error.is_conflict() && left > 0 => left -= 1,
                Err(error) => return Err(Error::from_store("taking in changes", error).into()),
            }
        }
    }

    /// Looks into every `novos`.
    async fn everywhere(&self, port: &dyn Port) -> Result<(), Fell> {
        let mut after = None;
        loop {
            let query = Query::all().limit(PAGE).after(after);
            let page = self.shell.store.page::<Folders>(&query).await;
            let page = page.during("listing folders")?;
            for folder in &page.rows {
                if folder.row.state == FolderState::Ready {
                    self.into(port, folder.key, &folder.row).await?;
                }
            }
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    async fn into(&self, port: &dyn Port, user: UserId, folder: &Folder) -> Result<(), Fell> {
        let Some(novos) = made(folder, NOVOS) else { return Ok(()) };
        let files = match port.in_folder(novos).await {
            Ok(files) => files,
            // Gone: whoever recreates it sees.
            Err(Trouble::Missing) => return Ok(()),
            Err(trouble) => return Err(Fell::Outside(trouble.to_string())),
        };
        let mut left = REPEATS;
        loop {
            let store = &self.shell.store;
            let Some(folder) = store.get::<Folders>(&user).await.during("reading folders")? else {
                return Ok(());
            };
            let mut begin = Beginnings::default();
            for file in &files {
                self.dropped(&folder, file, &mut begin).await?;
            }
            if begin.write.is_empty() {
                return Ok(());
            }
            match store.commit(begin.write).await {
                Ok(_) => return Ok(()),
                Err(error) if error.is_conflict() && left > 0 => left -= 1,
                Err(error) => return Err(Error::from_store("taking in files", error).into()),
            }
        }
    }

    /// Stages the journey of a file that is new in `novos`.
    async fn dropped(
        &self,
        folder: &Stored<Folders>,
        file: &RemoteFile,
        begin: &mut Beginnings,
    ) -> Result<(), Error> {
        match made(&folder.row, NOVOS) {
            Some(novos) if verdict(file, novos) == Verdict::Process => {
                self.begun(folder, &Found::on_drive(file), begin).await
            }
            _ => Ok(()),
        }
    }
}
