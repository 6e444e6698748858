//! When to kill, decided by a seed.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

/// Kills unless somebody says otherwise: a hundred of a daemon that is up, and a
/// quarter as many, a fifth of all, of one that is starting.
const KILLS: usize = 125;

/// One kill.
pub(super) enum Kill {
    /// Of a daemon under load, so long after it has acknowledged enough.
    Loaded {
        /// 0 to 400 ms.
        after: Duration,
    },
    /// Of a daemon that is starting, after this share of what a start takes.
    Starting {
        /// 0 to 1.
        share: f64,
    },
}

/// All kills.
pub(super) struct Plan {
    pub(super) seed: u64,
    pub(super) kills: Vec<Kill>,
}

impl Plan {
    pub(super) fn of_environment() -> Self {
        let number = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
        let seed = number("ZELADOR_SEED").unwrap_or_else(|| rand::rng().random_range(0..1_000_000));
        let kills = number("ZELADOR_KILLS").map_or(KILLS, |kills| usize::try_from(kills).unwrap());
        let mut rng = StdRng::seed_from_u64(seed);
        let kill = |number: usize| match number % 5 {
            4 => Kill::Starting { share: rng.random_range(0.0..1.0) },
            _ => Kill::Loaded { after: Duration::from_micros(rng.random_range(0..400_000)) },
        };
        Self { seed, kills: (0..kills).map(kill).collect() }
    }
}
