//! One conversation: addresses, the token, patience.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response, Url};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::time::sleep;

use super::credentials::Credentials;
use super::token::Tokens;
use crate::drive::port::{Port, Upstream};
use crate::drive::rules::answer::{Trouble, trouble, wait};
use crate::drive::settings::DriveSettings;
use crate::engine::clock::{Clock, Dice};

/// Bytes of an answer, at most: a page of 1,000 files has under one MiB.
const MOST: usize = 16 * 1024 * 1024;
/// For the connection alone.
const CONNECT: Duration = Duration::from_secs(10);
/// Until a call is given up.
const LIMIT: Duration = Duration::from_secs(60);
/// Tries of one call; what is left is the job's affair.
const TRIES: u32 = 4;
/// The longest that a call waits for its next try; what takes longer is the job's.
const PATIENCE: Duration = Duration::from_secs(20);

/// Talks to Google; clones share one conversation, and with it its token.
#[derive(Clone)]
pub struct Google {
    clock: Clock,
    dice: Dice,
    held: Arc<Mutex<Option<Held>>>,
}

/// The conversation that was begun last, and with what.
struct Held {
    with: [u8; 32],
    talk: Arc<Talk>,
}

impl Google {
    /// With this time and chance.
    pub fn new(clock: Clock, dice: Dice) -> Self {
        Self { clock, dice, held: Arc::default() }
    }
}

impl Upstream for Google {
    fn open(&self, settings: &DriveSettings) -> Result<Arc<dyn Port>, String> {
        let text = settings.credentials.text()?;
        let with = print(settings, &text);
        let mut held = self.held.lock();
        if let Some(held) = held.as_ref().filter(|held| held.with == with) {
            return Ok(held.talk.clone());
        }
        let talk = Arc::new(self.begin(settings, &text)?);
        *held = Some(Held { with, talk: talk.clone() });
        Ok(talk)
    }
}

/// What a conversation is begun with, as a digest.
fn print(settings: &DriveSettings, credentials: &SecretString) -> [u8; 32] {
    let parts = [
        &settings.api_base_url,
        &settings.upload_base_url,
        &settings.token_url,
        &settings.subject,
        &settings.shared_drive_id,
    ];
    let mut hasher = Sha256::new();
    for part in parts.map(String::as_str).into_iter().chain([credentials.expose_secret()]) {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    hasher.finalize().into()
}

impl Google {
    fn begin(&self, settings: &DriveSettings, text: &SecretString) -> Result<Talk, String> {
        let credentials =
            Credentials::read(text).map_err(|flaw| format!("[drive] credentials: {flaw}"))?;
        let address = |name: &str, text: &str| {
            Url::parse(text).map_err(|error| format!("[drive] {name} is no address: {error}"))
        };
        let api = address("api_base_url", &settings.api_base_url)?;
        let upload = address("upload_base_url", &settings.upload_base_url)?;
        let token = match settings.token_url.as_str() {
            "" => address("credentials' token_uri", credentials.token_uri())?,
            given => address("token_url", given)?,
        };
        let client = Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .user_agent(concat!("zelador/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT)
            .timeout(LIMIT)
            .build()
            .map_err(|error| format!("no HTTP client: {}", error.without_url()))?;
        let subject = settings.subject.clone();
        let tokens = Tokens::new(client.clone(), credentials, subject, token, self.clock.clone());
        let drive = settings.shared_drive_id.clone();
        Ok(Talk { client, api, upload, tokens, drive, dice: self.dice.clone() })
    }
}

/// A call that is to be made.
pub(super) struct Call {
    pub(super) method: Method,
    /// Below the base; its parts are encoded where it is made.
    pub(super) path: String,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) body: Body,
    /// Whether the base for uploads is meant.
    pub(super) uploads: bool,
}

/// What goes with a call.
pub(super) enum Body {
    Nothing,
    Json(Value),
    Other(String, Vec<u8>),
}

impl Call {
    pub(super) fn new(method: Method, path: impl Into<String>) -> Self {
        let query = vec![("supportsAllDrives", "true".to_owned())];
        Self { method, path: path.into(), query, body: Body::Nothing, uploads: false }
    }

    pub(super) fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    pub(super) fn json(mut self, body: Value) -> Self {
        self.body = Body::Json(body);
        self
    }
}

/// A conversation.
pub(super) struct Talk {
    client: Client,
    api: Url,
    upload: Url,
    tokens: Tokens,
    /// The shared drive; empty: none.
    pub(super) drive: String,
    dice: Dice,
}

impl Talk {
    /// Makes a call, again where it failed in passing, with another token where the
    /// one it had is not good any more.
    pub(super) async fn call(&self, call: &Call) -> Result<Vec<u8>, Trouble> {
        let answer = self.answered(call).await?;
        whole(answer, MOST).await
    }

    /// The same; the answer is read by the caller.
    pub(super) async fn answered(&self, call: &Call) -> Result<Response, Trouble> {
        let (mut tries, mut renewed) = (0, false);
        loop {
            let (token, serial) = self.tokens.get().await?;
            let trouble = match self.once(call, &token).await {
                Ok(answer) => return Ok(answer),
                Err(trouble) => trouble,
            };
            tries += 1;
            let Trouble::Passing { after, .. } = &trouble else {
                if trouble == Trouble::Unauthorized && !renewed {
                    renewed = true;
                    self.tokens.spoiled(serial).await;
                    continue;
                }
                return Err(trouble);
            };
            let pause = wait(tries - 1, *after, self.dice.fraction());
            if tries == TRIES || pause > PATIENCE {
                return Err(trouble);
            }
            tracing::debug!(%trouble, tries, "asking Google Drive again");
            sleep(pause).await;
        }
    }

    async fn once(&self, call: &Call, token: &SecretString) -> Result<Response, Trouble> {
        let base = if call.uploads { &self.upload } else { &self.api };
        let mut url = base.clone();
        url.set_path(&format!("{}/{}", base.path().trim_end_matches('/'), call.path));
        url.query_pairs_mut().extend_pairs(&call.query);
        let mut request =
            self.client.request(call.method.clone(), url).bearer_auth(token.expose_secret());
        request = match &call.body {
            Body::Nothing if call.method == Method::GET => request,
            Body::Nothing => request.header("content-length", "0"),
            Body::Json(value) => request.json(value),
            Body::Other(kind, bytes) => request.header(CONTENT_TYPE, kind).body(bytes.clone()),
        };
        let answer = request.send().await.map_err(passing)?;
        let status = answer.status().as_u16();
        if (200..300).contains(&status) {
            return Ok(answer);
        }
        let after = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let after = after.map(str::to_owned);
        // What a refusal says may be cut off; its status stands.
        let body = whole(answer, MOST).await.unwrap_or_default();
        Err(trouble(status, after.as_deref(), &body))
    }
}

/// An answer's body, within its bound.
pub(super) async fn whole(mut answer: Response, most: usize) -> Result<Vec<u8>, Trouble> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(passing)? {
        if body.len() + chunk.len() > most {
            let why = format!("an answer of more than {most} bytes");
            return Err(Trouble::Passing { why, after: None });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Nothing came over the wire. The address may hold what nobody shall read.
pub(super) fn passing(error: reqwest::Error) -> Trouble {
    Trouble::Passing { why: crate::error::chain(&error.without_url()), after: None }
}
