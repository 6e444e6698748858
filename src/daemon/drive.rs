//! The drive concern and, where it is one, the stand-in of Google Drive.

use std::sync::Arc;

use tokio::sync::watch;
use zelador_actors::drive::{DriveDesk, DriveSettings, Google, Left, Mode, Watcher, jobs};
use zelador_actors::engine::Shell;
use zelador_actors::engine::jobs::Handler;
use zelador_actors::engine::supervisor::Supervisor;
use zelador_actors::users::lifecycle::told;

use super::live;
use crate::cli::{Exit, Failure};
use crate::config::{Config, StandIn};
use crate::sandbox::drive::{SHARED_DRIVE, Sandbox};

/// The parts that live as long as the daemon.
pub(super) struct Drive {
    settings: watch::Receiver<Arc<DriveSettings>>,
    pub(super) watcher: Watcher,
    google: Google,
    left: Left,
    _sandbox: Option<Sandbox>,
}

impl Drive {
    /// Begins the stand-in, so that the mode can be changed while the daemon runs;
    /// production has none.
    pub(super) async fn start(
        shell: &Shell,
        config: &watch::Receiver<Arc<Config>>,
    ) -> Result<Self, Failure> {
        let first = config.borrow().clone();
        let sandbox = if first.is_production() {
            None
        } else {
            let started = Sandbox::start(shell.clock.clone(), shell.dice.clone()).await;
            Some(started.map_err(|error| {
                Failure::new(Exit::No, format_args!("starting the Drive sandbox: {error}"))
            })?)
        };
        if let (Some(sandbox), Mode::Sandbox) = (&sandbox, first.drive.mode) {
            tracing::info!(address = %sandbox.address, "drive is a sandbox: its files are in memory");
        }
        let stand_in = sandbox.as_ref().map(|sandbox| StandIn {
            url: sandbox.url(),
            // A person's, for a service account's key takes a moment to be made.
            credentials: sandbox.authorized_user().to_string(),
            drive: SHARED_DRIVE.to_owned(),
        });
        let settings = live::part(config.clone(), move |config| {
            let seconds = config.jobs.get(jobs::CREATE).map_or(600, |kind| kind.timeout_seconds);
            config.drive.in_force(stand_in.as_ref(), seconds)
        });
        let drive = &first.drive;
        for (name, program) in [("script", &drive.script), ("processor", &drive.processor)] {
            if let Err(why) = jobs::runnable(program) {
                tracing::warn!(why, "[drive.{name}] command cannot be run as it is");
            }
        }
        let google = Google::new(shell.clock.clone(), shell.dice.clone());
        let (upstream, left) = (Arc::new(google.clone()), Left::default());
        let watcher = Watcher::new(shell.clone(), settings.clone(), upstream, left.clone());
        Ok(Self { settings, watcher, google, left, _sandbox: sandbox })
    }

    /// What does its jobs.
    pub(super) fn handlers(&self) -> Vec<(&'static str, Arc<dyn Handler>)> {
        let google = Arc::new(self.google.clone());
        let all = jobs::handlers(self.settings.clone(), google, self.left.clone());
        // What a change of status starts is told to the user's timeline.
        let of_lifecycle = [jobs::CREATE, jobs::WITHDRAW, jobs::RESTORE];
        let telling = |(kind, handler)| {
            let telling = if of_lifecycle.contains(&kind) { told(handler) } else { handler };
            (kind, telling)
        };
        all.into_iter().map(telling).collect()
    }

    /// Where it is asked.
    pub(super) fn desk(&self, shell: &Shell) -> DriveDesk {
        DriveDesk::new(shell.clone(), self.settings.clone()).watched_by(self.watcher.clone())
    }

    /// Keeps looking at what changes.
    pub(super) fn keep(&self, supervisor: &mut Supervisor) {
        let watcher = self.watcher.clone();
        supervisor.keep("drive", "drive", move || {
            let watcher = watcher.clone();
            async move { watcher.work().await }
        });
        let watcher = self.watcher.clone();
        supervisor.keep("drive-vm", "drive", move || {
            let watcher = watcher.clone();
            async move { watcher.work_on_vm().await }
        });
    }
}
