//! Watches on folders, as long as the system gives any.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use notify::{ErrorKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::hints::Hints;

/// Watches.
pub(super) struct Eyes {
    watcher: Option<RecommendedWatcher>,
    /// By path, with the folder's own number.
    on: HashMap<PathBuf, u64>,
    /// Watches at most.
    most: usize,
    /// It was said that there are no more.
    said: bool,
}

impl Eyes {
    pub(super) fn open(hints: Arc<Hints>, most: usize) -> Self {
        let watcher = notify::recommended_watcher(move |event| hints.told(event));
        if let Err(error) = &watcher {
            tracing::warn!(%error, "folders on the VM cannot be watched: they are looked into at intervals");
        }
        let said = watcher.is_err();
        Self { watcher: watcher.ok(), on: HashMap::new(), most, said }
    }

    /// Whether a folder is watched.
    pub(super) fn see(&self, dir: &Path) -> bool {
        self.on.contains_key(dir)
    }

    /// Watches a folder of this number; answers whether the watch is new.
    pub(super) fn begin(&mut self, dir: &Path, inode: u64) -> bool {
        if self.on.get(dir) == Some(&inode) {
            return false;
        }
        // Another folder of the same name: the watch went with the first.
        self.end(dir);
        let Some(watcher) = &mut self.watcher else { return false };
        let watching = if self.on.len() < self.most {
            watcher.watch(dir, RecursiveMode::NonRecursive)
        } else {
            Err(notify::Error::new(ErrorKind::MaxFilesWatch))
        };
        match watching {
            Ok(()) => {
                self.on.insert(dir.to_owned(), inode);
                true
            }
            Err(error) => {
                self.say(dir, &error);
                false
            }
        }
    }

    /// Ends a watch.
    pub(super) fn end(&mut self, dir: &Path) {
        if self.on.remove(dir).is_some()
            && let Some(watcher) = &mut self.watcher
        {
            // It may have gone with its folder.
            let _ = watcher.unwatch(dir);
        }
    }

    /// Ends the watches on folders that are nobody's any more.
    pub(super) fn keep(&mut self, wanted: impl Fn(&Path) -> bool) {
        let over: Vec<_> = self.on.keys().filter(|dir| !wanted(dir)).cloned().collect();
        for dir in over {
            self.end(&dir);
        }
    }

    fn say(&mut self, dir: &Path, error: &notify::Error) {
        if self.said {
            return;
        }
        self.said = true;
        let watched = self.on.len();
        if matches!(error.kind, ErrorKind::MaxFilesWatch) {
            tracing::warn!(
                watched,
                "the system gives no more watches (sysctl fs.inotify.max_user_watches): the other folders on the VM are looked into at intervals"
            );
        } else {
            tracing::warn!(dir = %dir.display(), %error, "a folder on the VM cannot be watched");
        }
    }
}
