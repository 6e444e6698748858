//! Files that users drop on Drive, in the daemon that users run, against the stand-in.
//!
//! 1,000 users have folders; 10,000 files come in a minute, a fifth of them from one
//! user, and every one is given to a program. Printed: the rate, how long files wait
//! (all of them, and the worst user's beside the median), the most programs at once, and
//! memory above rest. `ZELADOR_USERS`, `ZELADOR_FILES` and `ZELADOR_SECONDS` ask for
//! another size.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};
use zelador::sandbox::drive::{PERSON, SHARED_DRIVE, Sandbox};
use zelador_actors::engine::{Clock, Dice};
use zelador_benches::daemon::Daemon;
use zelador_benches::{Failure, judge_at_most, say, surroundings, verdict, workplace};
use zelador_store::Timestamp;

/// Programs at once: the places of the queue.
const SLOTS: u64 = 4;
/// MiB above rest.
const MEMORY: f64 = 64.0;
/// A user who waits this much longer than the others is treated unfairly.
const FAIR: f64 = 3.0;
/// Requests at once, while users are made.
const AT_ONCE: usize = 8;

const PROCESSOR: &str = "cat > /dev/null\necho '{\"type\":\"result\",\"ok\":true}'\n";

fn asked(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Who asks the daemon.
#[derive(Clone)]
struct Caller {
    client: Client,
    base: String,
    token: String,
}

impl Caller {
    async fn ask(&self, method: Method, path: &str, body: &Value) -> Result<Value, Failure> {
        let url = format!("{}{path}", self.base);
        let call = self.client.request(method.clone(), url).bearer_auth(&self.token);
        let call = if method == Method::GET { call } else { call.json(body) };
        let answer = call.send().await?;
        let status = answer.status();
        let body: Value = answer.json().await?;
        if status.is_success() { Ok(body) } else { Err(format!("{path}: {body}").into()) }
    }

    async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.ask(Method::GET, path, &Value::Null).await
    }

    /// A user whose folders are ready; the id, and that of `novos`.
    async fn user(&self, tenant: &str, number: usize) -> Result<(String, String), Failure> {
        let draft = json!({ "tenant_id": tenant, "name": format!("Ana {number}") });
        let user = text(&self.ask(Method::POST, "/users", &draft).await?, "id")?;
        self.ask(Method::POST, "/folders", &json!({ "user_id": user })).await?;
        loop {
            let seen = self.get(&format!("/folders/{user}")).await?;
            match seen.get("status").and_then(Value::as_str) {
                Some("ready") => return Ok((user, text(&seen, "novos_folder_id")?)),
                Some("failed") => return Err(format!("no folders: {seen}").into()),
                _ => sleep(Duration::from_millis(20)).await,
            }
        }
    }
}

fn text(record: &Value, name: &str) -> Result<String, Failure> {
    let found = record.get(name).and_then(Value::as_str);
    found.map(str::to_owned).ok_or_else(|| format!("no {name} in {record}").into())
}

fn config(data: &Path, sandbox: &Sandbox, public: Option<&str>) -> String {
    let url = sandbox.url();
    format!(
        "[api.limits]\ntoken_per_second = 100000\ntoken_burst = 100000\naddress_per_second = 100000\n\
         address_burst = 100000\n[wispro]\nmode = \"off\"\n[nextcloud]\nmode = \"off\"\n[drive]\n\
         mode = \"live\"\napi_base_url = \"{url}\"\nupload_base_url = \"{url}\"\n\
         credentials = \"{0}/google.json\"\nshared_drive_id = \"{SHARED_DRIVE}\"\nroot = \"{0}/drive\"\n\
         poll_seconds = 5\npublic_url = \"{1}\"\n[drive.processor]\n\
         command = [\"/bin/sh\", \"{0}/process.sh\"]\n[queues.drive]\nconcurrency = {SLOTS}\n",
        data.display(),
        public.unwrap_or_default(),
    )
}

/// What is watched while files come.
#[derive(Default)]
struct Most {
    stop: AtomicBool,
    programs: AtomicU64,
    kib: AtomicU64,
}

