//! The waitlist over HTTP: the next in line, and then the one after.

use serde_json::{Value, json};

use super::{Place, day, half_hours, id, person};
use crate::harness::{Client, Home, PATIENCE, eventually};

async fn state_of(client: &Client, list: &str, entry: &str) -> Value {
    let entries = client.get(list).await.is(200);
    let found = entries.as_array().unwrap().iter().find(|one| one["id"] == entry);
    found.unwrap_or_else(|| panic!("{entry} of {entries}")).clone()
}

async fn becomes(client: &Client, list: &str, entry: &str, state: &str) -> Value {
    eventually(state, PATIENCE, || async {
        let found = state_of(client, list, entry).await;
        (found["state"] == state).then_some(found)
    })
    .await
}

#[tokio::test]
async fn a_place_that_frees_is_offered_in_turn() {
    let home = Home::new("").await;
    let daemon = home.start().await;
    let client = daemon.client();
    let place = Place::new(client, json!({})).await;
    let room = place.resource(json!({})).await;
    let list = format!("/resources/{room}/waitlist");
    let (start, end) = half_hours(day(3), 0, 1);
    let wait = |user: &str| json!({"start_time": start, "end_time": end, "user_id": user});
    let (rui, eva) =
        (person(client, &place.tenant, "Rui").await, person(client, &place.tenant, "Eva").await);
    client.post(&list, &wait(&rui)).await.refused(409, "place_is_free");
    let taken = id(&place.book(&room, (&start, &end)).await);
    let first = id(&client.post(&list, &wait(&rui)).await.is(201));
    client.post(&list, &wait(&rui)).await.refused(409, "already_waiting");
    let second = id(&client.post(&list, &wait(&eva)).await.is(201));

    client.delete(&format!("/bookings/{taken}")).await.is(200);
    let offered = becomes(client, &list, &first, "offered").await;
    let hold = offered["booking_id"].as_str().unwrap();
    let held = client.get(&format!("/bookings/{hold}")).await.is(200);
    assert_eq!((&held["status"], &held["user_id"]), (&json!("reservado"), &json!(rui)));
    assert_eq!(state_of(client, &list, &second).await["state"], "waiting");
    // Whoever gives it back makes room for the one after.
    client.delete(&format!("/bookings/{hold}")).await.is(200);
    becomes(client, &list, &first, "withdrawn").await;
    let offered = becomes(client, &list, &second, "offered").await;
    let path = format!("/bookings/{}/status", offered["booking_id"].as_str().unwrap());
    client.put(&path, &json!({"status": "pendente"})).await.is(200);
    becomes(client, &list, &second, "taken").await;
    let told = client.get("/events?type=booking.waitlist_offered").await.is(200);
    assert_eq!(told.as_array().unwrap().len(), 2);

    let third = id(&client.post(&list, &wait(&rui)).await.is(201));
    client.delete(&format!("{list}/{third}")).await.is(204);
    client.delete(&format!("{list}/{third}")).await.refused(409, "not_waiting");
    assert_eq!(daemon.stop().await.0, Some(0));
}
