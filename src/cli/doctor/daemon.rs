//! The running daemon: what it says of itself.

use std::time::Duration;

use serde_json::Value;

use super::Scene;
use super::finding::{Family, Finding};
use crate::cli::client::Client;

const FAMILY: Family = Family("daemon");
/// It is on this machine, and has the answer ready.
const PATIENCE: Duration = Duration::from_secs(5);
/// Fewer events behind are on their way.
const BEHIND: u64 = 1000;

/// What it said.
#[derive(Debug, Clone)]
pub(super) enum Told {
    /// It answers.
    Up {
        /// `GET /ready`.
        ready: Value,
        /// `GET /status`.
        status: Value,
    },
    /// Somebody answers, but not us.
    Refuses(String),
    /// Nobody answers.
    Down(String),
}

impl Told {
    /// Whether a daemon has the store.
    pub(super) fn is_there(&self) -> bool {
        !matches!(self, Self::Down(_))
    }
}

/// Asks it.
pub(super) async fn gather(scene: &Scene) -> Told {
    let client = match Client::find(&scene.common) {
        Ok(client) => client,
        Err(failure) => return Told::Down(failure.message),
    };
    let asked = tokio::time::timeout(PATIENCE, async {
        // 503 has its reasons in the body, too.
        let ready = reqwest::Client::builder().no_proxy().build()?;
        let ready = ready.get(format!("{}ready", client.address())).send().await?;
        ready.json::<Value>().await
    });
    let ready = match asked.await {
        Err(_) => return Told::Refuses(format!("no answer within {} s", PATIENCE.as_secs())),
        Ok(Err(error)) if error.is_connect() => {
            return Told::Down(format!("nobody answers at {}", client.address()));
        }
        Ok(Err(error)) if error.is_decode() => {
            return Told::Refuses(format!("{} is not zelador's", client.address()));
        }
        Ok(Err(error)) => return Told::Refuses(error.without_url().to_string()),
        Ok(Ok(ready)) => ready,
    };
    match tokio::time::timeout(PATIENCE, client.get("status")).await {
        Ok(Ok(status)) => Told::Up { ready, status },
        Ok(Err(error)) => Told::Refuses(error.to_string()),
        Err(_) => Told::Refuses(format!("no answer within {} s", PATIENCE.as_secs())),
    }
}

/// Judges it; `own` is the release of this program.
pub(super) fn judge(told: &Told, own: &str) -> Vec<Finding> {
    match told {
        Told::Down(why) => vec![FAMILY.odd(
            "answer",
            format!("none: {}", first_line(why)),
            "start it (sudo systemctl start zelador, or zelador serve), or look why it ended: \
             journalctl -u zelador -n 50, or what it said on its terminal",
        )],
        Told::Refuses(why) => vec![FAMILY.wrong(
            "answer",
            first_line(why),
            "see that operator.token is that of the running daemon (--data-dir, --token-file), \
             and that nothing else has its address: ss -ltnp",
        )],
        Told::Up { ready, status } => up(ready, status, own),
    }
}

fn up(ready: &Value, status: &Value, own: &str) -> Vec<Finding> {
    let mut found = vec![release(status, own)];
    found.extend(checks(ready));
    found.extend(config(status));
    for actor in rows(status, "actors").iter().filter(|actor| actor["up"] == false) {
        let words = format!("down after {} restarts", actor["restarts"]);
        let remedy = "journalctl -u zelador -p err has the cause; a restart does no harm";
        found.push(FAMILY.wrong(format!("part {}", name(actor)), words, remedy));
    }
    for consumer in rows(status, "consumers") {
        let number = |member: &str| consumer.get(member).and_then(Value::as_u64).unwrap_or(0);
        let (lag, parked) = (number("lag"), number("parked"));
        let about = format!("consumer {}", name(consumer));
        if parked > 0 {
            let remedy = format!("zelador events park list {}", name(consumer));
            found.push(FAMILY.odd(about, format!("gave up on {parked} events"), remedy));
        } else if lag > BEHIND {
            let remedy =
                "zelador events consumers shows its last error; a slow disk is another cause";
            found.push(FAMILY.odd(about, format!("{lag} events behind"), remedy));
        }
    }
    let failed: u64 = rows(status, "queues").iter().filter_map(|one| one["failed"].as_u64()).sum();
    if failed > 0 {
        let remedy =
            "zelador jobs list --state failed; mend the cause, then zelador jobs retry-all";
        found.push(FAMILY.odd("jobs", format!("{failed} failed for good"), remedy));
    }
    for queue in rows(status, "queues").iter().filter(|queue| queue["paused"] == true) {
        let remedy = format!("zelador queues resume {}", name(queue));
        found.push(FAMILY.odd(format!("queue {}", name(queue)), "is paused", remedy));
    }
    found
}

