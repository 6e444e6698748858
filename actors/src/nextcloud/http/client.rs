//! The calls.

use std::time::Duration;

use async_trait::async_trait;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Client, Method, RequestBuilder, Url};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value, json};

use super::super::port::Port;
use super::super::rules::ocs::{self, Reply};
use super::super::rules::{AccountId, Class, Edit, Seen, ServerStatus, Trouble, Wanted};
use super::target::{HttpTarget, Unusable};

/// The most of an answer that is read.
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// Accounts asked for at once when they are counted.
const PAGE: u32 = 500;
/// A path's part: everything that is not plain is encoded, dots of `..` too.
const PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_');

/// An instance over HTTP.
pub struct HttpPort {
    target: HttpTarget,
    root: Url,
    client: Client,
}

impl HttpPort {
    /// Ready to be called; nothing is sent yet.
    pub fn new(target: HttpTarget) -> Result<Self, Unusable> {
        let (root, client) = (target.root()?, target.client()?);
        Ok(Self { target, root, client })
    }

    fn url(&self, path: &str) -> Result<Url, Trouble> {
        let wrong = |_| Trouble::new(Class::Misconfigured, "base_url cannot be extended");
        self.root.join(path).map_err(wrong)
    }

    /// A call of the provisioning interface.
    fn call(&self, method: Method, path: &str) -> Result<RequestBuilder, Trouble> {
        let url = self.url(&format!("ocs/v2.php/cloud/{path}"))?;
        let password = self.target.password.expose_secret();
        Ok(self
            .client
            .request(method, url)
            .basic_auth(&self.target.username, Some(password))
            .header("OCS-APIRequest", "true")
            .header("Accept", "application/json"))
    }

    async fn user(&self, method: Method, id: &AccountId, rest: &str) -> Result<Reply, Trouble> {
        send(self.call(method, &user_path(id, rest))?).await
    }

    async fn make_group(&self, group: &str) -> Result<(), Trouble> {
        let call = self.call(Method::POST, "groups")?.json(&json!({"groupid": group}));
        ocs::group_made(&send(call).await?)
    }

    async fn post(&self, wanted: &Wanted, password: &SecretString) -> Result<(), Trouble> {
        let body = body(wanted, password);
        let call = self.call(Method::POST, "users")?.timeout(self.target.limits.create).json(&body);
        // Once it was sent, whatever goes wrong leaves doubt.
        let reply = send(call).await?;
        ocs::created(&reply)
    }

    async fn put(&self, id: &AccountId, key: &str, value: &str) -> Result<(), Trouble> {
        let call = self.call(Method::PUT, &user_path(id, ""))?;
        let call = call.json(&json!({"key": key, "value": value}));
        ocs::edited(&send(call).await?)
    }

    async fn member(&self, id: &AccountId, group: &str, inside: bool) -> Result<(), Trouble> {
        let method = if inside { Method::POST } else { Method::DELETE };
        let call = self.call(method, &user_path(id, "/groups"))?;
        ocs::grouped(&send(call.json(&json!({"groupid": group}))).await?)
    }
}

fn user_path(id: &AccountId, rest: &str) -> String {
    format!("users/{}{rest}", utf8_percent_encode(id.text(), PART))
}

/// Everything that the account is to be.
fn body(wanted: &Wanted, password: &SecretString) -> Value {
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| body.insert(name.to_owned(), value);
    put("userid", json!(wanted.id.text()));
    // Without a password the server makes one, and its mail lets another be chosen.
    if !(wanted.invite && wanted.email.is_some()) {
        put("password", json!(password.expose_secret()));
    }
    put("quota", json!(wanted.quota.text()));
    put("groups", json!(wanted.groups));
    if let Some(name) = &wanted.display_name {
        put("displayName", json!(name));
    }
    if let Some(email) = &wanted.email {
        put("email", json!(email));
    }
    if let Some(language) = &wanted.language {
        put("language", json!(language));
    }
    Value::Object(body)
}

