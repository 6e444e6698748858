//! Channels: who is told that something changed, until when.

use serde_json::{Value, json};
use zelador_store::Timestamp;

use super::super::json::put;
use super::access::{Caller, same};
use super::refusal::Refused;
use super::world::World;

/// Seconds that a channel lives if nobody says how long, and at most: for changes,
/// for one file.
const USUAL: i64 = 3600;
const MOST_OF_CHANGES: i64 = 604_800;
const MOST_OF_FILE: i64 = 86_400;

/// What a channel is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Watched {
    /// The changes of a shared drive, or of all that the caller sees.
    Changes(Option<String>),
    /// One file or folder.
    File(String),
}

/// A channel.
#[derive(Debug, Clone)]
pub(super) struct Channel {
    address: String,
    token: Option<String>,
    expires: Timestamp,
    resource: String,
    uri: String,
    owner: Caller,
    watched: Watched,
    number: u64,
}

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct WatchAsk {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) address: String,
    pub(crate) token: Option<String>,
    /// Milliseconds since 1970.
    pub(crate) expiration: Option<i64>,
    /// Whether plain `http` to this machine is let through, as here it must.
    pub(crate) loopback: bool,
}

/// A notification that is to be posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) address: String,
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl World {
    /// Opens a channel. Its first notification, `sync`, is on its way before the
    /// answer is.
    pub(crate) fn watch(
        &mut self,
        caller: &Caller,
        ask: &WatchAsk,
        watched: Watched,
        base: &str,
        now: Timestamp,
    ) -> Result<Value, Refused> {
        may_post_to(ask)?;
        if self.used_channels.contains(&ask.id) || ask.id.is_empty() || ask.id.len() > 64 {
            let message = "Channel id is not unique";
            return Err(Refused::new(400, "channelIdNotUnique", message));
        }
        let most = if matches!(watched, Watched::File(_)) { MOST_OF_FILE } else { MOST_OF_CHANGES };
        let latest = now.as_millis() + most * 1000;
        let expires = ask.expiration.unwrap_or(now.as_millis() + USUAL * 1000).min(latest);
        if expires <= now.as_millis() {
            return Err(Refused::new(400, "invalid", "Invalid ttl value"));
        }
        let resource = resource_of(caller, &watched);
        let uri = match &watched {
            Watched::Changes(_) => format!("{base}/drive/v3/changes?alt=json"),
            Watched::File(id) => format!("{base}/drive/v3/files/{id}?alt=json"),
        };
        let channel = Channel {
            address: ask.address.clone(),
            token: ask.token.clone(),
            expires: Timestamp::from_millis(expires),
            resource: resource.clone(),
            uri: uri.clone(),
            owner: caller.clone(),
            watched,
            number: 0,
        };
        self.used_channels.insert(ask.id.clone());
        self.channels.insert(ask.id.clone(), channel);
        self.tell(&ask.id.clone(), "sync", None);
        let mut answer = json!({
            "kind": "api#channel", "id": ask.id, "resourceId": resource, "resourceUri": uri,
            "expiration": expires.to_string(),
        });
        if let Some(token) = &ask.token {
            put(&mut answer, "token", token.as_str());
        }
        Ok(answer)
    }

    /// Closes a channel of the caller's.
    pub(crate) fn stop(
        &mut self,
        caller: &Caller,
        id: &str,
        resource: &str,
        now: Timestamp,
    ) -> Result<(), Refused> {
        let found = self.channels.get(id).filter(|channel| {
            channel.resource == resource
                && same(&channel.owner.email, &caller.email)
                && channel.expires > now
        });
        if found.is_none() {
            let message = format!("Channel '{id}' not found for project '{}'", caller.project);
            return Err(Refused::new(404, "notFound", message));
        }
        self.channels.remove(id);
        Ok(())
    }

    /// Ids of the channels that live.
    pub(crate) fn live_channels(&self, now: Timestamp) -> Vec<String> {
        let live = self.channels.iter().filter(|(_, channel)| channel.expires > now);
        live.map(|(id, _)| id.clone()).collect()
    }

    /// What every notification of each channel that lives shows: id, token, resource.
    pub(crate) fn secrets(&self, now: Timestamp) -> Vec<Value> {
        let live = self.channels.iter().filter(|(_, channel)| channel.expires > now);
        live.map(|(id, of)| json!({ "id": id, "token": of.token, "resource": of.resource }))
            .collect()
    }

    /// Closes all channels without telling anybody.
    pub(crate) fn kill_channels(&mut self) {
        self.channels.clear();
    }

    /// Takes what is to be posted.
    pub(crate) fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.outbox)
    }

    /// Tells every channel that this change is about.
    pub(super) fn notify(&mut self, id: &str, drive: Option<&str>, removed: bool, now: Timestamp) {
        let file = self.files.get(id);
        let mut told = Vec::new();
        for (name, channel) in &self.channels {
            if channel.expires <= now {
                continue;
            }
            let parent = file.and_then(|file| file.parent.as_deref());
            match &channel.watched {
                Watched::Changes(of) => {
                    let visible =
                        removed || file.is_some_and(|f| self.standing(&channel.owner, f).is_some());
                    if visible && of.as_deref() == drive {
                        told.push((name.clone(), "change", None));
                    }
                }
                Watched::File(watched) if watched == id => {
                    told.push((
                        name.clone(),
                        if removed { "remove" } else { "update" },
                        Some("content,properties"),
                    ));
                }
                Watched::File(watched) if Some(watched.as_str()) == parent => {
                    told.push((name.clone(), "update", Some("children")));
                }
                Watched::File(_) => {}
            }
        }
        for (name, state, changed) in told {
            self.tell(&name, state, changed);
        }
    }

    fn tell(&mut self, id: &str, state: &str, changed: Option<&str>) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        // It grows, and not by one.
        channel.number += if channel.number == 0 { 1 } else { 1 + channel.number % 3 };
        let expires = channel.expires.to_jiff().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let mut headers = vec![
            ("x-goog-channel-id", id.to_owned()),
            ("x-goog-channel-expiration", expires),
            ("x-goog-resource-id", channel.resource.clone()),
            ("x-goog-resource-uri", channel.uri.clone()),
            ("x-goog-resource-state", state.to_owned()),
            ("x-goog-message-number", channel.number.to_string()),
        ];
        headers.extend(channel.token.clone().map(|token| ("x-goog-channel-token", token)));
        headers.extend(changed.map(|changed| ("x-goog-changed", changed.to_owned())));
        self.outbox.push(Notice { address: channel.address.clone(), headers });
    }
}

/// The same for every channel about the same thing.
fn resource_of(caller: &Caller, watched: &Watched) -> String {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(format!("{}{watched:?}", caller.email).as_bytes());
    hex::encode(digest).chars().take(27).collect()
}

fn may_post_to(ask: &WatchAsk) -> Result<(), Refused> {
    if !["web_hook", "webhook"].contains(&ask.kind.as_str()) {
        return Err(Refused::new(400, "invalid", "Invalid channel type"));
    }
    let host = ask.address.strip_prefix("http://").and_then(|rest| rest.split(['/', ':']).next());
    let loopback = ask.loopback && matches!(host, Some("127.0.0.1" | "localhost"));
    if ask.address.starts_with("https://") || loopback {
        return Ok(());
    }
    let message = "WebHook callback must be HTTPS";
    Err(Refused::new(400, "push.webhookUrlNotHttps", message))
}
