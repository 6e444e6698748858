//! The steps of a start, and what each failure means to an operator.

use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::Arc;

use tokio::net::TcpListener;
use zelador_actors::engine::Clock;
use zelador_actors::error::chain;
use zelador_store::kv::EngineError;
use zelador_store::kv::embedded::{Embedded, Options, copies};
use zelador_store::kv::keeping;

use crate::cli::{Exit, Failure};
use crate::config::StoreSettings;

/// What is done when the disk fails to keep what was written.
pub type Halt = Arc<dyn Fn(&EngineError) + Send + Sync>;

/// A MiB.
const MIB: u64 = 1024 * 1024;

/// The runtime of HTTP, clients and jobs.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().thread_name("zelador").build();
    runtime.map_err(|error| Failure::new(Exit::No, format_args!("starting threads: {error}")))
}

/// Threads for actors: one per core.
pub(super) fn cores() -> usize {
    std::thread::available_parallelism().map_or(2, std::num::NonZero::get)
}

/// After a failed sync only a new process can know what is durable.
pub(crate) fn end_the_process() -> Halt {
    Arc::new(|error| {
        tracing::error!(error = chain(error), "the disk failed to keep what was written");
        std::process::exit(Exit::Disk as i32);
    })
}

/// Takes the address.
pub(super) async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        let exit = match error.kind() {
            std::io::ErrorKind::AddrInUse => Exit::Taken,
            _ => Exit::No,
        };
        let remedy = match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                " (another daemon or program has it, see ss -ltnp; or choose another: --listen, [api] listen)"
            }
            std::io::ErrorKind::PermissionDenied => {
                " (ports below 1024 are root's: choose another, with a proxy in front)"
            }
            std::io::ErrorKind::AddrNotAvailable => " (this machine has no such address)",
            _ => "",
        };
        Failure::new(exit, format_args!("listening on {address}: {error}{remedy}"))
    })
}

/// Opens the store.
pub(super) async fn open_store(
    settings: &StoreSettings,
    clock: &Clock,
    halt: Halt,
) -> Result<Arc<Embedded>, Failure> {
    make_private(&settings.data_dir)?;
    let options = options(settings, clock, halt);
    let opened = tokio::task::spawn_blocking(move || Embedded::open(options)).await;
    let opened = opened.map_err(|error| Failure::new(Exit::No, error))?;
    let (engine, report) = opened.map_err(|error| {
        let exit = match error {
            EngineError::Held { .. } => Exit::Taken,
            _ => Exit::No,
        };
        let remedy = foreign(&settings.data_dir, &chain(&error));
        Failure::new(exit, format_args!("{}{remedy}", chain(&error)))
    })?;
    tracing::info!(created = report.created, replayed = report.replayed_groups,
        cut_bytes = report.cut_bytes, dir = %settings.data_dir.display(), "store opened");
    if report.rebuilt {
        tracing::warn!("the machine had lost power: the index was made anew from the journal");
    }
    bring_up_to_date(&engine, settings).await?;
    Ok(engine)
}

/// Refuses a store of a newer release, and migrates one of an older, after a
/// backup.
async fn bring_up_to_date(engine: &Arc<Embedded>, settings: &StoreSettings) -> Result<(), Failure> {
    let tables = zelador_store::catalog::tables();
    let release = env!("CARGO_PKG_VERSION");
    let copy = || -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let file = settings.data_dir.join(format!("before-{release}.backup"));
        let versions = keeping::versions(&tables);
        copies::backup(engine, &file, true, versions, &mut |_| {})?;
        tracing::info!(file = %file.display(), "backup made before the migration");
        Ok(())
    };
    match keeping::migrate(engine.as_ref(), &tables, release, copy).await {
        Ok(keeping::Migration::Rewrote(rows)) => tracing::info!(rows, "store migrated"),
        Ok(keeping::Migration::Noted | keeping::Migration::Current) => {}
        Err(error) => return Err(Failure::new(Exit::No, chain(&error))),
    }
    Ok(())
}

/// Makes the data directory, for nobody but the daemon's user to look into.
fn make_private(dir: &Path) -> Result<(), Failure> {
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir);
    made.map_err(|error| {
        let shown = dir.display();
        let why = format_args!(
            "cannot make the data directory {shown}: {error} (whoever runs the daemon must be allowed to; \
             --data-dir or [store] data_dir names another)"
        );
        Failure::new(Exit::No, why)
    })
}

/// What helps against files that somebody else has made, if that is what is wrong.
fn foreign(dir: &Path, why: &str) -> String {
    let denied = why.contains("Permission denied");
    let remedy = || {
        let (me, shown) = (rustix::process::geteuid().as_raw(), dir.display());
        format!(
            " (all of {shown} must belong to whoever runs the daemon, here user {me}: chown -R)"
        )
    };
    denied.then(remedy).unwrap_or_default()
}

/// What the store is opened with.
pub(crate) fn options(settings: &StoreSettings, clock: &Clock, halt: Halt) -> Options {
    let clock = clock.clone();
    let mut options = Options::new(&settings.data_dir, boot_id(), Arc::new(move || clock.now()));
    options.archive_dir.clone_from(&settings.archive_dir);
    options.cache_bytes = u64::from(settings.cache_mb) * MIB;
    options.segment_bytes = u64::from(settings.journal_segment_mb) * MIB;
    options.drain_bytes = settings.overlay_mb as usize * 1024 * 1024;
    options.hard_bytes = options.drain_bytes.saturating_mul(6);
    options.ballast_bytes = u64::from(settings.ballast_mb) * MIB;
    options.halt = halt;
    options
}

/// What the machine calls its present run; empty where it does not say, which
/// every start then takes for another one.
fn boot_id() -> String {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
        .map(|id| id.trim().to_owned())
        .unwrap_or_default()
}

/// What a failed step means to an operator.
pub(super) fn told<T>(step: Result<T, zelador_actors::Error>) -> Result<T, Failure> {
    step.map_err(|error| Failure::new(Exit::No, error.chain()))
}
