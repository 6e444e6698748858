//! The command line: what may be asked, where the daemon is found, and what
//! the exit code means.
//!
//! | code | meaning |
//! |---|---|
//! | 0 | done |
//! | 1 | the daemon, or the command, said no |
//! | 2 | wrong usage |
//! | 3 | the daemon is not reached |
//! | 74 | the disk failed to keep what was written |
//! | 75 | the data directory is held by another daemon, or the address is taken |
//! | 78 | the configuration is refused |
//!
//! Commands talk to the running daemon over its API, for one process alone can
//! hold the store. Nothing here knows a rule of a concern.

mod agenda;
mod audit;
mod bookings;
mod check_config;
pub mod client;
mod completions;
mod copies;
mod demo;
mod doctor;
mod drive;
mod events;
mod exit;
mod handed;
mod import;
mod instances;
mod jobs;
pub mod keeping;
mod man;
mod monitor;
mod notifications;
mod owner;
mod paths;
mod progress;
mod queues;
mod resources;
mod sandbox;
mod schedules;
mod status;
pub mod table;
mod tenants;
mod tokens;
mod users;
mod webhooks;
mod when;
mod wispro;

use std::io::{ErrorKind, Write as _};
use std::path::PathBuf;

use clap::{Parser, Subcommand};

use client::Client;
pub use exit::{Exit, Failure};

use crate::config::{Sources, Variables, load};

/// Where the configuration is looked for when none is named, in this order.
const USUAL_PLACES: [&str; 2] = ["config.toml", "/etc/zelador/config.toml"];

/// The caretaker: bookings, people, accounts, clients and folders of a small
/// company, in one daemon.
#[derive(Debug, Parser)]
#[command(name = "zelador", version, propagate_version = true)]
pub struct Args {
    /// What every command takes.
    #[command(flatten)]
    pub common: Common,
    /// What is asked for.
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Common options")]
pub struct Common {
    /// The configuration file [default: config.toml, else
    /// /etc/zelador/config.toml]
    #[arg(long, value_name = "FILE", global = true, env = "ZELADOR_CONFIG")]
    pub config: Option<PathBuf>,
    /// The data directory, instead of the configured one
    #[arg(long, value_name = "DIR", global = true)]
    pub data_dir: Option<PathBuf>,
    /// Where the daemon answers, instead of the configured address
    #[arg(long, value_name = "URL", global = true)]
    pub url: Option<String>,
    /// The file with the token, instead of operator.token in the data directory
    #[arg(long, value_name = "FILE", global = true)]
    pub token_file: Option<PathBuf>,
    /// Print JSON, for programs
    #[arg(long, global = true)]
    pub json: bool,
}

impl Common {
    /// Where the configuration comes from.
    pub fn sources(&self) -> Sources {
        let usual = || USUAL_PLACES.map(PathBuf::from).into_iter().find(|place| place.exists());
        Sources {
            file: self.config.clone().or_else(usual),
            variables: Variables::of_process(),
            data_dir: self.data_dir.clone(),
            listen: None,
            working_dir: std::env::current_dir().unwrap_or_default(),
        }
    }
}

/// What can be asked for.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the daemon
    Serve {
        /// The address and port to listen on, instead of the configured one
        #[arg(long, value_name = "ADDR:PORT")]
        listen: Option<String>,
    },
    /// Check a configuration without starting
    CheckConfig {
        /// The file [default: as for every command]
        file: Option<PathBuf>,
    },
    /// Write a backup, while the daemon serves or without one
    Backup {
        /// The file
        file: PathBuf,
        /// Replace an existing file
        #[arg(long)]
        force: bool,
    },
    /// Make a store from a backup, in an empty data directory
    Restore {
        /// The backup [default with --at: the newest scheduled one before it]
        #[arg(required_unless_present = "at")]
        file: Option<PathBuf>,
        /// Where the changes after it are looked for
        #[command(flatten)]
        after: keeping::After,
    },
    /// Write everything as JSON Lines, one record a line
    Export {
        /// The file
        file: PathBuf,
        /// Replace an existing file
        #[arg(long)]
        force: bool,
    },
    /// Fill an empty data directory from JSON Lines, or bring another system's
    /// records over
    #[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
    Import {
        /// The file that `export` wrote; no daemon may hold the directory
        #[arg(required = true)]
        file: Option<PathBuf>,
        /// Another system's dump; a daemon must run
        #[command(subcommand)]
        source: Option<import::Source>,
    },
    /// Walk the whole store and name what is wrong; no daemon may hold it
    CheckStore,
    /// Make a damaged store anew from its base and its journal
    Repair {
        /// What to use if the base is damaged, too
        #[arg(long, value_name = "FILE")]
        backup: Option<PathBuf>,
    },
    /// Tell how everything does
    Status,
    /// Watch queues and jobs as they live
    Monitor(monitor::Options),
    /// Say what is wrong on this machine, and what to do about it
    Doctor,
    /// Walk through what zelador does, with real requests and answers
    Demo(demo::Options),
    /// Look at jobs and change them
    #[command(subcommand)]
    Jobs(jobs::Action),
    /// Look at queues, pause and resume them
    #[command(subcommand)]
    Queues(queues::Action),
    /// Look at schedules and run them now
    #[command(subcommand)]
    Schedules(schedules::Action),
    /// Read the event log
    #[command(subcommand)]
    Events(events::Action),
    /// Have events sent to where tenants want them
    #[command(subcommand)]
    Webhooks(webhooks::Action),
    /// Look at tenants
    #[command(subcommand)]
    Tenants(tenants::Tenants),
    /// Look at users and change their status
    #[command(subcommand)]
    Users(users::Action),
    /// Look at categories
    #[command(subcommand)]
    Categories(resources::Categories),
    /// Look at bookings, explain, call off
    #[command(subcommand)]
    Bookings(bookings::Bookings),
    /// Keep the Nextcloud servers of the pool
    #[command(subcommand)]
    Instances(instances::Action),
    /// Look at resources
    #[command(subcommand)]
    Resources(resources::Resources),
    /// Bring records in step with another system
    #[command(subcommand)]
    Sync(wispro::Sync),
    /// Look at runs of the Wispro sync, decide about those that ask
    #[command(subcommand)]
    Wispro(wispro::Action),
    /// Have users' folders made, look at them
    #[command(subcommand)]
    Folders(drive::Folders),
    /// Look after Google Drive
    #[command(subcommand)]
    Drive(drive::Action),
    /// Remove what was made against stand-ins of other systems
    #[command(subcommand)]
    Sandbox(sandbox::Action),
    /// Tell everything that the daemon will do
    Agenda(agenda::Part),
    /// Tell who did what to which record, the newest first
    Audit(audit::Part),
    /// See what people are told, and try the mail server
    #[command(subcommand)]
    Notifications(notifications::Action),
    /// Make, list and revoke API tokens
    #[command(subcommand)]
    Tokens(tokens::Action),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write one for every command
    Man {
        /// The directory to write to
        dir: Option<PathBuf>,
    },
}

