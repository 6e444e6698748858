//! SIGKILL at random moments of a run: the users are those of a run without.
//!
//! The upstream is the sandbox in this process, which outlives the daemon, as the
//! real one does. `ZELADOR_CLIENTS` and `ZELADOR_KILLS` ask for another size, as the
//! issue's 10,000 clients and 20 kills.

use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use serde_json::{Value, json};
use tokio::time::Instant;
use zelador::sandbox::wispro::{Population, Sandbox, TOKEN};

use super::{begin, completed, sum, users};
use crate::harness::{Daemon, Home};

const CLIENTS: u32 = 1_500;
const KILLS: u32 = 20;

fn asked(name: &str, default: u32) -> u32 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

async fn home(upstream: &Sandbox) -> (Home, Daemon, String) {
    let home = Home::new(&format!(
        "[wispro]\nmode = \"live\"\nbase_url = \"{}\"\ntoken = \"{TOKEN}\"\n\
         tenant = \"clientes.example\"\nrequest_gap_ms = 0\n",
        upstream.base_url()
    ))
    .await;
    let daemon = home.start().await;
    let tenant = json!({ "name": "Clientes", "domain": "clientes.example" });
    daemon.client().post("/tenants", &tenant).await.is(201);
    let id = begin(daemon.client(), &json!({})).await;
    (home, daemon, id)
}

/// What a run has counted, without what depends on when it ran.
fn counted(run: &Value) -> Value {
    let counts = ["created", "updated", "unchanged", "skipped", "errors", "said", "fields"];
    counts.iter().map(|name| ((*name).to_owned(), run[*name].clone())).collect()
}

#[tokio::test]
async fn killed_again_and_again_each_client_is_created_once() {
    let (clients, kills) = (asked("ZELADOR_CLIENTS", CLIENTS), asked("ZELADOR_KILLS", KILLS));
    let seed = rand::rng().random();
    println!("{clients} clients, {kills} kills, seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let population = Population { clients, ..Population::default() };
    let upstream = Sandbox::start(population).await.unwrap();
    let began = Instant::now();
    let (_whole, daemon, id) = home(&upstream).await;
    let run = completed(daemon.client(), &id).await;
    let whole = (users(daemon.client()).await, counted(&run));
    assert_eq!(sum(&run), u64::from(clients));
    // So long as the run takes, the kills are spread over it.
    let step = began.elapsed() / kills;
    drop(daemon);
    let (home, mut daemon, id) = home(&upstream).await;
    for _ in 0..kills {
        tokio::time::sleep(step.mul_f64(random.random_range(0.0..2.0))).await;
        daemon.kill().await;
        daemon = home.start().await;
    }
    let run = completed(daemon.client(), &id).await;
    println!("as if it had not been killed, after {:?}", began.elapsed());
    assert_eq!(counted(&run), whole.1);
    assert_eq!(users(daemon.client()).await, whole.0);
}