/// Looks at the daemon's memory and at its programs, again and again.
async fn watch(process: String, most: Arc<Most>) {
    while !most.stop.load(Ordering::Relaxed) {
        most.kib.fetch_max(resident(&process), Ordering::Relaxed);
        most.programs.fetch_max(programs(&process), Ordering::Relaxed);
        sleep(Duration::from_millis(50)).await;
    }
}

fn resident(process: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Processes that the daemon itself has started, and that have not ended.
fn programs(process: &str) -> u64 {
    let tasks = std::fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let children = tasks.map(|task| {
        let text = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
        let live = |id: &&str| {
            let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
            status.contains("State:") && !status.contains("State:\tZ")
        };
        text.split_whitespace().filter(live).count() as u64
    });
    children.sum()
}

/// Milliseconds that files waited, by user.
type Waits = BTreeMap<String, Vec<u64>>;

async fn waits(
    caller: &Caller,
    users: &[(String, String)],
    dropped: &BTreeMap<String, Timestamp>,
) -> Result<Waits, Failure> {
    let mut all = Waits::new();
    for (user, _) in users {
        let mut path = format!("/folders/{user}/files?limit=500");
        loop {
            let answer = caller.client.get(format!("{}{path}", caller.base));
            let answer = answer.bearer_auth(&caller.token).send().await?;
            let link = answer.headers().get("link").and_then(|link| link.to_str().ok());
            let next = link.and_then(|link| link.split(['<', '>']).nth(1)).map(str::to_owned);
            let page: Value = answer.json().await?;
            for file in page.as_array().into_iter().flatten() {
                let ended: Timestamp = text(file, "ended_at")?.parse()?;
                let began = dropped.get(&text(file, "name")?).ok_or("a file of nobody")?;
                let wait = u64::try_from(ended.since(*began).as_millis())?;
                all.entry(user.clone()).or_default().push(wait);
            }
            match next {
                Some(next) => path = next,
                None => break,
            }
        }
    }
    Ok(all)
}

fn part(sorted: &[u64], percent: usize) -> u64 {
    let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or_default()
}

/// Drops the files over the time, a fifth of them by the first user; when each was.
async fn drop_all(
    sandbox: &Sandbox,
    users: &[(String, String)],
    (files, seconds): (usize, usize),
) -> Result<BTreeMap<String, Timestamp>, Failure> {
    let (clock, mut random) = (Clock::system(), StdRng::seed_from_u64(8));
    let began = Instant::now();
    let mut dropped = BTreeMap::new();
    for number in 0..files {
        let after = seconds as u64 * 1000 * number as u64 / files.max(1) as u64;
        sleep_until(began + Duration::from_millis(after)).await;
        let at = if number % 5 == 0 { 0 } else { random.random_range(0..users.len()) };
        let (_, novos) = users.get(at).ok_or("no users")?;
        let name = format!("{number}.txt");
        dropped.insert(name.clone(), clock.now());
        sandbox.drop_file(PERSON, novos, &name, format!("content of {number}"))?;
    }
    Ok(dropped)
}

async fn people(caller: &Caller, count: usize) -> Result<Vec<(String, String)>, Failure> {
    let tenant = json!({ "name": "a", "domain": "a.example" });
    let tenant = text(&caller.ask(Method::POST, "/tenants", &tenant).await?, "id")?;
    let (mut users, mut tasks) = (Vec::new(), JoinSet::new());
    for number in 0..count {
        if tasks.len() >= AT_ONCE {
            users.push(tasks.join_next().await.ok_or("nobody")???);
        }
        let (caller, tenant) = (caller.clone(), tenant.clone());
        tasks.spawn(async move { caller.user(&tenant, number).await });
    }
    while let Some(user) = tasks.join_next().await {
        users.push(user??);
    }
    Ok(users)
}

/// The daemon, the stand-in, and who asks.
async fn begin(data: &Path) -> Result<(Sandbox, Daemon, Caller), Failure> {
    let sandbox = Sandbox::start(Clock::system(), Dice::seeded(8)).await?;
    std::fs::write(data.join("google.json"), sandbox.authorized_user().to_string())?;
    std::fs::write(data.join("process.sh"), PROCESSOR)?;
    std::fs::write(data.join("config.toml"), config(data, &sandbox, None))?;
    let daemon = Daemon::start(data)?;
    let base = format!("http://{}", std::fs::read_to_string(data.join("address"))?.trim());
    let token = std::fs::read_to_string(data.join("operator.token"))?.trim().to_owned();
    std::fs::write(data.join("config.toml"), config(data, &sandbox, Some(&base)))?;
    let caller = Caller { client: Client::builder().no_proxy().build()?, base, token };
    Ok((sandbox, daemon, caller))
}

/// Waits until nothing is left in any `novos`.
async fn emptied(
    sandbox: &Sandbox,
    users: &[(String, String)],
    limit: Duration,
) -> Result<(), Failure> {
    let began = Instant::now();
    while users.iter().any(|(_, novos)| !sandbox.folder(novos).is_empty()) {
        if began.elapsed() > limit {
            return Err("files stay in novos".into());
        }
        sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

/// The median of all waits, p99 of all, and p99 of the user who waited longest, in
/// milliseconds.
fn told(waits: &Waits) -> (u64, u64, u64) {
    let mut all: Vec<u64> = waits.values().flatten().copied().collect();
    all.sort_unstable();
    let of = |own: &Vec<u64>| {
        let mut own = own.clone();
        own.sort_unstable();
        part(&own, 99)
    };
    (part(&all, 50), part(&all, 99), waits.values().map(of).max().unwrap_or_default())
}

#[tokio::main]
#[expect(clippy::cast_precision_loss, reason = "figures to be read")]
async fn main() -> Result<ExitCode, Failure> {
    let (count, files) = (asked("ZELADOR_USERS", 1000), asked("ZELADOR_FILES", 10_000));
    let seconds = asked("ZELADOR_SECONDS", 60);
    let place = workplace()?;
    let (sandbox, daemon, caller) = begin(&std::path::absolute(place.path())?).await?;
    let began = Instant::now();
    let users = people(&caller, count).await?;
    say(&format!("{count} users have folders after {:.1} s", began.elapsed().as_secs_f64()));
    sleep(Duration::from_secs(3)).await;
    let rest = resident(&daemon.id());
    let most = Arc::new(Most::default());
    let watching = tokio::spawn(watch(daemon.id(), most.clone()));
    let began = Instant::now();
    let dropped = drop_all(&sandbox, &users, (files, seconds)).await?;
    let came = began.elapsed();
    emptied(&sandbox, &users, came * 5 + Duration::from_secs(60)).await?;
    let took = began.elapsed().as_secs_f64();
    sleep(Duration::from_secs(1)).await;
    most.stop.store(true, Ordering::Relaxed);
    watching.await?;
    say(&format!(
        "{files} files came in {:.1} s and were processed after {took:.1} s: {:.1} a second; {}",
        came.as_secs_f64(),
        files as f64 / took,
        surroundings()
    ));
    let waits = waits(&caller, &users, &dropped).await?;
    let journeys: usize = waits.values().map(Vec::len).sum();
    if journeys != files {
        return Err(format!("{journeys} journeys of {files} files").into());
    }
    let (median, late, worst) = told(&waits);
    say(&format!("waiting: median {median} ms, p99 {late} ms, p99 of the worst user {worst} ms"));
    let above = most.kib.load(Ordering::Relaxed).saturating_sub(rest) as f64 / 1024.0;
    let at_once = most.programs.load(Ordering::Relaxed) as f64;
    daemon.stop()?;
    Ok(verdict([
        judge_at_most("MiB above rest", above, MEMORY),
        judge_at_most("programs at once", at_once, SLOTS as f64),
        judge_at_most("p99 of the worst user, of p99", worst as f64 / late.max(1) as f64, FAIR),
    ]))
}