/// Does what was asked.
pub fn run(args: Args) -> Result<Exit, Failure> {
    let common = args.common;
    match args.command {
        Command::Serve { listen } => serve(&common, listen),
        Command::CheckConfig { file } => check_config::run(&common, file),
        Command::Backup { file, force } => copies::backup(&common, &file, force),
        Command::Restore { file, after } => keeping::restore(&common, file, &after),
        Command::Export { file, force } => copies::export(&common, &file, force),
        Command::Import { source: Some(source), .. } => import::run(&common, source),
        Command::Import { file, .. } => keeping::import(&common, &file.unwrap_or_default()),
        Command::CheckStore => keeping::check_store(&common),
        Command::Repair { backup } => keeping::repair(&common, backup.as_deref()),
        Command::Drive(action) => drive::run(&common, &action),
        Command::Demo(options) => demo::run(&common, &options),
        Command::Doctor => doctor::run(&common),
        Command::Monitor(options) => monitor::run(&common, &options),
        Command::Completions { shell } => completions::run(shell),
        Command::Man { dir } => man::run(dir.as_deref()),
        command => online(&common, async |client| ask(&common, client, command).await),
    }
}

/// Asks a running daemon.
async fn ask(common: &Common, client: &Client, command: Command) -> Result<(), Failure> {
    match command {
        Command::Status => status::run(common, client).await,
        Command::Jobs(action) => jobs::run(common, client, action).await,
        Command::Queues(action) => queues::run(common, client, action).await,
        Command::Schedules(action) => schedules::run(common, client, action).await,
        Command::Events(action) => events::run(common, client, action).await,
        Command::Webhooks(action) => webhooks::run(common, client, action).await,
        Command::Instances(action) => instances::run(common, client, action).await,
        Command::Users(action) => users::run(common, client, action).await,
        Command::Agenda(part) => agenda::run(common, client, part).await,
        Command::Audit(part) => audit::run(common, client, part).await,
        Command::Notifications(action) => notifications::run(common, client, action).await,
        Command::Tokens(action) => tokens::run(common, client, action).await,
        Command::Tenants(action) => tenants::run(common, client, action).await,
        Command::Categories(action) => resources::categories(common, client, action).await,
        Command::Resources(action) => resources::resources(common, client, action).await,
        Command::Bookings(action) => bookings::run(common, client, action).await,
        Command::Sync(what) => wispro::sync(common, client, what).await,
        Command::Wispro(action) => wispro::run(common, client, action).await,
        Command::Folders(action) => drive::folders(common, client, action).await,
        Command::Sandbox(action) => sandbox::run(common, client, action).await,
        // The others need no daemon, and do not come here.
        _ => Err(Failure::new(Exit::Usage, "this needs no daemon")),
    }
}

fn serve(common: &Common, listen: Option<String>) -> Result<Exit, Failure> {
    let sources = Sources { listen, ..common.sources() };
    let loaded = load(&sources)?;
    crate::daemon::serve(sources, loaded).map(|()| Exit::Done)
}

/// Does what a running daemon is asked for.
fn online(
    common: &Common,
    ask: impl AsyncFnOnce(&Client) -> Result<(), Failure>,
) -> Result<Exit, Failure> {
    let client = Client::find(common)?;
    keeping::blocking(ask(&client)).map(|()| Exit::Done)
}

/// Prints what was asked for. A reader that has seen enough (`| head`) is no
/// failure.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let newline = if text.ends_with('\n') { "" } else { "\n" };
    match write!(out, "{text}{newline}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::new(Exit::No, error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn common_options_stand_before_or_after_the_command() {
        for line in [
            ["zelador", "--config", "x.toml", "serve", "--listen", "127.0.0.1:1"],
            ["zelador", "serve", "--listen", "127.0.0.1:1", "--config", "x.toml"],
        ] {
            let args = Args::try_parse_from(line).unwrap();
            assert_eq!(args.common.config, Some(PathBuf::from("x.toml")));
        }
    }

    #[test]
    fn wrong_usage_is_told_apart() {
        let error = Args::try_parse_from(["zelador", "sreve"]).unwrap_err();
        assert_eq!(error.exit_code(), i32::from(Exit::Usage as u8));
        assert!(error.to_string().contains("serve"));
    }
}
