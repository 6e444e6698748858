//! Events on their way out: streams, external consumers, Redis.

mod external;
mod follow;
mod redis;
mod server;

use serde_json::{Value, json};
use tokio::task::JoinHandle;
use zelador_actors::engine::Clock;

use crate::harness::{Client, PATIENCE, eventually};

/// A tenant with a booking to be changed again and again.
pub(super) struct Scene {
    booking: String,
    resource: String,
    user: String,
}

impl Scene {
    pub(super) async fn new(client: &Client) -> Self {
        let make = async |path: &str, draft: Value| {
            let made = client.post(path, &draft).await.is(201);
            made["id"].as_str().unwrap().to_owned()
        };
        let tenant = make("/tenants", json!({"name": "Sol", "domain": "sol.example"})).await;
        let resource = make("/resources", json!({"tenant_id": tenant, "name": "Sala 1"})).await;
        let user = make("/users", json!({"tenant_id": tenant, "name": "Ana"})).await;
        let zone = jiff::tz::TimeZone::UTC;
        let day = Clock::system().now().to_jiff().to_zoned(zone).date();
        let day = day.checked_add(jiff::ToSpan::days(3)).unwrap();
        let booking = json!({
            "resource_id": resource, "user_id": user,
            "start_time": format!("{day}T12:00"), "end_time": format!("{day}T13:00"),
        });
        let booking = make("/bookings", booking).await;
        Self { booking, resource, user }
    }

    /// Changes the booking so many times, or until nobody answers.
    pub(super) fn writing(&self, client: &Client, times: usize) -> JoinHandle<usize> {
        let (client, path) = (client.clone(), format!("/bookings/{}", self.booking));
        tokio::spawn(async move {
            for number in 0..times {
                let notes = json!({ "notes": format!("{:?} {number}", Clock::system().now()) });
                match client.call(reqwest::Method::PATCH, &path, Some(&notes)).await {
                    Ok(answer) => answer.is(200),
                    Err(_) => return number,
                };
            }
            times
        })
    }

    /// Deletes the resource and the person, and waits for what follows.
    pub(super) async fn delete_things(&self, client: &Client) {
        client.delete(&format!("/resources/{}", self.resource)).await.is(204);
        let path = format!("/bookings/{}", self.booking);
        eventually("the booking is called off", PATIENCE, || async {
            (client.get(&path).await.is(200)["status"] == "cancelado").then_some(())
        })
        .await;
        client.delete(&format!("/users/{}", self.user)).await.is(204);
    }
}

/// All events of these types, or of any.
pub(super) async fn events_of(client: &Client, kinds: &str) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    loop {
        let after = all.last().map_or(0, |event| event["seq"].as_u64().unwrap());
        let only = if kinds.is_empty() { String::new() } else { format!("&type={kinds}") };
        let path = format!("/events?limit=500&after={after}{only}");
        let page = client.get(&path).await.is(200);
        let page = page.as_array().unwrap().clone();
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}