fn release(status: &Value, own: &str) -> Finding {
    let runs = status["version"].as_str().unwrap_or("unknown");
    if runs == own {
        return FAMILY.fine("answer", format!("zelador {runs} runs"));
    }
    let words = format!("{runs} runs, and this is {own}");
    FAMILY.odd("release", words, "sudo systemctl restart zelador, to run what is installed")
}

fn checks(ready: &Value) -> Vec<Finding> {
    let empty = serde_json::Map::new();
    let checks = ready["checks"].as_object().unwrap_or(&empty);
    let bad = checks.iter().filter(|(_, well)| **well == Value::Bool(false));
    let bad: Vec<Finding> = bad
        .map(|(part, _)| {
            let why = ready["reasons"].get(part).and_then(Value::as_str).unwrap_or("not well");
            let remedy = "the handbook has a line for it: when-it-goes-wrong.md, `/ready` says 503";
            FAMILY.wrong(format!("check {part}"), why, remedy)
        })
        .collect();
    if bad.is_empty() {
        vec![FAMILY.fine("checks", format!("{} are well", checks.len()))]
    } else {
        bad
    }
}

fn config(status: &Value) -> Option<Finding> {
    let error = status["config_error"].as_str()?;
    let remedy = "zelador check-config lists everything; the last good one is in force until then";
    Some(FAMILY.wrong("configuration in force", format!("not the newest: {error}"), remedy))
}

fn rows<'a>(status: &'a Value, member: &str) -> &'a [Value] {
    status.get(member).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn name(row: &Value) -> &str {
    row["name"].as_str().unwrap_or_default()
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim_end_matches(':').to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use zelador_actors::drive::rules::preflight::Weight;

    use super::*;

    fn weights(told: &Told) -> Vec<Weight> {
        let found = judge(told, "0.2.0");
        assert!(found.iter().all(|one| one.remedy.is_empty() == (one.weight == Weight::Fine)));
        found.into_iter().map(|one| one.weight).collect()
    }

    #[test]
    fn what_it_says_of_itself_is_judged() {
        use Weight::{Fine, Warning, Wrong};
        let well = json!({ "checks": { "database": true } });
        let told = |ready: &Value, status| Told::Up { ready: ready.clone(), status };
        let ill = json!({ "checks": { "disk": false }, "reasons": { "disk": "only 3 bytes" } });
        let queue = json!({ "name": "default", "failed": 3, "paused": true });
        let lagging = json!({ "name": "audit", "lag": 5000, "parked": 0 });
        let parked = json!({ "name": "webhooks", "lag": 0, "parked": 2 });
        let down = json!({ "name": "users", "up": false, "restarts": 10 });
        for (told, weights_of) in [
            (told(&well, json!({ "version": "0.2.0" })), vec![Fine, Fine]),
            (told(&well, json!({ "version": "0.1.0" })), vec![Warning, Fine]),
            (told(&ill, json!({ "version": "0.2.0" })), vec![Fine, Wrong]),
            (
                told(&well, json!({ "version": "0.2.0", "config_error": "line 3" })),
                vec![Fine, Fine, Wrong],
            ),
            (
                told(
                    &well,
                    json!({ "version": "0.2.0", "queues": [queue],
                    "consumers": [lagging, parked], "actors": [down] }),
                ),
                vec![Fine, Fine, Wrong, Warning, Warning, Warning, Warning],
            ),
            (Told::Down("x\ny".to_owned()), vec![Warning]),
            (Told::Refuses("x".to_owned()), vec![Wrong]),
        ] {
            assert_eq!(weights(&told), weights_of, "{told:?}");
        }
    }
}
