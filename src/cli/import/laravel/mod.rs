//! A Laravel system: its `users`, and what its `jobs` were still to do.

mod payload;
mod rules;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Failure;
use super::call::Shell;
use super::dump::{Dump, Unreadable};
use super::ledger::Ledger;
use super::plan::Plan;
use super::row::{Row, Wrong};
use payload::Work;

/// What the rules need to know beside a row.
#[derive(Clone, Debug)]
pub(in crate::cli::import) struct Given {
    /// The zone of times without an offset.
    pub(in crate::cli::import) zone: TimeZone,
    /// The time now.
    pub(in crate::cli::import) now: Timestamp,
}

/// What the queue was still to do, by old user.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Queued {
    /// Planned bans, with the job's id.
    bans: HashMap<String, Ban>,
    /// Accounts to be made, with the job's id.
    clouds: HashMap<String, String>,
}

/// A ban that a job was to carry out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ban {
    /// The job.
    job: String,
    /// When.
    at: Timestamp,
    /// Why.
    reason: Option<String>,
}

/// Brings a dump over.
pub(super) async fn run(
    dump: &Dump,
    given: &Given,
    mut shell: Shell,
    ledger: &mut Ledger,
) -> Result<(), Failure> {
    let mut queued = queue(dump, ledger)?;
    let mut seen = HashSet::new();
    for found in dump.rows("users") {
        let row = match found? {
            Ok(row) => row,
            Err(unreadable) => {
                untold("users", &unreadable, ledger)?;
                continue;
            }
        };
        let old = row.id();
        let (ban, cloud) = (queued.bans.remove(&old), queued.clouds.remove(&old));
        let planned = rules::user(&row, ban.as_ref(), cloud.is_some(), given);
        seen.insert(old.clone());
        if let Some(why) = planned.job_left {
            ledger.left("jobs", why);
        }
        if planned.has_account {
            ledger.left("nextcloud_accounts", "made by the old system: zelador adopts none");
        }
        shell.carry_out("users", &old, planned.plan, ledger).await?;
    }
    orphans(&queued, &seen, ledger)
}

/// Reads what the queue was still to do.
fn queue(dump: &Dump, ledger: &mut Ledger) -> Result<Queued, Failure> {
    let mut queued = Queued::default();
    let mut syncs = 0_u64;
    for found in dump.rows("jobs") {
        let row = match found? {
            Ok(row) => row,
            Err(unreadable) => {
                untold("jobs", &unreadable, ledger)?;
                continue;
            }
        };
        match payload::work(&row) {
            Ok(Work::Ban { user, at, reason }) => {
                let ban = Ban { job: row.id(), at, reason };
                if queued.bans.insert(user, ban).is_some() {
                    ledger.left("jobs", "a later job plans the same ban");
                }
            }
            Ok(Work::Account { user }) => {
                queued.clouds.insert(user, row.id());
            }
            Ok(Work::Sync) => syncs += 1,
            Ok(Work::Other { name }) => ledger.left("jobs", format!("{name} is not taken over")),
            Err(wrong) => ledger.wrong("jobs", &row.id(), &wrong)?,
        }
    }
    if syncs > 0 {
        ledger.left("jobs", "a sync of Wispro is started by hand");
        ledger.note("a sync of Wispro was pending: start it with `zelador sync wispro`");
    }
    failed(dump, ledger)?;
    Ok(queued)
}

/// Failed jobs are named, and not taken over.
fn failed(dump: &Dump, ledger: &mut Ledger) -> Result<(), Failure> {
    for found in dump.rows("failed_jobs") {
        match found? {
            Ok(row) => {
                let name = payload::name(&row).unwrap_or_else(|_| "a job".to_owned());
                ledger.left("failed_jobs", format!("{name} had failed; it is not taken over"));
            }
            Err(unreadable) => untold("failed_jobs", &unreadable, ledger)?,
        }
    }
    Ok(())
}

/// Jobs of users that the dump does not have.
fn orphans(queued: &Queued, seen: &HashSet<String>, ledger: &mut Ledger) -> Result<(), Failure> {
    let bans = queued.bans.iter().map(|(user, ban)| (user, &ban.job));
    let mut jobs: Vec<_> = bans.chain(&queued.clouds).collect();
    jobs.retain(|(user, _)| !seen.contains(*user));
    jobs.sort();
    for (user, job) in jobs {
        let wrong = Wrong::new("payload", format!("is about user {user}, who is not in the dump"));
        ledger.wrong("jobs", job, &wrong)?;
    }
    Ok(())
}

fn untold(
    table: &'static str,
    unreadable: &Unreadable,
    ledger: &mut Ledger,
) -> Result<(), Failure> {
    let place = format!("(line {} of the dump)", unreadable.line);
    ledger.wrong(table, &place, &Wrong::new("-", unreadable.why.as_str()))
}

/// What is planned for a user, and what is to be told beside it.
#[derive(Debug, PartialEq)]
pub(super) struct Planned {
    plan: Plan,
    /// Why the user's job is not taken over.
    job_left: Option<&'static str>,
    /// Whether the old system made an account for it.
    has_account: bool,
}

impl Planned {
    fn of(row: &Row, plan: Plan, job_left: Option<&'static str>) -> Self {
        let has_account = row.text("nextcloud_status") == Some("active");
        Self { has_account: has_account && matches!(plan, Plan::Bring(_)), plan, job_left }
    }
}
