//! The channel that Google tells of changes through: opened, renewed without a gap,
//! closed; and what comes through it.
//!
//! Invariants:
//! - A channel's row is on disk before Google hears of it: its first word may come
//!   before the answer that opens it.
//! - A channel is closed only after the next one was opened and somebody has looked.
//! - Polling goes on beside it, whatever it says.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;
use zelador_store::drive::{Channel, Channels};
use zelador_store::kv::Term;
use zelador_store::{Query, Stored, Timestamp, Write};

use super::{Fell, Inner, Watcher};
use crate::drive::port::{NewChannel, Port};
use crate::drive::rules::channels::{ASKED, Held, Plan, is_silent, plan};
use crate::drive::rules::notification::{Heard, Known, Shown, digest, judge};
use crate::drive::settings::{DriveSettings, Mode};
use crate::engine::Tries;
use crate::error::{During as _, Error, Refusal};

/// After a refusal it is not tried again before this.
const REFUSED: Duration = Duration::from_secs(600);
/// Channels at once, at most: there are two while one is renewed.
const MOST: usize = 100;

/// What is known of channels beside their rows.
#[derive(Default)]
pub(super) struct Push {
    /// The greatest number that came, by channel.
    numbers: Mutex<HashMap<String, u64>>,
    /// Something came since it was last asked.
    heard: AtomicBool,
    silence: Mutex<Silence>,
}

#[derive(Default)]
struct Silence {
    /// Looks in a row that found what nobody told of.
    unheard: u32,
    /// Channels taken for dead since something was heard.
    replaced: u32,
    /// An address that Google did not take, and when.
    refused: Option<(String, Instant)>,
}

impl Push {
    /// Whether something came since this was last asked.
    fn take_heard(&self) -> bool {
        self.heard.swap(false, Ordering::Relaxed)
    }

    fn is_silent(&self) -> bool {
        let silence = self.silence.lock();
        is_silent(silence.unheard, silence.replaced)
    }

    /// What a look found says something about the channel that was open before it.
    pub(super) fn looked(&self, found: bool) {
        let mut silence = self.silence.lock();
        if self.take_heard() {
            (silence.unheard, silence.replaced) = (0, 0);
        } else if found {
            silence.unheard = silence.unheard.saturating_add(1);
        }
    }

    fn opened(&self, in_the_place_of_a_silent_one: bool) {
        let mut silence = self.silence.lock();
        silence.unheard = 0;
        silence.refused = None;
        if in_the_place_of_a_silent_one {
            silence.replaced = silence.replaced.saturating_add(1);
        }
    }

    fn refused(&self, address: &str) {
        self.silence.lock().refused = Some((address.to_owned(), Instant::now()));
    }

    /// Whether Google did not take this address a short time ago.
    fn is_refused(&self, address: &str) -> bool {
        let silence = self.silence.lock();
        let refused = silence.refused.as_ref();
        refused.is_some_and(|(known, at)| known == address && at.elapsed() < REFUSED)
    }
}

/// Channels, and what is to be done about them.
struct Seen {
    rows: Vec<Stored<Channels>>,
    plan: Plan,
}

impl Watcher {
    /// Takes in a notification: it is checked, and looked into soon.
    pub(in crate::drive) async fn heard(&self, shown: &Shown) -> Result<(), Error> {
        let absent = Refusal::Absent { what: "channel" };
        if shown.channel.is_empty() || !Term::fits(&shown.channel) {
            return Err(absent.into());
        }
        let (inner, key) = (&self.0, Term::new(&shown.channel));
        let row = inner.shell.store.get::<Channels>(&key).await.during("reading a channel")?;
        let row = row.ok_or(absent)?.row;
        let heard = {
            let mut numbers = inner.push.numbers.lock();
            let known = numbers.get(&shown.channel).copied().unwrap_or(0).max(row.number);
            let resource = row.resource.as_deref();
            let heard = judge(Known { token: &row.token, resource, number: known }, shown);
            if heard != Heard::Forged {
                let number = known.max(shown.number.unwrap_or(0));
                numbers.insert(shown.channel.clone(), number);
            }
            heard
        };
        if heard == Heard::Forged {
            return Err(Refusal::Forbidden { code: "forbidden" }.into());
        }
        if row.number == 0 {
            let number = shown.number.unwrap_or(1).max(1);
            inner.change(&key, |row| row.number = row.number.max(number)).await?;
        }
        if heard == Heard::Look {
            inner.push.heard.store(true, Ordering::Relaxed);
            inner.poke.notify_one();
        }
        Ok(())
    }
}

