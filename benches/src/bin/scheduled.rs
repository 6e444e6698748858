//! A million jobs that wait for a time far ahead: what enqueueing them costs
//! from the first tenth to the last, how soon the daemon serves again after it
//! was killed with them, and what they take of memory, beside sled's own for
//! the same pairs.
//!
//! Each step is a process of its own, so that memory is its own:
//!
//! ```text
//!  fill ──SIGKILL──→ serve (the daemon) ──SIGTERM──→ pairs ──file──→ sled → sled-open
//! ```

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write as _};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use tokio::time::Instant;
use zelador_actors::engine::Shell;
use zelador_actors::engine::jobs::{Handlers, JobSettings, NewJob};
use zelador_benches::daemon::Daemon;
use zelador_benches::desk::{Desk, open_engine};
use zelador_benches::floor::raw_rate;
use zelador_benches::{Failure, judge_at_most, say, surroundings, verdict, workplace};
use zelador_benches::{peak_mib, processor_seconds, resident_mib, resident_mib_of};
use zelador_store::Engine;
use zelador_store::id::{PlanId, TenantId, UserId};
use zelador_store::kv::Span;

const TENTH: u32 = 100_000;
const DAY: u64 = 24 * 3600;
/// Of the first tenth's time.
const FLATNESS_FIGURE: f64 = 1.5;
const START_FIGURE: f64 = 2.0;
/// MiB of the daemon, with a million jobs in its store.
const MEMORY_FIGURE: f64 = 300.0;
/// Pairs read at once.
const PAGE: usize = 1000;
/// Of each measurement of the raw rate.
const FLOOR_TIME: Duration = Duration::from_secs(3);
/// Until memory is what it will stay.
const SETTLE: Duration = Duration::from_secs(10);

/// A planned ban within the next year, as the users' concern makes them.
fn ban(shell: &Shell) -> NewJob {
    let (plan, user): (PlanId, UserId) = (shell.id(), shell.id());
    let tenant: TenantId = shell.id();
    let seconds = DAY + Duration::from_secs(364 * DAY).mul_f64(shell.dice.fraction()).as_secs();
    let args = serde_json::json!({"user_id": user, "plan_id": plan, "reason": "unpaid"});
    NewJob::new("user.scheduled_ban", &args)
        .at(shell.now() + Duration::from_secs(seconds))
        .unique(format!("plan:{plan}"))
        .about(tenant, user)
}

/// Fills the store and waits to be killed.
async fn fill(dir: &Path) -> Result<(), Failure> {
    let desk = Desk::open(dir, Handlers::new(), JobSettings::default())?;
    let mut times = Vec::new();
    for tenth in 1..=10 {
        let (began, used) = (Instant::now(), processor_seconds("self"));
        desk.enqueue(TENTH, ban).await?;
        let took = began.elapsed().as_secs_f64();
        let used = (processor_seconds("self") - used) * 1e6 / f64::from(TENTH);
        say(&format!(
            "  tenth {tenth}: {:.0} jobs/s, {used:.0} µs of processor each, drains and bases \
             included; {:.0} MiB",
            f64::from(TENTH) / took,
            resident_mib()
        ));
        times.push(took);
    }
    let (first, last) = (times.first().unwrap_or(&1.0), times.last().unwrap_or(&f64::MAX));
    say(&format!("figure {}", last / first));
    std::future::pending().await
}

/// Writes every pair of the store to a file.
async fn pairs(dir: &Path, file: &Path) -> Result<(), Failure> {
    let (_, engine) = open_engine(dir)?;
    let mut out = BufWriter::new(File::create(file)?);
    let mut span = Span::prefix(&[]);
    let mut count = 0_u64;
    loop {
        let page = engine.scan(&span, PAGE).await?;
        for (key, value) in &page {
            for part in [key, value] {
                out.write_all(&u32::try_from(part.len())?.to_le_bytes())?;
                out.write_all(part)?;
            }
        }
        count += page.len() as u64;
        match page.into_iter().last() {
            Some((last, _)) => span.from = [&*last, &[0]].concat(),
            None => break,
        }
    }
    out.flush()?;
    engine.close()?;
    say(&format!("figure {count}"));
    Ok(())
}

fn read_part(input: &mut impl Read) -> std::io::Result<Vec<u8>> {
    let mut length = [0; 4];
    input.read_exact(&mut length)?;
    let mut part = vec![0; u32::from_le_bytes(length) as usize];
    input.read_exact(&mut part)?;
    Ok(part)
}

fn sled_config(dir: &Path) -> sled::Config {
    sled::Config::new().path(dir).mode(sled::Mode::LowSpace).cache_capacity(64 * 1024 * 1024)
}

