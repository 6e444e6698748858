//! One person.

use std::sync::Arc;

use askama::Template;
use serde::Deserialize;
use serde_json::{Value, json};
use warp::http::Method;

use super::super::folders::standing;
use super::{Person, Plan};
use crate::api::doors::Doors;
use crate::api::within::Told;
use crate::api::{Problem, Route};
use crate::dashboard::Dashboard;
use crate::dashboard::address::Address;
use crate::dashboard::flash;
use crate::dashboard::frame::{Done, Frame, Outcome, act, look};
use crate::dashboard::html::{At, Line, State, escaped};
use crate::dashboard::names::{Tenant, Tenants};
use crate::dashboard::visit::Visit;

/// Lines of somebody's story on a page.
const PAGE: &str = "30";

/// Something that happened to somebody.
#[derive(Debug, Deserialize)]
struct Entry {
    r#type: String,
    occurred_at: At,
    data: Value,
}

impl Entry {
    /// Its particulars in a line: what is text, a time or a number, but ids.
    fn particulars(&self) -> Line {
        let members = self.data.as_object().into_iter().flatten();
        let said = members.filter(|(name, _)| !name.ends_with("id")).filter_map(|(name, value)| {
            let value = match value {
                Value::String(text) => At::read(text).map_or(escaped(text), |at| at.to_string()),
                Value::Number(_) | Value::Bool(_) => value.to_string(),
                _ => return None,
            };
            Some(format!("{}: {value}", escaped(name)))
        });
        Line::of_markup(said.take(6).collect::<Vec<_>>().join(" · "))
    }
}

/// An absence that is planned.
#[derive(Debug, Deserialize)]
struct Leave {
    id: String,
    date_in: String,
    date_out: String,
    reason: Option<String>,
    ended_at: Option<At>,
}

/// What a deed would bring about.
#[derive(Debug, Deserialize)]
struct Foreseen {
    would: Would,
}

#[derive(Debug, Deserialize)]
struct Would {
    sessions_revoked: u32,
    bookings_cancelled: u32,
    plans_ended: Vec<Ended>,
    actions: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Ended {
    sort: String,
    at: At,
    state: String,
}

pub(super) fn routes(dashboard: &Dashboard) -> Vec<Route<Doors>> {
    vec![
        look(dashboard, "/dashboard/users/{id}", show),
        act(dashboard, "/dashboard/users/{id}/ban", ban),
        act(dashboard, "/dashboard/users/{id}/status", set),
        act(dashboard, "/dashboard/users/{id}/plans/{sort}/cancel", call_off),
        act(dashboard, "/dashboard/users/{id}/leaves/{leave}/cancel", end_leave),
    ]
}

/// A ban that is thought about.
struct Trial {
    date: String,
    reason: String,
    outcome: Result<Would, String>,
}

#[derive(Template)]
#[template(path = "user.html")]
struct Shown {
    f: Frame,
    user: Person,
    tenant: String,
    zone: String,
    leaves: Vec<Leave>,
    entries: Vec<Entry>,
    next: Option<Address>,
    trial: Option<Trial>,
    may: bool,
    sees_folders: bool,
    key: String,
}

async fn show(visit: Arc<Visit>) -> Outcome {
    let id = visit.param("id");
    let user: Person = visit.get(&format!("/users/{id}")).await?;
    let target = Address::new(format!("/users/{id}/timeline")).with("limit", PAGE);
    let target = target.and("cursor", visit.asked("cursor"));
    let (entries, next) = visit.list(target.text()).await?;
    let leaves = visit.perhaps(&format!("/users/{id}/leave")).await?.unwrap_or_default();
    let tenants = Tenants::of(&visit).await?;
    let tenant = tenants.all.iter().find(|tenant| tenant.id == user.tenant_id);
    let may = visit.may(&Method::POST, "/admin/scheduled-bans");
    let trial = if may { consider(&visit, &user).await } else { None };
    Done::page(&Shown {
        f: Frame::new(&visit, "users", user.name.clone()),
        tenant: tenants.name(&user.tenant_id).to_owned(),
        zone: tenant.map_or("UTC", Tenant::zone_name).to_owned(),
        next: next.map(|c| Address::new(format!("/dashboard/users/{id}")).with("cursor", c)),
        key: visit.within.random(),
        sees_folders: visit.may(&Method::GET, "/folders/x"),
        user,
        leaves,
        entries,
        trial,
        may,
    })
}

/// What the ban in the address would bring about; nothing is changed.
async fn consider(visit: &Visit, user: &Person) -> Option<Trial> {
    let (date, reason) = (visit.asked("ban_date")?, visit.asked("ban_reason").unwrap_or_default());
    let body = json!({ "user_id": user.id, "date": date, "reason": reason });
    let told = visit.tell(Method::POST, "/admin/scheduled-bans?dry_run=true", body).await;
    let outcome = told.and_then(Told::read::<Foreseen>);
    let outcome = outcome.map(|foreseen| foreseen.would);
    let outcome = outcome.map_err(|problem| flash::words(&problem, visit.text));
    Some(Trial { date, reason, outcome })
}

type Deed = Result<(String, Option<String>), Problem>;

fn home(visit: &Visit) -> String {
    format!("/dashboard/users/{}", visit.param("id"))
}

async fn ban(visit: Arc<Visit>) -> Deed {
    let field = |name| visit.field(name).unwrap_or_default();
    let id = visit.param("id");
    let body = json!({ "user_id": id, "date": field("date"), "reason": field("reason") });
    visit.tell(Method::POST, "/admin/scheduled-bans", body).await?;
    Ok((visit.text.s("ban-done"), Some(home(&visit))))
}

async fn set(visit: Arc<Visit>) -> Deed {
    let target = format!("/users/{}/status", visit.param("id"));
    let status = visit.field("status").unwrap_or_default();
    let body = json!({ "status": status, "reason": visit.field("reason") });
    visit.tell(Method::PUT, &target, body).await?;
    let said = visit.text.v("status-done", visit.text.word("status", &status));
    Ok((said, Some(home(&visit))))
}

async fn call_off(visit: Arc<Visit>) -> Deed {
    let id = visit.param("id");
    let target = match visit.param("sort").as_str() {
        "ban" => format!("/admin/scheduled-bans/{id}"),
        _ => format!("/users/{id}/scheduled-status"),
    };
    visit.tell(Method::DELETE, &target, Value::Null).await?;
    Ok((visit.text.s("plan-cancelled"), Some(home(&visit))))
}

async fn end_leave(visit: Arc<Visit>) -> Deed {
    let target = format!("/users/{}/leave/{}", visit.param("id"), visit.param("leave"));
    visit.tell(Method::DELETE, &target, Value::Null).await?;
    Ok((visit.text.s("plan-cancelled"), Some(home(&visit))))
}

impl Shown {
    fn state(&self, word: &str) -> State {
        State::new(word, &self.f.t.word("status", word))
    }

    fn folders(&self) -> State {
        standing(self.f.t, &self.user.folder_status)
    }

    fn becomes(&self, plan: &Plan) -> State {
        self.state(&plan.status)
    }

    fn is_banned(&self) -> bool {
        self.user.status == "BANNED"
    }
}
