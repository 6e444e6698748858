//! A race with a SIGKILL in its midst: what was acknowledged is there, and whoever
//! was cut off asks again with the same key.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use rand::{Rng as _, SeedableRng as _};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::CALLERS;
use super::contest::Slot;
use crate::booking::{Place, day, id, insist, occupies, peak, seed};
use crate::harness::{Client, Home, PATIENCE, eventually, undisturbed};

const ROOMS: usize = 4;
const HALF_HOURS: usize = 20;
/// Who ask at the same time.
const AT_ONCE: usize = 48;

/// Somebody who wants a slot.
#[derive(Clone)]
struct Want {
    body: Value,
    key: String,
}

/// What became of it; `None`: nobody knows.
type Word = Option<Option<String>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_seat_is_lost_or_sold_twice_by_a_kill() {
    let _one = undisturbed().await;
    let mut rng = StdRng::seed_from_u64(seed("a race and a kill"));
    let home = Home::alone("").await;
    let mut daemon = home.start().await;
    let mut place = Place::new(daemon.client(), json!({})).await;
    let slots = slots(&place).await;
    let mut wants: Vec<_> = (0..slots.len())
        .flat_map(|slot| (0..CALLERS).map(move |nth| (slot, nth)))
        .map(|(slot, nth)| want(&place, &slots, slot, nth))
        .collect();
    // Some slots have all their callers at once, others a few at any time.
    wants.shuffle(&mut rng);
    let seats: usize = slots.iter().map(|slot| slot.seats).sum();
    let moment = rng.random_range(seats / 5..seats / 2);

    let won = Arc::new(AtomicUsize::new(0));
    let asking = tokio::spawn(all(daemon.client().clone(), wants.clone(), won.clone()));
    eventually("half is sold", PATIENCE, || async {
        (won.load(Ordering::SeqCst) >= moment).then_some(())
    })
    .await;
    daemon.kill().await;
    let before = asking.await.unwrap();
    let daemon = home.start().await;
    place.operator = daemon.client().clone();
    let acknowledged: BTreeSet<_> = before.iter().flatten().flatten().cloned().collect();
    let there = sold(&place, &slots).await;
    let lost: Vec<_> = acknowledged.difference(&there.1).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");

    let after = all(daemon.client().clone(), wants.clone(), won).await;
    for (old, new) in before.iter().zip(&after) {
        if let Some(Some(old)) = old {
            assert_eq!(new, &Some(Some(old.clone())), "the same key, another answer");
        }
    }
    let (by_slot, standing) = sold(&place, &slots).await;
    let told: BTreeSet<_> = after.into_iter().flatten().flatten().collect();
    assert_eq!(told, standing, "who has a seat was told so");
    for (number, slot) in slots.iter().enumerate() {
        assert_eq!(by_slot.get(&number), Some(&slot.seats), "{slot:?}");
    }
    println!("{} of {seats} acknowledged before the kill", acknowledged.len());
    assert_eq!(daemon.stop().await.0, Some(0));
    let (code, out, err) = home.run(["check-store"]).await;
    assert_eq!(code, 0, "{out}{err}");
}

async fn slots(place: &Place) -> Vec<Slot> {
    let mut slots = Vec::new();
    for seats in 1..=ROOMS {
        let seats = if seats == ROOMS { 3 } else { 1 };
        let resource = place.resource(json!({"concurrent_bookings": seats})).await;
        slots.extend((0..HALF_HOURS).map(|number| Slot {
            resource: resource.clone(),
            seats,
            number,
            day: day(3),
        }));
    }
    slots
}

fn want(place: &Place, slots: &[Slot], slot: usize, nth: usize) -> Want {
    let (start, end) = slots[slot].span();
    let body = place.wish(&slots[slot].resource, (&start, &end));
    Want { body, key: format!("slot-{slot}-{nth}") }
}

/// All ask, so many at a time; the answers in the order of the wants.
async fn all(client: Client, wants: Vec<Want>, won: Arc<AtomicUsize>) -> Vec<Word> {
    let next = Arc::new(AtomicUsize::new(0));
    let wants = Arc::new(wants);
    let mut callers = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (client, wants, next, won) = (client.clone(), wants.clone(), next.clone(), won.clone());
        callers.spawn(async move {
            let mut words = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::SeqCst);
                let Some(want) = wants.get(at) else { return words };
                let key = Some(want.key.as_str());
                let answer = insist(&client, Method::POST, "/bookings", &want.body, key).await;
                let word = answer.map(|answer| {
                    if answer.status == 201 {
                        won.fetch_add(1, Ordering::SeqCst);
                        return Some(id(&answer.json()));
                    }
                    answer.refused(409, "conflict");
                    None
                });
                words.push((at, word));
            }
        });
    }
    let words: BTreeMap<_, _> = callers.join_all().await.into_iter().flatten().collect();
    words.into_values().collect()
}

/// How many have each slot, and all of them; no resource is overbooked.
async fn sold(place: &Place, slots: &[Slot]) -> (BTreeMap<usize, usize>, BTreeSet<String>) {
    let (mut by_slot, mut all) = (BTreeMap::new(), BTreeSet::new());
    for (number, slot) in slots.iter().enumerate().step_by(HALF_HOURS) {
        let bookings = place.all(&slot.resource).await;
        assert!(peak(&bookings) <= slot.seats, "{slot:?} is overbooked");
        for booking in bookings.iter().filter(|one| occupies(one)) {
            let minutes = minutes_of_day(booking["start_time"].as_str().unwrap());
            // The first slot begins at 8 in São Paulo, 11 in UTC.
            let nth = (minutes - 11 * 60) / 30;
            *by_slot.entry(number + nth).or_insert(0) += 1;
            all.insert(id(booking));
        }
    }
    (by_slot, all)
}

fn minutes_of_day(text: &str) -> usize {
    let number = |range: std::ops::Range<usize>| text[range].parse::<usize>().unwrap();
    60 * number(11..13) + number(14..16)
}
