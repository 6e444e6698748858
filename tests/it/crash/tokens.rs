//! Tokens that were made work, tokens that were revoked do not; queues stay as
//! they were told to be.

use rand::Rng as _;
use rand::rngs::StdRng;
use reqwest::Method;
use serde_json::json;

use super::call::{Caller, Known, Word};
use crate::harness::Client;

/// The queue that is paused now and then; nothing else of the test uses it.
const QUEUE: &str = "user-status-queue";

/// The tokens of one caller. The first caller has the queue, too.
pub(super) struct Tokens {
    number: u64,
    made: u64,
    /// Id and text.
    valid: Vec<(String, String)>,
    revoked: Option<String>,
    /// One whose revocation was cut off.
    doubt: Option<(String, String)>,
    paused: Option<Known<bool>>,
}

impl Tokens {
    pub(super) fn new(number: u64) -> Self {
        let paused = (number == 0).then(|| Known::new(false));
        Self { number, made: 0, valid: Vec::new(), revoked: None, doubt: None, paused }
    }

    /// One write; whether it was answered.
    pub(super) async fn act(&mut self, caller: &Caller, rng: &mut StdRng) -> bool {
        if self.paused.is_some() && rng.random_bool(0.5) {
            return self.turn_queue(caller).await;
        }
        if self.valid.len() > 2 && rng.random_bool(0.5) {
            return self.revoke(caller).await;
        }
        self.made += 1;
        let name = format!("crash {} {}", self.number, self.made);
        let token = json!({"name": name, "role": "service", "scopes": ["jobs:read"]});
        match caller.post("/tokens", &token).await {
            Word::Done(answer) => {
                let made = answer.is(201);
                let text = |member: &str| made[member].as_str().unwrap().to_owned();
                self.valid.push((text("id"), text("token")));
                true
            }
            Word::Refused(answer) => panic!("{answer:?}"),
            Word::Doubt => false,
        }
    }

    async fn revoke(&mut self, caller: &Caller) -> bool {
        let (id, text) = self.valid.swap_remove(0);
        match caller.write(Method::DELETE, &format!("/tokens/{id}"), None, None).await {
            Word::Done(_) => {
                self.revoked = Some(text);
                true
            }
            Word::Refused(answer) => panic!("{answer:?}"),
            Word::Doubt => {
                self.doubt = Some((id, text));
                false
            }
        }
    }

    async fn turn_queue(&mut self, caller: &Caller) -> bool {
        let Some(paused) = &mut self.paused else { return true };
        let next = !paused.sure;
        paused.maybe = Some(next);
        let verb = if next { "pause" } else { "resume" };
        match caller.post(&format!("/queues/{QUEUE}/{verb}"), &json!({})).await {
            Word::Done(_) => paused.confirm(),
            Word::Refused(answer) => panic!("{answer:?}"),
            Word::Doubt => return false,
        }
        true
    }

    /// After a restart.
    pub(super) async fn settle(&mut self, caller: &Caller) {
        if let Some(token) = self.doubt.take()
            && works(&caller.client, &token.1).await
        {
            self.valid.push(token);
        }
        for (_, text) in &self.valid {
            assert!(works(&caller.client, text).await, "a token that was acknowledged is lost");
        }
        if let Some(text) = self.revoked.take() {
            assert!(!works(&caller.client, &text).await, "a revoked token works again");
        }
        if let Some(paused) = &mut self.paused {
            let queues = caller.client.get("/queues").await.is(200);
            let mut queues = queues.as_array().unwrap().iter();
            let queue = queues.find(|queue| queue["name"] == QUEUE).unwrap();
            paused.settle(&queue["paused"].as_bool().unwrap(), QUEUE);
        }
    }

    /// In the end the queue goes on.
    pub(super) async fn finish(&mut self, client: &Client) {
        if self.paused.is_some() {
            assert!(client.post(&format!("/queues/{QUEUE}/resume"), &json!({})).await.is_success());
        }
    }
}

async fn works(client: &Client, token: &str) -> bool {
    let answer = client.with_token(token).get("/jobs?limit=1").await;
    match answer.status {
        200 => true,
        // After ten bad tokens one is not even looked at any more.
        401 | 429 => false,
        _ => panic!("{answer:?}"),
    }
}
