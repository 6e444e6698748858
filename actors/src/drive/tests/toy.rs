//! A Drive of a few lines, with answers that get lost.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;

use crate::drive::port::{
    Change, Changes, NewChannel, NewFolder, OpenChannel, Port, RemoteFile, Share, Standing,
    Upstream,
};
use crate::drive::rules::answer::Trouble;
use crate::drive::settings::DriveSettings;

#[derive(Default)]
pub(super) struct State {
    pub(super) files: BTreeMap<String, RemoteFile>,
    spent: BTreeSet<String>,
    next: u32,
    /// By file and address.
    pub(super) shares: BTreeMap<(String, String), String>,
    /// Addresses that Google does not know.
    pub(super) unknown: BTreeSet<String>,
    /// Who was told by mail.
    pub(super) mailed: Vec<String>,
    /// Ids of files that changed, in order.
    pub(super) log: Vec<String>,
    pub(super) calls: Vec<String>,
    /// Channels that are open, the oldest first.
    pub(super) channels: Vec<NewChannel>,
    /// Channels are refused.
    pub(super) no_channels: bool,
    /// Of the calls from here on: done, and the answer lost (`true`), or not done.
    pub(super) fates: Vec<Option<bool>>,
}

/// Clones are the same Drive.
#[derive(Clone, Default)]
pub(super) struct Toy(pub(super) Arc<Mutex<State>>);

fn lost() -> Trouble {
    Trouble::Passing { why: "the answer is lost".into(), after: None }
}

impl Toy {
    fn call<T>(
        &self,
        name: &str,
        work: impl FnOnce(&mut State) -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        let mut state = self.0.lock();
        state.calls.push(name.to_owned());
        let fate = if state.fates.is_empty() { None } else { state.fates.remove(0) };
        if fate == Some(false) {
            return Err(lost());
        }
        let done = work(&mut state);
        if fate == Some(true) { Err(lost()) } else { done }
    }

    pub(super) fn names(&self) -> Vec<String> {
        let mut names: Vec<_> =
            self.0.lock().files.values().map(|file| file.name.clone()).collect();
        names.sort();
        names
    }

    /// Somebody drops a file.
    pub(super) fn drop_file(&self, folder: &str, name: &str, content: &str) -> String {
        let mut state = self.0.lock();
        state.next += 1;
        let id = format!("file{}", state.next);
        let file = RemoteFile {
            id: id.clone(),
            name: name.to_owned(),
            parent: Some(folder.to_owned()),
            size: Some(content.len().try_into().unwrap()),
            md5: Some(content.to_owned()),
            ..RemoteFile::default()
        };
        state.files.insert(id.clone(), file);
        state.log.push(id.clone());
        id
    }

    /// What lies in a folder, by name.
    pub(super) fn holds(&self, folder: &str) -> Vec<String> {
        let state = self.0.lock();
        let there = state.files.values().filter(|file| file.parent.as_deref() == Some(folder));
        let mut names: Vec<_> = there.map(|file| file.name.clone()).collect();
        names.sort();
        names
    }

    pub(super) fn writers(&self) -> Vec<String> {
        self.0.lock().shares.keys().map(|(_, email)| email.clone()).collect()
    }
}

impl Upstream for Toy {
    fn open(&self, _: &DriveSettings) -> Result<Arc<dyn Port>, String> {
        Ok(Arc::new(self.clone()))
    }
}

#[async_trait]
impl Port for Toy {
    async fn standing(&self) -> Result<Standing, Trouble> {
        Ok(Standing::default())
    }

    async fn ids(&self, count: usize) -> Result<Vec<String>, Trouble> {
        self.call("ids", |state| {
            let ids = (0..count).map(|_| {
                state.next += 1;
                format!("id{}", state.next)
            });
            Ok(ids.collect())
        })
    }

    async fn make_folder(&self, new: &NewFolder) -> Result<RemoteFile, Trouble> {
        self.call("make", |state| {
            if !state.spent.insert(new.id.clone()) {
                return Err(Trouble::Exists);
            }
            let file = RemoteFile {
                id: new.id.clone(),
                name: new.name.clone(),
                parent: new.parent.clone(),
                mark: Some(new.mark.clone()),
                link: Some(format!("https://drive/{}", new.id)),
                ..RemoteFile::default()
            };
            state.files.insert(new.id.clone(), file.clone());
            Ok(file)
        })
    }

    async fn file(&self, id: &str) -> Result<RemoteFile, Trouble> {
        self.call("file", |state| state.files.get(id).cloned().ok_or(Trouble::Missing))
    }