/// Sends a call and reads its answer, up to a bound.
async fn send(call: RequestBuilder) -> Result<Reply, Trouble> {
    let mut answer = call.send().await.map_err(|error| unsent(&error))?;
    let header = |name: &str| {
        answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
    };
    let mut reply = Reply {
        status: answer.status().as_u16(),
        maintenance: header("x-nextcloud-maintenance-mode").is_some_and(|value| value == "1"),
        request_id: header("x-request-id").filter(|id| is_plain(id)),
        body: Vec::new(),
    };
    while let Some(chunk) = answer.chunk().await.map_err(|error| broken(&error).in_doubt())? {
        if reply.body.len() + chunk.len() > MOST_BYTES {
            return Err(Trouble::new(Class::Failed, "an answer without end").in_doubt());
        }
        reply.body.extend_from_slice(&chunk);
    }
    Ok(reply)
}

fn is_plain(id: &str) -> bool {
    id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

/// A call without an answer. Where no connection came about, nothing was done.
fn unsent(error: &reqwest::Error) -> Trouble {
    let trouble = broken(error);
    if error.is_connect() || error.is_builder() { trouble } else { trouble.in_doubt() }
}

fn broken(error: &reqwest::Error) -> Trouble {
    let what = match () {
        () if error.is_timeout() => "no answer in time",
        () if error.is_connect() => "no connection",
        () => "the connection broke off",
    };
    // The chain without the address, which may be long; secrets are never in it.
    let mut words = what.to_owned();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        words.push_str(": ");
        words.push_str(&error.to_string());
        cause = error.source();
    }
    Trouble::new(Class::Unreachable, words)
}

#[async_trait]
impl Port for HttpPort {
    async fn status(&self) -> Result<ServerStatus, Trouble> {
        let call = self.client.get(self.url("status.php")?).timeout(Duration::from_secs(20));
        ocs::status(&send(call).await.map_err(Trouble::certain)?)
    }

    async fn find(&self, id: &AccountId) -> Result<Option<Seen>, Trouble> {
        let reply = self.user(Method::GET, id, "").await.map_err(Trouble::certain)?;
        ocs::found(&reply).map_err(Trouble::certain)
    }

    async fn create(&self, wanted: &Wanted, password: &SecretString) -> Result<(), Trouble> {
        match self.post(wanted, password).await {
            Err(trouble) if trouble.class == Class::NoGroup => {}
            done => return done,
        }
        // Nothing was made. Groups are made where they are missing, once.
        for group in &wanted.groups {
            self.make_group(group).await.map_err(Trouble::certain)?;
        }
        self.post(wanted, password).await
    }

    async fn edit(&self, id: &AccountId, edit: &Edit) -> Result<(), Trouble> {
        match edit {
            Edit::Enabled(enabled) => {
                let word = if *enabled { "/enable" } else { "/disable" };
                ocs::switched(&self.user(Method::PUT, id, word).await?)
            }
            Edit::Quota(quota) => self.put(id, "quota", &quota.text()).await,
            Edit::DisplayName(name) => self.put(id, "displayname", name).await,
            Edit::Email(email) => self.put(id, "email", email).await,
            Edit::Language(language) => self.put(id, "language", language).await,
            Edit::Leave(group) => self.member(id, group, false).await,
            Edit::Join(group) => match self.member(id, group, true).await {
                Err(trouble) if trouble.class == Class::NoGroup => {
                    self.make_group(group).await?;
                    self.member(id, group, true).await
                }
                done => done,
            },
        }
    }

    async fn delete(&self, id: &AccountId) -> Result<(), Trouble> {
        ocs::deleted(&self.user(Method::DELETE, id, "").await?)
    }

    /// By pages, which may miss or see twice who comes and goes meanwhile.
    async fn count(&self) -> Result<u64, Trouble> {
        let mut seen = 0;
        loop {
            let page = self.list(seen, PAGE).await?;
            seen += page.len() as u64;
            if page.len() < PAGE as usize {
                return Ok(seen);
            }
        }
    }

    async fn list(&self, offset: u64, limit: u32) -> Result<Vec<String>, Trouble> {
        let call = self.call(Method::GET, &format!("users?limit={limit}&offset={offset}"))?;
        ocs::listed(&send(call).await.map_err(Trouble::certain)?).map_err(Trouble::certain)
    }

    fn has_scarce_edits(&self) -> bool {
        true
    }
}
