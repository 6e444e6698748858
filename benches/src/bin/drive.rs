//! Files that users drop on Drive, in the daemon that users run, against the stand-in.
//!
//! 1,000 users have folders; 10,000 files come in a minute, a fifth of them a heap that one
//! user drops in the first ten seconds, and every one is given to a program. Before that
//! the others' files come at the same rate without the heap. Printed: the rates, how long
//! files wait (the heap's, and the others' with it and without), the most programs at
//! once, and memory above rest. `ZELADOR_USERS`, `ZELADOR_FILES` and `ZELADOR_SECONDS` ask for
//! another size.

#![expect(clippy::cast_precision_loss, reason = "figures to be read")]

use std::collections::HashMap;
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
/// Who waits this much longer because of another's heap is treated unfairly.
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

/// A file that was dropped: whose, and when.
type Dropped = HashMap<String, (usize, Timestamp)>;

/// What comes: files of everybody but the first, over the time, and a heap of the
/// first user's in the first sixth of it.
#[derive(Clone, Copy)]
struct Scene {
    others: usize,
    heap: usize,
    time: Duration,
}

impl Scene {
    /// Who drops a file when, in order; 0 is the user with the heap.
    fn plan(self, users: usize, random: &mut StdRng) -> Vec<(Duration, usize)> {
        let over = |time: Duration, count: usize| {
            (0..count).map(move |at| time.mul_f64(at as f64 / count as f64))
        };
        let heap = over(self.time / 6, self.heap).map(|after| (after, 0));
        let mut plan: Vec<_> = over(self.time, self.others)
            .map(|after| (after, random.random_range(1..users)))
            .chain(heap)
            .collect();
        plan.sort_unstable();
        plan
    }
}

/// Drops what the scene says.
async fn drop_all(
    sandbox: &Sandbox,
    users: &[(String, String)],
    (scene, random): (Scene, &mut StdRng),
) -> Result<Dropped, Failure> {
    let (clock, began) = (Clock::system(), Instant::now());
    let mut dropped = Dropped::new();
    for (number, (after, at)) in scene.plan(users.len(), random).into_iter().enumerate() {
        sleep_until(began + after).await;
        let (_, novos) = users.get(at).ok_or("no users")?;
        let (name, content) = (format!("{number}.txt"), random.random::<u128>().to_string());
        let id = sandbox.drop_file(PERSON, novos, &name, content)?;
        dropped.insert(id, (at, clock.now()));
    }
    Ok(dropped)
}

/// Milliseconds until files had left `novos`, in order: the heap's, and the others'.
fn waits(sandbox: &Sandbox, dropped: &Dropped) -> Result<(Vec<u64>, Vec<u64>), Failure> {
    let ended = sandbox.last_changes();
    let (mut heap, mut others) = (Vec::new(), Vec::new());
    for (id, (at, began)) in dropped {
        let ended = ended.get(id).ok_or("a file that never was")?;
        let wait = u64::try_from(ended.since(*began).as_millis())?;
        if *at == 0 { heap.push(wait) } else { others.push(wait) }
    }
    heap.sort_unstable();
    others.sort_unstable();
    Ok((heap, others))
}

fn part(sorted: &[u64], percent: usize) -> u64 {
    let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or_default()
}

