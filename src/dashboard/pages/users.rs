//! People: found by name and status; their plans, their story; a ban planned after
//! a look at what would follow, and called off.

mod person;

use std::sync::Arc;

use askama::Template;
use serde::Deserialize;

use crate::api::Route;
use crate::api::doors::Doors;
use crate::dashboard::Dashboard;
use crate::dashboard::address::Address;
use crate::dashboard::frame::{Done, Frame, Outcome, look};
use crate::dashboard::html::{At, State};
use crate::dashboard::names::Tenants;
use crate::dashboard::visit::Visit;

/// People on a page.
const PAGE: &str = "50";
/// The statuses, as the interface for programs calls them.
const STATUSES: [&str; 5] = ["ACTIVE", "PENDING", "SUSPENDED", "INACTIVE", "BANNED"];

/// Somebody.
#[derive(Debug, Deserialize)]
struct Person {
    id: String,
    tenant_id: String,
    name: String,
    email: Option<String>,
    phone: Option<String>,
    user_type: String,
    status: String,
    status_since: At,
    status_reason: Option<String>,
    plans: Vec<Plan>,
    created_at: At,
    #[serde(default)]
    nextcloud_status: String,
    #[serde(default)]
    folder_status: String,
}

/// A change of status that is planned.
#[derive(Debug, Deserialize)]
struct Plan {
    sort: String,
    status: String,
    at: At,
    reason: Option<String>,
}

pub(super) fn routes(dashboard: &Dashboard) -> Vec<Route<Doors>> {
    let mut routes = vec![look(dashboard, "/dashboard/users", list)];
    routes.extend(person::routes(dashboard));
    routes
}

#[derive(Template)]
#[template(path = "users.html")]
struct List {
    f: Frame,
    tenants: Tenants,
    statuses: [&'static str; 5],
    status: String,
    q: String,
    users: Vec<Person>,
    next: Option<Address>,
}

async fn list(visit: Arc<Visit>) -> Outcome {
    let tenants = Tenants::if_asked(&visit).await?;
    let status = visit.asked("status").unwrap_or_default();
    let q = visit.asked("q").unwrap_or_default();
    let narrowed = |path: &str, tenant: &str| {
        Address::new(path)
            .and(tenant, Some(tenants.id()))
            .and("status", Some(&status))
            .and("q", Some(&q))
    };
    let target = narrowed("/users", "tenant_id").with("limit", PAGE);
    let target = target.and("cursor", visit.asked("cursor"));
    let (users, next) = visit.list(target.text()).await?;
    let next = next.map(|cursor| narrowed("/dashboard/users", "tenant").with("cursor", cursor));
    let f = Frame::new(&visit, "users", visit.text.s("menu-users"));
    Done::page(&List { f, statuses: STATUSES, users, next, tenants, status, q })
}

impl List {
    fn state(&self, word: &str) -> State {
        State::new(word, &self.f.t.word("status", word))
    }
}
