//! The daemon's own routes over a real listener, on a store in memory and a clock
//! moved by hand.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};
use zelador_actors::booking::BookingDesk;
use zelador_actors::drive::{DriveDesk, DriveSettings};
use zelador_actors::engine::Shell;
use zelador_actors::engine::events::external::Externals;
use zelador_actors::engine::events::{Consume, EventCx, EventDesk};
use zelador_actors::engine::jobs::{Diagnostic, Failure, Handlers, JobDesk, JobSettings};
use zelador_actors::engine::notifications::{Inviter, Links, NoticeDesk, NoticeSettings};
use zelador_actors::engine::schedules::ScheduleDesk;
use zelador_actors::engine::seal::Seal;
use zelador_actors::engine::settings::{
    EventSettings, ScheduleSettings, Schedules, default_kinds, default_queues,
};
use zelador_actors::engine::webhooks::client::Client;
use zelador_actors::engine::webhooks::guard::{Guard, SystemLookUp};
use zelador_actors::engine::webhooks::{Courier, WebhookDesk, WebhookSettings};
use zelador_actors::identity::keys::{JwtAlgorithm, Keys};
use zelador_actors::identity::passwords::Passwords;
use zelador_actors::identity::{IdentityDesk, IdentitySettings, tokens};
use zelador_actors::nextcloud::{NextcloudDesk, NextcloudSettings, Switchboard, Watcher};
use zelador_actors::resources::ResourceDesk;
use zelador_actors::tenants::TenantDesk;
use zelador_actors::testkit::World;
use zelador_actors::users::erasure::Scrub;
use zelador_actors::users::{UserDesk, UserSettings};
use zelador_actors::wispro::{WisproDesk, WisproSettings};
use zelador_store::Write;
use zelador_store::event::Event;
use zelador_store::id::TenantId;
use zelador_store::token::{Role, Token};

use crate::api::doors::{DoorSet, Doors};
use crate::api::health::{Checks, Status, Vitals};
use crate::api::live::{Pace, Streams};
use crate::api::sources::{Answers, Locales, People, Tokens};
use crate::api::{Api, Foundation, Served, auth, routes, serve};
use crate::config::ApiSettings;

struct Well;

#[async_trait]
impl Vitals for Well {
    async fn checks(&self) -> Checks {
        Checks { ready: true, ..Checks::default() }
    }

    async fn status(&self) -> Status {
        Status::default()
    }

    fn metrics(&self) -> String {
        String::new()
    }
}

/// A running edge with all its nouns.
pub(super) struct House {
    pub(super) world: World,
    pub(super) doors: Doors,
    pub(super) api: Api,
    pub(super) operator: String,
    address: SocketAddr,
    client: reqwest::Client,
    stop: Option<DropGuard>,
    served: Option<Served>,
}

pub(super) async fn house() -> House {
    let world = World::new();
    let stop = CancellationToken::new();
    let doors = doors(&world, &stop);
    let vitals: Arc<dyn Vitals> = Arc::new(Well);
    let shell = world.shell.clone();
    let foundation = Foundation {
        settings: ApiSettings::default(),
        tokens: Arc::new(Tokens(shell.clone())),
        people: Arc::new(People(doors.identity.clone())),
        answers: Arc::new(Answers(shell.clone())),
        locales: Arc::new(Locales(shell.clone())),
        clock: shell.clock.clone(),
        dice: shell.dice.clone(),
    };
    let api = Api::new(doors.clone(), routes::all(&vitals), foundation).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stopped = stop.clone().cancelled_owned();
    let served = serve(listener, api.clone(), stopped, Duration::from_secs(30)).unwrap();
    let operator = auth::mint(shell.dice.secret());
    tokens::replace_operator(&shell, auth::hash_of(&operator)).await.unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let address = served.address;
    House {
        world,
        doors,
        api,
        operator,
        address,
        client,
        stop: Some(stop.drop_guard()),
        served: Some(served),
    }
}

fn doors(world: &World, stop: &CancellationToken) -> Doors {
    let shell = world.shell.clone();
    let mut handlers: Handlers = HashMap::new();
    handlers.insert("diagnostic", Arc::new(Diagnostic));
    handlers.insert("user.erase", Arc::new(Scrub));
    let jobs = JobSettings { queues: default_queues(), kinds: default_kinds() };
    let nightly = ScheduleSettings {
        kind: "diagnostic".to_owned(),
        cron: "0 3 * * *".to_owned(),
        timezone: "America/Caracas".to_owned(),
        ..ScheduleSettings::default()
    };
    let schedules = Schedules::from([("nightly".to_owned(), nightly)]);
    let events = EventDesk::new(shell.clone(), vec![Arc::new(Picky)]);
    let jobs = JobDesk::new(shell.clone(), handlers, fixed(jobs));
    Doors::from(DoorSet {
        seal: Seal::new(shell.dice.clone(), &"a key for tests".to_owned().into(), []),
        inviter: Inviter::fixed(Links::new(&"a key for tests".to_owned().into(), []), 72),
        wispro: WisproDesk::new(shell.clone(), jobs.clone(), fixed(WisproSettings::default())),
        nextcloud: nextcloud(&shell),
        drive: DriveDesk::new(shell.clone(), fixed(DriveSettings::default())),
        jobs,
        schedules: ScheduleDesk::new(shell.clone(), fixed(schedules)),
        externals: Externals::new(events.clone(), fixed(EventSettings::default())),
        events,
        streams: streams(stop),
        notices: NoticeDesk::new(
            shell.clone(),
            fixed(NoticeSettings::default()),
            Links::new(&"a key for tests".to_owned().into(), []),
        ),
        webhooks: webhooks(&shell),
        identity: identity(&shell),
        tenants: TenantDesk::new(shell.clone()),
        users: UserDesk::new(shell.clone(), fixed(UserSettings::default())),
        bookings: BookingDesk::new(shell.clone()),
        resources: ResourceDesk::new(shell.clone()),
        shell,
    })
}

