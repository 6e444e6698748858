//! `drive.callback`: the backend is told what became of folders and files, signed, as
//! often as it takes.
//!
//! The body is made of what is known when it is sent; the delivery's id is the job's,
//! the same at every try.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::watch;
use zelador_store::Write;
use zelador_store::id::{JobId, TenantId, UserId};
use zelador_store::user::Users;

use super::CALLBACK;
use crate::drive::messages::FolderView;
use crate::drive::queries;
use crate::drive::settings::{CallbackSettings, DriveSettings};
use crate::engine::Shell;
use crate::engine::jobs::{Failure, Handler, JobCx, NewJob};
use crate::engine::webhooks::rules::sign;

/// Seconds for a whole try.
const LIMIT: Duration = Duration::from_secs(10);

/// What the backend is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Told {
    /// `folder.ready`, `folder.failed`, `file.processed` or `file.failed`.
    pub(super) event: String,
    /// About whom.
    pub(super) user_id: UserId,
    /// By which job.
    pub(super) job_id: JobId,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
    /// The file, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) file: Option<Value>,
}

/// Stages the job that tells, if somebody is to be told.
pub(super) fn stage(shell: &Shell, write: &mut Write, url: &str, tenant: TenantId, told: &Told) {
    if !url.is_empty() {
        let job = NewJob::new(CALLBACK, told).about(tenant, told.user_id);
        write.enqueue(shell.id(), &job.build(shell.now()));
    }
}

/// Does it.
pub(super) struct Callback {
    settings: watch::Receiver<Arc<DriveSettings>>,
    client: Option<Client>,
}

impl Callback {
    pub(super) fn new(settings: watch::Receiver<Arc<DriveSettings>>) -> Self {
        let builder = Client::builder().no_proxy().redirect(Policy::none()).timeout(LIMIT);
        let client = builder.user_agent(concat!("zelador/", env!("CARGO_PKG_VERSION"))).build();
        if let Err(error) = &client {
            tracing::error!(error = crate::error::chain(error), "callbacks cannot be sent");
        }
        Self { settings, client: client.ok() }
    }
}

#[async_trait]
impl Handler for Callback {
    async fn run(&self, cx: JobCx) -> Result<Write, Failure> {
        let told: Told = cx.args()?;
        let settings = self.settings.borrow().callback.clone();
        if settings.url.is_empty() {
            return Ok(Write::new());
        }
        let url: Url = settings
            .url
            .parse()
            .map_err(|_| Failure::permanent("[drive.callback] url is no address"))?;
        let body = body(&cx.shell, &told, &settings.own_url).await?;
        let headers = headers(&settings, &cx, &body)?;
        let client = self.client.as_ref().ok_or_else(|| Failure::permanent("no HTTP client"))?;
        let sent = client.post(url).headers(headers).body(body).send().await;
        let answer =
            sent.map_err(|error| Failure::retry(crate::error::chain(&error.without_url())))?;
        let after = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let after = after.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
        match judge(answer.status().as_u16()) {
            Ok(()) => {
                tracing::info!(user = %told.user_id, event = told.event, "backend told");
                Ok(Write::new())
            }
            Err((true, error)) => Err(Failure::Retry { error, after }),
            Err((false, error)) => Err(Failure::permanent(error)),
        }
    }
}

/// Whether the backend took it; if not, whether another try may help.
fn judge(status: u16) -> Result<(), (bool, String)> {
    let told = format!("the backend answered {status}");
    match status {
        200..=299 => Ok(()),
        408 | 425 | 429 | 500.. => Err((true, told)),
        _ => Err((false, told)),
    }
}

async fn body(shell: &Shell, told: &Told, own_url: &str) -> Result<String, Failure> {
    let user = shell.store.get::<Users>(&told.user_id).await?;
    let view = queries::folder(shell, told.user_id).await?;
    let email = user.and_then(|user| user.row.email);
    let mut data = data(told, &view, email.as_deref());
    if let Some(members) = data.as_object_mut().filter(|_| !own_url.is_empty()) {
        members.insert("api_url".to_owned(), own_url.into());
    }
    Ok(json!({ "event": told.event, "data": data }).to_string())
}

fn data(told: &Told, view: &FolderView, email: Option<&str>) -> Value {
    let link = view.folder.as_ref().and_then(|folder| folder.link.as_deref());
    let mut data = json!({
        "job_id": told.job_id, "user_id": told.user_id, "email": email,
        "status": if told.event == "folder.failed" { "failed" } else { view.status() },
        "local_path": view.local_path(), "drive_folder_id": view.drive_folder(),
        "novos_folder_id": view.novos_folder(), "web_view_link": link,
    });
    if let Some(members) = data.as_object_mut() {
        members
            .extend(told.error.as_ref().map(|error| ("error".to_owned(), error.as_str().into())));
        members.extend(told.file.clone().map(|file| ("file".to_owned(), file)));
    }
    data
}

fn headers(settings: &CallbackSettings, cx: &JobCx, body: &str) -> Result<HeaderMap, Failure> {
    let (id, seconds) = (cx.id.to_string(), cx.shell.now().as_millis() / 1000);
    let secret =
        if settings.secret.is_empty() { &settings.api_key } else { &settings.secret }.expose();
    let mut all = vec![
        ("idempotency-key", id.clone()),
        ("webhook-id", id.clone()),
        ("webhook-timestamp", seconds.to_string()),
    ];
    if !secret.is_empty() {
        let secret = SecretString::from(secret.to_owned());
        all.push(("x-webhook-signature", sign::plain(&secret, body)));
        all.push(("webhook-signature", sign::standard(&secret, &id, seconds, body)));
    }
    if !settings.api_key.is_empty() {
        all.push(("x-api-key", settings.api_key.expose().to_owned()));
    }
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in all {
        let mut value = HeaderValue::from_str(&value)
            .map_err(|_| Failure::permanent("[drive.callback] api_key holds what no header may"))?;
        value.set_sensitive(name == "x-api-key");
        headers.insert(HeaderName::from_static(name), value);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::judge;

    #[test]
    fn answers_say_whether_to_try_again() {
        for (status, expected) in [
            (200, None),
            (204, None),
            (302, Some(false)),
            (400, Some(false)),
            (404, Some(false)),
            (410, Some(false)),
            (408, Some(true)),
            (425, Some(true)),
            (429, Some(true)),
            (500, Some(true)),
            (503, Some(true)),
        ] {
            assert_eq!(judge(status).err().map(|(again, _)| again), expected, "{status}");
        }
    }
}
