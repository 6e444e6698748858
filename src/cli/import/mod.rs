//! `zelador import laravel|fastapi`: what another system left in a dump of
//! its tables is brought over, through the API of the running daemon.
//!
//! dump → rows → drafts (pure) → calls (the shell) → the ledger
//!
//! - Each call bears an `Idempotency-Key` made of the source, the table and
//!   the old id: an import may be repeated, and cut off anywhere.
//! - No row ends an import: what is wrong is a line, and exit code 1 at the
//!   end. Only a daemon that is not reached, or a dump that cannot be read,
//!   ends it.
//! - A dump is read once for each table that matters, one statement at a
//!   time, so that its size does not matter.
//! - Nothing that was changed here since it was brought over is changed
//!   again.

mod call;
mod dump;
mod fastapi;
mod find;
mod laravel;
mod ledger;
mod plan;
mod row;

use std::path::PathBuf;

use clap::Subcommand;
use jiff::tz::TimeZone;
use zelador_actors::engine::clock::Clock;

use call::Shell;
use dump::{Dialect, Dump, DumpError};
use ledger::Ledger;

use super::client::Client;
use super::keeping::blocking;
use super::{Common, Exit, Failure};

/// Where records come from, if not from an export of zelador's own.
#[derive(Debug, Subcommand)]
pub enum Source {
    /// Bring users, planned bans and pending accounts over from a Laravel
    /// system's mysqldump
    Laravel {
        /// The dump, one file or several
        #[arg(required = true, value_name = "DUMP.sql")]
        files: Vec<PathBuf>,
        /// The tenant that they become users of
        #[arg(long, value_name = "TENANT_ID")]
        tenant: String,
        /// The zone of times without an offset: the `timezone` of config/app.php
        #[arg(long, value_name = "ZONE", default_value = "UTC")]
        timezone: String,
        /// Tell what would be brought over, and call nobody
        #[arg(long)]
        dry_run: bool,
    },
    /// Bring tenants, people, resources, bookings and webhooks over from the
    /// Python scheduling services' dumps
    Fastapi {
        /// The dumps, in any order: one of each service's database
        #[arg(required = true, value_name = "DUMP.sql")]
        files: Vec<PathBuf>,
        /// Put all of it into this tenant, instead of making the dump's
        #[arg(long, value_name = "TENANT_ID")]
        tenant: Option<String>,
        /// Tell what would be brought over, and call nobody
        #[arg(long)]
        dry_run: bool,
    },
}

impl From<DumpError> for Failure {
    fn from(error: DumpError) -> Self {
        Self::new(Exit::No, error)
    }
}

/// Brings a dump over.
pub(super) fn run(common: &Common, source: Source) -> Result<Exit, Failure> {
    let now = Clock::system().now().to_jiff();
    match source {
        Source::Laravel { files, tenant, timezone, dry_run } => {
            let zone = TimeZone::get(&timezone).map_err(|error| {
                Failure::new(Exit::Usage, format_args!("--timezone {timezone}: {error}"))
            })?;
            let dump = Dump::new(files, Dialect::MySql);
            let shell = shell(common, "laravel", Some(tenant), dry_run)?;
            finish(common, dry_run, async |ledger| {
                laravel::run(&dump, &laravel::Given { zone, now }, shell, ledger).await
            })
        }
        Source::Fastapi { files, tenant, dry_run } => {
            let dump = Dump::new(files, Dialect::Postgres);
            let shell = shell(common, "fastapi", tenant, dry_run)?;
            finish(common, dry_run, async |ledger| fastapi::run(&dump, now, shell, ledger).await)
        }
    }
}

fn shell(
    common: &Common,
    source: &'static str,
    tenant: Option<String>,
    dry_run: bool,
) -> Result<Shell, Failure> {
    let client = if dry_run { None } else { Some(Client::find(common)?) };
    Ok(Shell::new(client, source, tenant))
}

/// Does it, and tells what became of everything, also if it ends early.
fn finish(
    common: &Common,
    dry_run: bool,
    work: impl AsyncFnOnce(&mut Ledger) -> Result<(), Failure>,
) -> Result<Exit, Failure> {
    let mut ledger = Ledger::new(common.json, dry_run);
    let done = blocking(work(&mut ledger));
    ledger.finish()?;
    done?;
    Ok(if ledger.is_clean() { Exit::Done } else { Exit::No })
}
