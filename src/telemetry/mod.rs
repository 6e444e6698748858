//! Logs and metrics.
//!
//! ```text
//!              ┌ terminal: short coloured lines
//! an event ────┼ journald: native fields, and the line as the message
//!              └ else: JSON lines            + a rotated file, if one is set
//! ```
//!
//! - One event is one line, whatever its fields hold.
//! - The level is live; where the log goes is fixed at the start.
//! - Personal data passes through [`mask`] before it is logged at `info` or
//!   above.

mod journal;
mod json;
mod lines;
pub mod mask;
mod metrics;
mod place;
#[cfg(test)]
mod tests;

use std::io;
use std::path::PathBuf;

use tracing::error;
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_appender::rolling::{InitError, RollingFileAppender, Rotation};
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::{Layered, SubscriberExt as _};
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt, reload};

pub use metrics::{Metrics, MetricsError};
use place::Place;

use crate::config::TelemetrySettings;

/// Lines that wait for the log file; beyond it lines are dropped from the file
/// (never from the log itself) rather than stop the daemon.
const WAITING_LINES: usize = 8192;

/// What tells more than an operator asked for; the configuration may ask again.
const QUIET: &str = "tokio_cron_scheduler=warn";

type Stack = Layered<reload::Layer<EnvFilter, Registry>, Registry>;
type Sink = Box<dyn Layer<Stack> + Send + Sync>;

/// The log of the process. Dropping it writes out the rest of the log file.
#[derive(Debug)]
pub struct Telemetry {
    level: reload::Handle<EnvFilter, Registry>,
    _file: Option<WorkerGuard>,
}

/// Logging that cannot be set up or changed.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The level is none.
    #[error("reading the log level")]
    Level(#[source] ParseError),
    /// The log file cannot be opened.
    #[error("opening the log file {}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Why not.
        source: InitError,
    },
    /// The log file's name is taken by something that the daemon did not make.
    #[error("{} is in the way: the log file is a link to the newest of its daily files", .0.display())]
    InTheWay(PathBuf),
    /// There is a log already.
    #[error("starting the log")]
    Start(#[source] TryInitError),
    /// The level cannot be changed any more.
    #[error("changing the log level")]
    Gone(#[source] reload::Error),
}

impl Telemetry {
    /// Starts the log of this process; once.
    pub fn start(settings: &TelemetrySettings) -> Result<Self, TelemetryError> {
        let (subscriber, telemetry) = build(settings, Place::of_process())?;
        subscriber.try_init().map_err(TelemetryError::Start)?;
        log_panics();
        Ok(telemetry)
    }

    /// Changes what is logged.
    pub fn set_level(&self, level: &str) -> Result<(), TelemetryError> {
        self.level.reload(read_level(level)?).map_err(TelemetryError::Gone)
    }
}

fn build(
    settings: &TelemetrySettings,
    place: Place,
) -> Result<(Layered<Vec<Sink>, Stack>, Telemetry), TelemetryError> {
    let (level, handle) = reload::Layer::new(read_level(&settings.level)?);
    let mut sinks = vec![main_sink(place)];
    let (file, guard) = file_sink(settings)?.unzip();
    sinks.extend(file);
    let subscriber = tracing_subscriber::registry().with(level).with(sinks);
    Ok((subscriber, Telemetry { level: handle, _file: guard }))
}

fn read_level(text: &str) -> Result<EnvFilter, TelemetryError> {
    EnvFilter::try_new(format!("{QUIET},{text}")).map_err(TelemetryError::Level)
}

fn main_sink(place: Place) -> Sink {
    match place {
        Place::Terminal { colours } => fmt::layer()
            .compact()
            .with_target(false)
            .with_ansi(colours)
            .with_writer(lines::OneLine::new(io::stderr, colours))
            .boxed(),
        Place::Journal => match journal::Journal::open() {
            Ok(journal) => journal.boxed(),
            Err(_) => main_sink(Place::Elsewhere),
        },
        // JSON escapes every control character.
        Place::Elsewhere => fmt::layer()
            .fmt_fields(json::Fields)
            .event_format(json::Line)
            .with_writer(io::stderr)
            .boxed(),
    }
}

/// A file a day; the configured name is a link to the newest, for `tail -F`.
fn file_sink(settings: &TelemetrySettings) -> Result<Option<(Sink, WorkerGuard)>, TelemetryError> {
    let Some(file) = &settings.file else { return Ok(None) };
    if file.exists() && !file.is_symlink() {
        return Err(TelemetryError::InTheWay(file.clone()));
    }
    let directory = file.parent().unwrap_or(std::path::Path::new("."));
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let keep = usize::try_from(settings.file_keep).unwrap_or(usize::MAX);
    let appender = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix(name.as_ref())
        .latest_symlink(name.as_ref())
        .max_log_files(keep)
        .build(directory)
        .map_err(|source| TelemetryError::File { file: file.clone(), source })?;
    let (writer, guard) = NonBlockingBuilder::default()
        .buffered_lines_limit(WAITING_LINES)
        .lossy(true)
        .thread_name("log-file")
        .finish(appender);
    let layer = fmt::layer()
        .with_ansi(false)
        .with_target(false)
        .with_span_events(FmtSpan::NONE)
        .with_writer(lines::OneLine::new(writer, false));
    Ok(Some((layer.boxed(), guard)))
}

/// A panic is a line of the log too, with its place.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let payload = panic.payload_as_str().unwrap_or("no text");
        let location = panic.location().map(ToString::to_string).unwrap_or_default();
        let thread = std::thread::current();
        let thread = thread.name().unwrap_or("unnamed").to_owned();
        error!(panic = payload, location, thread, "panicked");
    }));
}
