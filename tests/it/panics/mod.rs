//! Panics: whoever was being served is told, whoever waited is told at once,
//! nobody else notices, and within a second the part works again.
//!
//! Parts fall on request here, which only the feature `testkit` makes possible: a
//! file with the part's name in a directory of the test's.

mod actors;
mod jobs;
mod loops;

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::process::Command;

use crate::harness::{Client, Daemon, Home, eventually};

/// Within this a part that fell works again.
const SOON: Duration = Duration::from_secs(1);

const CONFIG: &str = "[jobs.diagnostic]\nbackoff_seconds = [0]\ntries = 3\n";

/// Where the test says what is to fall.
struct Faults(PathBuf);

impl Faults {
    fn of(home: &Home) -> Self {
        let dir = home.path().join("faults");
        std::fs::create_dir_all(&dir).unwrap();
        Self(dir)
    }

    /// The part falls `after_ms` from when it next looks.
    fn order(&self, part: &str, after_ms: u64) {
        let temporary = self.0.join("order.new");
        std::fs::write(&temporary, after_ms.to_string()).unwrap();
        std::fs::rename(temporary, self.0.join(part)).unwrap();
    }

    /// Whether the part has seen the order.
    fn is_taken(&self, part: &str) -> bool {
        !self.0.join(part).exists()
    }

    fn serve(&self, home: &Home) -> Command {
        let mut command = home.command(["serve"]);
        command.env("ZELADOR_TEST_FAULTS", &self.0);
        command
    }

    async fn start(&self, home: &Home) -> Daemon {
        let mut daemon = Daemon::spawn(home, self.serve(home));
        daemon.ready().await;
        daemon
    }
}

async fn enqueue(client: &Client, args: Value) -> String {
    let job = json!({"kind": "diagnostic", "queue": "default", "args": args});
    client.post("/jobs", &job).await.is(201)["id"].as_str().unwrap().to_owned()
}

async fn in_state(client: &Client, id: &str, state: &str, within: Duration) -> Value {
    eventually(&format!("{id} is {state}"), within, || async {
        let job = client.get(&format!("/jobs/{id}")).await.is(200);
        (job["state"] == state).then_some(job)
    })
    .await
}

async fn restarts(client: &Client, actor: &str) -> u64 {
    let status = client.get("/status").await.is(200);
    let actors = status["actors"].as_array().unwrap().iter();
    let found = actors.clone().find(|one| one["name"] == actor);
    found.map_or(0, |one| one["restarts"].as_u64().unwrap())
}
