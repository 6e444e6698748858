//! SIGKILL in the middle of a storm: nothing is lost, the order within a record is
//! kept, and what comes twice comes under the same id.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};
use zelador_actors::engine::webhooks::sink::{Got, Say, Sink};

use super::{hook, person, tenant};
use crate::harness::{Client, Home, PATIENCE, eventually};

const CONFIG: &str = r"
[webhooks]
backoff_seconds = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
timeout_seconds = 2
";

/// People, and changes of each.
const PEOPLE: usize = 12;
const CHANGES: usize = 12;

/// Three in ten fail, one in a hundred hangs.
fn mood(roll: u32) -> Say {
    match roll.wrapping_mul(2_654_435_761) >> 16 & 0xff {
        0..77 => Say::Status(500),
        77..80 => Say::Hang,
        80..86 => Say::Close,
        _ => Say::Status(200),
    }
}

async fn change(client: &Client, people: &[String], round: usize) {
    for person in people {
        let change = json!({"name": format!("Name {round}")});
        // Whatever a killed daemon did not answer is not counted on.
        let _ =
            client.call(reqwest::Method::PATCH, &format!("/users/{person}"), Some(&change)).await;
    }
}

/// The events of the people, as the log has them: by person, in order.
async fn happened(client: &Client) -> BTreeMap<String, Vec<String>> {
    let (mut all, mut after): (BTreeMap<String, Vec<String>>, u64) = (BTreeMap::new(), 0);
    loop {
        let page = client.get(&format!("/events?after={after}&limit=500")).await.is(200);
        let rows = page.as_array().unwrap();
        for row in rows.iter().filter(|row| row["type"].as_str().unwrap().starts_with("user.")) {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            all.entry(text(&row["data"]["user_id"])).or_default().push(text(&row["id"]));
        }
        match rows.last() {
            Some(last) => after = last["seq"].as_u64().unwrap(),
            None => return all,
        }
    }
}

/// What arrived, each at its first time.
fn arrived(got: &[Got]) -> BTreeMap<String, Vec<String>> {
    let (mut all, mut seen): (BTreeMap<String, Vec<String>>, _) =
        (BTreeMap::new(), BTreeSet::new());
    for one in got.iter().filter(|one| one.header("accepted") == "yes") {
        let id = one.header("webhook-id").to_owned();
        let body: Value = serde_json::from_str(&one.body).unwrap();
        let person = body["data"]["user_id"].as_str().unwrap().to_owned();
        if seen.insert(id.clone()) {
            all.entry(person).or_default().push(id);
        }
    }
    all
}

#[tokio::test]
async fn sigkill_in_a_storm_loses_nothing_and_keeps_the_order() {
    let home = Home::new(CONFIG).await;
    let mut daemon = home.start().await;
    let rolls = AtomicU32::new(0);
    let accepted = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let note = accepted.clone();
    let sink = Sink::start(move |got| {
        let say = mood(rolls.fetch_add(1, Ordering::SeqCst));
        if matches!(say, Say::Status(200)) {
            let mut got = got.clone();
            got.headers.insert("accepted".into(), "yes".into());
            note.lock().unwrap().push(got);
        }
        say
    })
    .await
    .unwrap();
    let tenant = tenant(daemon.client(), "sol.example").await;
    hook(daemon.client(), &tenant, &json!({"url": sink.url(), "events": ["user.*"]})).await;
    let mut people = Vec::new();
    for number in 0..PEOPLE {
        people.push(person(daemon.client(), &tenant, &format!("Person {number}")).await);
    }
    for round in 0..CHANGES {
        let client = daemon.client().clone();
        let changing = change(&client, &people, round);
        if round % 4 == 2 {
            // In the middle of a round, while deliveries are under way.
            tokio::select! {
                () = changing => {}
                () = tokio::time::sleep(std::time::Duration::from_millis(60)) => {}
            }
            daemon.kill().await;
            daemon = home.start().await;
        } else {
            changing.await;
        }
    }
    let expected = happened(daemon.client()).await;
    assert!(expected.values().map(Vec::len).sum::<usize>() > PEOPLE * CHANGES / 2);
    eventually("all have arrived", PATIENCE, || async {
        let found = arrived(&accepted.lock().unwrap());
        (found.values().map(Vec::len).sum::<usize>()
            == expected.values().map(Vec::len).sum::<usize>())
        .then_some(())
    })
    .await;
    assert_eq!(arrived(&accepted.lock().unwrap()), expected);
    let (tries, events) = (sink.count(), expected.values().map(Vec::len).sum::<usize>());
    println!("{events} events in {tries} tries");
}
