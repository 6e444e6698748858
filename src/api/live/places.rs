//! How many streams there may be at once, how they pace themselves, and their end
//! at a stop.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use warp::http::StatusCode;

use crate::api::auth::Who;
use crate::api::problem::Problem;

/// When one that finds no place may come again.
const COME_AGAIN: Duration = Duration::from_secs(5);

/// How often things happen on a stream.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// After so long without a word, a sign of life.
    pub heartbeat: Duration,
    /// So often the caller is looked up again.
    pub check: Duration,
    /// A reader that takes nothing for so long is cut off.
    pub patience: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        let (heartbeat, check) = (Duration::from_secs(15), Duration::from_secs(5));
        Self { heartbeat, check, patience: Duration::from_secs(20) }
    }
}

/// The places of streams; clones are the same ones.
#[derive(Debug, Clone)]
pub struct Streams(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    closing: CancellationToken,
    most: watch::Receiver<Arc<u32>>,
    open: Mutex<HashMap<Option<Uuid>, usize>>,
    pace: Pace,
}

impl Streams {
    /// So many places, until `closing`.
    pub fn new(closing: CancellationToken, most: watch::Receiver<Arc<u32>>, pace: Pace) -> Self {
        Self(Arc::new(Inner { closing, most, open: Mutex::default(), pace }))
    }

    /// How they pace themselves.
    pub fn pace(&self) -> Pace {
        self.0.pace
    }

    /// Resolves when every stream must end.
    pub async fn closing(&self) {
        self.0.closing.cancelled().await;
    }

    /// A place for a caller; 503 if there is none. Nobody but the operator has more
    /// than a quarter of all places.
    pub fn enter(&self, who: &Who) -> Result<Place, Problem> {
        let most = usize::try_from(**self.0.most.borrow()).unwrap_or(usize::MAX);
        let own = if who.is_operator() { most } else { (most / 4).max(1) };
        let bearer = who.bearer();
        let mut open = self.0.open.lock();
        let taken: usize = open.values().sum();
        let theirs = open.get(&bearer).copied().unwrap_or(0);
        if self.0.closing.is_cancelled() || taken >= most || theirs >= own {
            let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too_many_streams");
            return Err(problem.retry_after(COME_AGAIN));
        }
        open.insert(bearer, theirs + 1);
        drop(open);
        metrics::gauge!("zelador_streams_open").increment(1.0);
        Ok(Place { streams: self.clone(), bearer })
    }
}

/// A place that is taken until it is dropped.
#[derive(Debug)]
pub struct Place {
    streams: Streams,
    bearer: Option<Uuid>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.streams.0.open.lock();
        if let Some(count) = open.get_mut(&self.bearer) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.bearer);
            }
        }
        drop(open);
        metrics::gauge!("zelador_streams_open").decrement(1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zelador_actors::testkit::World;

    #[test]
    fn places_are_bounded_and_shared() {
        let world = World::new();
        let most = watch::channel(Arc::new(8)).1;
        let closing = CancellationToken::new();
        let streams = Streams::new(closing.clone(), most, Pace::default());
        let service = |token| Who::Service { token, scopes: Vec::new(), tenant: None };
        let (one, other) = (service(world.shell.id()), service(world.shell.id()));
        let operator = Who::Operator { token: world.shell.id() };
        let held = [streams.enter(&one).unwrap(), streams.enter(&one).unwrap()];
        assert_eq!(streams.enter(&one).unwrap_err().code(), "too_many_streams", "a quarter");
        let more: Vec<_> = (0..5).map(|_| streams.enter(&operator).unwrap()).collect();
        let last = streams.enter(&other).unwrap();
        assert!(streams.enter(&other).is_err() && streams.enter(&operator).is_err(), "all taken");
        drop(held);
        assert!(streams.enter(&one).is_ok());
        drop((more, last));
        assert!(streams.0.open.lock().is_empty());
        closing.cancel();
        assert!(streams.enter(&operator).is_err(), "nothing new at a stop");
    }
}
