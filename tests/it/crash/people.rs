//! A tenant for each caller, and its people: records, statuses, planned changes.

use rand::Rng as _;
use rand::rngs::StdRng;
use reqwest::Method;
use serde_json::{Value, json};
use zelador_actors::engine::Clock;
use zelador_store::Timestamp;

use super::call::{Caller, Keyed, Known, Word};
use super::log::Log;
use crate::harness::{Client, PATIENCE, eventually};

/// People of one caller that are worked with at a time.
const PEOPLE: usize = 12;

/// What somebody can be set to at any time.
const STATUSES: [&str; 3] = ["ACTIVE", "SUSPENDED", "INACTIVE"];

/// What was planned for a person.
struct Planned {
    status: &'static str,
    at: Timestamp,
    /// Whether it was acknowledged.
    sure: bool,
}

/// A person, as its one caller knows it.
struct Person {
    id: String,
    keyed: Keyed,
    name: Known<String>,
    status: Known<&'static str>,
    gone: Known<bool>,
    planned: Option<Planned>,
    /// Events there must be.
    renamed: usize,
    changed: usize,
}

/// The people of one caller.
pub(super) struct People {
    number: u64,
    made: u64,
    tenant: Option<String>,
    tenant_keyed: Keyed,
    present: Vec<Person>,
    /// Planned for, or deleted: only looked at from then on.
    past: Vec<Person>,
    doubts: Vec<Keyed>,
}

impl People {
    pub(super) fn new(number: u64) -> Self {
        let body =
            json!({"name": format!("Crash {number}"), "domain": format!("c{number}.example")});
        let tenant_keyed = Keyed { path: "/tenants", body, key: format!("tenant-{number}") };
        Self {
            number,
            made: 0,
            tenant: None,
            tenant_keyed,
            present: Vec::new(),
            past: Vec::new(),
            doubts: Vec::new(),
        }
    }

    /// One write; whether it was answered.
    pub(super) async fn act(&mut self, caller: &Caller, rng: &mut StdRng) -> bool {
        let Some(tenant) = self.tenant.clone() else {
            self.tenant = self.tenant_keyed.ask(caller).await;
            return self.tenant.is_some();
        };
        if self.present.is_empty() || self.present.len() < PEOPLE && rng.random_bool(0.3) {
            return self.register(caller, &tenant, rng.random_bool(0.3)).await;
        }
        self.made += 1;
        let at = rng.random_range(0..self.present.len());
        let person = &mut self.present[at];
        let (answered, past) = match rng.random_range(0..20) {
            0..8 => (person.rename(caller, self.made).await, false),
            8..15 => (person.set_status(caller, rng).await, false),
            15..19 => (person.plan(caller, rng.random_bool(0.7)).await, true),
            _ => (person.delete(caller).await, true),
        };
        if past {
            self.past.push(self.present.swap_remove(at));
        }
        answered
    }

    async fn register(&mut self, caller: &Caller, tenant: &str, twice: bool) -> bool {
        self.made += 1;
        let (number, made) = (self.number, self.made);
        let email = format!("p{made}@c{number}.example");
        let body = json!({"tenant_id": tenant, "name": format!("Person {made}"), "email": email});
        let keyed = Keyed { path: "/users", body, key: format!("user-{number}-{made}") };
        let Some(id) = keyed.ask(caller).await else {
            self.doubts.push(keyed);
            return false;
        };
        if twice {
            keyed.again(caller, &id).await;
        }
        self.present.push(Person::new(id, keyed));
        true
    }

    /// After a restart.
    pub(super) async fn settle(&mut self, caller: &Caller) {
        if self.tenant.is_none() {
            self.tenant = self.tenant_keyed.ask(caller).await;
        }
        let tenant = self.tenant.as_deref().expect("nobody is killed now");
        self.tenant_keyed.again(caller, tenant).await;
        for keyed in std::mem::take(&mut self.doubts) {
            let id = keyed.ask(caller).await.expect("nobody is killed now");
            keyed.again(caller, &id).await;
            self.present.push(Person::new(id, keyed));
        }
        for person in &mut self.present {
            person.settle(&caller.client).await;
        }
        // Of the others only the latest can be in doubt.
        let from = self.past.len().saturating_sub(3);
        for person in &mut self.past[from..] {
            person.settle(&caller.client).await;
        }
    }

    /// In the end: everybody is as last acknowledged, and nobody is there twice.
    pub(super) async fn finish(&mut self, client: &Client) {
        for person in self.present.iter_mut().chain(&mut self.past) {
            person.finish(client).await;
        }
        let Some(tenant) = &self.tenant else { return };
        let listed = client.get(&format!("/users?tenant_id={tenant}&limit=500")).await.is(200);
        let known = self.present.iter().chain(&self.past).filter(|person| !person.gone.sure);
        assert_eq!(listed.as_array().unwrap().len(), known.count(), "of tenant {tenant}");
    }

    /// Every change has its event, and no event is without its change.
    pub(super) fn compare_with(&self, log: &Log) {
        for person in self.present.iter().chain(&self.past) {
            let count = |kind| log.count(kind, &person.id);
            assert_eq!(count("user.created"), 1, "{}", person.id);
            assert_eq!(count("user.updated"), person.renamed, "{}", person.id);
            assert_eq!(count("user.status_changed"), person.changed, "{}", person.id);
            let planned = usize::from(person.planned.is_some());
            assert_eq!(count("user.status_scheduled"), planned, "{}", person.id);
            assert_eq!(count("user.deleted"), usize::from(person.gone.sure), "{}", person.id);
        }
    }
}

