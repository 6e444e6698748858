//! Copies of the whole store, as jobs: backups, and exports in plain text.
//!
//! Copying blocks, so it has a thread of its own; serving goes on. Restoring and
//! importing need a daemon that is not there, and are the command line's.

pub mod rules;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use zelador_store::Write;
use zelador_store::catalog::tables;
use zelador_store::kv::embedded::Embedded;
use zelador_store::kv::embedded::copies::{BackupInfo, CopyError, backup, prune_archive};
use zelador_store::kv::keeping::{TransferError, export, versions};

use crate::engine::jobs::{Failure, Handler, JobCx, said};
use crate::error::chain;

/// What the configuration says about scheduled backups; live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupPlace {
    /// Where they go.
    pub dir: PathBuf,
    /// How many of the newest are kept.
    pub keep: usize,
    /// Whether the archive of the journal reaches back to the oldest of them only.
    pub prune_archive: bool,
}

/// What a copy is made with.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CopyArgs {
    /// The file, absolute; `None` (backups only): a dated one in the directory of
    /// the scheduled backups, where old ones are then removed.
    pub file: Option<PathBuf>,
    /// Whether an existing file is replaced.
    pub force: bool,
}

/// The kind `backup.make`: everything in one checksummed file, read back.
pub struct MakeBackup {
    engine: Arc<Embedded>,
    place: watch::Receiver<Arc<BackupPlace>>,
}

impl MakeBackup {
    /// Backups of this engine.
    pub fn new(engine: Arc<Embedded>, place: watch::Receiver<Arc<BackupPlace>>) -> Self {
        Self { engine, place }
    }
}

#[async_trait]
impl Handler for MakeBackup {
    async fn run(&self, cx: JobCx) -> Result<Write, Failure> {
        let args: CopyArgs = cx.args()?;
        let place = self.place.borrow().clone();
        let scheduled = args.file.is_none();
        let file = match args.file {
            Some(file) => absolute(file)?,
            None => place.dir.join(rules::file_name(cx.job.created_at)),
        };
        let engine = self.engine.clone();
        let told = cx.clone();
        let made = blocking(move || {
            if scheduled {
                std::fs::create_dir_all(&place.dir)
                    .map_err(|error| cannot("make", &place.dir, &error))?;
            }
            // A try that was cut off may have left the same file.
            let force = args.force || scheduled;
            let info = take(&engine, &file, force, &told)?;
            if scheduled {
                prune(&engine, &place)?;
            }
            Ok((file, info))
        });
        let (file, info) = made.await?;
        tracing::info!(file = %file.display(), pairs = info.pairs, bytes = info.bytes, "backup made");
        cx.progress(info.pairs, info.pairs, file.display().to_string());
        Ok(Write::new())
    }
}

fn take(engine: &Embedded, file: &Path, force: bool, cx: &JobCx) -> Result<BackupInfo, Failure> {
    let tables: BTreeMap<String, u8> = versions(&tables());
    let made = backup(engine, file, force, tables, &mut |pairs| cx.progress(pairs, 0, "pairs"));
    made.map_err(|error| match error {
        CopyError::Exists { .. } => Failure::permanent(error),
        error => Failure::retry(chain(&error)),
    })
}

/// Removes all but the newest scheduled backups, and what of the archive only
/// those before them could use.
fn prune(engine: &Embedded, place: &BackupPlace) -> Result<(), Failure> {
    let mut names = scheduled(place)?;
    for name in rules::surplus(names.clone(), place.keep) {
        let file = place.dir.join(&name);
        std::fs::remove_file(&file).map_err(|error| cannot("remove", &file, &error))?;
        tracing::info!(file = %file.display(), "old backup removed");
        names.retain(|kept| *kept != name);
    }
    let Some(oldest) = rules::oldest(names).filter(|_| place.prune_archive) else { return Ok(()) };
    match prune_archive(engine, &place.dir.join(oldest)) {
        // A backup of the store that was restored from: its archive is not ours.
        Ok(0) | Err(CopyError::Foreign { .. }) => {}
        Ok(removed) => tracing::info!(removed, "old segments of the archive removed"),
        Err(error) => return Err(Failure::retry(chain(&error))),
    }
    Ok(())
}

/// The names of what is in the directory of scheduled backups.
fn scheduled(place: &BackupPlace) -> Result<Vec<String>, Failure> {
    let entries =
        std::fs::read_dir(&place.dir).map_err(|error| cannot("read", &place.dir, &error))?;
    Ok(entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect())
}

/// The kind `store.export`: everything as JSON Lines.
pub struct MakeExport(pub Arc<Embedded>);

#[async_trait]
impl Handler for MakeExport {
    async fn run(&self, cx: JobCx) -> Result<Write, Failure> {
        let args: CopyArgs = cx.args()?;
        let file = absolute(args.file.ok_or_else(|| Failure::permanent("no file is named"))?)?;
        let engine = self.0.clone();
        let told = cx.clone();
        let shown = file.display().to_string();
        let records = blocking(move || {
            let snapshot = engine.snapshot().map_err(|error| Failure::retry(chain(&error)))?;
            let write = |out: &mut dyn std::io::Write| {
                let mut progress = |records| told.progress(records, 0, "records");
                export(&snapshot, &tables(), env!("CARGO_PKG_VERSION"), out, &mut progress)
            };
            write_whole(&file, args.force, write).map(|exported| exported.records)
        });
        let records = records.await?;
        tracing::info!(file = shown, records, "export made");
        cx.progress(records, records, shown);
        Ok(Write::new())
    }
}

/// Writes a file whole or not at all, for its owner alone.
pub fn write_whole<T>(
    file: &Path,
    force: bool,
    write: impl FnOnce(&mut dyn std::io::Write) -> Result<T, TransferError>,
) -> Result<T, Failure> {
    use std::os::unix::fs::OpenOptionsExt as _;
    if !force && file.exists() {
        return Err(Failure::permanent(format!("{} exists already", file.display())));
    }
    let mut part = file.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let opened =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part);
    let opened = opened.map_err(|error| cannot("write", &part, &error))?;
    let mut out = std::io::BufWriter::new(opened);
    let written = write(&mut out).map_err(|error| Failure::retry(chain(&error)));
    let done = written.and_then(|written| {
        out.get_ref().sync_all().map_err(|error| cannot("sync", &part, &error))?;
        std::fs::rename(&part, file).map_err(|error| cannot("write", file, &error))?;
        Ok(written)
    });
    if done.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    done
}

fn absolute(file: PathBuf) -> Result<PathBuf, Failure> {
    if file.is_absolute() {
        Ok(file)
    } else {
        Err(Failure::permanent(format!("{} is not an absolute path", file.display())))
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) if error.is_panic() => {
            Err(Failure::retry(format!("panicked: {}", said(error.into_panic().as_ref()))))
        }
        Err(error) => Err(Failure::retry(error)),
    }
}

fn cannot(what: &str, path: &Path, error: &std::io::Error) -> Failure {
    Failure::retry(format!("cannot {what} {}: {error}", path.display()))
}
