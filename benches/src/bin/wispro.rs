//! The Wispro sync on the embedded engine: 10,000 clients for the first time, again
//! with nothing changed, again with one of a hundred moved; then 100,000, for how
//! time and memory grow. The upstream is made up in memory and answers at once.
//!
//! What the upstream takes comes on top: with the default gap of 200 ms a hundred
//! pages take 20 s, whatever is done here. Memory is that of a process that did
//! nothing else; it is compared with one that has opened the same store and read it.
//! Runs that are killed are in `tests/it/wispro/kills.rs`.

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;
use tokio::sync::watch;
use tokio::time::Instant;
use zelador_actors::engine::jobs::{Handlers, JobSettings, NewJob};
use zelador_actors::engine::notifications::{Inviter, Links};
use zelador_actors::engine::settings::{default_kinds, default_queues};
use zelador_actors::wispro::port::{Port, Upstream};
use zelador_actors::wispro::rules::envelope::{Answer, Trouble};
use zelador_actors::wispro::rules::report::{Counter, Counts};
use zelador_actors::wispro::{KIND, Sync, SyncArgs, WisproSettings, queries};
use zelador_benches::desk::Desk;
use zelador_benches::{
    Failure, judge_at_most, median, peak_mib, resident_mib, say, surroundings, verdict, workplace,
};
use zelador_store::id::JobId;
use zelador_store::job::JobState;
use zelador_store::kv::Span;
use zelador_store::{Engine as _, Write};

/// Clients of the figures.
const CLIENTS: u32 = 10_000;
/// How much more of them for how it grows.
const TIMES: u32 = 10;
const PER_PAGE: u32 = 100;
/// Small runs beside the large one, each on a store of its own; their median counts.
const ROUNDS: u32 = 5;
const FIRST: f64 = 10.0;
const AGAIN: f64 = 2.0;
const LINEAR: f64 = 1.3;
const MEMORY: f64 = 64.0;

/// So many clients; one of a hundred lives at another address in each round.
#[derive(Clone)]
struct Made {
    clients: Arc<AtomicU32>,
    round: Arc<AtomicU32>,
}

#[async_trait]
impl Port for Made {
    async fn page(&self, page: u32, per_page: u32) -> Result<Answer, Trouble> {
        let (total, round) =
            (self.clients.load(Ordering::SeqCst), self.round.load(Ordering::SeqCst));
        let from = (page - 1) * per_page;
        let data: Vec<_> =
            (from..(from + per_page).min(total)).map(|at| client(at, round)).collect();
        let pagination = json!({
            "total_records": total, "total_pages": total.div_ceil(per_page),
            "per_page": per_page, "current_page": page,
        });
        let body = json!({ "status": 200, "meta": { "pagination": pagination }, "data": data });
        Ok(Answer { status: 200, retry_after: None, body: body.to_string().into_bytes() })
    }
}

fn client(at: u32, round: u32) -> serde_json::Value {
    let house = if at.is_multiple_of(100) { round } else { 0 };
    json!({
        "id": format!("{:08x}-0000-4000-8000-{at:012}", at.wrapping_mul(0x9e37_79b9)),
        "public_id": at, "name": format!("Cliente {at}"), "email": format!("c{at}@example.com"),
        "phone_mobile": "04241234567", "address": format!("Calle {at}, casa {house}"),
        "zone_name": "Centro", "national_identification_number": format!("V-{}", 6_000_000 + at),
        "link_mobile_login": "https://login.example/x", "details": "V",
    })
}

impl Upstream for Made {
    fn open(&self, _: &WisproSettings) -> Result<Arc<dyn Port>, String> {
        Ok(Arc::new(self.clone()))
    }
}

struct Bench {
    desk: Desk,
    made: Made,
}

impl Bench {
    fn open(dir: &std::path::Path, clients: u32) -> Result<Self, Failure> {
        let made = Made { clients: Arc::new(clients.into()), round: Arc::default() };
        let settings =
            WisproSettings { request_gap_ms: 0, per_page: PER_PAGE, ..WisproSettings::default() };
        let (_, settings) = watch::channel(Arc::new(settings));
        let mut handlers = Handlers::new();
        let inviter = Inviter::fixed(Links::new(&"a key".to_owned().into(), []), 72);
        handlers.insert(KIND, Arc::new(Sync::new(settings, Arc::new(made.clone()), inviter)));
        let settings = JobSettings { queues: default_queues(), kinds: default_kinds() };
        Ok(Self { desk: Desk::open(dir, handlers, settings)?, made })
    }

    async fn begin(&self) -> Result<JobId, Failure> {
        let job = NewJob::new(KIND, &SyncArgs::default()).unique(KIND);
        Ok(self.desk.jobs.enqueue(job, |_| Write::new()).await?.id)
    }

    async fn end(&self, id: JobId) -> Result<Counts, Failure> {
        loop {
            let job = self.desk.jobs.job(id).await?.ok_or("the job is gone")?;
            match job.state {
                JobState::Succeeded => return Ok(queries::counts(&self.desk.shell, id).await?),
                JobState::Failed | JobState::Cancelled => {
                    return Err(job.error.unwrap_or_default().into());
                }
                _ => tokio::time::sleep(Duration::from_millis(2)).await,
            }
        }
    }

