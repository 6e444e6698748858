//! What the outside tells the process, and what it tells the service manager.
//!
//! ```text
//! Running ── SIGTERM, SIGINT ──► Draining ── a second one ──► AtOnce
//! SIGHUP: the configuration is read again
//! ```
//!
//! - A stage never goes back.
//! - Nothing here stops anything itself: who holds a [`Shutdown`] does.

pub mod service;

use std::io;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tracing::{info, warn};

use crate::config::Reloader;

/// How far the stop has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Nobody asked for a stop.
    Running,
    /// No new work; what runs gets its time.
    Draining,
    /// What still runs is left as it is.
    AtOnce,
}

/// Tells those who wait that the daemon is to stop.
#[derive(Clone, Debug)]
pub struct Stop(watch::Sender<Stage>);

/// Is told that the daemon is to stop.
#[derive(Clone, Debug)]
pub struct Shutdown(watch::Receiver<Stage>);

/// The two ends of a stop.
pub fn shutdown() -> (Stop, Shutdown) {
    let (sender, receiver) = watch::channel(Stage::Running);
    (Stop(sender), Shutdown(receiver))
}

impl Stop {
    /// Asks for a stop; asked twice, for one at once. Says how far it has come.
    pub fn ask(&self) -> Stage {
        self.0.send_modify(|stage| {
            *stage = match stage {
                Stage::Running => Stage::Draining,
                Stage::Draining | Stage::AtOnce => Stage::AtOnce,
            };
        });
        *self.0.borrow()
    }
}

impl Shutdown {
    /// How far the stop has come.
    pub fn stage(&self) -> Stage {
        *self.0.borrow()
    }

    /// Resolves when a stop was asked for.
    pub async fn asked(&self) {
        self.reached(Stage::Draining).await;
    }

    /// Resolves when a stop at once was asked for.
    pub async fn at_once(&self) {
        self.reached(Stage::AtOnce).await;
    }

    async fn reached(&self, wanted: Stage) {
        let mut stage = self.0.clone();
        if stage.wait_for(|stage| *stage >= wanted).await.is_err() {
            // Nobody is left who could ask.
            std::future::pending::<()>().await;
        }
    }
}

/// Follows the process's signals until the result is aborted. From the moment
/// this returns, no signal of the three ends the process by itself.
pub fn follow(stop: Stop, reloader: Reloader) -> io::Result<JoinHandle<()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hangup = signal(SignalKind::hangup())?;
    Ok(tokio::spawn(async move {
        loop {
            tokio::select! {
                Some(()) = terminate.recv() => asked_to_stop(&stop, "SIGTERM"),
                Some(()) = interrupt.recv() => asked_to_stop(&stop, "SIGINT"),
                Some(()) = hangup.recv() => {
                    // On its own: a stop must not wait behind it.
                    drop(tokio::spawn(reload(reloader.clone())));
                }
                else => return,
            }
        }
    }))
}

fn asked_to_stop(stop: &Stop, signal: &str) {
    match stop.ask() {
        Stage::AtOnce => warn!(signal, "stopping at once"),
        Stage::Running | Stage::Draining => info!(signal, "stopping"),
    }
    service::stopping();
}

async fn reload(reloader: Reloader) {
    service::reloading();
    // The watch logs what came of it.
    let status = match reloader.reload().await {
        Ok(_) => "ready",
        Err(_) => "ready; the configuration file is refused, the old one is in force",
    };
    service::ready(status);
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rustix::process::{Signal, getpid, kill_process};
    use tokio::time::timeout;

    use super::*;
    use crate::config::Change;

    #[tokio::test]
    async fn the_first_stop_drains_and_the_second_is_at_once() {
        let (stop, shutdown) = shutdown();
        assert_eq!(shutdown.stage(), Stage::Running);
        assert!(timeout(Duration::from_millis(10), shutdown.asked()).await.is_err());
        assert_eq!(stop.ask(), Stage::Draining);
        shutdown.asked().await;
        assert!(timeout(Duration::from_millis(10), shutdown.at_once()).await.is_err());
        assert_eq!(stop.ask(), Stage::AtOnce);
        shutdown.at_once().await;
        assert_eq!(stop.ask(), Stage::AtOnce);
        shutdown.clone().asked().await;
    }

    /// The only test that sends signals: they reach the whole test process, and
    /// after `follow` none of them ends it.
    #[tokio::test]
    async fn signals_stop_and_reload() {
        let send = |signal| kill_process(getpid(), signal).unwrap();
        let (stop, shutdown) = shutdown();
        let (reloader, mut asked) = Reloader::scripted();
        let task = follow(stop, reloader).unwrap();
        send(Signal::HUP);
        let reply = timeout(Duration::from_secs(20), asked.recv()).await.unwrap().unwrap();
        reply.send(Ok(Change::default())).unwrap();
        assert_eq!(shutdown.stage(), Stage::Running);
        send(Signal::TERM);
        timeout(Duration::from_secs(20), shutdown.asked()).await.unwrap();
        assert_eq!(shutdown.stage(), Stage::Draining);
        send(Signal::INT);
        timeout(Duration::from_secs(20), shutdown.at_once()).await.unwrap();
        task.abort();
    }

    #[tokio::test]
    async fn a_waiter_learns_of_a_stop_that_comes_later() {
        let (stop, shutdown) = shutdown();
        let waiter = tokio::spawn(async move { shutdown.at_once().await });
        stop.ask();
        stop.ask();
        timeout(Duration::from_secs(20), waiter).await.unwrap().unwrap();
    }
}
