//! A real listener with the sample noun behind it.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_util::sync::{CancellationToken, DropGuard};
use zelador_actors::Error;
use zelador_actors::engine::clock::{Clock, Dice, Hand};
use zelador_actors::identity::Person;
use zelador_store::Timestamp;
use zelador_store::answer::Answer;
use zelador_store::id::{Tenant, TenantId, TokenId};
use zelador_store::token::{Role, Token};

use super::noun::{self, Depot};
use crate::api::health::{self, Checks, Status, Vitals};
use crate::api::{
    AnswerSource, Api, Foundation, LocaleSource, PersonSource, TokenSource, auth, serve,
};
use crate::config::ApiSettings;

type Shelf = Arc<Mutex<HashMap<[u8; 32], (TokenId, Token)>>>;

#[derive(Clone)]
struct Sources {
    tokens: Shelf,
    depot: Depot,
    ready: Arc<Mutex<bool>>,
}

#[async_trait]
impl TokenSource for Sources {
    async fn find(&self, hash: [u8; 32]) -> Result<Option<(TokenId, Token)>, Error> {
        Ok(self.tokens.lock().get(&hash).cloned())
    }
}

#[async_trait]
impl PersonSource for Sources {
    async fn recognise(&self, _: &str, _: Timestamp) -> Result<Option<Person>, Error> {
        Ok(None)
    }
}

#[async_trait]
impl AnswerSource for Sources {
    async fn find(&self, scope: &[u8; 32]) -> Result<Option<Answer>, Error> {
        Ok(self.depot.answers.lock().get(scope).cloned())
    }
}

#[async_trait]
impl LocaleSource for Sources {
    async fn locale(&self, _: TenantId) -> Option<String> {
        Some("es-VE".to_owned())
    }
}

#[async_trait]
impl Vitals for Sources {
    async fn checks(&self) -> Checks {
        let ready = *self.ready.lock();
        Checks { parts: [("database", ready)].into(), ready, ..Checks::default() }
    }

    async fn status(&self) -> Status {
        Status { version: "1".to_owned(), ..Status::default() }
    }

    fn metrics(&self) -> String {
        "zelador_up 1\n".to_owned()
    }
}

/// A running edge.
pub(super) struct Lab {
    pub(super) address: SocketAddr,
    pub(super) api: Api,
    pub(super) depot: Depot,
    pub(super) hand: Hand,
    pub(super) operator: String,
    pub(super) ready: Arc<Mutex<bool>>,
    pub(super) tenant: TenantId,
    pub(super) stop: Option<DropGuard>,
    tokens: Shelf,
    dice: Dice,
    client: reqwest::Client,
}

pub(super) async fn lab() -> Lab {
    lab_with(ApiSettings::default()).await
}

pub(super) async fn lab_with(settings: ApiSettings) -> Lab {
    let (clock, hand) = Clock::manual(Timestamp::from_seconds(1_764_943_200));
    let dice = Dice::seeded(7);
    let sources = Sources {
        tokens: Shelf::default(),
        depot: Depot::default(),
        ready: Arc::new(Mutex::new(true)),
    };
    let shared = Arc::new(sources.clone());
    let mut routes = noun::routes();
    let vitals: Arc<dyn Vitals> = shared.clone();
    routes.extend(health::routes(&vitals));
    let on = Foundation {
        settings,
        tokens: shared.clone(),
        people: shared.clone(),
        answers: shared.clone(),
        locales: shared,
        clock,
        dice: dice.clone(),
    };
    let api = Api::new(sources.depot.clone(), routes, on).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stop = CancellationToken::new();
    let stopped = stop.clone().cancelled_owned();
    let served = serve(listener, api.clone(), stopped, Duration::from_secs(3)).unwrap();
    let mut lab = Lab {
        address: served.address,
        api,
        depot: sources.depot,
        hand,
        operator: String::new(),
        ready: sources.ready,
        tenant: dice.id::<Tenant>(Timestamp::EPOCH),
        stop: Some(stop.drop_guard()),
        tokens: sources.tokens,
        dice,
        client: reqwest::Client::builder().no_proxy().build().unwrap(),
    };
    lab.operator = lab.token(|token| token.role = Role::Operator);
    lab
}

impl Lab {
    /// A token, made as told.
    pub(super) fn token(&self, make: impl FnOnce(&mut Token)) -> String {
        let text = auth::mint(self.dice.secret());
        let mut token = Token {
            name: "test".to_owned(),
            hash: auth::hash_of(&text),
            role: Role::Service,
            scopes: Vec::new(),
            tenant: None,
            created_at: Timestamp::EPOCH,
            expires_at: None,
            revoked_at: None,
        };
        make(&mut token);
        self.tokens.lock().insert(token.hash, (self.dice.id(Timestamp::EPOCH), token));
        text
    }

    pub(super) fn service(&self, scopes: &[&str]) -> String {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        self.token(|token| token.scopes = scopes)
    }

    pub(super) fn change_token(&self, text: &str, change: impl FnOnce(&mut Token)) {
        change(&mut self.tokens.lock().get_mut(&auth::hash_of(text)).unwrap().1);
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

    pub(super) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends bytes as they are; everything that comes back until the end.
    pub(super) async fn raw(&self, bytes: impl AsRef<[u8]>) -> String {
        let mut stream = self.connect().await;
        stream.write_all(bytes.as_ref()).await.unwrap();
        until_end(&mut stream).await
    }
}

pub(super) async fn until_end(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let read = timeout(Duration::from_mins(2), stream.read_to_end(&mut answer)).await;
    // A reset after the answer is an end, too.
    let _ = read.expect("the connection stays open");
    String::from_utf8_lossy(&answer).into_owned()
}

/// The status of a raw answer; 0 if there is none.
pub(super) fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
}

/// Status and code of a problem, whose members are all there.
pub(super) async fn problem(response: Response) -> (u16, String, Value) {
    let status = response.status().as_u16();
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    assert_eq!(kind, "application/problem+json");
    assert!(response.headers().contains_key("content-language"));
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["status"], status);
    assert_eq!(body["success"], false);
    assert_eq!(body["message"], body["detail"]);
    assert_eq!(body["trace_id"].as_str().unwrap().len(), 32);
    assert!(body["type"].is_string() && body["title"].is_string());
    let code = body["error"].as_str().unwrap().to_owned();
    assert_ne!(body["detail"], code, "{code} has no message");
    (status, code, body)
}

/// Expects a problem with this status and code.
#[track_caller]
pub(super) fn is(problem: &(u16, String, Value), status: u16, code: &str) {
    assert_eq!((problem.0, problem.1.as_str()), (status, code), "{}", problem.2);
}
