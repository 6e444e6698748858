//! The upstream over HTTP.
//!
//! - The token goes bare into `Authorization`, as the upstream wants it, to the
//!   configured address alone: no redirect is followed, no proxy asked.
//! - An answer is bounded in bytes and in time.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Response, Url};

use super::port::{Port, Upstream};
use super::rules::envelope::{Answer, Trouble};
use super::settings::WisproSettings;

/// Bytes of an answer, at most: a page of 1000 clients has about one MiB.
const MOST: usize = 16 * 1024 * 1024;
/// For the connection alone.
const CONNECT: Duration = Duration::from_secs(10);

/// Talks HTTP.
#[derive(Debug, Clone, Copy, Default)]
pub struct Http;

struct Conversation {
    client: Client,
    clients: Url,
}

impl Upstream for Http {
    fn open(&self, settings: &WisproSettings) -> Result<Arc<dyn Port>, String> {
        let base = settings.base_url.trim_end_matches('/');
        let clients = Url::parse(&format!("{base}/clients"))
            .map_err(|error| format!("[wispro] base_url is no address: {error}"))?;
        let mut token = HeaderValue::from_str(settings.token.expose())
            .map_err(|_| "[wispro] token holds what no header may".to_owned())?;
        token.set_sensitive(true);
        let headers = HeaderMap::from_iter([
            (AUTHORIZATION, token),
            (ACCEPT, HeaderValue::from_static("application/json")),
        ]);
        let client = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .default_headers(headers)
            .user_agent(concat!("zelador/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT)
            .timeout(Duration::from_secs(settings.request_timeout_seconds.max(1).into()))
            .build()
            .map_err(|error| format!("no HTTP client: {}", error.without_url()))?;
        Ok(Arc::new(Conversation { client, clients }))
    }
}

#[async_trait]
impl Port for Conversation {
    async fn page(&self, page: u32, per_page: u32) -> Result<Answer, Trouble> {
        let mut url = self.clients.clone();
        url.query_pairs_mut()
            .append_pair("page", &page.to_string())
            .append_pair("per_page", &per_page.to_string());
        let response = self.client.get(url).send().await.map_err(passing)?;
        let status = response.status().as_u16();
        let retry_after = response.headers().get(RETRY_AFTER);
        let retry_after = retry_after.and_then(|value| value.to_str().ok()).map(str::to_owned);
        Ok(Answer { status, retry_after, body: whole(response).await? })
    }
}

async fn whole(mut response: Response) -> Result<Vec<u8>, Trouble> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(passing)? {
        if body.len() + chunk.len() > MOST {
            let why = format!("an answer of more than {} MiB", MOST >> 20);
            return Err(Trouble::Passing { why, after: None });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The address may hold what nobody shall read.
fn passing(error: reqwest::Error) -> Trouble {
    let why = crate::error::chain(&error.without_url());
    Trouble::Passing { why, after: None }
}
