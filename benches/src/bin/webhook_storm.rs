//! 20,000 events for a receiver that fails three calls in ten, hangs at one in a
//! hundred and restarts all the time: each arrives at least once, under the same
//! `webhook-id` and with the same body at every try, in the order of its booking.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use tokio::time::Instant;
use zelador_actors::engine::webhooks::WebhookSettings;
use zelador_actors::engine::webhooks::sink::{Got, Say, Sink};
use zelador_benches::post::Post;
use zelador_benches::{Failure, judge, judge_at_most, say, surroundings, verdict, workplace};

const EVENTS: usize = 20_000;
const BOOKINGS: usize = 2_000;
/// How long a receiver stands before the next restart, and lies.
const STANDS: Duration = Duration::from_millis(1500);
const LIES: Duration = Duration::from_millis(200);
/// After this it is not going to happen any more.
const PATIENCE: Duration = Duration::from_mins(10);

/// What the receiver knows.
#[derive(Default)]
struct Known {
    /// Body by id, of every try.
    bodies: HashMap<String, String>,
    /// Ids that came with another body.
    changed: u32,
    /// Ids in the order in which they were taken, each once.
    taken: Vec<String>,
    seen: HashSet<String>,
    tries: u32,
}

impl Known {
    fn take(&mut self, got: &Got, say: &Say) {
        self.tries += 1;
        let id = got.header("webhook-id").to_owned();
        let body = self.bodies.entry(id.clone()).or_insert_with(|| got.body.clone());
        self.changed += u32::from(*body != got.body);
        if matches!(say, Say::Status(200)) && self.seen.insert(id.clone()) {
            self.taken.push(id);
        }
    }

    /// How often an event of a booking was taken before an older one of it. Ids are
    /// in the order in which they were made.
    fn disorder(&self) -> u32 {
        let mut newest: HashMap<u64, &str> = HashMap::new();
        let mut disorder = 0;
        for id in &self.taken {
            let body = self.bodies.get(id).map_or("", String::as_str);
            let body: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
            let booking = body.pointer("/data/booking_id").and_then(serde_json::Value::as_u64);
            let before = newest.insert(booking.unwrap_or(u64::MAX), id).unwrap_or_default();
            disorder += u32::from(before > id.as_str());
        }
        disorder
    }
}

/// Begins the receiver anew at its place, which a dying one may hold for a moment.
async fn stand(
    place: SocketAddr,
    known: &Arc<Mutex<Known>>,
    dice: &Arc<Mutex<StdRng>>,
) -> Result<Sink, Failure> {
    let (known, dice) = (known.clone(), dice.clone());
    let answer = move |got: &Got| {
        let say = match dice.lock().random_range(0..100) {
            0..30 => Say::Status(500),
            30 => Say::Hang,
            _ => Say::Status(200),
        };
        known.lock().take(got, &say);
        say
    };
    let until = Instant::now() + STANDS * 4;
    loop {
        match Sink::start_at(place, answer.clone()).await {
            Ok(sink) => return Ok(sink),
            Err(error) if Instant::now() > until => return Err(error.into()),
            Err(_) => tokio::time::sleep(LIES / 10).await,
        }
    }
}

#[tokio::main]
async fn main() -> Result<ExitCode, Failure> {
    let place = workplace()?;
    let seed = rand::rng().random();
    say(&format!("seed {seed}; {}", surroundings()));
    let dice = Arc::new(Mutex::new(StdRng::seed_from_u64(seed)));
    let known = Arc::new(Mutex::new(Known::default()));
    let settings = WebhookSettings {
        backoff_seconds: vec![1; 40],
        timeout_seconds: 1,
        ..WebhookSettings::default()
    };
    let post = Post::open(&place.path().canonicalize()?.join("data"), settings).await?;
    let mut sink = stand(([127, 0, 0, 1], 0).into(), &known, &dice).await?;
    let address = sink.address;
    let tenant = post.tenant().await?;
    post.hook(tenant, sink.url()).await?;
    let began = Instant::now();
    post.append(tenant, EVENTS, BOOKINGS).await?;
    let mut restarts = 0_u32;
    while known.lock().taken.len() < EVENTS && began.elapsed() < PATIENCE {
        tokio::time::sleep(STANDS).await;
        drop(sink);
        tokio::time::sleep(LIES).await;
        sink = stand(address, &known, &dice).await?;
        restarts += 1;
    }
    let known = known.lock();
    let taken = u32::try_from(known.taken.len())?;
    say(&format!(
        "{taken} events in {:.1} s, {} tries, {restarts} restarts; {}",
        began.elapsed().as_secs_f64(),
        known.tries,
        surroundings()
    ));
    Ok(verdict([
        judge("events that arrived", taken.into(), f64::from(u32::try_from(EVENTS)?)),
        judge_at_most("ids with more than one body", known.changed.into(), 0.0),
        judge_at_most("events before an older one of their booking", known.disorder().into(), 0.0),
    ]))
}
