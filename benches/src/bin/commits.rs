//! Durable commits per second: 64 writers, batches of 3 new keys with values of
//! about 300 bytes, beside raw appends of as much, grouped and synced in the
//! same way.
//!
//! The rounds take turns, because a disk's speed changes by the minute. What is
//! drained to sled in the background counts: rounds follow each other at once,
//! and the store grows throughout.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{Rng, RngCore, SeedableRng};
use tokio::task::JoinSet;
use tokio::time::Instant;
use zelador_benches::floor::{Failure, WRITERS, raw_rate};
use zelador_benches::{
    judge, median, processor_seconds, resident_mib, say, still_clock, surroundings, workplace,
};
use zelador_store::Engine;
use zelador_store::kv::embedded::{Embedded, Options};
use zelador_store::kv::{Batch, Bytes, EngineError, Expect, Op};

const ROUNDS: u64 = 5;
const ROUND: Duration = Duration::from_secs(4);
const FIGURE: f64 = 0.4;
/// Bytes of a value.
const VALUE: usize = 276;

/// Writes what the daemon writes: ids are ordered by time, so rows and log grow
/// at their ends; the second row stands under one of a thousand owners.
struct Writer {
    dice: SmallRng,
    number: u64,
    who: u32,
}

impl Writer {
    fn new(writer: u32, round: u64) -> Self {
        let seed = round * 1000 + u64::from(writer);
        Self { dice: SmallRng::seed_from_u64(seed), number: round << 32, who: writer }
    }

    fn batch(&mut self) -> Batch {
        self.number += 1;
        let id = [&self.number.to_be_bytes()[..], &self.who.to_be_bytes(), &[0; 4]].concat();
        let owner = self.dice.random_range(0..1000_u64).to_be_bytes();
        let row = [&[1, 1], &id[..]].concat();
        let owned = [&[1, 2], &owner[..], &id[..]].concat();
        Batch {
            expects: vec![Expect::Absent(row.clone().into())],
            ops: vec![
                Op::Put { key: row.into(), value: self.value(), fresh: true },
                Op::Put { key: owned.into(), value: self.value(), fresh: true },
                Op::Append { log: [1, 3], value: self.value() },
            ],
        }
    }

    fn value(&mut self) -> Bytes {
        let mut value = vec![0; VALUE];
        self.dice.fill_bytes(&mut value);
        value.into()
    }
}

/// Durable commits per second; writers that are refused come again.
async fn commit_rate(engine: &Arc<Embedded>, round: u64) -> Result<f64, Failure> {
    let until = Instant::now() + ROUND;
    let mut writers: JoinSet<Result<u32, EngineError>> = (0..WRITERS)
        .map(|writer| write(engine.clone(), Writer::new(writer, round), until))
        .collect();
    let mut done = 0;
    while let Some(count) = writers.join_next().await {
        done += count??;
    }
    Ok(f64::from(done) / ROUND.as_secs_f64())
}

async fn write(
    engine: Arc<Embedded>,
    mut writer: Writer,
    until: Instant,
) -> Result<u32, EngineError> {
    let mut done = 0;
    while Instant::now() < until {
        match engine.apply(writer.batch()).await {
            Ok(_) => done += 1,
            Err(EngineError::Overloaded) => tokio::task::yield_now().await,
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

/// Microseconds of processor for each of these, over a round.
fn microseconds_each(seconds: f64, rate: f64) -> f64 {
    seconds * 1e6 / (rate * ROUND.as_secs_f64()).max(1.0)
}

#[tokio::main]
async fn main() -> Result<ExitCode, Failure> {
    let place = workplace()?;
    let options = Options::new(place.path().join("data"), "bench", still_clock());
    let (engine, _) = Embedded::open(options)?;
    let (mut floors, mut rates) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let before = processor_seconds("self");
        let floor = raw_rate(place.path(), ROUND).await?;
        let between = processor_seconds("self");
        let rate = commit_rate(&engine, round).await?;
        let after = processor_seconds("self");
        say(&format!(
            "round {round}: raw {floor:.0}/s ({:.1} us of processor each), ours {rate:.0}/s \
             ({:.1} us), {:.2}; {}, {:.0} MiB resident",
            microseconds_each(between - before, floor),
            microseconds_each(after - between, rate),
            rate / floor,
            surroundings(),
            resident_mib(),
        ));
        floors.push(floor);
        rates.push(rate);
    }
    engine.close()?;
    let (floor, rate) = (median(floors), median(rates));
    say(&format!("medians: raw {floor:.0} commits/s, ours {rate:.0} commits/s"));
    Ok(judge("durable commits against raw append and fdatasync", rate / floor, FIGURE))
}
