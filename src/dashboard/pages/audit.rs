//! Who did what, when, from where: as it was, as it is since.

use std::sync::Arc;

use askama::Template;
use serde::Deserialize;
use serde_json::Value;

use crate::api::Route;
use crate::api::doors::Doors;
use crate::dashboard::Dashboard;
use crate::dashboard::address::Address;
use crate::dashboard::frame::{Done, Frame, Outcome, look};
use crate::dashboard::html::At;
use crate::dashboard::names::Tenants;
use crate::dashboard::visit::Visit;

/// Entries on a page.
const PAGE: &str = "50";
/// What can be asked for, beside the tenant.
const ASKS: [&str; 5] = ["action", "record", "record_id", "user_id", "by"];

#[derive(Debug, Deserialize)]
struct Entry {
    id: String,
    at: At,
    action: String,
    record: String,
    record_id: String,
    tenant_id: Option<String>,
    initiated_by: Doer,
    executed_by: Option<Doer>,
    request_id: Option<String>,
    address: Option<String>,
    before: Value,
    after: Value,
}

#[derive(Debug, Deserialize)]
struct Doer {
    kind: String,
    id: String,
}

impl Doer {
    /// The end of the id: those of the same hours begin alike.
    fn short(&self) -> &str {
        self.id.len().checked_sub(8).and_then(|from| self.id.get(from..)).unwrap_or(&self.id)
    }
}

impl Entry {
    /// The members that changed: name, before, after.
    fn changes(&self) -> Vec<(String, String, String)> {
        let members = |value: &Value| value.as_object().cloned().unwrap_or_default();
        let (before, after) = (members(&self.before), members(&self.after));
        let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
        names.sort();
        names.dedup();
        let text = |value: Option<&Value>| match value {
            None | Some(Value::Null) => "–".to_owned(),
            Some(Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
        };
        let change = |name: &String| (name.clone(), text(before.get(name)), text(after.get(name)));
        names.into_iter().map(change).collect()
    }
}

pub(super) fn routes(dashboard: &Dashboard) -> Vec<Route<Doors>> {
    vec![look(dashboard, "/dashboard/audit", list)]
}

#[derive(Template)]
#[template(path = "audit.html")]
struct Audit {
    f: Frame,
    tenants: Tenants,
    asked: Vec<(&'static str, String)>,
    entries: Vec<Entry>,
    next: Option<Address>,
}

async fn list(visit: Arc<Visit>) -> Outcome {
    let tenants = Tenants::if_asked(&visit).await?;
    let asked = ASKS.map(|name| (name, visit.asked(name).unwrap_or_default()));
    let narrowed = |path: &str, tenant: &str| {
        let address = Address::new(path).and(tenant, Some(tenants.id()));
        asked.iter().fold(address, |address, (name, value)| address.and(name, Some(value)))
    };
    let target = narrowed("/audit", "tenant_id").with("limit", PAGE);
    let (entries, next) = visit.list(target.and("cursor", visit.asked("cursor")).text()).await?;
    let next = next.map(|cursor| narrowed("/dashboard/audit", "tenant").with("cursor", cursor));
    let f = Frame::new(&visit, "audit", visit.text.s("menu-audit"));
    Done::page(&Audit { f, entries, next, asked: asked.into(), tenants })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_change_is_told_member_by_member() {
        let entry: Entry = serde_json::from_value(json!({
            "id": "1", "at": "2025-12-05T14:00:00.000Z", "action": "user.set_status",
            "record": "user", "record_id": "u", "tenant_id": null,
            "initiated_by": { "kind": "operator", "id": "0198c5a8-5f00" }, "executed_by": null,
            "request_id": null, "address": null,
            "before": { "status": "ACTIVE" }, "after": { "status": "BANNED", "tries": 2 },
        }))
        .unwrap();
        let change = |name: &str, before: &str, after: &str| {
            (name.to_owned(), before.to_owned(), after.to_owned())
        };
        assert_eq!(
            entry.changes(),
            [change("status", "ACTIVE", "BANNED"), change("tries", "–", "2")]
        );
        assert_eq!(entry.initiated_by.short(), "5a8-5f00");
    }
}
