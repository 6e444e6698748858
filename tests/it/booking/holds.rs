//! Holds over HTTP, taken up and run out.

use serde_json::json;

use super::{Place, day, half_hours, id};
use crate::harness::{Home, PATIENCE, eventually};

#[tokio::test]
async fn a_hold_is_taken_up_or_runs_out_across_a_restart() {
    let home = Home::new("").await;
    let mut daemon = home.start().await;
    let place = Place::new(daemon.client(), json!({})).await;
    let room = place.resource(json!({})).await;
    let wish = |from, seconds| {
        let (start, end) = half_hours(day(3), from, 1);
        let mut wish = place.wish(&room, (&start, &end));
        wish["hold_seconds"] = json!(seconds);
        wish
    };
    let client = daemon.client();
    client.post("/bookings", &wish(0, 29)).await.problem(422);
    client.post("/bookings", &wish(0, 3601)).await.problem(422);
    let kept = client.post("/bookings", &wish(0, 3600)).await.is(201);
    assert_eq!(kept["status"], "reservado");
    assert!(kept["hold_expires_at"].is_string());
    client.post("/bookings", &wish(0, 30)).await.refused(409, "conflict");
    let up = json!({"status": "pending"});
    let path = format!("/bookings/{}/status", id(&kept));
    assert_eq!(client.put(&path, &up).await.is(200)["status"], "pendente");

    // It runs out while the daemon is down, or just after.
    let held = client.post("/bookings", &wish(1, 30)).await.is(201);
    daemon.kill().await;
    let daemon = home.start().await;
    let client = daemon.client();
    let path = format!("/bookings/{}", id(&held));
    eventually("the hold runs out", PATIENCE, || async {
        (client.get(&path).await.is(200)["status"] == "expirado").then_some(())
    })
    .await;
    let told = client.get("/events?type=booking.hold_expired").await.is(200);
    assert_eq!(told.as_array().unwrap().len(), 1, "{told}");
    assert_eq!(told[0]["data"]["booking_id"], held["id"]);
    client.put(&format!("{path}/status"), &up).await.refused(409, "status_not_reachable");
    let (start, end) = half_hours(day(3), 1, 1);
    place_again(client, &place.wish(&room, (&start, &end))).await;
    assert_eq!(daemon.stop().await.0, Some(0));
}

/// The place is free again.
async fn place_again(client: &crate::harness::Client, wish: &serde_json::Value) {
    client.post("/bookings", wish).await.is(201);
}
