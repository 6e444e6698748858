//! Records that are there already, though no idempotent answer tells of them
//! any more.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::plan::Find;
use crate::cli::client::{Client, ClientError};
use crate::cli::paths::with_query;

/// What was there before the import, by list; each is found once.
#[derive(Debug, Default)]
pub(super) struct Before {
    lists: HashMap<String, Vec<Value>>,
}

impl Before {
    /// A record that was there before with the same value of this member.
    pub(super) async fn take(
        &mut self,
        client: &Client,
        path: &str,
        member: &str,
        body: &Map<String, Value>,
    ) -> Result<Option<Value>, ClientError> {
        let list = with_query(path, &[("tenant_id", text(body, "tenant_id"))]);
        if !self.lists.contains_key(&list) {
            let records = client.list(&list, usize::MAX).await?;
            self.lists.insert(list.clone(), records);
        }
        let records = self.lists.entry(list).or_default();
        let same = records.iter().position(|record| record.get(member) == body.get(member));
        Ok(same.map(|at| records.remove(at)))
    }
}

/// The record that a new one collides with, or that was made of an older dump.
pub(super) async fn clash(
    client: &Client,
    find: Find,
    path: &str,
    body: &Map<String, Value>,
) -> Result<Option<Value>, ClientError> {
    match find {
        Find::First(_) => Ok(None),
        Find::Clash(member) => {
            let Some(wanted) = text(body, member) else { return Ok(None) };
            let beginning = (path == "/users").then_some(wanted);
            let tenant = text(body, "tenant_id");
            let list = with_query(path, &[("tenant_id", tenant), ("q", beginning)]);
            let records = client.list(&list, usize::MAX).await?;
            let same = |record: &Value| {
                let value = record.get(member).and_then(Value::as_str).unwrap_or_default();
                value.to_lowercase() == wanted.to_lowercase()
            };
            Ok(records.into_iter().find(same))
        }
        Find::Booked => booked(client, body).await,
    }
}

async fn booked(client: &Client, body: &Map<String, Value>) -> Result<Option<Value>, ClientError> {
    let query = [
        ("resource_id", text(body, "resource_id")),
        ("user_id", text(body, "user_id")),
        ("from", text(body, "start_time")),
        ("to", text(body, "end_time")),
    ];
    let records = client.list(&with_query("/bookings", &query), usize::MAX).await?;
    let moment = |value: Option<&Value>| value?.as_str()?.parse::<Timestamp>().ok();
    let start = moment(body.get("start_time"));
    let open = |record: &Value| {
        let status = record.get("status").and_then(Value::as_str);
        matches!(status, Some("pendente" | "confirmado" | "reservado"))
    };
    let same = |record: &Value| open(record) && moment(record.get("start_time")) == start;
    Ok(records.into_iter().find(same))
}

fn text<'a>(body: &'a Map<String, Value>, member: &str) -> Option<&'a str> {
    body.get(member).and_then(Value::as_str)
}
