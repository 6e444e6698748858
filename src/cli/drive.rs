//! `zelador folders …` and `zelador drive …`.

use clap::Subcommand;
use reqwest::Method;
use serde_json::{Value, json};
use zelador_actors::drive::google::Credentials;
use zelador_actors::drive::jobs::runnable;
use zelador_actors::drive::port::Upstream as _;
use zelador_actors::drive::rules::preflight::{Finding, Weight, findings};
use zelador_actors::drive::{DriveSettings, Google, Mode, Provider};
use zelador_actors::engine::clock::{Clock, Dice};

use super::client::Client;
use super::keeping::blocking;
use super::paths::{segment, with_query};
use super::table::{Column, show, show_one};
use super::{Common, Exit, Failure, events, online};
use crate::config::load;

/// What can be done about a user's folders.
#[derive(Debug, Subcommand)]
pub enum Folders {
    /// Have a user's folders made
    Create {
        /// The user
        user_id: String,
    },
    /// List the folders that were ever asked for, those of the newest users first
    List {
        /// Only those in these states, separated by commas: pending, creating, ready, failed
        #[arg(long)]
        status: Option<String>,
        /// Only of users of this tenant
        #[arg(long, value_name = "TENANT_ID")]
        tenant: Option<String>,
        /// So many at most
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// Tell where a user's folders are, and how they stand
    Show {
        /// The user
        user_id: String,
    },
    /// Look at a user's folders and make what is missing
    Recreate {
        /// The user
        user_id: String,
    },
    /// Have files looked for now
    Process {
        /// The user
        user_id: String,
    },
    /// List the journeys of a user's files
    Files {
        /// The user
        user_id: String,
        /// So many at most
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
}

/// What can be asked about Drive.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Say what stands in the way of the daemon's work on Google Drive
    Doctor,
    /// Tell how files are noticed, on Drive and on the VM
    Watch {
        /// Then print what happens to folders and files, one a line, as it happens
        #[arg(long, short)]
        follow: bool,
    },
}

/// What is told of folders and files while they are followed.
const HAPPENINGS: &str =
    "drive.folder_created,drive.folder_failed,drive.file_processed,drive.file_failed";

const WATCH: &[Column] = &[
    Column("mode", "/mode"),
    Column("drive", "/drive"),
    Column("channel", "/channel_id"),
    Column("until", "/channel_expires_at"),
    Column("poll seconds", "/poll_seconds"),
    Column("log read at", "/log_read_at"),
    Column("all looked at", "/looked_at"),
    Column("watched on the vm", "/vm_watched"),
    Column("polled on the vm", "/vm_polled"),
    Column("files under way", "/files_under_way"),
];

const LISTED: &[Column] = &[
    Column("user", "/user_id"),
    Column("status", "/status"),
    Column("shared with", "/shared_with"),
    Column("drive", "/watch/mode"),
    Column("error", "/error"),
    Column("ready", "/ready_at"),
];

const ASKED: &[Column] = &[Column("job", "/job_id"), Column("status", "/status")];

const FOLDER: &[Column] = &[
    Column("user", "/user_id"),
    Column("status", "/status"),
    Column("provider", "/provider"),
    Column("path", "/local_path"),
    Column("drive folder", "/drive_folder_id"),
    Column("novos", "/novos_folder_id"),
    Column("link", "/web_view_link"),
    Column("shared with", "/shared_with"),
    Column("job", "/job_id"),
    Column("error", "/error"),
    Column("ready", "/ready_at"),
];

const FILES: &[Column] = &[
    Column("name", "/name"),
    Column("source", "/source"),
    Column("state", "/state"),
    Column("to", "/to"),
    Column("error", "/error"),
    Column("seen", "/seen_at"),
];

const FINDINGS: &[Column] =
    &[Column("", "/weight"), Column("about", "/about"), Column("", "/words")];

/// Does it.
pub(super) async fn folders(
    common: &Common,
    client: &Client,
    action: Folders,
) -> Result<(), Failure> {
    let of = |id: &str, verb: &str| format!("folders/{}{verb}", segment(id));
    match action {
        Folders::Create { user_id } => {
            let body = json!({ "user_id": user_id });
            let asked = client.call(Method::POST, "folders", Some(&body)).await?.body;
            show_one(common, ASKED, &asked)
        }
        Folders::List { status, tenant, limit } => {
            let members = [("status", status.as_deref()), ("tenant_id", tenant.as_deref())];
            show(common, LISTED, &client.list(&with_query("folders", &members), limit).await?)
        }
        Folders::Show { user_id } => {
            show_one(common, FOLDER, &client.get(&of(&user_id, "")).await?)
        }
        Folders::Recreate { user_id } => {
            let path = of(&user_id, "/recreate");
            show_one(common, ASKED, &client.call(Method::POST, &path, None).await?.body)
        }
        Folders::Process { user_id } => {
            let path = of(&user_id, "/process");
            show_one(common, ASKED, &client.call(Method::POST, &path, None).await?.body)
        }
        Folders::Files { user_id, limit } => {
            show(common, FILES, &client.list(&of(&user_id, "/files"), limit).await?)
        }
    }
}

/// Does it.
pub(super) fn run(common: &Common, action: &Action) -> Result<Exit, Failure> {
    match *action {
        Action::Doctor => doctor(common),
        Action::Watch { follow } => {
            online(common, async |client| watch(common, client, follow).await)
        }
    }
}

async fn watch(common: &Common, client: &Client, follow: bool) -> Result<(), Failure> {
    show_one(common, WATCH, &client.get("drive").await?)?;
    if follow { events::follow(common, client, HAPPENINGS).await } else { Ok(()) }
}

/// Without a daemon: what is looked at is the configuration, and Google.
fn doctor(common: &Common) -> Result<Exit, Failure> {
    let loaded = load(&common.sources())?;
    let settings = loaded.config.drive.in_force(None, 600);
    let mut found = match settings.mode {
        Mode::Off => vec![fine("mode", "off: nothing is done on Drive")],
        Mode::Sandbox => {
            vec![fine("mode", "sandbox: the daemon talks to a stand-in of its own")]
        }
        Mode::Live => blocking(async { Ok(live(&settings).await) })?,
    };
    if settings.mode != Mode::Off {
        found.extend(programs(&settings));
    }
    let rows: Vec<Value> = found
        .iter()
        .map(|one| json!({ "weight": one.weight.word(), "about": one.about, "words": one.words }))
        .collect();
    show(common, FINDINGS, &rows)?;
    let wrong = found.iter().any(|one| one.weight == Weight::Wrong);
    if wrong { Err(Failure::new(Exit::No, "something stands in the way")) } else { Ok(Exit::Done) }
}

fn fine(about: &'static str, words: &str) -> Finding {
    Finding { weight: Weight::Fine, about, words: words.to_owned() }
}

fn wrong(about: &'static str, words: impl std::fmt::Display) -> Finding {
    Finding { weight: Weight::Wrong, about, words: words.to_string() }
}

/// Whether the operator's programs may be run as they are.
fn programs(settings: &DriveSettings) -> Vec<Finding> {
    let all = [("script", &settings.script), ("processor", &settings.processor)];
    let configured = all.into_iter().filter(|(_, program)| !program.command.is_empty());
    let finding = |(name, program)| match runnable(program) {
        Ok(()) => fine(name, "the program may be run"),
        Err(why) => wrong(name, why),
    };
    configured.map(finding).collect()
}

/// What Google says of the account, the shared drive and the room on it.
pub(super) async fn live(settings: &DriveSettings) -> Vec<Finding> {
    let mut found = vec![fine("mode", "live")];
    if settings.provider == Provider::Script {
        found.push(fine("provider", "script: folders are made by the operator's program"));
    }
    let credentials = settings.credentials.text().and_then(|text| {
        Credentials::read(&text).map_err(|flaw| format!("[drive] credentials: {flaw}"))
    });
    let account = match credentials {
        Ok(credentials) => credentials.account(&settings.subject),
        Err(why) => {
            found.push(wrong("credentials", why));
            return found;
        }
    };
    let port = match Google::new(Clock::system(), Dice::system()).open(settings) {
        Ok(port) => port,
        Err(why) => {
            found.push(wrong("configuration", why));
            return found;
        }
    };
    match port.standing().await {
        Ok(standing) => found.extend(findings(account, &settings.shared_drive_id, &standing)),
        Err(trouble) => found.push(wrong("google", trouble)),
    }
    found
}
