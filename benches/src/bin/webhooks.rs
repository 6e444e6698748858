//! Webhooks, in one process with their receiver: how many signed deliveries a
//! second, how soon after an event the first try, and what 100,000 deliveries behind
//! a receiver that is not there cost the others.

use std::collections::HashMap;
use std::net::TcpListener;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use zelador_actors::engine::events::EventDesk;
use zelador_actors::engine::seal::Seal;
use zelador_actors::engine::webhooks::client::Client;
use zelador_actors::engine::webhooks::guard::{Guard, SystemLookUp};
use zelador_actors::engine::webhooks::sink::{Say, Sink};
use zelador_actors::engine::webhooks::{
    Courier, FanOut, Make, NewSecret, WebhookDesk, WebhookDraft, WebhookSettings,
};
use zelador_actors::engine::{Dice, Shell};
use zelador_actors::tenants::{Register, TenantDesk, TenantDraft};
use zelador_benches::desk::open_engine;
use zelador_benches::floor::raw_rate;
use zelador_benches::{Failure, judge, judge_at_most, say, surroundings, verdict, workplace};
use zelador_benches::{processor_seconds, resident_mib};
use zelador_store::author::{Author, AuthorKind};
use zelador_store::event::Event;
use zelador_store::id::{EventId, TenantId};
use zelador_store::tenant::{ServicePlan, Settings};
use zelador_store::{Store, Write};

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
/// Events appended in one commit.
const LOT: usize = 100;
const FLOOR_TIME: Duration = Duration::from_secs(2);
const SETTLE: Duration = Duration::from_secs(5);

/// What is measured.
struct Post {
    shell: Shell,
    desk: WebhookDesk,
    sink: Sink,
    /// What arrives: the event's id, and when.
    arrivals: mpsc::UnboundedReceiver<(String, Instant)>,
    _settings: watch::Sender<Arc<WebhookSettings>>,
}

fn by() -> Author {
    Author::new(AuthorKind::Operator, "bench")
}

impl Post {
    async fn open(dir: &Path) -> Result<Self, Failure> {
        let (clock, engine) = open_engine(dir)?;
        let shell = Shell { store: Store::new(engine), clock, dice: Dice::system() };
        let seal = Seal::new(shell.dice.clone(), &"a key for measurements".to_owned().into(), []);
        let (sender, settings) =
            watch::channel(Arc::new(WebhookSettings::default().in_force(false)));
        let client = Client::new(&Guard::new(Arc::new(SystemLookUp), true))?;
        let courier = Courier::new(shell.clone(), seal.clone(), client, settings.clone());
        let desk = WebhookDesk::new(shell.clone(), seal, courier.clone(), settings);
        let events = EventDesk::new(shell.clone(), vec![Arc::new(FanOut::new(courier.clone()))]);
        events.attach().await?;
        tokio::spawn(async move { events.work("webhooks").await });
        tokio::spawn(async move { courier.work().await });
        let (note, arrivals) = mpsc::unbounded_channel();
        let sink = Sink::start(move |got| {
            // Nobody listens any more at the end.
            let _ = note.send((got.header("webhook-id").to_owned(), Instant::now()));
            Say::Status(200)
        });
        Ok(Self { shell, desk, sink: sink.await?, arrivals, _settings: sender })
    }

    async fn tenant(&self) -> Result<TenantId, Failure> {
        let draft = TenantDraft {
            name: "Academia Sol".into(),
            domain: format!("t{}.example", self.shell.dice.fraction().to_bits()),
            logo_url: None,
            theme_primary_color: None,
            plan: ServicePlan::Trial,
            locale: None,
            is_active: true,
            settings: Settings::default(),
        };
        let command = Register { draft, by: by(), keep: None };
        Ok(TenantDesk::new(self.shell.clone()).register(command).await?.id)
    }

    async fn hook(&self, tenant: TenantId, url: String) -> Result<(), Failure> {
        let draft = WebhookDraft { url, events: vec!["booking.*".into()], is_active: true };
        let secret = NewSecret::Made;
        self.desk.make(Make { tenant, draft, secret, by: by(), keep: None }).await?;
        Ok(())
    }

    fn event(&self, tenant: TenantId, booking: usize) -> Event {
        let data = serde_json::json!({
            "booking_id": booking, "tenant_id": tenant, "status": "confirmado",
            "start_time": "2025-11-10T10:00:00Z", "end_time": "2025-11-10T11:00:00Z",
        });
        Event {
            id: self.shell.id(),
            kind: "booking.created".into(),
            tenant: Some(tenant),
            user: None,
            key: format!("booking:{booking}"),
            at: self.shell.now(),
            data: data.to_string(),
        }
    }

    async fn append(&self, tenant: TenantId, count: usize) -> Result<(), Failure> {
        for lot in 0..count.div_ceil(LOT) {
            let mut write = Write::new();
            for number in 0..LOT.min(count - lot * LOT) {
                write.event(&self.event(tenant, lot * LOT + number));
            }
            self.shell.store.commit(write).await?;
        }
        Ok(())
    }

    /// Deliveries a second, from the first append to the last arrival.
    async fn rate(&mut self) -> Result<f64, Failure> {
        let tenant = self.tenant().await?;
        for _ in 0..HOOKS {
            self.hook(tenant, self.sink.url()).await?;
        }
        let (began, used) = (Instant::now(), processor_seconds("self"));
        self.append(tenant, EVENTS).await?;
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
            let event = self.event(tenant, number);
            let id: EventId = event.id;
            let mut write = Write::new();
            write.event(&event);
            self.shell.store.commit(write).await?;
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
    let mut post = Post::open(&dir.join("data")).await?;
    let rate = post.rate().await?;
    tokio::time::sleep(SETTLE).await;

    let quick = post.tenant().await?;
    post.hook(quick, post.sink.url()).await?;
    let (p50, alone) = post.latency(quick).await?;
    say(&format!("  from the append to the first try: p50 {p50:.1} ms, p99 {alone:.1} ms"));

    let dead = post.tenant().await?;
    // A port that was free a moment ago.
    let nobody = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    post.hook(dead, format!("http://{nobody}/")).await?;
    let before = resident_mib();
    post.append(dead, BACKLOG).await?;
    tokio::time::sleep(SETTLE).await;
    let (p50, beside) = post.latency(quick).await?;
    let grown = resident_mib() - before;
    let status = post.desk.courier().status();
    say(&format!("  beside {BACKLOG} for nobody: p50 {p50:.1} ms, p99 {beside:.1} ms; {status:?}"));
    say(&surroundings());
    Ok(verdict([
        judge("signed deliveries a second", rate, RATE_FIGURE),
        judge_at_most("event to first try, p99 in ms", alone, LATENCY_FIGURE),
        judge_at_most("the same beside a dead receiver, of that", beside / alone, NEIGHBOUR_FIGURE),
        judge_at_most("memory for its backlog in MiB", grown, MEMORY_FIGURE),
    ]))
}
