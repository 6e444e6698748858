//! What both faces share: the core behind a lock, the switches, time and chance;
//! and the making of accounts, which takes time and may be cut anywhere.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::Notify;
use zelador_actors::engine::clock::{Clock, Dice};

use super::core::{Cloud, NewUser, NotCreated, Step, StepFlaw};
use super::faults::{Fate, Faults};

/// What a creation came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Made {
    /// The account stands as asked.
    Whole,
    /// Nothing was made.
    Not(NotCreated),
    /// The account stands; a step failed, and those after it were not done.
    Flawed(StepFlaw),
    /// The database was locked; whether the row is there.
    Locked(bool),
    /// The account stands bare: a listener failed.
    Bare,
    /// All is done, and the answer says otherwise.
    WholeButError,
    /// There is no answer.
    Cut,
}

/// What the faces share; clones are the same.
#[derive(Clone)]
pub(crate) struct Stage(Arc<Inner>);

struct Inner {
    cloud: Mutex<Cloud>,
    faults: Mutex<Faults>,
    clock: Clock,
    dice: Dice,
    /// Creations at work, and how many there were at most.
    making: AtomicUsize,
    most: AtomicUsize,
    ended: Notify,
    /// Every command that the shell ran, by name, with how often.
    ran: Mutex<BTreeMap<String, u64>>,
    /// HTTP requests by method and path, and `occ` commands by name.
    asked: Mutex<BTreeMap<String, u64>>,
}

/// One of the places that creations take.
struct Place<'a>(&'a Inner);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.making.fetch_sub(1, Ordering::AcqRel);
        self.0.ended.notify_waiters();
    }
}

impl Stage {
    pub(crate) fn new(cloud: Cloud, faults: Faults, clock: Clock, dice: Dice) -> Self {
        Self(Arc::new(Inner {
            cloud: Mutex::new(cloud),
            faults: Mutex::new(faults),
            clock,
            dice,
            making: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            ended: Notify::new(),
            ran: Mutex::default(),
            asked: Mutex::default(),
        }))
    }

    pub(crate) fn cloud(&self) -> MutexGuard<'_, Cloud> {
        self.0.cloud.lock()
    }

    pub(crate) fn faults(&self) -> Faults {
        self.0.faults.lock().clone()
    }

    pub(crate) fn set_faults(&self, faults: Faults) {
        *self.0.faults.lock() = faults;
        self.0.ended.notify_waiters();
    }

    pub(crate) fn now(&self) -> zelador_store::Timestamp {
        self.0.clock.now()
    }

    pub(crate) fn dice(&self) -> &Dice {
        &self.0.dice
    }

    /// Notes that the shell ran something.
    pub(crate) fn note_run(&self, command: &str) {
        *self.0.ran.lock().entry(command.to_owned()).or_default() += 1;
    }

    pub(crate) fn ran(&self) -> BTreeMap<String, u64> {
        self.0.ran.lock().clone()
    }

    pub(crate) fn note_asked(&self, what: &str) {
        *self.0.asked.lock().entry(what.to_owned()).or_default() += 1;
    }

    pub(crate) fn asked(&self) -> BTreeMap<String, u64> {
        self.0.asked.lock().clone()
    }

    pub(crate) fn most_at_once(&self) -> usize {
        self.0.most.load(Ordering::Acquire)
    }

    /// Makes an account, with all the time that takes. Whoever stops waiting
    /// stops nothing.
    pub(crate) async fn make(&self, new: NewUser) -> Made {
        let stage = self.clone();
        let work = tokio::spawn(async move { stage.make_all(&new).await });
        work.await.unwrap_or(Made::Cut)
    }

    async fn make_all(&self, new: &NewUser) -> Made {
        let _place = self.place().await;
        let faults = self.faults();
        let roll = || self.0.dice.fraction();
        let fate = faults.fate(roll());
        if let Err(refused) = self.cloud().check_new(new) {
            return Made::Not(refused);
        }
        let total = faults.duration_ms(roll(), new.email.is_some());
        sleep(total / 2).await;
        if faults.sqlite && self.0.making.load(Ordering::Acquire) > 1 {
            return self.locked(new, roll());
        }
        if let Err(raced) = self.cloud().insert(new) {
            return Made::Not(raced);
        }
        match fate {
            Fate::ErrorAfterInsert => return Made::Bare,
            Fate::CutAfterInsert => return Made::Cut,
            _ => sleep(total - total / 2).await,
        }
        for step in Step::ALL {
            if let Err(flaw) = self.cloud().apply(step, new) {
                return Made::Flawed(flaw);
            }
            tokio::task::yield_now().await;
        }
        match fate {
            Fate::ErrorAfterCreate => Made::WholeButError,
            Fate::CutAfterCreate => Made::Cut,
            _ => Made::Whole,
        }
    }

    /// A locked database: sometimes before the row, sometimes after it.
    fn locked(&self, new: &NewUser, roll: f64) -> Made {
        let partial = roll < 0.5;
        Made::Locked(partial && self.cloud().insert(new).is_ok())
    }

    /// Waits for one of the server's workers.
    async fn place(&self) -> Place<'_> {
        loop {
            let ended = self.0.ended.notified();
            let limit = self.0.faults.lock().workers.max(1);
            let taken =
                self.0.making.fetch_update(Ordering::AcqRel, Ordering::Acquire, |at_work| {
                    (at_work < limit).then_some(at_work + 1)
                });
            if let Ok(before) = taken {
                self.0.most.fetch_max(before + 1, Ordering::AcqRel);
                return Place(&self.0);
            }
            // A place that became free between the look and here is noticed soon.
            let _ = tokio::time::timeout(Duration::from_millis(20), ended).await;
        }
    }
}

async fn sleep(ms: u64) {
    if ms > 0 {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
}
