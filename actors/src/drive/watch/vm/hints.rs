//! What the system says that has changed: paths to look at, or that something was missed.

use std::collections::BTreeSet;
use std::path::PathBuf;

use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind};
use parking_lot::Mutex;
use tokio::sync::Notify;

/// Paths that are kept; more than that, and everything is looked at.
const MOST: usize = 4096;

/// What is to be looked at.
#[derive(Debug, Default)]
pub(super) struct Hinted {
    pub(super) paths: BTreeSet<PathBuf>,
    /// Everything.
    pub(super) all: bool,
}

/// Where hints are left by the thread that hears of them; nothing waits for anybody.
#[derive(Debug, Default)]
pub(super) struct Hints {
    held: Mutex<Hinted>,
    wake: Notify,
}

impl Hints {
    /// Everything is to be looked at.
    pub(super) fn everything(&self) {
        self.held.lock().all = true;
        self.wake.notify_one();
    }

    /// What the system says. An error may be anything that was missed.
    pub(super) fn told(&self, event: notify::Result<notify::Event>) {
        match event {
            Ok(event) if event.need_rescan() => self.everything(),
            Ok(event) if says_something(event.kind) => {
                let mut held = self.held.lock();
                held.paths.extend(event.paths);
                if held.paths.len() > MOST {
                    held.all = true;
                    held.paths.clear();
                }
                drop(held);
                self.wake.notify_one();
            }
            Ok(_) => {}
            Err(_) => self.everything(),
        }
    }

    /// Takes what there is.
    pub(super) fn take(&self) -> Hinted {
        std::mem::take(&mut self.held.lock())
    }

    /// Waits until there is something.
    pub(super) async fn wait(&self) {
        self.wake.notified().await;
    }
}

/// A file or folder is there that was not, or its writer is done. Reading says nothing,
/// and writing ends with a word of its own.
fn says_something(kind: EventKind) -> bool {
    match kind {
        EventKind::Create(_) | EventKind::Modify(ModifyKind::Name(_)) | EventKind::Remove(_) => {
            true
        }
        EventKind::Access(access) => access == AccessKind::Close(AccessMode::Write),
        EventKind::Any | EventKind::Modify(_) | EventKind::Other => false,
    }
}

#[cfg(test)]
mod tests {
    use notify::event::{CreateKind, DataChange, Flag, RenameMode};
    use notify::{Error, Event};

    use super::*;

    #[test]
    fn only_what_may_be_a_new_file_is_a_hint() {
        let hints = Hints::default();
        let told = |kind| hints.told(Ok(Event::new(kind).add_path("/n/a".into())));
        told(EventKind::Access(AccessKind::Open(AccessMode::Any)));
        told(EventKind::Modify(ModifyKind::Data(DataChange::Any)));
        assert!(hints.take().paths.is_empty());
        for kind in [
            EventKind::Create(CreateKind::Folder),
            EventKind::Modify(ModifyKind::Name(RenameMode::To)),
            EventKind::Access(AccessKind::Close(AccessMode::Write)),
        ] {
            told(kind);
            let hinted = hints.take();
            assert_eq!((hinted.paths.len(), hinted.all), (1, false), "{kind:?}");
        }
    }

    #[test]
    fn whatever_is_missed_has_everything_looked_at() {
        let hints = Hints::default();
        hints.told(Ok(Event::new(EventKind::Other).set_flag(Flag::Rescan)));
        assert!(hints.take().all);
        hints.told(Err(Error::generic("overflow")));
        assert!(hints.take().all);
        for number in 0..=MOST {
            let created = Event::new(EventKind::Create(CreateKind::File));
            hints.told(Ok(created.add_path(format!("/n/{number}").into())));
        }
        let hinted = hints.take();
        assert!(hinted.all && hinted.paths.is_empty());
    }
}
