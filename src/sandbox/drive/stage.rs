//! What every call shares: the world behind a lock, the switches, time and chance,
//! tokens, uploads under way.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use parking_lot::{Mutex, MutexGuard};
use serde_json::{Value, json};
use tokio::sync::Notify;
use zelador_actors::engine::clock::{Clock, Dice};
use zelador_store::Timestamp;

use super::core::{Caller, Restrictions, World};
use super::faults::Faults;
use super::{DOMAIN, PERSON, SERVICE_ACCOUNT, SHARED_DRIVE};

/// Seconds that a token lives.
const TOKEN: u32 = 3599;
/// The full scope.
const SCOPE: &str = "https://www.googleapis.com/auth/drive";

/// An upload that comes in parts.
#[derive(Debug, Clone)]
pub(super) struct Upload {
    pub(super) caller: Caller,
    /// The file to change; `None`: a new one.
    pub(super) id: Option<String>,
    pub(super) about: Value,
    pub(super) mime: Option<String>,
    pub(super) held: Vec<u8>,
    pub(super) query: BTreeMap<String, String>,
}

/// What calls share; clones are the same.
#[derive(Clone)]
pub(super) struct Stage(Arc<Inner>);

struct Inner {
    url: String,
    world: Mutex<World>,
    faults: Mutex<Faults>,
    clock: Clock,
    dice: Dice,
    tokens: Mutex<HashMap<String, (Caller, Timestamp)>>,
    uploads: Mutex<HashMap<String, Upload>>,
    asked: Mutex<BTreeMap<String, u64>>,
    told: Notify,
    pushed: AtomicU64,
    lost: AtomicU64,
}

impl Stage {
    pub(super) fn new(url: String, clock: Clock, dice: Dice) -> Self {
        let mut world = World::default();
        let now = clock.now();
        for account in [SERVICE_ACCOUNT, PERSON] {
            world.add_account(account, now);
        }
        let restrictions = Restrictions { domain: DOMAIN.to_owned(), ..Restrictions::default() };
        world.add_drive(SHARED_DRIVE, "Zelador", restrictions, now);
        world.admit(SHARED_DRIVE, SERVICE_ACCOUNT, "fileOrganizer");
        world.admit(SHARED_DRIVE, PERSON, "organizer");
        Self(Arc::new(Inner {
            url,
            world: Mutex::new(world),
            faults: Mutex::default(),
            clock,
            dice,
            tokens: Mutex::default(),
            uploads: Mutex::default(),
            asked: Mutex::default(),
            told: Notify::new(),
            pushed: AtomicU64::new(0),
            lost: AtomicU64::new(0),
        }))
    }

    pub(super) fn url(&self) -> &str {
        &self.0.url
    }

    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.0.world.lock()
    }

    pub(super) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    pub(super) fn faults(&self) -> Faults {
        self.0.faults.lock().clone()
    }

    pub(super) fn set_faults(&self, faults: Faults) {
        *self.0.faults.lock() = faults;
    }

    /// Whether this call is to fail; one that is counted is used up.
    pub(super) fn failure(&self, call: &str) -> Option<Faults> {
        let mut faults = self.0.faults.lock();
        if !faults.hits(call, self.0.dice.fraction()) {
            return None;
        }
        let failure = faults.clone();
        if faults.times == 1 {
            (faults.status, faults.cut) = (0, false);
        }
        faults.times = faults.times.saturating_sub(1);
        Some(failure)
    }

    /// Whether a notification is lost, and whether it is posted twice.
    pub(super) fn fate_of_notice(&self) -> (bool, bool) {
        let faults = self.faults();
        let hits = |percent: u8| self.0.dice.fraction() * 100.0 < f64::from(percent);
        (hits(faults.lose_percent), hits(faults.duplicate_percent))
    }

    /// A text that nobody guesses, of the length of Google's ids.
    pub(super) fn fresh_id(&self) -> String {
        let id = hex::encode(self.0.dice.salt());
        format!("1{id}")
    }

    /// Whoever posts notifications is to look.
    pub(super) fn told(&self) {
        self.0.told.notify_one();
    }

    pub(super) fn when_told(&self) -> impl Future<Output = ()> + '_ {
        self.0.told.notified()
    }

    pub(super) fn note_pushed(&self) {
        self.0.pushed.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn pushed(&self) -> u64 {
        self.0.pushed.load(Ordering::Relaxed)
    }

    pub(super) fn note_lost(&self) {
        self.0.lost.fetch_add(1, Ordering::Relaxed);
    }

    /// Notifications that were lost on order.
    #[cfg(test)]
    pub(super) fn lost(&self) -> u64 {
        self.0.lost.load(Ordering::Relaxed)
    }

    pub(super) fn note_asked(&self, call: &str) {
        *self.0.asked.lock().entry(call.to_owned()).or_default() += 1;
    }

    pub(super) fn asked(&self) -> BTreeMap<String, u64> {
        self.0.asked.lock().clone()
    }

    /// The service account, as itself.
    pub(super) fn service_caller() -> Caller {
        Caller {
            email: SERVICE_ACCOUNT.to_owned(),
            service: true,
            project: "sandbox".to_owned(),
            scopes: vec![SCOPE.to_owned()],
        }
    }

    /// What a person's consent leaves behind.
    pub(super) fn authorized_user(&self) -> Value {
        json!({
            "type": "authorized_user", "client_id": "sandbox.apps.googleusercontent.com",
            "client_secret": "sandbox-client-secret", "refresh_token": "1//sandbox-refresh-token",
            "token_uri": format!("{}/token", self.0.url),
        })
    }

    /// A new token, as it is answered.
    pub(super) fn issue(&self, caller: Caller) -> Value {
        let seconds = match self.faults().token_seconds {
            0 => TOKEN,
            seconds => seconds,
        };
        let token = format!("ya29.{}", hex::encode(self.0.dice.secret()));
        let ends = self.now() + Duration::from_secs(seconds.into());
        let scope = caller.scopes.join(" ");
        let mut tokens = self.0.tokens.lock();
        let now = self.now();
        tokens.retain(|_, (_, ends)| *ends > now);
        tokens.insert(token.clone(), (caller, ends));
        json!({ "access_token": token, "expires_in": seconds, "token_type": "Bearer", "scope": scope })
    }

    /// Whose token this is, while it lives.
    pub(super) fn caller(&self, token: &str) -> Option<Caller> {
        let tokens = self.0.tokens.lock();
        let (caller, ends) = tokens.get(token)?;
        (*ends > self.now()).then(|| caller.clone())
    }

    pub(super) fn end_tokens(&self) {
        self.0.tokens.lock().clear();
    }

    pub(super) fn begin_upload(&self, upload: Upload) -> String {
        let id = self.fresh_id();
        self.0.uploads.lock().insert(id.clone(), upload);
        id
    }

    /// Adds a part to an upload; answers what is held. `None`: there is no such.
    pub(super) fn add_part(&self, id: &str, from: usize, part: &Bytes) -> Option<usize> {
        let mut uploads = self.0.uploads.lock();
        let upload = uploads.get_mut(id)?;
        // A part that was held already is sent again by who did not hear the answer.
        if from == upload.held.len() {
            upload.held.extend_from_slice(part);
        }
        Some(upload.held.len())
    }

    pub(super) fn take_upload(&self, id: &str) -> Option<Upload> {
        self.0.uploads.lock().remove(id)
    }
}