/// Gives plain sled the pairs.
fn sled_fill(file: &Path, dir: &Path) -> Result<(), Failure> {
    let db = sled_config(dir).open()?;
    let length = file.metadata()?.len();
    let (mut input, mut read) = (BufReader::new(File::open(file)?), 0);
    while read < length {
        let (key, value) = (read_part(&mut input)?, read_part(&mut input)?);
        read += 8 + (key.len() + value.len()) as u64;
        db.insert(key, value)?;
    }
    db.flush()?;
    say(&format!("figure {}", resident_mib()));
    Ok(())
}

/// Opens plain sled and looks at every key once, as a scan would.
fn sled_open(dir: &Path) -> Result<(), Failure> {
    let began = Instant::now();
    let db = sled_config(dir).open()?;
    say(&format!("  plain sled opens in {:.2?} with {:.0} MiB", began.elapsed(), resident_mib()));
    for pair in db.iter() {
        pair?;
    }
    say(&format!("figure {}", resident_mib()));
    Ok(())
}

/// A step in a process of its own: what it says is passed on, up to its figure.
fn step(words: &[&str], paths: &[&Path]) -> Result<(Child, f64), Failure> {
    let mut command = Command::new(std::env::current_exe()?);
    let mut child = command.args(words).args(paths).stdout(Stdio::piped()).spawn()?;
    let lines = BufReader::new(child.stdout.take().ok_or("a step says nothing")?).lines();
    for line in lines {
        let line = line?;
        match line.strip_prefix("figure ") {
            Some(figure) => return Ok((child, figure.parse()?)),
            None => say(&line),
        }
    }
    Err(format!("{words:?} ended with {}", child.wait()?).into())
}

fn whole_step(words: &[&str], paths: &[&Path]) -> Result<f64, Failure> {
    let (mut child, figure) = step(words, paths)?;
    match child.wait()? {
        status if status.success() => Ok(figure),
        status => Err(format!("{words:?} ended with {status}").into()),
    }
}

/// Seconds until the daemon serves, and its memory once it has settled.
async fn serve(data: &Path) -> Result<(f64, f64), Failure> {
    let began = Instant::now();
    let daemon = Daemon::start(data)?;
    let start = began.elapsed().as_secs_f64();
    let process = daemon.id();
    let at_start = resident_mib_of(&process);
    tokio::time::sleep(SETTLE).await;
    let (memory, peak) = (resident_mib_of(&process), peak_mib(&process));
    say(&format!(
        "  the daemon takes {at_start:.0} MiB at its start, {memory:.0} later, {peak:.0} at most"
    ));
    daemon.stop()?;
    Ok((start, memory))
}

async fn tell_surroundings(dir: &Path) -> Result<(), Failure> {
    let raw = raw_rate(dir, FLOOR_TIME).await?;
    say(&format!("raw {raw:.0} appends/s; {}", surroundings()));
    Ok(())
}

async fn conduct() -> Result<ExitCode, Failure> {
    let place = workplace()?;
    let dir = place.path().canonicalize()?;
    let (data, file, plain) = (dir.join("data"), dir.join("pairs"), dir.join("sled"));
    tell_surroundings(&dir).await?;
    let (mut filler, flatness) = step(&["fill"], &[&data])?;
    filler.kill()?;
    filler.wait()?;
    tell_surroundings(&dir).await?;
    let (start, memory) = serve(&data).await?;
    let count = whole_step(&["pairs"], &[&data, &file])?;
    let floor = whole_step(&["sled"], &[&file, &plain])?;
    let floor_open = whole_step(&["sled-open"], &[&plain])?;
    say(&format!(
        "plain sled, {count} pairs: {floor:.0} MiB once filled, {floor_open:.0} once scanned"
    ));
    tell_surroundings(&dir).await?;
    Ok(verdict([
        judge_at_most("the last tenth's time against the first's", flatness, FLATNESS_FIGURE),
        judge_at_most("start after a kill in seconds", start, START_FIGURE),
        judge_at_most("resident memory in MiB", memory, MEMORY_FIGURE),
    ]))
}

#[tokio::main]
async fn main() -> Result<ExitCode, Failure> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => return conduct().await,
        ["fill", dir] => fill(Path::new(dir)).await?,
        ["pairs", dir, file] => pairs(Path::new(dir), Path::new(file)).await?,
        ["sled", file, dir] => sled_fill(Path::new(file), Path::new(dir))?,
        ["sled-open", dir] => sled_open(Path::new(dir))?,
        _ => return Err("it takes no arguments".into()),
    }
    Ok(ExitCode::SUCCESS)
}
