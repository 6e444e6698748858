//! The concern's kinds of background work.

mod callback;
mod create;
mod ending;
mod native;
mod process;
mod program;
mod script;
mod share;
mod turns;

use std::sync::Arc;

use tokio::sync::watch;

use self::turns::Turns;
use super::port::{Port, Upstream};
use super::settings::{DriveSettings, Mode};
use super::watch::Left;
use crate::engine::jobs::{Failure, Handler};
pub use process::ProcessArgs;
pub use program::runnable;

/// Makes a user's folders, and makes them good.
pub const CREATE: &str = "drive.create_folder";
/// Tells the backend.
pub const CALLBACK: &str = "drive.callback";
/// Brings a version of a file from `novos` to its folder.
pub const PROCESS: &str = "drive.process_file";
/// Takes the share of `novos` back.
pub const WITHDRAW: &str = "drive.withdraw_share";
/// Gives the share of `novos` again.
pub const RESTORE: &str = "drive.restore_share";

/// What the handlers share.
pub(super) struct Shared {
    settings: watch::Receiver<Arc<DriveSettings>>,
    upstream: Arc<dyn Upstream>,
    /// One at a time for each user: Drive keeps the last of two changes of sharing.
    turns: Turns,
    /// The same, for what files hold.
    contents: Turns,
    /// Where it is said that a file stayed in `novos`.
    left: Left,
}

impl Shared {
    /// The settings in force, of a concern that is not off.
    fn settings(&self) -> Result<Arc<DriveSettings>, Failure> {
        let settings = self.settings.borrow().clone();
        match settings.mode {
            Mode::Off => Err(Failure::permanent("the drive concern is off ([drive] mode)")),
            Mode::Live | Mode::Sandbox => Ok(settings),
        }
    }

    /// A conversation with Drive.
    fn port(&self, settings: &DriveSettings) -> Result<Arc<dyn Port>, Failure> {
        self.upstream.open(settings).map_err(Failure::permanent)
    }
}

/// What does the jobs of the concern, by kind. `left`: the watcher's.
pub fn handlers(
    settings: watch::Receiver<Arc<DriveSettings>>,
    upstream: Arc<dyn Upstream>,
    left: Left,
) -> Vec<(&'static str, Arc<dyn Handler>)> {
    let (turns, contents) = (Turns::default(), Turns::default());
    let shared = Shared { settings: settings.clone(), upstream, turns, contents, left };
    let shared = Arc::new(shared);
    vec![
        (CREATE, Arc::new(create::Create(shared.clone()))),
        (WITHDRAW, Arc::new(share::Share::withdraw(shared.clone()))),
        (RESTORE, Arc::new(share::Share::restore(shared.clone()))),
        (PROCESS, Arc::new(process::Process(shared))),
        (CALLBACK, Arc::new(callback::Callback::new(settings))),
    ]
}
