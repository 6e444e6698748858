//! The event log, followed from the first event to the last.

use std::collections::HashMap;

use serde_json::Value;

use crate::harness::Client;

/// What was read of the log.
#[derive(Default)]
pub(super) struct Log {
    /// The last event: its number and its id.
    last: Option<(u64, String)>,
    /// Events by type and by whom they are about.
    counts: HashMap<(String, String), usize>,
}

impl Log {
    /// The number of the last event.
    pub(super) fn tip(&self) -> u64 {
        self.last.as_ref().map_or(0, |(seq, _)| *seq)
    }

    /// How many events of a type there are about a user.
    pub(super) fn count(&self, kind: &str, user: &str) -> usize {
        self.counts.get(&(kind.to_owned(), user.to_owned())).copied().unwrap_or(0)
    }

    /// Reads on to the end: no number is left out, and what was read once is
    /// still so.
    pub(super) async fn follow(&mut self, client: &Client) {
        if let Some((seq, id)) = &self.last {
            let again = client.get(&format!("/events?after={}&limit=1", seq - 1)).await.is(200);
            assert_eq!(again[0]["id"], id.as_str(), "event {seq} has become another");
        }
        loop {
            let page = client.get(&format!("/events?after={}&limit=500", self.tip())).await.is(200);
            let page = page.as_array().unwrap();
            if page.is_empty() {
                return;
            }
            for event in page {
                self.take(event);
            }
        }
    }

    fn take(&mut self, event: &Value) {
        let seq = event["seq"].as_u64().unwrap();
        assert_eq!(seq, self.tip() + 1, "a gap in the event log");
        self.last = Some((seq, event["id"].as_str().unwrap().to_owned()));
        if let Some(user) = event["data"]["user_id"].as_str() {
            let kind = event["type"].as_str().unwrap();
            *self.counts.entry((kind.to_owned(), user.to_owned())).or_default() += 1;
        }
    }
}
