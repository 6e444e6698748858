//! The only reader of clocks, and the only maker of randomness.
//!
//! Everything else takes `now` as an argument. Tests hold a [`Hand`] and move
//! the wall clock where they like; waiters wake as it passes their time.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};
use tokio::sync::watch;
use zelador_store::Timestamp;
use zelador_store::id::{Id, Kind};

/// How long a waiter sleeps before it looks at the wall clock again: a clock
/// set forward is noticed this soon.
const GLANCE: Duration = Duration::from_millis(100);

#[derive(Clone)]
enum Source {
    System,
    Manual(watch::Receiver<Timestamp>),
}

/// A wall clock; clones show the same time.
#[derive(Clone)]
pub struct Clock(Source);

impl Clock {
    /// The machine's.
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// One that moves only by hand.
    pub fn manual(start: Timestamp) -> (Self, Hand) {
        let (sender, receiver) = watch::channel(start);
        (Self(Source::Manual(receiver)), Hand(Arc::new(sender)))
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System => {
                #[expect(clippy::disallowed_methods, reason = "this is the clock")]
                let now = jiff::Timestamp::now();
                now.into()
            }
            Source::Manual(shown) => *shown.borrow(),
        }
    }

    /// Resolves once the wall clock shows `at` or later, however it gets there.
    pub async fn until(&self, at: Timestamp) {
        match &self.0 {
            Source::System => loop {
                let left = at.since(self.now());
                if left.is_zero() {
                    return;
                }
                tokio::time::sleep(left.min(GLANCE)).await;
            },
            Source::Manual(shown) => {
                let mut shown = shown.clone();
                if shown.wait_for(|now| *now >= at).await.is_err() {
                    // The hand is gone: this time never comes.
                    std::future::pending::<()>().await;
                }
            }
        }
    }
}

/// Moves a manual clock.
#[derive(Clone)]
pub struct Hand(Arc<watch::Sender<Timestamp>>);

impl Hand {
    /// Moves the clock on.
    pub fn advance(&self, by: Duration) {
        self.0.send_modify(|now| *now = *now + by);
    }

    /// Sets the clock, forward or back.
    pub fn set(&self, to: Timestamp) {
        self.0.send_replace(to);
    }
}

/// A source of random bits; clones draw from the same one.
#[derive(Clone)]
pub struct Dice(Arc<Mutex<StdRng>>);

impl Dice {
    /// From the operating system.
    pub fn system() -> Self {
        Self(Arc::new(Mutex::new(StdRng::from_os_rng())))
    }

    /// The same rolls for the same seed.
    pub fn seeded(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// A new id.
    pub fn id<K: Kind>(&self, now: Timestamp) -> Id<K> {
        let mut random = [0; 10];
        self.0.lock().fill_bytes(&mut random);
        Id::new(now, random)
    }

    /// 256 random bits, for tokens.
    pub fn secret(&self) -> [u8; 32] {
        let mut random = [0; 32];
        self.0.lock().fill_bytes(&mut random);
        random
    }

    /// 128 random bits, for the hash of a password.
    pub fn salt(&self) -> [u8; 16] {
        let mut random = [0; 16];
        self.0.lock().fill_bytes(&mut random);
        random
    }

    /// As many random bytes as are asked for.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut random = [0; N];
        self.0.lock().fill_bytes(&mut random);
        random
    }

    /// A number from 0 up to, not including, 1.
    pub fn fraction(&self) -> f64 {
        let bits = self.0.lock().next_u64() >> 11;
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit a double")]
        let fraction = bits as f64 / (1_u64 << 53) as f64;
        fraction
    }
}

/// What every shell needs from the world: the store, the time, and chance.
#[derive(Clone)]
pub struct Shell {
    /// Facts.
    pub store: zelador_store::Store,
    /// Time.
    pub clock: Clock,
    /// Chance.
    pub dice: Dice,
}

impl Shell {
    /// The time now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A new id, made now.
    pub fn id<K: Kind>(&self) -> Id<K> {
        self.dice.id(self.now())
    }
}
