//! A million small rows with an index entry each: does writing stay as quick as
//! at first, how long does a start take after a kill, how much memory is held;
//! beside sled itself with the same pairs.
//!
//! `million` runs itself as children, so that each memory figure is that of a
//! process that did nothing else: `fill` writes and is killed, `open` opens,
//! `sled` is plain sled.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;

use tokio::task::JoinSet;
use tokio::time::Instant;
use zelador_benches::floor::Failure;
use zelador_benches::{
    judge_at_most, processor_seconds, resident_mib, resident_mib_of, say, still_clock,
    surroundings, verdict, workplace,
};
use zelador_store::Engine;
use zelador_store::kv::embedded::{Embedded, Options};
use zelador_store::kv::{Batch, EngineError, Op};

const ROWS: u64 = 1_000_000;
const TENTHS: u64 = 10;
const WRITERS: u64 = 64;
/// Rows of a batch: a client that schedules many jobs sends them together.
const ROWS_A_BATCH: u64 = 10;
/// Bytes of a row: a job with small arguments.
const ROW: usize = 120;

const FLAT: f64 = 1.5;
const START_SECONDS: f64 = 2.0;
const MEMORY_MIB: f64 = 300.0;

/// A row and its entry in an index by time, as a scheduled job has them.
fn pairs(n: u64) -> [(Vec<u8>, Vec<u8>); 2] {
    // Due in no particular order.
    let due = n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
    let id = [&n.to_be_bytes()[..], &[0; 8]].concat();
    let row = [&[2, 1], &id[..]].concat();
    let entry = [&[2, 2], &due.to_be_bytes()[..], &id[..]].concat();
    let value = (0..ROW).map(|at| n.to_le_bytes().get(at % 24).copied().unwrap_or(7)).collect();
    [(row, value), (entry, Vec::new())]
}

fn batch(from: u64) -> Batch {
    let rows = (from..from + ROWS_A_BATCH).flat_map(pairs);
    let ops =
        rows.map(|(key, value)| Op::Put { key: key.into(), value: value.into(), fresh: true });
    let ops = ops.collect();
    Batch { expects: Vec::new(), ops }
}

fn open(dir: &Path) -> Result<Arc<Embedded>, EngineError> {
    Ok(Embedded::open(Options::new(dir, "bench", still_clock()))?.0)
}

/// Writes all rows and tells how long each tenth took to be durable, and how
/// much processor with its way into sled; then waits for its end.
async fn fill(dir: &Path) -> Result<(), Failure> {
    let engine = open(dir)?;
    for tenth in 0..TENTHS {
        let (began, processor) = (Instant::now(), processor_seconds("self"));
        let mut writers = JoinSet::new();
        for writer in 0..WRITERS {
            writers.spawn(write(engine.clone(), tenth * ROWS / TENTHS, writer));
        }
        while let Some(done) = writers.join_next().await {
            done??;
        }
        say(&format!("{}", began.elapsed().as_secs_f64()));
        // The kill meets the last one on its way.
        if tenth + 1 < TENTHS {
            engine.checkpoint()?;
        }
        say(&format!("{}", processor_seconds("self") - processor));
    }
    say(&format!("{}", resident_mib()));
    std::future::pending().await
}

/// A writer's share of a tenth.
async fn write(engine: Arc<Embedded>, begin: u64, writer: u64) -> Result<(), EngineError> {
    let end = begin + ROWS / TENTHS;
    for from in (begin + writer * ROWS_A_BATCH..end).step_by(step()) {
        while let Err(error) = engine.apply(batch(from)).await {
            if !matches!(error, EngineError::Overloaded) {
                return Err(error);
            }
            tokio::task::yield_now().await;
        }
    }
    Ok(())
}

fn step() -> usize {
    usize::try_from(WRITERS * ROWS_A_BATCH).unwrap_or(1)
}

