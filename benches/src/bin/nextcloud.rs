//! Accounts on stand-ins of Nextcloud, made by the daemon that users run.
//!
//! 1. Throughput: three servers that take a second for an account and make four at
//!    once can make twelve a second; the daemon must let them.
//! 2. A storm: 1,000 people, three servers of different room, both ways, a tenth slow, a
//!    twentieth answered with an error and a twentieth cut off after the account was
//!    made, maintenance, one server dying for good, and two kills of the daemon.
//!    Everybody ends with one whole account, or with a reason that is true.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};
use tokio::time::Instant;
use zelador::sandbox::nextcloud::{ADMIN, Faults, OCC, Plan, SSH_USER, Sandbox};
use zelador_actors::engine::{Clock, Dice};
use zelador_benches::daemon::Daemon;
use zelador_benches::{Failure, judge, judge_at_most, say, surroundings, verdict, workplace};

/// People of the first figure.
const CROWD: usize = 240;
/// Accounts a second that three servers must be let make.
const RATE: f64 = 11.0;
/// People of the storm.
const PEOPLE: usize = 1000;
/// How long the storm may take.
const STORM: Duration = Duration::from_secs(900);

const CONFIG: &str = "
[api.limits]
token_per_second = 100000
token_burst = 100000
address_per_second = 100000
address_burst = 100000
[wispro]
mode = \"off\"
[nextcloud]
mode = \"live\"
unwell_seconds = 2
per_instance = 5
[queues.nextcloud]
concurrency = 24
[jobs.\"nextcloud.create_user\"]
tries = 6
backoff_seconds = [1, 5, 20]
";

/// The daemon and who asks it.
struct Bench {
    daemon: Daemon,
    client: Client,
    base: String,
    token: String,
}

impl Bench {
    fn start(data: &Path) -> Result<Self, Failure> {
        // The daemon works there, and finds its configuration.
        std::fs::write(data.join("config.toml"), CONFIG)?;
        let daemon = Daemon::start(data)?;
        let read = |name| std::fs::read_to_string(data.join(name));
        let base = format!("http://{}", read("address")?.trim());
        let token = read("operator.token")?.trim().to_owned();
        let client = Client::builder().no_proxy().build()?;
        Ok(Self { daemon, client, base, token })
    }

    async fn ask(&self, post: Option<&Value>, path: &str) -> Result<(Value, String), Failure> {
        let url = format!("{}{path}", self.base);
        let call = match post {
            Some(body) => self.client.post(url).json(body),
            None => self.client.get(url),
        };
        let answer = call.bearer_auth(&self.token).send().await?;
        let link = answer.headers().get("link").and_then(|link| link.to_str().ok());
        let next = link.and_then(|link| link.split(['<', '>']).nth(1)).unwrap_or_default();
        let next = next.to_owned();
        let status = answer.status();
        let body: Value = answer.json().await?;
        if status.is_success() { Ok((body, next)) } else { Err(format!("{path}: {body}").into()) }
    }

    async fn join(&self, sandbox: &Sandbox, ssh: bool, room: u32) -> Result<String, Failure> {
        let own = Plan::default();
        let mut body = json!({
            "name": format!("nc-{}", sandbox.http.port()), "base_url": sandbox.url(),
            "management_method": if ssh { "ssh" } else { "api" }, "max_users": room,
        });
        let way = if ssh {
            json!({
                "host": "127.0.0.1", "port": sandbox.ssh.port(), "user": SSH_USER,
                "password": own.password, "host_key": sandbox.host_key(), "occ_path": OCC,
            })
        } else {
            json!({ "username": ADMIN, "password": own.app_password })
        };
        body.as_object_mut().ok_or("no body")?.insert(if ssh { "ssh" } else { "api" }.into(), way);
        text(&self.ask(Some(&body), "/admin/instances").await?.0, "id")
    }

    async fn tenant(&self) -> Result<String, Failure> {
        let body = json!({
            "name": "a", "domain": "a.example", "settings": { "provision_nextcloud": true },
        });
        text(&self.ask(Some(&body), "/tenants").await?.0, "id")
    }

    async fn register(&self, tenant: &str, number: usize) -> Result<(), Failure> {
        let email = format!("ana{}@example{}.org", number / 2, number % 2);
        let body = json!({ "tenant_id": tenant, "name": format!("Ana {number}"), "email": email });
        self.ask(Some(&body), "/users").await.map(|_| ())
    }

    async fn users(&self, filter: &str) -> Result<Vec<Value>, Failure> {
        let (mut all, mut path) = (Vec::new(), format!("/users?limit=500{filter}"));
        while !path.is_empty() {
            let (page, next) = self.ask(None, &path).await?;
            all.extend(page.as_array().cloned().unwrap_or_default());
            path = next;
        }
        Ok(all)
    }

    /// Waits until nobody waits any more.
    async fn settled(&self, limit: Duration) -> Result<(), Failure> {
        let began = Instant::now();
        loop {
            let left = self.users("&nextcloud_status=none,pending,creating").await?.len();
            if left == 0 {
                return Ok(());
            }
            if began.elapsed() > limit {
                return Err(format!("{left} accounts are not settled").into());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

fn text(record: &Value, name: &str) -> Result<String, Failure> {
    let found = record.get(name).and_then(Value::as_str);
    found.map(str::to_owned).ok_or_else(|| format!("no {name} in {record}").into())
}

async fn sandbox(faults: Faults, seed: u64) -> Result<Sandbox, Failure> {
    let plan = Plan { faults, ..Plan::default() };
    Ok(Sandbox::start(plan, Clock::system(), Dice::seeded(seed)).await?)
}

async fn throughput(data: &Path) -> Result<f64, Failure> {
    let bench = Bench::start(data)?;
    let mut sandboxes = Vec::new();
    for (seed, ssh) in [(1, false), (2, true), (3, false)] {
        let made = sandbox(Faults::default(), seed).await?;
        bench.join(&made, ssh, 10_000).await?;
        sandboxes.push(made);
    }
    let tenant = bench.tenant().await?;
    let began = Instant::now();
    for number in 0..CROWD {
        bench.register(&tenant, number).await?;
    }
    bench.settled(STORM).await?;
    let seconds = began.elapsed().as_secs_f64();
    let made: usize = sandboxes.iter().map(|sandbox| sandbox.ids().len() - 1).sum();
    if made != CROWD {
        return Err(format!("{made} accounts instead of {CROWD}").into());
    }
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let rate = CROWD as f64 / seconds;
    say(&format!("{CROWD} accounts in {seconds:.1} s: {rate:.1} a second; {}", surroundings()));
    bench.daemon.stop()?;
    Ok(rate)
}

/// The servers of the storm, each with its room, by id.
type Pool = BTreeMap<String, (Sandbox, u32)>;

async fn pool(bench: &Bench) -> Result<Pool, Failure> {
    let faults = Faults {
        create_ms: 30,
        workers: 8,
        slow_percent: 10,
        slow_ms: 500,
        error_after_create_percent: 5,
        cut_after_create_percent: 5,
        ..Faults::default()
    };
    let mut pool = Pool::new();
    for (seed, ssh, room) in [(4, false, 450), (5, true, 600), (6, false, 700)] {
        let made = sandbox(faults.clone(), seed).await?;
        pool.insert(bench.join(&made, ssh, room).await?, (made, room));
    }
    Ok(pool)
}

/// How many things were wrong at the end.
async fn storm(data: &Path) -> Result<usize, Failure> {
    let mut bench = Bench::start(data)?;
    let pool = pool(&bench).await?;
    let tenant = bench.tenant().await?;
    let server = |at: usize| pool.values().nth(at).map(|(made, _)| made);
    for number in 0..PEOPLE {
        bench.register(&tenant, number).await?;
        match number {
            150 => server(0).iter().for_each(|made| made.maintain(true)),
            300 => server(0).iter().for_each(|made| made.maintain(false)),
            400 | 700 => {
                drop(bench);
                bench = Bench::start(data)?;
            }
            600 => server(2).iter().for_each(|made| made.set(|faults| faults.dead = true)),
            _ => {}
        }
    }
    // The two that live have room for all who are not yet on the dying one.
    bench.settled(STORM).await?;
    let wrong = judged(&bench, &pool).await?;
    wrong.iter().take(10).for_each(|line| say(line));
    drop(bench);
    Ok(wrong.len())
}

/// What is not as it should be.
async fn judged(bench: &Bench, pool: &Pool) -> Result<Vec<String>, Failure> {
    let mut wrong = Vec::new();
    let mut placed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for user in bench.users("").await? {
        let status = text(&user, "nextcloud_status")?;
        *counts.entry(status.clone()).or_default() += 1;
        let path = format!("/users/{}/nextcloud", text(&user, "id")?);
        let account = bench.ask(None, &path).await?.0;
        if status != "active" {
            let reason = account.pointer("/error/class").and_then(Value::as_str);
            if reason.is_none() || status != "failed" {
                wrong.push(format!("no end, or no reason: {account}"));
            }
            *counts.entry(reason.unwrap_or("?").to_owned()).or_default() += 1;
            continue;
        }
        let (instance, id) = (text(&account, "instance_id")?, text(&account, "account_id")?);
        let seen = pool.get(&instance).and_then(|(made, _)| made.account(&id));
        let quota = seen.as_ref().and_then(|seen| seen.pointer("/quota/quota")?.as_u64());
        if quota != Some(5 << 30) {
            wrong.push(format!("not whole: {account} {seen:?}"));
        }
        if !placed.entry(instance).or_default().insert(id) {
            wrong.push(format!("twice: {account}"));
        }
    }
    say(&format!("{PEOPLE} people: {counts:?}"));
    for (id, (made, room)) in pool {
        let ours = placed.remove(id).unwrap_or_default();
        let row = bench.ask(None, &format!("/admin/instances/{id}")).await?.0;
        let dead = made.faults().dead;
        if row.get("current_users").and_then(Value::as_u64) > Some(u64::from(*room)) {
            wrong.push(format!("above its room: {row}"));
        }
        let strangers = made.ids().into_iter().filter(|id| id != ADMIN && !ours.contains(id));
        // On the dead one may stand what nobody could look at any more.
        if strangers.count() > 0 && !dead {
            wrong.push(format!("accounts without a user on {id}"));
        }
        say(&format!("{id}: {} of {room}{}", ours.len(), if dead { ", dead" } else { "" }));
    }
    Ok(wrong)
}

#[tokio::main]
async fn main() -> Result<ExitCode, Failure> {
    let place = workplace()?;
    let data = |name: &str| -> Result<std::path::PathBuf, Failure> {
        let path = std::path::absolute(place.path().join(name))?;
        std::fs::create_dir_all(&path)?;
        Ok(path)
    };
    let rate = throughput(&data("throughput")?).await?;
    let wrong = storm(&data("storm")?).await?;
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let wrong = wrong as f64;
    Ok(verdict([
        judge("accounts a second on three servers", rate, RATE),
        judge_at_most("accounts that are not what they should be", wrong, 0.0),
    ]))
}
