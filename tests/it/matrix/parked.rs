//! Events that a consumer has given up on. No consumer of a healthy daemon does,
//! so they are put into its store while it is down.

use std::sync::Arc;

use zelador_actors::engine::Clock;
use zelador_store::Store;
use zelador_store::event::{Parked, ParkedEvents};
use zelador_store::kv::embedded::{Embedded, Options};
use zelador_store::kv::{Term, Write};

use crate::harness::Home;

/// How many.
const PARKED: u64 = 12;

/// Parks the first events of the log for the consumer `metrics`.
pub(super) async fn park(home: &Home) {
    let clock = Clock::system();
    let now = clock.now();
    let boot_id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let options = Options::new(home.data(), boot_id.trim(), Arc::new(move || clock.now()));
    let (engine, _) = Embedded::open(options).unwrap();
    let mut write = Write::new();
    for seq in 1..=PARKED {
        let parked = Parked { error: "for the matrix".to_owned(), tries: 6, at: now };
        write.insert::<ParkedEvents>(&(Term::new("metrics"), seq), &parked);
    }
    Store::new(engine.clone()).commit(write).await.unwrap();
    engine.close().unwrap();
}

/// Makes as many events as will be parked.
pub(super) async fn enough_events(client: &crate::harness::Client, tenant: &str) {
    for number in 0..PARKED {
        let change = serde_json::json!({"name": format!("Name {number}")});
        client.put(&format!("/tenants/{tenant}"), &change).await.is(200);
    }
}