/// Few places, and a pace that nobody has to wait for.
fn streams(stop: &CancellationToken) -> Streams {
    let pace = Pace {
        heartbeat: Duration::from_millis(100),
        check: Duration::from_millis(50),
        patience: Duration::from_millis(300),
    };
    Streams::new(stop.clone(), fixed(4), pace)
}

fn nextcloud(shell: &Shell) -> NextcloudDesk {
    let key = "a key for tests".to_owned().into();
    let (seal, links) = (Seal::new(shell.dice.clone(), &key, []), Links::new(&key, []));
    let settings = fixed(NextcloudSettings::default());
    let lines = Switchboard::new(seal.clone(), settings.clone());
    let watcher = Watcher::new(shell.clone(), lines, settings.clone());
    NextcloudDesk::new(shell.clone(), (seal, links), watcher, settings)
}

fn webhooks(shell: &Shell) -> WebhookDesk {
    let seal = Seal::new(shell.dice.clone(), &"a key for tests".to_owned().into(), []);
    let settings = fixed(WebhookSettings::default().in_force(false));
    let client = Client::new(&Guard::new(Arc::new(SystemLookUp), true)).unwrap();
    let courier = Courier::new(shell.clone(), seal.clone(), client, settings.clone());
    WebhookDesk::new(shell.clone(), seal, courier, settings)
}

fn identity(shell: &Shell) -> IdentityDesk {
    let keys = Keys::new(JwtAlgorithm::HS512, "a key for tests, which is long enough", []);
    // Whoever tests signs in more often than people do.
    let settings = IdentitySettings {
        account_per_minute: 1000,
        address_per_minute: 1000,
        ..Default::default()
    };
    IdentityDesk::new(shell.clone(), Passwords::new(2), fixed(keys), fixed(settings))
}

/// Settings that never change.
fn fixed<T>(settings: T) -> watch::Receiver<Arc<T>> {
    watch::channel(Arc::new(settings)).1
}

/// A consumer that gives up on every event whose payload is `{}`.
struct Picky;

#[async_trait]
impl Consume for Picky {
    fn name(&self) -> &'static str {
        "picky"
    }

    fn wants(&self, _: &Event) -> bool {
        true
    }

    async fn consume(&self, _: &EventCx, _: u64, event: &Event) -> Result<Write, Failure> {
        match event.data.as_str() {
            "{}" => Err(Failure::permanent("nothing in it")),
            _ => Ok(Write::new()),
        }
    }
}

impl House {
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Asks it to stop.
    pub(super) fn stop(&mut self) {
        drop(self.stop.take());
    }

    /// Waits until it has stopped.
    pub(super) async fn stopped(&mut self) {
        self.served.take().unwrap().stopped().await;
    }

    /// A request without a token.
    pub(super) fn ask(&self, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        self.client.request(method, format!("http://{}{path}", self.address))
    }

    /// A request of the operator's.
    pub(super) fn order(&self, method: &str, path: &str) -> RequestBuilder {
        self.ask(method, path).bearer_auth(&self.operator)
    }

    /// The text of a new service token.
    pub(super) async fn service(&self, scopes: &[&str]) -> String {
        let body = json!({ "name": "test", "scopes": scopes });
        let made = ok(self.order("POST", "/tokens").json(&body), 201).await;
        made["token"].as_str().unwrap().to_owned()
    }

    /// The text of a service token that is bound to a tenant, which need not exist.
    pub(super) async fn bound(&self, tenant: TenantId, scopes: &[&str]) -> String {
        let shell = &self.world.shell;
        let text = auth::mint(shell.dice.secret());
        let token = Token {
            name: "bound".to_owned(),
            hash: auth::hash_of(&text),
            role: Role::Service,
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            tenant: Some(tenant),
            created_at: shell.now(),
            expires_at: None,
            revoked_at: None,
        };
        let mut write = Write::new();
        write.insert::<zelador_store::token::Tokens>(&shell.id(), &token);
        shell.store.commit(write).await.unwrap();
        text
    }
}

/// The body of an answer that has this status.
pub(super) async fn ok(request: RequestBuilder, status: u16) -> Value {
    body(request.send().await.unwrap(), status).await
}

/// The same, of a response whose headers were looked at.
pub(super) async fn body(response: Response, status: u16) -> Value {
    let found = response.status().as_u16();
    let text = response.text().await.unwrap();
    assert_eq!(found, status, "{text}");
    if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() }
}

/// Fields and codes of a 422.
pub(super) async fn flaws(request: RequestBuilder) -> Vec<(String, String)> {
    let body = ok(request, 422).await;
    let errors = body["errors"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    errors
        .map(|error| {
            let code = text(&error["code"]);
            assert_ne!(text(&error["message"]), format!("field-{code}"), "a code without a text");
            (text(&error["field"]), code)
        })
        .collect()
}
