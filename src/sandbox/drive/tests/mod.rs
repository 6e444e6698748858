//! The stand-in is as the real one is known to be: a test for each row of the notes
//! on Google Drive's API, over real HTTP.
//!
//! [`left_out`] names the rows without a test, and why.

mod changes;
mod client;
mod faults;
mod files;
mod left_out;
mod push;
mod sharing;
mod storage;
mod tokens;
mod uploads;

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use zelador_actors::engine::clock::{Clock, Dice, Hand};

use super::stage::Stage;
use super::{SHARED_DRIVE, Sandbox};

/// The end of every question about shared drives.
const ALL: &str = "supportsAllDrives=true&includeItemsFromAllDrives=true";
const FOLDER: &str = "application/vnd.google-apps.folder";

/// A stand-in, the hand on its clock, and a token of the service account's.
struct Rig {
    sandbox: Sandbox,
    hand: Hand,
    client: Client,
    token: String,
}

/// An answer.
#[derive(Debug)]
struct Got {
    status: u16,
    body: Value,
}

impl Got {
    /// Google's word for what is wrong.
    fn reason(&self) -> &str {
        self.body["error"]["errors"][0]["reason"].as_str().unwrap_or_default()
    }

    #[track_caller]
    fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body
    }

    #[track_caller]
    fn refused(self, status: u16, reason: &str) {
        assert_eq!((self.status, self.reason()), (status, reason), "{}", self.body);
    }
}

impl Rig {
    async fn new() -> Self {
        let (clock, hand) = Clock::manual("2026-11-22T12:00:00Z".parse().unwrap());
        let sandbox = Sandbox::start(clock, Dice::seeded(7)).await.unwrap();
        let client = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(30))
            .build()
            .unwrap();
        let token = sandbox.stage.issue(Stage::service_caller());
        let token = token["access_token"].as_str().unwrap().to_owned();
        Self { sandbox, hand, client, token }
    }

    /// The same with a token of this person's.
    fn person(&self, email: &str) -> String {
        let caller =
            super::Caller { project: "sandbox".to_owned(), ..super::Caller::person(email) };
        self.sandbox.stage.issue(caller)["access_token"].as_str().unwrap().to_owned()
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.sandbox.url());
        self.client.request(method, url).bearer_auth(&self.token)
    }

    async fn get(&self, path: &str) -> Got {
        got(self.request(Method::GET, &format!("/drive/v3/{path}"))).await
    }

    async fn get_as(&self, token: &str, path: &str) -> Got {
        let url = format!("{}/drive/v3/{path}", self.sandbox.url());
        got(self.client.get(url).bearer_auth(token)).await
    }

    async fn send(&self, method: Method, path: &str, body: Value) -> Got {
        got(self.request(method, &format!("/drive/v3/{path}")).json(&body)).await
    }

    async fn post(&self, path: &str, body: Value) -> Got {
        self.send(Method::POST, path, body).await
    }

    async fn patch(&self, path: &str, body: Value) -> Got {
        self.send(Method::PATCH, path, body).await
    }

    /// A folder in the shared drive.
    async fn folder(&self, name: &str, parent: &str) -> String {
        let body = json!({ "name": name, "mimeType": FOLDER, "parents": [parent] });
        let made = self.post(&format!("files?{ALL}"), body).await.ok();
        made["id"].as_str().unwrap().to_owned()
    }

    /// What a question finds in the shared drive: names.
    async fn find(&self, q: &str) -> Vec<String> {
        let page = self.search(q).await.ok();
        let files = page["files"].as_array().unwrap().iter();
        files.map(|file| file["name"].as_str().unwrap().to_owned()).collect()
    }

    async fn search(&self, q: &str) -> Got {
        let q = percent_encoding::utf8_percent_encode(q, percent_encoding::NON_ALPHANUMERIC);
        let path = format!("/drive/v3/files?{ALL}&corpora=drive&driveId={SHARED_DRIVE}&q={q}");
        let request = self.request(Method::GET, &path);
        got(request).await
    }
}

async fn got(request: RequestBuilder) -> Got {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    Got { status, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) }
}

#[tokio::test]
async fn switches_are_thrown_over_the_control_route() {
    let rig = Rig::new().await;
    let control = |path: &str| format!("{}/sandbox/{path}", rig.sandbox.url());
    let patch = |body: Value| rig.client.patch(control("faults")).json(&body).send();
    assert_eq!(patch(json!({"status": 503})).await.unwrap().status(), 200);
    assert_eq!(rig.get("about?fields=user").await.status, 503);
    assert_eq!(patch(json!({"no_such": 1})).await.unwrap().status(), 422);
    assert_eq!(patch(json!({"status": 0})).await.unwrap().status(), 200);
    let order =
        json!({"email": super::PERSON, "folder": SHARED_DRIVE, "name": "a.txt", "text": "hi"});
    let dropped = rig.client.post(control("drop")).json(&order).send().await.unwrap();
    assert_eq!(dropped.status(), 200);
    let state = rig.client.get(control("state")).send().await.unwrap();
    let state: Value = state.json().await.unwrap();
    assert_eq!(state["files"][0]["name"], "a.txt");
    rig.client.post(control("end-tokens")).send().await.unwrap();
    assert_eq!(rig.get("about?fields=user").await.status, 401);
}