impl Person {
    fn new(id: String, keyed: Keyed) -> Self {
        let name = keyed.body["name"].as_str().unwrap().to_owned();
        Self {
            id,
            keyed,
            name: Known::new(name),
            status: Known::new("ACTIVE"),
            gone: Known::new(false),
            planned: None,
            renamed: 0,
            changed: 0,
        }
    }

    fn path(&self) -> String {
        format!("/users/{}", self.id)
    }

    async fn rename(&mut self, caller: &Caller, made: u64) -> bool {
        let name = format!("Renamed {made}");
        let body = json!({"name": name});
        self.name.maybe = Some(name);
        match caller.write(Method::PATCH, &self.path(), Some(&body), None).await {
            Word::Done(_) => {
                self.name.confirm();
                self.renamed += 1;
                true
            }
            Word::Refused(answer) => panic!("{answer:?}"),
            Word::Doubt => false,
        }
    }

    async fn set_status(&mut self, caller: &Caller, rng: &mut StdRng) -> bool {
        let others: Vec<_> =
            STATUSES.iter().filter(|status| **status != self.status.sure).collect();
        let status = *others[rng.random_range(0..others.len())];
        let body = json!({"status": status, "reason": "crash"});
        self.status.maybe = Some(status);
        match caller.write(Method::PUT, &format!("{}/status", self.path()), Some(&body), None).await
        {
            Word::Done(_) => {
                self.status.confirm();
                self.changed += 1;
                true
            }
            Word::Refused(answer) => panic!("{answer:?}"),
            Word::Doubt => false,
        }
    }

    /// Plans a ban, or a leave of absence, a second or so ahead.
    async fn plan(&mut self, caller: &Caller, ban: bool) -> bool {
        let at = Clock::system().now() + std::time::Duration::from_millis(1200);
        let id = &self.id;
        let (status, path, body) = if ban {
            let body = json!({"user_id": id, "date": at.to_string(), "reason": "crash"});
            ("BANNED", "/admin/scheduled-bans".to_owned(), body)
        } else {
            let body = json!({"status": "PENDING", "at": at.to_string()});
            ("PENDING", format!("{}/scheduled-status", self.path()), body)
        };
        self.planned = Some(Planned { status, at, sure: false });
        match caller.post(&path, &body).await {
            Word::Done(_) => {
                self.planned.as_mut().unwrap().sure = true;
                true
            }
            Word::Refused(answer) => panic!("{answer:?}"),
            Word::Doubt => false,
        }
    }

    async fn delete(&mut self, caller: &Caller) -> bool {
        self.gone.maybe = Some(true);
        match caller.write(Method::DELETE, &self.path(), None, None).await {
            Word::Done(_) => {
                self.gone.confirm();
                true
            }
            Word::Refused(answer) => panic!("{answer:?}"),
            Word::Doubt => false,
        }
    }

    async fn settle(&mut self, client: &Client) {
        let answer = client.get(&self.path()).await;
        self.gone.settle(&(answer.status == 404), &answer.text);
        if self.gone.sure {
            return;
        }
        let user = answer.is(200);
        self.renamed +=
            usize::from(self.name.settle(&text(&user, "name").to_owned(), &answer.text));
        if let Some(planned) = &mut self.planned {
            // In doubt it was made if it shows, as a plan or as what came of it.
            let shows = ["next_status", "status"].iter().any(|of| user[*of] == planned.status);
            assert!(shows || !planned.sure, "an acknowledged plan is lost: {user}");
            planned.sure = shows;
            if !shows {
                self.planned = None;
            }
        } else {
            let status = STATUSES.iter().find(|status| **status == text(&user, "status")).unwrap();
            self.changed += usize::from(self.status.settle(status, &answer.text));
        }
    }

    async fn finish(&mut self, client: &Client) {
        if !self.gone.sure
            && let Some(Planned { status, at, .. }) = self.planned
        {
            let user = eventually("a planned change is carried out", PATIENCE, || async {
                let user = client.get(&self.path()).await.is(200);
                (user["status"] == status && user["next_status"].is_null()).then_some(user)
            })
            .await;
            assert!(at <= Clock::system().now(), "too early: {user}");
            self.status.sure = status;
            self.changed += 1;
            // Whoever reads sees it at once; that it is written down may be later.
            eventually("the change is in the timeline", PATIENCE, || async {
                (self.changes_told(client).await == self.changed).then_some(())
            })
            .await;
        }
        self.settle_finally(client).await;
    }

    async fn changes_told(&self, client: &Client) -> usize {
        let told = client.get(&format!("{}/timeline?limit=500", self.path())).await.is(200);
        let told = told.as_array().unwrap().iter();
        told.filter(|event| event["type"] == "user.status_changed").count()
    }

    async fn settle_finally(&self, client: &Client) {
        let answer = client.get(&self.path()).await;
        assert_eq!(answer.status == 404, self.gone.sure, "{answer:?}");
        if !self.gone.sure {
            let user = answer.is(200);
            assert_eq!(text(&user, "name"), self.name.sure, "{user}");
            assert_eq!(text(&user, "status"), self.status.sure, "{user}");
            assert_eq!(user["email"], self.keyed.body["email"], "{user}");
        }
    }
}

fn text<'a>(record: &'a Value, member: &str) -> &'a str {
    record[member].as_str().unwrap_or_else(|| panic!("no {member} in {record}"))
}
