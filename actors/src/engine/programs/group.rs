//! A program's process group, and how it ends.

use std::time::Duration;

use procfs::process::{Process, all_processes};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

/// The variable by which a try's processes are known.
pub(super) const NAME: &str = "ZELADOR_TRY";

/// How often a group that was asked to end is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// By what a try's processes are found again, should the daemon be killed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The leader's process number, which is the group's.
    pub leader: i32,
    /// What `ZELADOR_TRY` holds in their environment: process numbers are used again.
    pub name: String,
}

/// A group that ends when this is dropped.
#[derive(Debug)]
pub(super) struct Group {
    leader: Pid,
    grace: Duration,
    over: bool,
}

impl Group {
    pub(super) fn new(leader: Pid, grace: Duration) -> Self {
        Self { leader, grace, over: false }
    }

    /// From being asked to end to being ended.
    pub(super) fn grace(&self) -> Duration {
        self.grace
    }

    /// Asks all of it to end.
    pub(super) fn ask(&self) {
        signal(self.leader, Signal::TERM);
    }

    /// Ends all of it.
    pub(super) fn kill(&mut self) {
        signal(self.leader, Signal::KILL);
        self.over = true;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if self.over {
            return;
        }
        let (leader, grace) = (self.leader, self.grace);
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(async move { end(leader, grace).await })),
            // There is nobody left to wait.
            Err(_) => signal(leader, Signal::KILL),
        }
    }
}

/// A group that is gone is what was wanted.
fn signal(leader: Pid, signal: Signal) {
    match kill_process_group(leader, signal) {
        Ok(()) | Err(Errno::SRCH) => {}
        Err(error) => {
            tracing::warn!(pid = leader.as_raw_pid(), %error, "a program was not signalled");
        }
    }
}

/// Asks a group to end, waits for it, and ends it. Given up meanwhile, as when the
/// daemon stops, it ends it at once.
async fn end(leader: Pid, grace: Duration) {
    let mut last = LastWord { leader, gone: false };
    signal(leader, Signal::TERM);
    let deadline = Instant::now() + grace;
    while Instant::now() < deadline {
        if test_kill_process_group(leader) == Err(Errno::SRCH) {
            last.gone = true;
            return;
        }
        sleep(LOOK).await;
    }
}

/// Ends a group that is not gone.
struct LastWord {
    leader: Pid,
    gone: bool,
}

impl Drop for LastWord {
    fn drop(&mut self) {
        if !self.gone {
            signal(self.leader, Signal::KILL);
        }
    }
}

/// Ends what an earlier process of the daemon left running, if any of it still
/// runs. Whether there was something.
pub async fn end_leftover(mark: &Mark, grace: Duration) -> bool {
    let Some(leader) = Pid::from_raw(mark.leader).filter(|_| runs(mark)) else { return false };
    tracing::warn!(pid = mark.leader, name = mark.name, "ending a program that was left running");
    end(leader, grace).await;
    true
}

/// Whether a process of the group carries the name.
fn runs(mark: &Mark) -> bool {
    let Ok(processes) = all_processes() else { return false };
    let ours = |process: Process| {
        let stat = process.stat().ok().filter(|stat| stat.pgrp == mark.leader)?;
        let named = process.environ().ok()?.get(std::ffi::OsStr::new(NAME))? == mark.name.as_str();
        (named && stat.state != 'Z').then_some(())
    };
    processes.filter_map(Result::ok).find_map(ours).is_some()
}
