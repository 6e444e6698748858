//! Calls whose answer may never come.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use reqwest::Method;
use serde_json::Value;

use crate::harness::{Answer, Client};

/// Who calls, and counts what is acknowledged.
#[derive(Clone)]
pub(super) struct Caller {
    pub(super) client: Client,
    acknowledged: Arc<AtomicUsize>,
}

/// What a caller knows after a write.
pub(super) enum Word {
    /// It is on disk.
    Done(Answer),
    /// The rules do not allow it.
    Refused(Answer),
    /// It may have happened, or not.
    Doubt,
}

impl Caller {
    pub(super) fn new(client: Client, acknowledged: Arc<AtomicUsize>) -> Self {
        Self { client, acknowledged }
    }

    /// Writes; with a key, the same call again is the same write.
    pub(super) async fn write(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        key: Option<&str>,
    ) -> Word {
        let mut request = self.client.request(method, path);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        match self.client.send(request).await {
            Ok(answer) if answer.is_success() => {
                self.acknowledged.fetch_add(1, Ordering::SeqCst);
                Word::Done(answer)
            }
            // Too busy: it may have been begun.
            Ok(answer) if answer.status == 503 => Word::Doubt,
            Ok(answer) if answer.status < 500 => Word::Refused(answer),
            Ok(answer) => panic!("{answer:?}"),
            Err(_) => Word::Doubt,
        }
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Word {
        self.write(Method::POST, path, Some(body), None).await
    }
}

/// A creation that may be asked for again, because it has a key.
#[derive(Clone)]
pub(super) struct Keyed {
    pub(super) path: &'static str,
    pub(super) body: Value,
    pub(super) key: String,
}

impl Keyed {
    /// Asks; the id of what was made, `None` in doubt.
    pub(super) async fn ask(&self, caller: &Caller) -> Option<String> {
        match caller.write(Method::POST, self.path, Some(&self.body), Some(&self.key)).await {
            Word::Done(answer) => Some(answer.is(201)["id"].as_str().unwrap().to_owned()),
            Word::Refused(answer) => panic!("{answer:?}"),
            Word::Doubt => None,
        }
    }

    /// Asks again for what was made: the same answer, and marked as such.
    pub(super) async fn again(&self, caller: &Caller, made: &str) {
        match caller.write(Method::POST, self.path, Some(&self.body), Some(&self.key)).await {
            Word::Done(answer) => {
                assert_eq!(answer.is(201)["id"], made, "{answer:?}");
                assert_eq!(answer.header("idempotent-replayed"), "true", "{answer:?}");
            }
            Word::Refused(answer) => panic!("{answer:?}"),
            Word::Doubt => {}
        }
    }
}

/// What is known of a value that somebody tried to change.
#[derive(Debug, Clone)]
pub(super) struct Known<T> {
    /// As last acknowledged.
    pub(super) sure: T,
    /// As it is if a call that was cut off had its effect.
    pub(super) maybe: Option<T>,
}

impl<T: PartialEq + std::fmt::Debug> Known<T> {
    pub(super) fn new(sure: T) -> Self {
        Self { sure, maybe: None }
    }

    /// The last change was acknowledged.
    pub(super) fn confirm(&mut self) {
        if let Some(value) = self.maybe.take() {
            self.sure = value;
        }
    }

    /// Takes what was read; whether the doubtful change had its effect.
    #[track_caller]
    pub(super) fn settle(&mut self, read: &T, of: &str) -> bool {
        if self.maybe.as_ref() == Some(read) {
            self.confirm();
            return true;
        }
        assert_eq!(
            &self.sure, read,
            "{of}: an acknowledged change is lost, or one that nobody made is there"
        );
        self.maybe = None;
        false
    }
}