/// Opens and tells how long it took and what it holds in memory, then what it
/// holds after all rows were read once.
async fn reopen(dir: &Path) -> Result<(), Failure> {
    let began = Instant::now();
    let engine = open(dir)?;
    say(&format!("{}", began.elapsed().as_secs_f64()));
    engine.checkpoint()?;
    say(&format!("{}", resident_mib()));
    for n in 0..ROWS {
        let [(row, value), _] = pairs(n);
        if engine.get(&row).await?.as_deref() != Some(&*value) {
            return Err(format!("row {n} is not what was written").into());
        }
    }
    say(&format!("{}", resident_mib()));
    std::future::pending().await
}

/// The same pairs in sled alone, with its settings as they come.
fn plain_sled(dir: &Path) -> Result<(), Failure> {
    let db = sled::open(dir)?;
    for n in 0..ROWS {
        for (key, value) in pairs(n) {
            db.insert(key, value)?;
        }
    }
    db.flush()?;
    say(&format!("{}", resident_mib()));
    Ok(())
}

/// Runs this program as a child, and reads so many figures from it.
fn child(what: &str, dir: &Path, figures: usize) -> Result<(Child, Vec<f64>), Failure> {
    let mut child =
        Command::new(std::env::current_exe()?).arg(what).arg(dir).stdout(Stdio::piped()).spawn()?;
    let output = child.stdout.take().ok_or("the child has no output")?;
    let lines = BufReader::new(output).lines().take(figures);
    let read = lines.map(|line| Ok(line?.parse()?)).collect::<Result<Vec<f64>, Failure>>()?;
    if read.len() == figures {
        Ok((child, read))
    } else {
        Err(format!("{what} ended too early").into())
    }
}

/// Ends a child as a crash would.
fn kill(mut child: Child) -> Result<f64, Failure> {
    let resident = resident_mib_of(&child.id().to_string());
    child.kill()?;
    child.wait()?;
    Ok(resident)
}

fn measure() -> Result<ExitCode, Failure> {
    let place = workplace()?;
    let dir = place.path().join("data");
    let (filling, figures) = child("fill", &dir, 21)?;
    kill(filling)?;
    let (times, costs): (Vec<f64>, Vec<f64>) =
        figures.chunks_exact(2).filter_map(|pair| Some((*pair.first()?, *pair.last()?))).unzip();
    let resident = figures.last().copied().unwrap_or(0.0);
    let (Some(first), Some(last)) = (times.first(), times.last()) else {
        return Err("no figures".into());
    };
    say(&format!("seconds until each tenth was durable: {times:.2?}"));
    say(&format!("seconds of processor, with its way into sled: {costs:.2?}"));
    let (opened, figures) = child("open", &dir, 3)?;
    kill(opened)?;
    let [start, idle, read] = figures.as_slice() else { return Err("no figures".into()) };
    let (plain, figures) = child("sled", &place.path().join("sled"), 1)?;
    kill(plain)?;
    let floor = figures.first().copied().unwrap_or(0.0);
    say(&format!(
        "resident: {resident:.0} MiB after writing, {idle:.0} after a start, {read:.0} after \
         reading all; plain sled {floor:.0} after writing; {}",
        surroundings()
    ));
    Ok(verdict([
        judge_at_most("last tenth against the first", last / first, FLAT),
        judge_at_most("seconds to start after a kill", *start, START_SECONDS),
        judge_at_most("MiB resident after a start", *idle, MEMORY_MIB),
        judge_at_most("MiB resident after reading all", *read, MEMORY_MIB),
    ]))
}

#[tokio::main]
async fn main() -> Result<ExitCode, Failure> {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next();
    let dir = arguments.next().unwrap_or_default();
    match what.as_deref() {
        None => return measure(),
        Some("fill") => fill(Path::new(&dir)).await?,
        Some("open") => reopen(Path::new(&dir)).await?,
        Some("sled") => plain_sled(Path::new(&dir))?,
        Some(other) => return Err(format!("unknown: {other}").into()),
    }
    Ok(ExitCode::SUCCESS)
}