    async fn in_folder(&self, id: &str) -> Result<Vec<RemoteFile>, Trouble> {
        self.call("list", |state| {
            let there = |file: &&RemoteFile| file.parent.as_deref() == Some(id) && !file.trashed;
            Ok(state.files.values().filter(there).cloned().collect())
        })
    }

    async fn marked(&self, _: &str) -> Result<Vec<RemoteFile>, Trouble> {
        Ok(Vec::new())
    }

    async fn untrash(&self, id: &str) -> Result<RemoteFile, Trouble> {
        self.call("untrash", |state| {
            let file = state.files.get_mut(id).ok_or(Trouble::Missing)?;
            file.trashed = false;
            Ok(file.clone())
        })
    }

    async fn move_file(&self, id: &str, _: &str, to: &str) -> Result<RemoteFile, Trouble> {
        self.call("move", |state| {
            let file = state.files.get_mut(id).ok_or(Trouble::Missing)?;
            file.parent = Some(to.to_owned());
            let file = file.clone();
            state.log.push(file.id.clone());
            Ok(file)
        })
    }

    async fn shares(&self, id: &str) -> Result<Vec<Share>, Trouble> {
        self.call("shares", |state| {
            let own = state.shares.iter().filter(|((file, _), _)| file == id);
            let share = |((_, email), share): (&(String, String), &String)| Share {
                id: share.clone(),
                email: Some(email.clone()),
                role: "writer".to_owned(),
            };
            Ok(own.map(share).collect())
        })
    }

    async fn share(&self, id: &str, email: &str, notify: bool) -> Result<String, Trouble> {
        self.call("share", |state| {
            if state.unknown.contains(email) && !notify {
                let reason = "invalidSharingRequest".to_owned();
                return Err(Trouble::Refused { reason, why: String::new() });
            }
            if notify {
                state.mailed.push(email.to_owned());
            }
            let share = format!("share of {email}");
            state.shares.insert((id.to_owned(), email.to_owned()), share.clone());
            Ok(share)
        })
    }

    async fn unshare(&self, id: &str, share: &str) -> Result<(), Trouble> {
        self.call("unshare", |state| {
            state.shares.retain(|(file, _), held| file != id || held != share);
            Ok(())
        })
    }

    async fn download(&self, id: &str, to: &Path) -> Result<u64, Trouble> {
        self.call("download", |state| {
            let file = state.files.get(id).ok_or(Trouble::Missing)?;
            std::fs::write(to, file.md5.clone().unwrap_or_default()).unwrap();
            Ok(file.size.unwrap_or(0))
        })
    }

    async fn put_text(&self, new: &NewFolder, _: &str) -> Result<(), Trouble> {
        self.call("note", |state| {
            let file = RemoteFile {
                id: new.id.clone(),
                name: new.name.clone(),
                parent: new.parent.clone(),
                ..RemoteFile::default()
            };
            state.files.insert(new.id.clone(), file);
            Ok(())
        })
    }

    async fn log_end(&self) -> Result<String, Trouble> {
        self.call("end", |state| Ok(state.log.len().to_string()))
    }

    /// Two to a page.
    async fn changes(&self, from: &str) -> Result<Changes, Trouble> {
        self.call("changes", |state| {
            let from = from.parse::<usize>().ok().filter(|from| *from <= state.log.len());
            let invalid = || Trouble::Refused { reason: "invalid".into(), why: String::new() };
            let from = from.ok_or_else(invalid)?;
            let page: Vec<_> = state.log.iter().skip(from).take(2).cloned().collect();
            let next = from + page.len();
            let now = |id: String| Change { now: state.files.get(&id).cloned(), file: id };
            let changes = page.into_iter().map(now).collect();
            Ok(Changes { changes, next: next.to_string(), end: next == state.log.len() })
        })
    }

    async fn watch(&self, _: &str, new: &NewChannel) -> Result<OpenChannel, Trouble> {
        self.call("watch", |state| {
            if state.no_channels {
                let reason = "push.webhookUrlUnauthorized".to_owned();
                return Err(Trouble::Refused { reason, why: String::new() });
            }
            state.channels.push(new.clone());
            Ok(OpenChannel { resource: "the log".to_owned(), expiration: new.expiration })
        })
    }

    async fn stop(&self, channel: &str, _: &str) -> Result<(), Trouble> {
        self.call("stop", |state| {
            state.channels.retain(|open| open.id != channel);
            Ok(())
        })
    }
}
