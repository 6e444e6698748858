//! The stand-in is as the real one was observed: a test for each row of the notes
//! on Nextcloud 32.0.1, over real HTTP, and for `occ` in the stand-in's shell.
//!
//! [`left_out`] names the rows without a test, and why.

mod create;
mod edits;
mod faults;
mod left_out;
mod lists;
mod occ;
mod over_ssh;
mod shells;
mod throttles;

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use zelador_actors::engine::clock::{Clock, Dice, Hand};

use super::ssh::shell::{Output, Shell};
use super::{ADMIN, Faults, Plan, Sandbox};

const PASSWORD: &str = "correct horse battery";

/// A stand-in, and the hand on its clock.
struct Rig {
    sandbox: Sandbox,
    hand: Hand,
    client: Client,
}

/// An answer: of HTTP, of the envelope, its message, its data.
#[derive(Debug)]
struct Got {
    http: u16,
    code: u64,
    words: String,
    data: Value,
    text: String,
}

impl Rig {
    async fn new() -> Self {
        Self::with(Faults::quick()).await
    }

    async fn with(faults: Faults) -> Self {
        let (clock, hand) = Clock::manual("2026-11-22T12:00:00Z".parse().unwrap());
        let groups = vec!["staff".to_owned(), "eng".to_owned()];
        let plan = Plan { groups, faults, ..Plan::default() };
        let sandbox = Sandbox::start(plan, clock, Dice::seeded(7)).await.unwrap();
        let client = Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap();
        let rig = Self { sandbox, hand, client };
        rig.occ(&format!("OC_PASS='{PASSWORD}' php occ user:add --password-from-env dave")).await;
        rig
    }

    /// A request as the admin, to a path below `/ocs/v2.php/cloud/`.
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.anyone(method, &format!("/ocs/v2.php/cloud/{path}"))
            .basic_auth(ADMIN, Some(Plan::default().app_password))
    }

    /// A request of nobody.
    fn anyone(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("{}{path}", self.sandbox.url()))
            .header("OCS-APIRequest", "true")
            .header("Accept", "application/json")
    }

    async fn call(&self, method: Method, path: &str, body: Value) -> Got {
        got(self.request(method, path).json(&body)).await
    }

    async fn get(&self, path: &str) -> Got {
        got(self.request(Method::GET, path)).await
    }

    async fn post(&self, body: Value) -> Got {
        self.call(Method::POST, "users", body).await
    }

    async fn put(&self, key: &str, value: &str) -> Got {
        self.call(Method::PUT, "users/dave", json!({"key": key, "value": value})).await
    }

    /// A command line in the folder of Nextcloud.
    async fn occ(&self, script: &str) -> Output {
        self.occ_with("", script).await
    }

    async fn occ_with(&self, input: &str, script: &str) -> Output {
        let mut shell = Shell::new(self.sandbox.stage.clone(), super::SSH_USER, input);
        shell.run(&format!("cd /var/www/nextcloud; {script}")).await
    }

    fn has(&self, id: &str) -> bool {
        self.sandbox.account(id).is_some()
    }
}

async fn got(request: RequestBuilder) -> Got {
    let answer = request.send().await.unwrap();
    let http = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    let body: Value = serde_json::from_str(&text).unwrap_or_default();
    let meta = &body["ocs"]["meta"];
    let words = meta["message"].as_str().unwrap_or_default().to_owned();
    let code = meta["statuscode"].as_u64().unwrap_or_default();
    Got { http, code, words, data: body["ocs"]["data"].clone(), text }
}

/// A new account with what is not given.
fn new_user(with: Value) -> Value {
    let mut body = json!({"userid": "alice", "password": PASSWORD});
    if let Value::Object(with) = with {
        with.into_iter().for_each(|(name, value)| body[name] = value);
    }
    body
}