impl Inner {
    /// Opens a channel if one is due. `from`: the place in the log.
    pub(super) async fn open_channel(
        &self,
        port: &dyn Port,
        settings: &DriveSettings,
        from: &str,
    ) -> Result<bool, Fell> {
        let Some(address) = settings.push_address() else { return Ok(false) };
        let seen = self.channels(settings).await?;
        if !seen.plan.open || self.push.is_refused(&address) {
            return Ok(false);
        }
        let silent = seen.plan.keep.is_some() && self.push.is_silent();
        if silent {
            tracing::warn!("nothing comes through drive's channel: another one is opened");
        }
        let (id, secret) = (hex::encode(self.shell.dice.salt()), self.shell.dice.secret());
        let token = hex::encode(secret);
        let (now, key) = (self.shell.now(), Term::new(&id));
        let row = Channel {
            source: settings.source(),
            address: address.clone(),
            token: digest(&token),
            resource: None,
            opened_at: now,
            expires_at: now + ASKED,
            number: 0,
        };
        let mut write = Write::new();
        write.insert::<Channels>(&key, &row);
        self.shell.store.commit(write).await.during("noting a channel")?;
        let expiration = row.expires_at.as_millis();
        let new = NewChannel { id: id.clone(), token, address: address.clone(), expiration };
        match port.watch(from, &new).await {
            Ok(open) => {
                let expires_at = Timestamp::from_millis(open.expiration);
                self.change(&key, |row| {
                    row.resource = Some(open.resource.clone());
                    row.expires_at = expires_at;
                })
                .await?;
                self.push.opened(silent);
                tracing::info!(channel = id, until = %expires_at, "drive tells of changes");
                Ok(true)
            }
            Err(trouble) => {
                self.forget_channel(&key).await?;
                tracing::warn!(%trouble, address, "drive opens no channel: polling goes on");
                if !trouble.is_passing() {
                    self.push.refused(&address);
                }
                Ok(false)
            }
        }
    }

    /// Closes the channels that another one has taken the place of; answers when the
    /// next one is to be opened.
    pub(super) async fn close_channels(
        &self,
        port: &dyn Port,
        settings: &DriveSettings,
    ) -> Result<Option<Timestamp>, Fell> {
        let Seen { rows, plan } = self.channels(settings).await?;
        let kept = plan.keep.and_then(|at| rows.get(at));
        if settings.push_address().is_some() && kept.is_none() {
            return Ok(None);
        }
        let kept = kept.map(|row| row.key.clone());
        for row in rows.iter().filter(|row| Some(&row.key) != kept.as_ref()) {
            let ours = row.row.source == settings.source();
            if let (true, Some(resource)) = (ours, &row.row.resource)
                && let Err(trouble) = port.stop(row.key.as_str(), resource).await
            {
                // It ends by itself; until then what comes through it is refused.
                tracing::debug!(%trouble, channel = row.key.as_str(), "a channel is not closed");
            }
            self.forget_channel(&row.key).await?;
        }
        Ok(plan.again)
    }

    async fn channels(&self, settings: &DriveSettings) -> Result<Seen, Error> {
        let page = self.shell.store.page::<Channels>(&Query::all().limit(MOST)).await;
        let rows = page.during("listing channels")?.rows;
        let held: Vec<Held> = rows.iter().map(|row| held(&row.row, settings)).collect();
        let wanted = settings.push_address().is_some() && settings.mode != Mode::Off;
        let plan = plan(&held, wanted, self.push.is_silent(), self.shell.now());
        Ok(Seen { rows, plan })
    }

    async fn change(&self, key: &Term, change: impl Fn(&mut Channel)) -> Result<(), Error> {
        let doing = "changing a channel";
        let mut tries = Tries::of(doing);
        loop {
            let row = self.shell.store.get::<Channels>(key).await.during(doing)?;
            let Some(row) = row else { return Ok(()) };
            let mut next = row.row.clone();
            change(&mut next);
            let mut write = Write::new();
            write.update::<Channels>(&row, &next);
            match self.shell.store.commit(write).await {
                Ok(_) => return Ok(()),
                Err(error) => tries.again(error)?,
            }
        }
    }

    async fn forget_channel(&self, key: &Term) -> Result<(), Error> {
        self.push.numbers.lock().remove(key.as_str());
        let doing = "forgetting a channel";
        let mut tries = Tries::of(doing);
        loop {
            let row = self.shell.store.get::<Channels>(key).await.during(doing)?;
            let Some(row) = row else { return Ok(()) };
            let mut write = Write::new();
            write.remove::<Channels>(&row);
            match self.shell.store.commit(write).await {
                Ok(_) => return Ok(()),
                Err(error) => tries.again(error)?,
            }
        }
    }
}

fn held(channel: &Channel, settings: &DriveSettings) -> Held {
    let [first, ..] = channel.token;
    Held {
        ours: is_ours(channel, settings),
        answered: channel.resource.is_some(),
        opened_at: channel.opened_at,
        expires_at: channel.expires_at,
        spread: f64::from(first) / 256.0,
    }
}

/// Whether a channel is of the Drive, and of the address, that are configured.
pub(in crate::drive) fn is_ours(channel: &Channel, settings: &DriveSettings) -> bool {
    channel.source == settings.source()
        && Some(&channel.address) == settings.push_address().as_ref()
}
