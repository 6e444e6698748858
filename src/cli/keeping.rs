//! `restore`, `import`, `check-store` and `repair`: work on a store that no
//! daemon holds.

use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;
use zelador_actors::engine::Clock;
use zelador_actors::engine::copies::rules;
use zelador_actors::error::chain;
use zelador_store::Timestamp;
use zelador_store::catalog::tables;
use zelador_store::kv::EngineError;
use zelador_store::kv::embedded::copies::{self, CopyError, Sources};
use zelador_store::kv::embedded::{Embedded, Options};
use zelador_store::kv::keeping;
use zelador_store::soundness;

use super::owner::kept;
use super::progress::Progress;
use super::{Common, Exit, Failure, print};
use crate::config::StoreSettings;
use crate::daemon::{end_the_process, options, place_of_backups};

/// Where the changes after a backup are looked for.
#[derive(Debug, Default, clap::Args)]
pub struct After {
    /// Go on from the backup to this moment (RFC 3339), by the archive
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// The archive [default: the configured one, if --at is given]
    #[arg(long, value_name = "DIR")]
    pub archive: Option<PathBuf>,
    /// The old data directory, whose journal goes on after the backup
    #[arg(long, value_name = "DIR")]
    pub old_data_dir: Option<PathBuf>,
}

/// Makes a store from a backup.
pub(super) fn restore(
    common: &Common,
    file: Option<PathBuf>,
    after: &After,
) -> Result<Exit, Failure> {
    let _kept = kept(common);
    let config = crate::config::load(&common.sources())?.config;
    let settings = &config.store;
    let at = match &after.at {
        None => None,
        Some(text) => Some(text.parse::<Timestamp>().map_err(|error| {
            Failure::new(Exit::Usage, format_args!("--at {text} is no moment: {error}"))
        })?),
    };
    let configured = settings.archive_dir.as_deref().filter(|_| at.is_some());
    let sources = Sources {
        archive: after.archive.as_deref().or(configured),
        old_dir: after.old_data_dir.as_deref(),
        at,
    };
    let file = match (file, at) {
        (Some(file), _) => file,
        (None, Some(at)) => newest_by(&place_of_backups(&config), at)?,
        (None, None) => return Err(Failure::new(Exit::Usage, "name a backup, or a moment")),
    };
    let report = copies::restore(&file, &offline(settings), sources);
    let report = report.map_err(|error| refused(&error))?;
    let dir = settings.data_dir.display();
    if common.json {
        let report = json!({ "data_dir": dir.to_string(), "pairs": report.pairs,
            "groups": report.groups, "up_to": report.up_to });
        print(&report.to_string())?;
    } else {
        print(&format!("restored to {dir}, as of {}", report.up_to))?;
    }
    Ok(Exit::Done)
}

/// The newest scheduled backup that was taken by a moment.
fn newest_by(dir: &Path, at: Timestamp) -> Result<PathBuf, Failure> {
    let shown = dir.display();
    let entries = std::fs::read_dir(dir)
        .map_err(|error| Failure::new(Exit::No, format_args!("{shown}: {error}")))?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    // A backup is called after the moment it was asked for and taken a little
    // later, so what it says of itself decides.
    let taken_by = |file: &PathBuf| copies::verify(file).is_ok_and(|info| info.header.at <= at);
    let mut files = rules::by(names, at).into_iter().map(|name| dir.join(name));
    files.find(taken_by).ok_or_else(|| {
        Failure::new(Exit::No, format_args!("{shown} holds no whole backup taken by {at}"))
    })
}

/// Fills an empty store from JSON Lines.
pub(super) fn import(common: &Common, file: &Path) -> Result<Exit, Failure> {
    let _kept = kept(common);
    let input = std::fs::File::open(file)
        .map_err(|error| Failure::new(Exit::No, format_args!("{}: {error}", file.display())))?;
    let engine = open(common)?;
    let mut progress = Progress::new("records");
    let imported = blocking(async {
        let mut input = BufReader::new(input);
        let all = tables();
        let done = &mut |records| progress.set(records);
        keeping::import(engine.as_ref(), &all, &mut input, done)
            .await
            .map_err(|error| Failure::new(Exit::No, chain(&error)))
    });
    drop(progress);
    engine.close().map_err(|error| Failure::new(Exit::Disk, chain(&error)))?;
    let records = imported?.records;
    if common.json {
        print(&json!({ "records": records }).to_string())?;
    } else {
        print(&format!("{records} records imported"))?;
    }
    Ok(Exit::Done)
}

/// Walks everything and names what is wrong.
pub(super) fn check_store(common: &Common) -> Result<Exit, Failure> {
    let _kept = kept(common);
    let engine = open(common)?;
    let findings = engine
        .snapshot()
        .and_then(|snapshot| soundness::check(&snapshot))
        .map_err(|error| Failure::new(Exit::No, chain(&error)));
    engine.close().map_err(|error| Failure::new(Exit::Disk, chain(&error)))?;
    let findings = findings?;
    if common.json {
        let list: Vec<_> = findings
            .iter()
            .map(|finding| json!({ "place": finding.place, "problem": finding.problem }))
            .collect();
        print(&json!({ "sound": list.is_empty(), "findings": list }).to_string())?;
    } else if findings.is_empty() {
        print("the store is sound")?;
    } else {
        let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
        print(&lines.join("\n"))?;
    }
    Ok(if findings.is_empty() { Exit::Done } else { Exit::No })
}

/// Makes a store that does not open open again.
pub(super) fn repair(common: &Common, backup: Option<&Path>) -> Result<Exit, Failure> {
    let _kept = kept(common);
    let settings = settings(common)?;
    let report = copies::repair(&offline(&settings), backup).map_err(|error| refused(&error))?;
    if common.json {
        let report = json!({ "last_group": report.last_group, "groups": report.groups,
            "from_backup": report.from_backup });
        print(&report.to_string())?;
    } else {
        let from = if report.from_backup { "the backup" } else { "its base" };
        let groups = report.groups;
        print(&format!("made anew from {from} and {groups} groups of the journal since"))?;
    }
    Ok(Exit::Done)
}

/// Opens the store of the configuration, which no daemon may hold.
pub(super) fn open(common: &Common) -> Result<Arc<Embedded>, Failure> {
    let settings = settings(common)?;
    let opened = Embedded::open(offline(&settings));
    opened.map(|(engine, _)| engine).map_err(|error| refused(&error.into()))
}

fn settings(common: &Common) -> Result<StoreSettings, Failure> {
    let config = crate::config::load(&common.sources())?.config;
    Ok(config.store)
}

fn offline(settings: &StoreSettings) -> Options {
    options(settings, &Clock::system(), end_the_process())
}

fn refused(error: &CopyError) -> Failure {
    let exit = match error {
        CopyError::Engine(EngineError::Held { .. }) => Exit::Taken,
        _ => Exit::No,
    };
    Failure::new(exit, chain(error))
}

/// This release, as copies name it.
pub(super) const fn release() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// Runs a future of the command's to its end.
pub(super) fn blocking<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Failure::new(Exit::No, error))?.block_on(work)
}
