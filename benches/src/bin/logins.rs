//! What hashing passwords costs everybody else: how long `GET /users/{id}` takes
//! while 200 people sign in, beside how long it takes with nothing else to do.
//!
//! The figure is a ratio of p99s within one run. Idle and busy rounds take turns,
//! for a machine's speed changes by the minute.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::Instant;
use zelador_benches::daemon::Daemon;
use zelador_benches::{Failure, judge_at_most, median, say, surroundings, verdict, workplace};

const LOGINS: usize = 200;
const ROUNDS: usize = 5;
/// Reads of an idle round; a busy round reads until all have signed in.
const READS: usize = 2000;
/// Between two reads, as a page that asks now and then.
const PAUSE: Duration = Duration::from_millis(1);
/// Busy p99 against idle p99.
const FIGURE: f64 = 2.0;
const PASSWORD: &str = "correto cavalo bateria";

/// Nobody is told to wait: this is about processors, not about limits.
const VARIABLES: [(&str, &str); 4] = [
    ("ZELADOR__AUTH__LOGIN_ACCOUNT_PER_MINUTE", "100000"),
    ("ZELADOR__AUTH__LOGIN_ADDRESS_PER_MINUTE", "100000"),
    ("ZELADOR__API__LIMITS__ADDRESS_PER_SECOND", "100000"),
    ("ZELADOR__API__LIMITS__ADDRESS_BURST", "100000"),
];

/// A daemon with a person in it.
struct House {
    client: Client,
    base: String,
    operator: String,
    user: String,
}

impl House {
    async fn furnish(dir: &Path) -> Result<Self, Failure> {
        let address = std::fs::read_to_string(dir.join("address"))?;
        let operator = std::fs::read_to_string(dir.join("operator.token"))?.trim().to_owned();
        let base = format!("http://{}", address.trim());
        let client = Client::builder().no_proxy().build()?;
        let mut house = Self { client, base, operator, user: String::new() };
        let tenant = json!({"name": "Sol", "domain": "sol.example"});
        let tenant = house.post("/tenants", &tenant).await?;
        let user = json!({"tenant_id": id_of(&tenant)?, "name": "Ana", "email": "ana@sol.example",
            "password": PASSWORD});
        let user = house.post("/users", &user).await?;
        house.user = id_of(&user)?;
        Ok(house)
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        let request = self.client.post(format!("{}{path}", self.base)).bearer_auth(&self.operator);
        Ok(request.json(body).send().await?.error_for_status()?.json().await?)
    }

    fn login(&self) -> RequestBuilder {
        let body = json!({"email": "ana@sol.example", "password": PASSWORD});
        self.client.post(format!("{}/auth/login", self.base)).json(&body)
    }

    /// How long one read takes.
    async fn read(&self) -> Result<Duration, Failure> {
        let url = format!("{}/users/{}", self.base, self.user);
        let began = Instant::now();
        let answer = self.client.get(url).bearer_auth(&self.operator).send().await?;
        answer.error_for_status()?.bytes().await?;
        Ok(began.elapsed())
    }

    async fn idle(&self) -> Result<Duration, Failure> {
        let mut times = Vec::with_capacity(READS);
        for _ in 0..READS {
            times.push(self.read().await?);
            tokio::time::sleep(PAUSE).await;
        }
        Ok(p99(times))
    }

    /// The same while people sign in; and how long they took in all.
    async fn busy(&self) -> Result<(Duration, Duration), Failure> {
        let began = Instant::now();
        let mut logins: JoinSet<reqwest::Result<()>> = JoinSet::new();
        for _ in 0..LOGINS {
            let login = self.login();
            logins.spawn(async move { login.send().await?.error_for_status().map(drop) });
        }
        let mut times = Vec::new();
        while !logins.is_empty() {
            times.push(self.read().await?);
            tokio::time::sleep(PAUSE).await;
            while let Some(done) = logins.try_join_next() {
                done??;
            }
        }
        Ok((p99(times), began.elapsed()))
    }
}

fn id_of(record: &Value) -> Result<String, Failure> {
    let id = record.get("id").and_then(Value::as_str);
    Ok(id.ok_or("a record without an id")?.to_owned())
}

fn p99(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    let at = (times.len() * 99 / 100).min(times.len().saturating_sub(1));
    times.get(at).copied().unwrap_or_default()
}

#[tokio::main]
async fn main() -> Result<ExitCode, Failure> {
    let place = workplace()?;
    let dir = place.path().canonicalize()?;
    let daemon = Daemon::start_with(&dir, &VARIABLES)?;
    let house = House::furnish(&dir).await?;
    house.idle().await?;
    let mut ratios = Vec::new();
    for round in 0..ROUNDS {
        let before = house.idle().await?;
        let (busy, took) = house.busy().await?;
        let after = house.idle().await?;
        let idle = (before + after) / 2;
        let ratio = busy.as_secs_f64() / idle.as_secs_f64();
        say(&format!(
            "round {round}: p99 of a read {busy:.2?} while {LOGINS} signed in within {took:.2?}, \
             {before:.2?} before and {after:.2?} after, {ratio:.2}; {}",
            surroundings()
        ));
        ratios.push(ratio);
    }
    daemon.stop()?;
    let figure = median(ratios);
    Ok(verdict([judge_at_most("p99 while passwords are hashed against idle", figure, FIGURE)]))
}