/// Journeys that ended well, of all users.
async fn processed(caller: &Caller, users: &[(String, String)]) -> Result<usize, Failure> {
    let mut count = 0;
    for (user, _) in users {
        let mut path = format!("/folders/{user}/files?limit=500");
        loop {
            let answer = caller.client.get(format!("{}{path}", caller.base));
            let answer = answer.bearer_auth(&caller.token).send().await?;
            let link = answer.headers().get("link").and_then(|link| link.to_str().ok());
            let next = link.and_then(|link| link.split(['<', '>']).nth(1)).map(str::to_owned);
            let page: Value = answer.json().await?;
            let files = page.as_array().into_iter().flatten();
            count += files.filter(|file| file.get("state") == Some(&json!("processed"))).count();
            match next {
                Some(next) => path = next,
                None => break,
            }
        }
    }
    Ok(count)
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

/// Waits until as many journeys as there are files have ended well; how many have not.
async fn settled(
    caller: &Caller,
    users: &[(String, String)],
    files: usize,
) -> Result<usize, Failure> {
    let mut left = files;
    for _ in 0..20 {
        left = files.abs_diff(processed(caller, users).await?);
        if left == 0 {
            break;
        }
        sleep(Duration::from_millis(500)).await;
    }
    Ok(left)
}

/// A scene, until the last file has left `novos`: how long it took, and how long files
/// waited.
async fn play(
    sandbox: &Sandbox,
    users: &[(String, String)],
    (scene, random): (Scene, &mut StdRng),
) -> Result<(Vec<u64>, Vec<u64>), Failure> {
    let began = Instant::now();
    let dropped = drop_all(sandbox, users, (scene, random)).await?;
    emptied(sandbox, users, scene.time * 5 + Duration::from_secs(60)).await?;
    let took = began.elapsed().as_secs_f64();
    let files = dropped.len();
    say(&format!(
        "{files} files in {:.0} s were processed after {took:.1} s: {:.1} a second; {}",
        scene.time.as_secs_f64(),
        files as f64 / took,
        surroundings()
    ));
    let (heap, others) = waits(sandbox, &dropped)?;
    for (whose, waits) in [("of the heap", &heap), ("of the others", &others)] {
        if !waits.is_empty() {
            say(&format!(
                "  {whose}: {} files waited {} ms (median), {} ms (p99)",
                waits.len(),
                part(waits, 50),
                part(waits, 99)
            ));
        }
    }
    Ok((heap, others))
}

#[tokio::main]
async fn main() -> Result<ExitCode, Failure> {
    let (count, files) = (asked("ZELADOR_USERS", 1000), asked("ZELADOR_FILES", 10_000));
    let time = Duration::from_secs(asked("ZELADOR_SECONDS", 60) as u64);
    let place = workplace()?;
    let (sandbox, daemon, caller) = begin(&std::path::absolute(place.path())?).await?;
    let began = Instant::now();
    let users = people(&caller, count).await?;
    say(&format!("{count} users have folders after {:.1} s", began.elapsed().as_secs_f64()));
    sleep(Duration::from_secs(3)).await;
    let rest = resident(&daemon.id());
    let most = Arc::new(Most::default());
    let watching = tokio::spawn(watch(daemon.id(), most.clone()));
    let mut random = StdRng::seed_from_u64(8);
    let others = files - files / 5;
    // The same without the heap, for a third of the time.
    let calm = Scene { others: others / 3, heap: 0, time: time / 3 };
    let (_, alone) = play(&sandbox, &users, (calm, &mut random)).await?;
    let storm = Scene { others, heap: files / 5, time };
    let (heap, beside) = play(&sandbox, &users, (storm, &mut random)).await?;
    most.stop.store(true, Ordering::Relaxed);
    watching.await?;
    let ended = settled(&caller, &users, others / 3 + files).await?;
    let above = most.kib.load(Ordering::Relaxed).saturating_sub(rest) as f64 / 1024.0;
    let at_once = most.programs.load(Ordering::Relaxed) as f64;
    daemon.stop()?;
    let of = |one: u64, other: u64| one as f64 / other.max(1) as f64;
    Ok(verdict([
        judge_at_most("journeys that are not told of", ended as f64, 0.0),
        judge_at_most("MiB above rest", above, MEMORY),
        judge_at_most("programs at once", at_once, SLOTS as f64),
        judge_at_most(
            "p99 of the others beside the heap, of theirs without it",
            of(part(&beside, 99), part(&alone, 99)),
            FAIR,
        ),
        judge_at_most(
            "p99 of the others, of the heap's median",
            of(part(&beside, 99), part(&heap, 50)),
            1.0,
        ),
    ]))
}
