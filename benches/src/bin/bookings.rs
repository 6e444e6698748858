//! Bookings over HTTP, each on disk before it is answered, beside `PostgreSQL`
//! with a constraint that does the same, on the same disk in the same run.
//!
//! - `bookings rates`: 64 callers and 10,000 resources, no two of whom collide.
//! - `bookings hot`: one resource, beside one lone writer on the journal.
//! - `bookings million`: with a million bookings there, beside 10,000.
//!
//! Without a word: all three. Each round measures both sides, for a disk's speed
//! changes by the minute.

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

use tokio::time::Instant;
use zelador_benches::calendar::{House, address, open};
use zelador_benches::crowd::{Crowd, Seen};
use zelador_benches::daemon::Daemon;
use zelador_benches::floor::raw_rate_of;
use zelador_benches::postgres::Postgres;
use zelador_benches::{
    Failure, judge, judge_at_most, median, processor_seconds, say, surroundings, verdict, workplace,
};
use zelador_store::Write;
use zelador_store::booking::Bookings;
use zelador_store::id::BookingId;

const CALLERS: u32 = 64;
const RESOURCES: usize = 10_000;
const FEW: u64 = 10_000;
const MANY: u64 = 1_000_000;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(5);
/// Of one resource, whose ten years are 73,200 slots.
const HOT_ROUND: Duration = Duration::from_secs(3);
/// Until caches are warm and slow starts over.
const WARM: Duration = Duration::from_secs(2);
/// Of `PostgreSQL`'s inserts.
const RATE_FIGURE: f64 = 1.0;
/// Of a lone writer's commits.
const HOT_FIGURE: f64 = 0.5;
/// Of the rate among a million, the rate among few.
const MILLION_FIGURE: f64 = 1.3;

/// So long a round of bookings by a crowd, with what the daemon spent on each.
async fn round(crowd: &Crowd, long: Duration, daemon: &Daemon) -> Result<(Seen, f64), Failure> {
    let before = processor_seconds(&daemon.id());
    let seen = crowd.rush(CALLERS, long).await?;
    let spent = processor_seconds(&daemon.id()) - before;
    let each = 1e6 * spent / (seen.rate() * seen.took.as_secs_f64());
    Ok((seen, each))
}

async fn rates(dir: &Path) -> Result<ExitCode, Failure> {
    let data = dir.join("rates");
    let house = House::found(&data, RESOURCES).await?;
    let postgres = Postgres::start(&dir.join("postgres"))?;
    let daemon = Daemon::start(&data)?;
    let address = address(&data)?;
    let crowd = Crowd::new(&address, 0, house.bookings(&address));
    crowd.rush(CALLERS, WARM).await?;
    postgres.inserts(CALLERS, WARM)?;
    postgres.plain_inserts(CALLERS, WARM)?;
    let (mut ratios, mut plain_ratios) = (Vec::new(), Vec::new());
    for n in 0..ROUNDS {
        let peer = postgres.inserts(CALLERS, ROUND)?;
        let (mut seen, each) = round(&crowd, ROUND, &daemon).await?;
        let plain = postgres.plain_inserts(CALLERS, ROUND)?;
        let (ratio, plain_ratio) = (seen.rate() / peer, seen.rate() / plain);
        say(&format!(
            "round {n}: {:.0} bookings/s, p99 {:.1?}, {each:.0} µs of processor each; \
             {peer:.0} prepared inserts/s, {ratio:.2}; {plain:.0} plain ones, {plain_ratio:.2}; {}",
            seen.rate(),
            seen.p99(),
            surroundings()
        ));
        ratios.push(ratio);
        plain_ratios.push(plain_ratio);
    }
    daemon.stop()?;
    say(&format!("bookings against plain inserts: {:.2}", median(plain_ratios)));
    Ok(judge("bookings against prepared inserts", median(ratios), RATE_FIGURE))
}

