//! Many callers at once: as fast as they are answered, or at a steady rate.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::Failure;
use crate::wire::{Address, Wire};

/// Which request is the n-th.
pub type Script = Arc<dyn Fn(u64) -> Vec<u8> + Send + Sync>;

/// What a crowd saw.
#[derive(Debug, Default)]
pub struct Seen {
    /// Requests that were answered well.
    pub answered: u64,
    /// How long the measuring took.
    pub took: Duration,
    times: Vec<Duration>,
}

impl Seen {
    /// Requests per second.
    pub fn rate(&self) -> f64 {
        f64::from(u32::try_from(self.answered).unwrap_or(u32::MAX)) / self.took.as_secs_f64()
    }

    /// The time that 99 of 100 did not exceed.
    pub fn p99(&mut self) -> Duration {
        self.times.sort_unstable();
        let at = (self.times.len() * 99 / 100).min(self.times.len().saturating_sub(1));
        self.times.get(at).copied().unwrap_or_default()
    }
}

/// A crowd, and how far it has read its script.
pub struct Crowd {
    address: Address,
    script: Script,
    next: Arc<AtomicU64>,
}

impl Crowd {
    /// One that begins with the request `from`.
    pub fn new(address: &Address, from: u64, script: Script) -> Self {
        Self { address: address.clone(), script, next: Arc::new(AtomicU64::new(from)) }
    }

    /// Callers who ask again as soon as they are answered; all must be.
    pub async fn rush(&self, callers: u32, time: Duration) -> Result<Seen, Failure> {
        let until = Instant::now() + time;
        self.gather(callers, move |last| (last < until).then_some(last)).await
    }

    /// Callers who ask so often a second in all, whether the answers keep up or
    /// not: one who is late counts the wait for the answer before as well.
    pub async fn pace(&self, callers: u32, rate: f64, time: Duration) -> Result<Seen, Failure> {
        let (began, between) = (Instant::now(), 1.0 / rate);
        let asked = AtomicU32::new(0);
        let when = move |_| {
            let n = asked.fetch_add(1, Ordering::Relaxed);
            let after = Duration::from_secs_f64(between * f64::from(n));
            (after < time).then_some(began + after)
        };
        self.gather(callers, when).await
    }

    /// `when`: when a caller asks next, given when it was answered last.
    async fn gather<F>(&self, callers: u32, when: F) -> Result<Seen, Failure>
    where
        F: Fn(Instant) -> Option<Instant> + Send + Sync + 'static,
    {
        let (when, began) = (Arc::new(when), Instant::now());
        let mut tasks: JoinSet<Result<Vec<Duration>, Failure>> = JoinSet::new();
        for _ in 0..callers {
            let mut wire = Wire::to(&self.address).await?;
            let (script, next, when) = (self.script.clone(), self.next.clone(), when.clone());
            tasks.spawn(async move {
                let mut times = Vec::new();
                while let Some(at) = when(Instant::now()) {
                    let request = script(next.fetch_add(1, Ordering::Relaxed));
                    // The timer is no finer than a millisecond: who was woken late
                    // by it did not wait for the daemon.
                    let since = if at > Instant::now() {
                        sleep_until(at).await;
                        Instant::now()
                    } else {
                        at
                    };
                    times.push(wire.timed(&request, since).await?);
                }
                Ok(times)
            });
        }
        let mut seen = Seen::default();
        while let Some(times) = tasks.join_next().await {
            seen.times.extend(times??);
        }
        seen.answered = seen.times.len() as u64;
        seen.took = began.elapsed();
        Ok(seen)
    }
}
