//! The Wispro concern and, where it is one, the stand-in of its upstream.

use std::sync::Arc;

use tokio::sync::watch;
use zelador_actors::engine::Shell;
use zelador_actors::engine::jobs::{Handler, JobDesk};
use zelador_actors::engine::notifications::Inviter;
use zelador_actors::wispro::{Http, KIND, Mode, Sync, WisproDesk, WisproSettings};

use super::live;
use crate::cli::{Exit, Failure};
use crate::config::Config;
use crate::sandbox::wispro::{Population, Sandbox, TOKEN};

/// The parts that live as long as the daemon.
pub(super) struct Wispro {
    settings: watch::Receiver<Arc<WisproSettings>>,
    _sandbox: Option<Sandbox>,
}

impl Wispro {
    /// Begins the stand-in, so that the mode can be changed while the daemon runs;
    /// production has none.
    pub(super) async fn start(config: &watch::Receiver<Arc<Config>>) -> Result<Self, Failure> {
        let first = config.borrow().clone();
        let sandbox = if first.is_production() {
            None
        } else {
            let started = Sandbox::start(Population::default()).await;
            Some(started.map_err(|error| {
                Failure::new(Exit::No, format_args!("starting the Wispro sandbox: {error}"))
            })?)
        };
        if let (Some(sandbox), Mode::Sandbox) = (&sandbox, first.wispro.mode) {
            tracing::info!(address = %sandbox.address, "wispro is a sandbox: its people are made up");
        }
        let url = sandbox.as_ref().map(Sandbox::base_url);
        let settings = live::part(config.clone(), move |config| {
            config.wispro.in_force(url.as_deref().map(|url| (url, TOKEN)))
        });
        Ok(Self { settings, _sandbox: sandbox })
    }

    /// What does its jobs.
    pub(super) fn handler(&self, inviter: Inviter) -> (&'static str, Arc<dyn Handler>) {
        (KIND, Arc::new(Sync::new(self.settings.clone(), Arc::new(Http), inviter)))
    }

    /// Where it is asked.
    pub(super) fn desk(&self, shell: &Shell, jobs: &JobDesk) -> WisproDesk {
        WisproDesk::new(shell.clone(), jobs.clone(), self.settings.clone())
    }
}