/// Commits per second of one writer who waits for each: a booking's row.
async fn lone_writer(data: &Path, house: &House) -> Result<f64, Failure> {
    let (shell, close) = open(data)?;
    let (began, mut done) = (Instant::now(), 0_u32);
    while began.elapsed() < ROUND {
        let id: BookingId = shell.id();
        let mut write = Write::new();
        write.insert::<Bookings>(&id, &house.booking(done.into(), shell.now()));
        shell.store.commit(write).await?;
        done += 1;
    }
    let rate = f64::from(done) / began.elapsed().as_secs_f64();
    close()?;
    Ok(rate)
}

async fn hot(dir: &Path) -> Result<ExitCode, Failure> {
    let (data, lone) = (dir.join("hot"), dir.join("lone"));
    // One for each round, and one to warm up: ten years of one are soon booked.
    let house = House::found(&data, ROUNDS + 1).await?;
    let daemon = Daemon::start(&data)?;
    let address = address(&data)?;
    let one = |n: usize| Crowd::new(&address, 0, house.bookings_of_one(&address, n as u64));
    one(ROUNDS).rush(CALLERS, WARM).await?;
    let mut ratios = Vec::new();
    for n in 0..ROUNDS {
        let crowd = one(n);
        let floor = lone_writer(&lone, &house).await?;
        let raw = raw_rate_of(dir, WARM, 1).await?;
        let (mut seen, each) = round(&crowd, HOT_ROUND, &daemon).await?;
        let ratio = seen.rate() / floor;
        say(&format!(
            "round {n}: one resource {:.0} bookings/s, p99 {:.1?}, {each:.0} µs of processor \
             each; one lone writer {floor:.0}/s (raw appends {raw:.0}/s), {ratio:.2}; {}",
            seen.rate(),
            seen.p99(),
            surroundings()
        ));
        ratios.push(ratio);
    }
    daemon.stop()?;
    Ok(judge("one hot resource against a lone writer", median(ratios), HOT_FIGURE))
}

/// One round on a house that was down: a daemon of its own, warmed up.
async fn visit(data: &Path, house: &House, from: u64) -> Result<(f64, u64), Failure> {
    let daemon = Daemon::start(data)?;
    let address = address(data)?;
    let warm = Crowd::new(&address, from, house.bookings(&address));
    let warmed = warm.rush(CALLERS, WARM).await?.answered + u64::from(CALLERS);
    let crowd = Crowd::new(&address, from + warmed, house.bookings(&address));
    let (seen, _) = round(&crowd, ROUND, &daemon).await?;
    daemon.stop()?;
    Ok((seen.rate(), from + warmed + seen.answered + u64::from(CALLERS)))
}

async fn million(dir: &Path) -> Result<ExitCode, Failure> {
    let (few, many) = (dir.join("few"), dir.join("many"));
    let house = House::found(&few, RESOURCES).await?;
    let copied = Command::new("cp").arg("-r").args([&few, &many]).status()?;
    if !copied.success() {
        return Err(format!("cp: {copied}").into());
    }
    house.seed(&few, FEW).await?;
    let began = Instant::now();
    house.seed(&many, MANY).await?;
    say(&format!("seeded {MANY} in {:.0?}; {}", began.elapsed(), surroundings()));
    let (mut ratios, mut next, mut next_many) = (Vec::new(), FEW, MANY);
    for n in 0..ROUNDS {
        let (few_rate, many_rate);
        (few_rate, next) = visit(&few, &house, next).await?;
        (many_rate, next_many) = visit(&many, &house, next_many).await?;
        let ratio = few_rate / many_rate;
        say(&format!(
            "round {n}: {few_rate:.0} bookings/s among few, {many_rate:.0} among a million, \
             {ratio:.2}; {}",
            surroundings()
        ));
        ratios.push(ratio);
    }
    Ok(judge_at_most(
        "the rate among few against that among a million",
        median(ratios),
        MILLION_FIGURE,
    ))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Failure> {
    let place = workplace()?;
    let dir = place.path().canonicalize()?;
    let word = std::env::args().nth(1).unwrap_or_default();
    Ok(match word.as_str() {
        "" => verdict([rates(&dir).await?, hot(&dir).await?, million(&dir).await?]),
        "rates" => rates(&dir).await?,
        "hot" => hot(&dir).await?,
        "million" => million(&dir).await?,
        _ => return Err("rates, hot or million".into()),
    })
}