    /// Seconds of a run, and what it counted.
    async fn run(&self) -> Result<(f64, Counts), Failure> {
        let began = Instant::now();
        let id = self.begin().await?;
        let counts = self.end(id).await?;
        Ok((began.elapsed().as_secs_f64(), counts))
    }
}

fn told(what: &str, seconds: f64, counts: &Counts) {
    let of = |counter| counts.get(counter);
    say(&format!(
        "{what}: {seconds:.2} s, {} created, {} updated, {} unchanged; {:.0} MiB resident; {}",
        of(Counter::Created),
        of(Counter::Updated),
        of(Counter::Unchanged),
        resident_mib(),
        surroundings()
    ));
}

/// The runs of 10,000: seconds of the first and of one with nothing changed, users
/// written by the latter, and by one after one of a hundred moved.
async fn small(dir: &Path) -> Result<(f64, f64, u64, u64), Failure> {
    let small = Bench::open(dir, CLIENTS)?;
    let (first, counts) = small.run().await?;
    told("first run", first, &counts);
    let (again, counts) = small.run().await?;
    told("nothing changed", again, &counts);
    let writes = counts.get(Counter::Created) + counts.get(Counter::Updated);
    small.made.round.fetch_add(1, Ordering::SeqCst);
    let (one, counts) = small.run().await?;
    told("one of a hundred changed", one, &counts);
    small.desk.close().await?;
    Ok((first, again, writes, counts.get(Counter::Updated)))
}

/// A first run: its seconds, those until the store has put in its place what it
/// wrote, and the most memory of this process.
async fn first(dir: &Path, clients: u32) -> Result<(f64, f64, f64), Failure> {
    let bench = Bench::open(dir, clients)?;
    let began = Instant::now();
    let (seconds, counts) = bench.run().await?;
    told(&format!("{clients} clients, first run"), seconds, &counts);
    bench.desk.close().await?;
    let whole = began.elapsed().as_secs_f64();
    say(&format!("and until the store had drained it: {whole:.2} s"));
    Ok((seconds, whole, peak_mib("self")))
}

/// The same store at rest, all of it read once, so that its cache is as warm: what
/// the run is compared with.
async fn idle(dir: &Path) -> Result<f64, Failure> {
    let bench = Bench::open(dir, 0)?;
    let (mut span, mut pairs) = (Span::prefix(&[]), 0);
    loop {
        let found = bench.desk.engine.scan(&span, 1000).await?;
        let Some((last, _)) = found.last() else { break };
        pairs += found.len();
        span.from = [&**last, &[0]].concat();
    }
    let idle = resident_mib();
    say(&format!("at rest with {pairs} pairs read: {idle:.0} MiB"));
    bench.desk.close().await?;
    Ok(idle)
}

/// Runs a part as a process of its own, so that its memory is its own; the last
/// words of what it says are figures.
fn part(dir: &Path, clients: u32) -> Result<Vec<f64>, Failure> {
    let part = Command::new(std::env::current_exe()?)
        .args([dir.as_os_str(), clients.to_string().as_ref()])
        .stderr(Stdio::inherit())
        .output()?;
    let said = String::from_utf8(part.stdout)?;
    let (before, figures) = said.trim_end().rsplit_once('\n').unwrap_or_default();
    say(before);
    if !part.status.success() {
        return Err(format!("the part of {clients} clients failed: {said}").into());
    }
    figures.split(' ').map(|figure| Ok(figure.parse()?)).collect()
}

#[tokio::main]
async fn main() -> Result<ExitCode, Failure> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [dir, clients] = args.as_slice() {
        let figures = match clients.parse()? {
            0 => idle(Path::new(dir)).await?.to_string(),
            clients => {
                let (seconds, whole, peak) = first(Path::new(dir), clients).await?;
                format!("{seconds} {whole} {peak}")
            }
        };
        say(&figures);
        return Ok(ExitCode::SUCCESS);
    }
    let place = workplace()?;
    let (first, again, writes, updated) = small(&place.path().join("small")).await?;
    let dir = place.path().join("large");
    let [ten, ten_whole, peak] = part(&dir, CLIENTS * TIMES)?[..] else {
        return Err("no figures".into());
    };
    let [idle] = part(&dir, 0)?[..] else { return Err("no figure".into()) };
    let (mut ends, mut wholes) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let one = part(&place.path().join(format!("one-{round}")), CLIENTS)?;
        let [end, whole, _] = one[..] else { return Err("no figures".into()) };
        ends.push(end);
        wholes.push(whole);
    }
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let (writes, updated) = (writes as f64, updated as f64);
    // The store takes writes into memory and the journal first, and drains them beside
    // the next ones: a small run ends before that, a large one pays while it goes on.
    let ended = ten / median(ends) / f64::from(TIMES);
    say(&format!("a client's time among ten times as many, to the run's end alone: {ended:.2}"));
    let each = ten_whole / median(wholes) / f64::from(TIMES);
    Ok(verdict([
        judge_at_most("seconds of a first run", first, FIRST),
        judge_at_most("seconds with nothing changed", again, AGAIN),
        judge_at_most("users written with nothing changed", writes, 0.0),
        judge_at_most("users written with one of a hundred changed", updated, 100.0),
        judge_at_most("a client's time among ten times as many", each, LINEAR),
        judge_at_most("MiB above the same store at rest", peak - idle, MEMORY),
    ]))
}
