//! Goes to the daemon and comes back with news; finds it again when it moved.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::facts::{Job, Look};
use super::state::{Ask, News};
use crate::cli::client::{Client, ClientError};
use crate::cli::paths::{segment, with_query};
use crate::cli::{Common, Failure};

/// A daemon that takes longer is not there for who watches it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Knows where the daemon is, or was.
pub(super) struct Scout {
    common: Common,
    client: Option<Client>,
}

impl Scout {
    /// Nothing is known yet.
    pub(super) fn new(common: &Common) -> Self {
        Self { common: common.clone(), client: None }
    }

    /// Does what is asked for, one after the other, until nobody asks.
    pub(super) async fn run(mut self, mut asks: mpsc::Receiver<Ask>, news: mpsc::Sender<News>) {
        while let Some(ask) = asks.recv().await {
            let heard = self.go(ask).await;
            if news.send(heard).await.is_err() {
                break;
            }
        }
    }

    async fn go(&mut self, ask: Ask) -> News {
        let heard = match timeout(PATIENCE, self.try_to(ask)).await {
            Ok(Ok(news)) => news,
            Ok(Err(trouble)) => trouble.into(),
            Err(_) => News::Away(format!("no answer within {} s", PATIENCE.as_secs())),
        };
        if matches!(heard, News::Away(_)) {
            // It may come back at another address, with another token.
            self.client = None;
        }
        heard
    }

    async fn try_to(&mut self, ask: Ask) -> Result<News, Trouble> {
        let client = self.client()?;
        let job = |id: &str, verb: &str| format!("jobs/{}/{verb}", segment(id));
        let queue = |name: &str, verb: &str| format!("queues/{}/{verb}", segment(name));
        let (path, told) = match ask {
            Ask::Look(path) => {
                let at = client.address();
                let look: Look = read(look(client, &path).await?)?;
                return Ok(News::Seen(Box::new(look), at));
            }
            Ask::Show(id) => {
                let body = client.get(&format!("jobs/{}", segment(&id))).await?;
                let job: Job = read(body)?;
                return Ok(News::Job(Box::new(job)));
            }
            Ask::Quit => return Ok(News::Did(String::new())),
            Ask::Retry(id) => (job(&id, "retry"), format!("{id} is tried again")),
            Ask::Cancel(id) => (job(&id, "cancel"), format!("{id} is called off")),
            Ask::Pause(name) => (queue(&name, "pause"), format!("{name} is paused")),
            Ask::Resume(name) => (queue(&name, "resume"), format!("{name} goes on")),
            Ask::RetryAll(name) => {
                let path = with_query("jobs/retry-all", &[("queue", name.as_deref())]);
                (path, "jobs are tried again:".to_owned())
            }
        };
        let body = client.call(Method::POST, &path, None).await?.body;
        let count = body.get("retried").map_or_else(String::new, |count| format!(" {count}"));
        Ok(News::Did(format!("{told}{count}")))
    }

    fn client(&mut self) -> Result<&Client, Trouble> {
        let client = match self.client.take() {
            Some(client) => client,
            None => Client::find(&self.common)?,
        };
        Ok(self.client.insert(client))
    }
}

/// Everything that is shown, as the daemon tells it.
pub(super) async fn look(client: &Client, jobs: &str) -> Result<Value, ClientError> {
    let of = |state| with_query("jobs", &[("state", Some(state)), ("limit", Some("50"))]);
    Ok(json!({
        "status": client.get("status").await?,
        "queues": client.get("queues").await?,
        "running": client.get(&of("running")).await?,
        "failed": client.get(&of("failed")).await?,
        "jobs": client.get(jobs).await?,
    }))
}

/// Why nothing came of it.
enum Trouble {
    /// There is no daemon to ask.
    Away(String),
    /// It said no.
    No(String),
}

impl From<ClientError> for Trouble {
    fn from(error: ClientError) -> Self {
        match &error {
            // A daemon that was set up anew knows another token.
            ClientError::Said(said) if said.status == 401 => Self::Away(said.message.clone()),
            ClientError::Said(said) => Self::No(said.message.clone()),
            // The line that shows it has said that much.
            _ => Self::Away(error.to_string().replacen("the daemon is not reached at ", "", 1)),
        }
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Away(failure.message)
    }
}

impl From<Trouble> for News {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Away(why) => Self::Away(why),
            Trouble::No(why) => Self::Refused(why),
        }
    }
}

fn read<T: serde::de::DeserializeOwned>(body: Value) -> Result<T, Trouble> {
    serde_json::from_value(body).map_err(|error| ClientError::Garbled(error).into())
}
