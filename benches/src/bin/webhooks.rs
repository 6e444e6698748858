//! Webhooks, in one process with their receiver: how many signed deliveries a
//! second, how soon after an event the first try, and what 100,000 deliveries behind
//! a receiver that is not there cost the others.

use std::collections::HashMap;
use std::net::TcpListener;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;
use zelador_actors::engine::webhooks::WebhookSettings;
use zelador_actors::engine::webhooks::sink::{Say, Sink};
use zelador_benches::floor::raw_rate;
use zelador_benches::post::Post;
use zelador_benches::{Failure, judge, judge_at_most, say, surroundings, verdict, workplace};
use zelador_benches::{processor_seconds, resident_mib};
use zelador_store::Write;
use zelador_store::id::{EventId, TenantId};

/// Signed deliveries a second.
const RATE_FIGURE: f64 = 2000.0;
/// Milliseconds from the append to the first try, p99.
const LATENCY_FIGURE: f64 = 50.0;
/// Of that, beside a receiver that is not there.
const NEIGHBOUR_FIGURE: f64 = 1.2;
/// MiB that its backlog may cost.
const MEMORY_FIGURE: f64 = 64.0;

const EVENTS: usize = 10_000;
const HOOKS: usize = 4;
const PROBES: usize = 1000;
const BACKLOG: usize = 100_000;
const FLOOR_TIME: Duration = Duration::from_secs(2);
const SETTLE: Duration = Duration::from_secs(5);

/// What is measured.
struct Measured {
    post: Post,
    sink: Sink,
    /// What arrives: the event's id, and when.
    arrivals: mpsc::UnboundedReceiver<(String, Instant)>,
}

impl Measured {
    async fn open(dir: &Path) -> Result<Self, Failure> {
        let post = Post::open(dir, WebhookSettings::default()).await?;
        let (note, arrivals) = mpsc::unbounded_channel();
        let sink = Sink::start(move |got| {
            // Nobody listens any more at the end.
            let _ = note.send((got.header("webhook-id").to_owned(), Instant::now()));
            Say::Status(200)
        });
        Ok(Self { post, sink: sink.await?, arrivals })
    }

    /// Deliveries a second, from the first append to the last arrival.
    async fn rate(&mut self) -> Result<f64, Failure> {
        let tenant = self.post.tenant().await?;
        for _ in 0..HOOKS {
            self.post.hook(tenant, self.sink.url()).await?;
        }
        let (began, used) = (Instant::now(), processor_seconds("self"));
        self.post.append(tenant, EVENTS, EVENTS).await?;
        for _ in 0..EVENTS * HOOKS {
            self.arrivals.recv().await.ok_or("the sink is gone")?;
        }
        let (took, count) = (began.elapsed().as_secs_f64(), u32::try_from(EVENTS * HOOKS)?);
        let used = (processor_seconds("self") - used) * 1e6 / f64::from(count);
        say(&format!("  {used:.0} µs of processor each, the receiver's included"));
        Ok(f64::from(count) / took)
    }

    /// Milliseconds from the append's answer to the first try: p50 and p99.
    async fn latency(&mut self, tenant: TenantId) -> Result<(f64, f64), Failure> {
        let (mut sent, mut waits): (HashMap<String, Instant>, Vec<f64>) = (HashMap::new(), vec![]);
        for number in 0..PROBES {
            let event = self.post.event(tenant, number);
            let id: EventId = event.id;
            let mut write = Write::new();
            write.event(&event);
            self.post.shell.store.commit(write).await?;
            sent.insert(id.to_string(), Instant::now());
            while waits.len() <= number {
                let (id, at) = self.arrivals.recv().await.ok_or("the sink is gone")?;
                let began = sent.get(&id);
                waits.extend(began.map(|began| at.duration_since(*began).as_secs_f64() * 1e3));
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        waits.sort_by(f64::total_cmp);
        let at = |share: usize| waits.get(waits.len() * share / 100).copied().unwrap_or(f64::MAX);
        Ok((at(50), at(99)))
    }
}

#[tokio::main]
async fn main() -> Result<ExitCode, Failure> {
    let place = workplace()?;
    let dir = place.path().canonicalize()?;
    let raw = raw_rate(&dir, FLOOR_TIME).await?;
    say(&format!("raw {raw:.0} appends/s; {}", surroundings()));
    let mut measured = Measured::open(&dir.join("data")).await?;
    let rate = measured.rate().await?;
    tokio::time::sleep(SETTLE).await;

    let quick = measured.post.tenant().await?;
    measured.post.hook(quick, measured.sink.url()).await?;
    let (p50, alone) = measured.latency(quick).await?;
    say(&format!("  from the append to the first try: p50 {p50:.1} ms, p99 {alone:.1} ms"));

    let dead = measured.post.tenant().await?;
    // A port that was free a moment ago.
    let nobody = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    measured.post.hook(dead, format!("http://{nobody}/")).await?;
    let before = resident_mib();
    measured.post.append(dead, BACKLOG, BACKLOG).await?;
    tokio::time::sleep(SETTLE).await;
    let (p50, beside) = measured.latency(quick).await?;
    let grown = resident_mib() - before;
    let status = measured.post.desk.courier().status();
    say(&format!("  beside {BACKLOG} for nobody: p50 {p50:.1} ms, p99 {beside:.1} ms; {status:?}"));
    say(&surroundings());
    Ok(verdict([
        judge("signed deliveries a second", rate, RATE_FIGURE),
        judge_at_most("event to first try, p99 in ms", alone, LATENCY_FIGURE),
        judge_at_most("the same beside a dead receiver, of that", beside / alone, NEIGHBOUR_FIGURE),
        judge_at_most("memory for its backlog in MiB", grown, MEMORY_FIGURE),
    ]))
}
