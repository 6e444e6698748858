//! Folders on the VM and on Google Drive: where each user's stand, and the journeys of
//! the files in them.

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
use crate::dashboard::names::{People, Tenants};
use crate::dashboard::text::Text;
use crate::dashboard::visit::Visit;

/// Users on a page.
const PAGE: &str = "50";
/// The states, as the interface for programs calls them.
const STATES: [&str; 4] = ["failed", "creating", "pending", "ready"];

/// A user's folders.
#[derive(Debug, Deserialize)]
struct Folder {
    user_id: String,
    status: String,
    provider: Option<String>,
    local_path: Option<String>,
    drive_folder_id: Option<String>,
    web_view_link: Option<String>,
    shared_with: Option<String>,
    watch: Option<Watch>,
    job_id: Option<String>,
    error: Option<String>,
    sandbox: bool,
    ready_at: Option<At>,
}

/// How files in them are noticed.
#[derive(Debug, Deserialize)]
struct Watch {
    channel_id: Option<String>,
    expires_at: Option<At>,
    mode: String,
    vm: Option<String>,
}

/// Where folders stand, for people.
pub(super) fn standing(text: Text, word: &str) -> State {
    let looks = match word {
        "ready" => "ok",
        "creating" => "running",
        other => other,
    };
    State::new(looks, &text.word("folder", word))
}

pub(super) fn routes(dashboard: &Dashboard) -> Vec<Route<Doors>> {
    let mut routes = vec![look(dashboard, "/dashboard/folders", list)];
    routes.extend(person::routes(dashboard));
    routes
}

#[derive(Template)]
#[template(path = "folders.html")]
struct List {
    f: Frame,
    tenants: Tenants,
    states: [&'static str; 4],
    status: String,
    folders: Vec<Folder>,
    people: People,
    next: Option<Address>,
}

async fn list(visit: Arc<Visit>) -> Outcome {
    let tenants = Tenants::if_asked(&visit).await?;
    let status = visit.asked("status").unwrap_or_default();
    let narrowed = |path: &str, tenant: &str| {
        Address::new(path).and(tenant, Some(tenants.id())).and("status", Some(&status))
    };
    let target = narrowed("/folders", "tenant_id").with("limit", PAGE);
    let target = target.and("cursor", visit.asked("cursor"));
    let (folders, next) = visit.list::<Folder>(target.text()).await?;
    let people = People::of(&visit, folders.iter().map(|folder| &folder.user_id)).await?;
    let next = next.map(|cursor| narrowed("/dashboard/folders", "tenant").with("cursor", cursor));
    let f = Frame::new(&visit, "folders", visit.text.s("menu-folders"));
    Done::page(&List { f, states: STATES, folders, people, next, tenants, status })
}

impl List {
    fn standing(&self, folder: &Folder) -> State {
        standing(self.f.t, &folder.status)
    }
}
