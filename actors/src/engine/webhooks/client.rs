//! One try over HTTP: as bounded as an answer from a stranger must be.
//!
//! HTTP/1.1, no redirects, no proxy of the environment, no cookies, no compression;
//! one time limit over all of it; of the answer's body a little is kept and not
//! much more is read.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Response, Url};
use tokio::time::Instant;

use super::guard::{Denied, Guard};
use crate::error::{Error, chain};

/// What receivers see as their caller.
const AGENT: &str = concat!("zelador/", env!("CARGO_PKG_VERSION"), " (webhooks)");

/// Bytes of an answer's body that are read; who sends more loses the connection.
const READ: usize = 64 * 1024;

/// Bytes of it that are kept.
const KEPT: usize = 512;

/// How long a connection that is not used stays open.
const IDLE: Duration = Duration::from_secs(30);

/// Connections to one receiver that stay open unused.
const IDLE_PER_HOST: usize = 16;

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status; `None`: none came.
    pub status: Option<u16>,
    /// `Retry-After`, as it was sent.
    pub retry_after: Option<String>,
    /// The beginning of the body, as text.
    pub excerpt: Option<String>,
    /// Why no status came.
    pub error: Option<String>,
    /// How long it took in all.
    pub took: Duration,
}

/// Sends deliveries; clones share connections.
#[derive(Clone)]
pub struct Client(reqwest::Client);

impl Client {
    /// One that goes only where the guard lets it.
    pub fn new(guard: &Guard) -> Result<Self, Error> {
        let builder = || {
            reqwest::Client::builder()
                .no_proxy()
                .redirect(Policy::none())
                .referer(false)
                .http1_only()
                .user_agent(AGENT)
                .pool_idle_timeout(IDLE)
                .pool_max_idle_per_host(IDLE_PER_HOST)
                .tcp_nodelay(true)
                .dns_resolver(std::sync::Arc::new(guard.clone()))
        };
        let built = builder().build().or_else(|error| {
            let error = chain(&error);
            tracing::warn!(
                error,
                "no receiver over https will be trusted: are ca-certificates there?"
            );
            builder().tls_certs_only([]).build()
        });
        built.map(Self).map_err(|error| Error::fault("making the client of webhooks", error))
    }

    /// Posts a body, within a time limit.
    pub async fn post(
        &self,
        url: &Url,
        headers: HeaderMap,
        body: String,
        limit: Duration,
    ) -> Answer {
        let began = Instant::now();
        let deadline = began + limit;
        let request = self.0.post(url.clone()).header(CONTENT_TYPE, "application/json");
        let sent = tokio::time::timeout_at(deadline, request.headers(headers).body(body).send());
        let mut answer = Answer {
            status: None,
            retry_after: None,
            excerpt: None,
            error: None,
            took: Duration::ZERO,
        };
        match sent.await {
            Err(_) => answer.error = Some(format!("no answer within {} s", limit.as_secs())),
            Ok(Err(error)) => answer.error = Some(told(error)),
            Ok(Ok(response)) => {
                answer.status = Some(response.status().as_u16());
                let wait = response.headers().get(RETRY_AFTER);
                answer.retry_after = wait.and_then(|wait| wait.to_str().ok()).map(str::to_owned);
                answer.excerpt = Some(excerpt(response, deadline).await);
            }
        }
        answer.took = began.elapsed();
        answer
    }
}

/// The beginning of a body; what does not come in time is left out.
async fn excerpt(mut response: Response, deadline: Instant) -> String {
    let (mut kept, mut read) = (Vec::new(), 0);
    while read < READ {
        let Ok(Ok(Some(chunk))) = tokio::time::timeout_at(deadline, response.chunk()).await else {
            break;
        };
        read += chunk.len();
        let part = chunk.iter().take(KEPT.saturating_sub(kept.len()));
        kept.extend(part);
    }
    let text = String::from_utf8_lossy(&kept);
    let plain = |c: char| if c.is_control() && c != '\n' { ' ' } else { c };
    text.chars().map(plain).collect()
}

/// Why nothing was answered, without the URL, which may hold a secret.
fn told(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(inner) = cause {
        if let Some(denied) = inner.downcast_ref::<Denied>() {
            return denied.to_string();
        }
        cause = inner.source();
    }
    chain(&error)
}
