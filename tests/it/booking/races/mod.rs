//! Races for the last seat: many at once want one slot, in every way there is, and
//! as many get it as there are seats; also when the daemon is killed meanwhile.

mod contest;
mod killed;

use futures::StreamExt as _;
use futures::stream;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::json;

use self::contest::{Contest, Slot, Way};
use super::{Place, day, peak, seed};
use crate::harness::{Home, undisturbed};

/// Resources, and the half hours of a day of each of them.
const ROOMS: usize = 25;
const HALF_HOURS: usize = 20;
/// Who want a slot at once.
const CALLERS: usize = 32;
/// Slots fought for at a time, of resources of their own.
const AT_ONCE: usize = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_slots_have_as_many_winners_as_seats() {
    let _one = undisturbed().await;
    let mut rng = StdRng::seed_from_u64(seed("races"));
    let home = Home::alone("").await;
    let daemon = home.start().await;
    let place = Place::new(daemon.client(), json!({})).await;
    // Whence bookings are moved into the slot.
    let yard = place.resource(json!({"concurrent_bookings": 1000})).await;
    let mut rooms = Vec::new();
    for room in 0..ROOMS {
        let seats = if room % 3 == 2 { rng.random_range(2..5) } else { 1 };
        let resource = place.resource(json!({"concurrent_bookings": seats})).await;
        rooms.push((resource, seats));
    }
    let mut contests = Vec::new();
    for number in 0..HALF_HOURS {
        for (resource, seats) in &rooms {
            let way = Way::ALL[rng.random_range(0..Way::ALL.len())];
            let slot = Slot { resource: resource.clone(), seats: *seats, number, day: day(3) };
            contests.push(Contest { place: &place, yard: &yard, slot, way, callers: CALLERS });
        }
    }
    let fought = stream::iter(contests).map(|one| async move { one.fight().await });
    let won: usize = fought.buffer_unordered(AT_ONCE).fold(0, async |sum, won| sum + won).await;
    let seats: usize = rooms.iter().map(|(_, seats)| seats * HALF_HOURS).sum();
    assert_eq!(won, seats);
    for (resource, seats) in &rooms {
        assert_eq!(peak(&place.all(resource).await), *seats, "{resource}");
    }
    println!("{} slots, {won} seats", ROOMS * HALF_HOURS);
    assert_eq!(daemon.stop().await.0, Some(0));
    let (code, out, err) = home.run(["check-store"]).await;
    assert_eq!(code, 0, "{out}{err}");
}
