//! What the pages have to show: a tenant with people, rooms, bookings, jobs that ran
//! and failed, a plan, a webhook, a sync, folders.

use std::path::PathBuf;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Client, PATIENCE, eventually};

/// Ids of what was made.
#[derive(Debug, Default)]
pub(super) struct Scene {
    pub(super) tenant: String,
    pub(super) user: String,
    /// Somebody without folders.
    pub(super) other: String,
    /// The text of that one's invitation.
    pub(super) invitation: String,
    /// The job of a sync.
    pub(super) sync: String,
    pub(super) room: String,
    pub(super) booking: String,
    pub(super) failed_job: String,
    pub(super) webhook: String,
}

fn id(record: &Value) -> String {
    record["id"].as_str().unwrap().to_owned()
}

/// Makes it all, with these names.
pub(super) async fn scene(client: &Client, names: [&str; 3]) -> Scene {
    let [tenant_name, user_name, room_name] = names;
    let settings =
        json!({ "timezone": "America/Sao_Paulo", "auto_confirm": true, "booking_interval": 60 });
    let body = json!({ "name": tenant_name, "domain": "sol.example", "settings": settings });
    let tenant = id(&client.post("/tenants", &body).await.is(201));
    let person =
        |name: &str, mail: &str| json!({ "tenant_id": tenant, "name": name, "email": mail });
    let user = id(&client.post("/users", &person(user_name, "ana@sol.example")).await.is(201));
    client.post("/users", &person("Bruno Lima", "bruno@sol.example")).await.is(201);
    let other =
        id(&client.post("/users", &person("Carla Dias", "carla@sol.example")).await.is(201));
    let invited = client.post(&format!("/users/{other}/invite"), &json!({})).await.is(201);
    let invitation = invited["token"].as_str().unwrap().to_owned();
    let mut rooms = Vec::new();
    for name in [room_name, "Piscina", "Sala de reuniões"] {
        let body = json!({ "tenant_id": tenant, "name": name });
        rooms.push(id(&client.post("/resources", &body).await.is(201)));
    }
    let booking = book(client, &rooms, &user).await;
    let plan = json!({ "status": "SUSPENDED", "at": "2035-01-10T08:00", "reason": "férias" });
    client.post(&format!("/users/{user}/scheduled-status"), &plan).await.is(201);
    let hook = json!({ "url": "http://127.0.0.1:9/hook", "events": ["booking.*"] });
    let webhook = id(&client.post(&format!("/tenants/{tenant}/webhooks"), &hook).await.is(201));
    let failed_job = failed(client).await;
    let begun =
        client.post("/api/users/sync-wispro-all", &json!({ "dry_run": true })).await.is(202);
    let sync = begun["job_id"].as_str().unwrap().to_owned();
    let run = format!("/wispro/syncs/{sync}");
    eventually("the trial sync is done", PATIENCE, || async {
        (client.get(&run).await.is(200)["state"] == "completed").then_some(())
    })
    .await;
    client.post("/folders", &json!({ "user_id": user })).await.is(202);
    folder(client, &user).await;
    let room = rooms.swap_remove(0);
    Scene { tenant, user, other, invitation, sync, room, booking, failed_job, webhook }
}

/// Bookings today and tomorrow, as far as the day still allows them.
async fn book(client: &Client, rooms: &[String], user: &str) -> String {
    let mut last = String::new();
    for (at, room) in rooms.iter().enumerate() {
        let target = format!("/resources/{room}/availability?from={}&to={}", day(0), day(1));
        let slots = client.get(&target).await.is(200)["slots"].clone();
        let free = slots.as_array().unwrap().iter().filter(|slot| slot["available"] == true);
        for slot in free.skip(at).step_by(3).take(4) {
            let body = json!({
                "resource_id": room, "user_id": user, "notes": "Aula de spinning",
                "start_time": slot["start_time"], "end_time": slot["end_time"],
            });
            last = id(&client.post("/bookings", &body).await.is(201));
        }
    }
    last
}

/// A day of São Paulo, so many days from today.
pub(super) fn day(ahead: i64) -> String {
    let now = zelador_actors::engine::Clock::system().now().to_jiff();
    let zone = jiff::tz::TimeZone::get("America/Sao_Paulo").unwrap();
    let date = now.to_zoned(zone).date();
    date.checked_add(jiff::Span::new().days(ahead)).unwrap().to_string()
}

/// A job that has failed for good.
pub(super) async fn failed(client: &Client) -> String {
    let body = json!({ "kind": "diagnostic", "args": { "fail_times": 1 } });
    let job = id(&client.post("/jobs", &body).await.is(201));
    ends(client, &job, "failed").await;
    job
}

/// Waits until a job has ended like this.
pub(super) async fn ends(client: &Client, job: &str, state: &str) {
    eventually("the job ends", PATIENCE, || async {
        (client.get(&format!("/jobs/{job}")).await.is(200)["state"] == state).then_some(())
    })
    .await;
}

/// Waits until somebody's folders are there; where they are on the VM.
pub(super) async fn folder(client: &Client, user: &str) -> PathBuf {
    let path = format!("/folders/{user}");
    eventually("the folders are ready", PATIENCE, || async {
        let seen = client.get(&path).await.is(200);
        (seen["status"] == "ready").then(|| seen["local_path"].as_str().unwrap().into())
    })
    .await
}

/// Drops a file on the VM, and waits until its journey stands like this.
pub(super) async fn dropped(client: &Client, user: &str, name: &str, state: &str) {
    let novos = folder(client, user).await.join("novos");
    std::fs::write(novos.join(name), name).unwrap();
    let path = format!("/folders/{user}/files");
    eventually("the file's journey ends", PATIENCE, || async {
        let files = client.get(&path).await.is(200);
        let mut files = files.as_array().unwrap().iter();
        files.any(|file| file["name"] == name && file["state"] == state).then_some(())
    })
    .await;
}

/// As the harness' client, for those of its methods that are used here alone.
pub(super) async fn patch(client: &Client, path: &str, body: &Value) -> Value {
    client.call(Method::PATCH, path, Some(body)).await.unwrap().is(200)
}
