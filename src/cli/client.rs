//! Talks to the running daemon over its API.
//!
//! - The address and the token are found in the configuration, unless flags
//!   name them.
//! - The token is never printed, and is sent nowhere but to that address: no
//!   redirect is followed, no proxy asked.

mod error;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::header::{ACCEPT_LANGUAGE, HeaderMap, LINK, LOCATION};
use reqwest::{Method, Response, StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use error::{ClientError, Said};

use super::{Common, Exit, Failure};
use crate::config::{Sources, locate};
use crate::daemon::address::ADDRESS;

/// A daemon on this machine answers a connection at once or not at all.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// For whole answers; streams have no limit.
const ANSWER_LIMIT: Duration = Duration::from_mins(1);
/// A list that never ends would fill the memory.
const MOST_PAGES: usize = 10_000;
/// Records asked for at once.
const PAGE: usize = 500;

/// A connection to a daemon.
#[derive(Debug)]
pub struct Client {
    base: Url,
    token: SecretString,
    language: Option<String>,
    http: reqwest::Client,
}

/// An answer of the daemon's, of the 2xx sort.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The body; null if there is none.
    pub body: Value,
    /// Where the record made is found.
    pub location: Option<String>,
    /// Where the next page is found.
    pub next: Option<Url>,
    /// Whether it is the answer to an earlier request with the same key.
    pub replayed: bool,
}

impl Client {
    /// Finds the daemon that the flags and the configuration name.
    pub fn find(common: &Common) -> Result<Self, Failure> {
        let sources = common.sources();
        let base = match &common.url {
            Some(url) => read_url(url)?,
            None => base_of(&sources)?,
        };
        let file = match &common.token_file {
            Some(file) => file.clone(),
            None => token_file(&sources)?,
        };
        Ok(Self::new(base, read_token(&file)?)?)
    }

    /// A client for an address and a token.
    pub fn new(base: Url, token: SecretString) -> Result<Self, ClientError> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_LIMIT)
            .user_agent(concat!("zelador/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(ClientError::Setup)?;
        Ok(Self { base, token, language: language(|name| std::env::var(name).ok()), http })
    }

    /// Where the daemon answers.
    pub fn address(&self) -> String {
        self.base.to_string()
    }

    /// Reads a record or a document.
    pub async fn get(&self, path: &str) -> Result<Value, ClientError> {
        Ok(self.call(Method::GET, path, None).await?.body)
    }

    /// As [`Client::get`], typed.
    pub async fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        let body = self.get(path).await?;
        serde_json::from_value(body).map_err(ClientError::Garbled)
    }

    /// Sends a request with a JSON body, or without one.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Reply, ClientError> {
        self.send(method, self.url(path)?, body).await
    }

    /// Posts once, however often it is called with this `Idempotency-Key`.
    pub async fn post_once(
        &self,
        path: &str,
        key: &str,
        body: &Value,
    ) -> Result<Reply, ClientError> {
        let request = self.request(Method::POST, self.url(path)?).json(body);
        self.finish(request.header("idempotency-key", key)).await
    }

    /// Sends a request and takes whatever is answered, a refusal too.
    pub async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(StatusCode, Value), ClientError> {
        let mut request = self.request(method, self.url(path)?).timeout(ANSWER_LIMIT);
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(|error| self.unreachable(error))?;
        let status = response.status();
        let bytes = response.bytes().await.map_err(|error| self.unreachable(error))?;
        let body = if bytes.is_empty() { Ok(Value::Null) } else { serde_json::from_slice(&bytes) };
        Ok((status, body.map_err(ClientError::Garbled)?))
    }

    /// Reads a list whole, page after page, up to `most` records.
    pub async fn list(&self, path: &str, most: usize) -> Result<Vec<Value>, ClientError> {
        let mut url = self.url(path)?;
        if !url.query_pairs().any(|(name, _)| name == "limit") {
            url.query_pairs_mut().append_pair("limit", &most.clamp(1, PAGE).to_string());
        }
        let (mut records, mut next) = (Vec::new(), Some(url));
        for _ in 0..MOST_PAGES {
            let Some(url) = next.take().filter(|_| records.len() < most) else { break };
            let reply = self.send(Method::GET, url, None).await?;
            let Value::Array(page) = reply.body else { return Err(ClientError::NotAList) };
            records.extend(page);
            next = reply.next;
        }
        records.truncate(most);
        Ok(records)
    }

    /// Opens a stream (events, a backup): the answer's head is awaited, its
    /// body has no time limit.
    pub async fn open(&self, method: Method, path: &str) -> Result<Response, ClientError> {
        let request = self.request(method, self.url(path)?);
        let response = request.send().await.map_err(|error| self.unreachable(error))?;
        if response.status().is_success() {
            return Ok(response);
        }
        Err(ClientError::said(response.status(), &response.bytes().await.unwrap_or_default()))
    }

    async fn send(
        &self,
        method: Method,
        url: Url,
        body: Option<&Value>,
    ) -> Result<Reply, ClientError> {
        let mut request = self.request(method, url);
        if let Some(body) = body {
            request = request.json(body);
        }
        self.finish(request).await
    }

    async fn finish(&self, request: reqwest::RequestBuilder) -> Result<Reply, ClientError> {
        let request = request.timeout(ANSWER_LIMIT);
        let response = request.send().await.map_err(|error| self.unreachable(error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.bytes().await.map_err(|error| self.unreachable(error))?;
        if !status.is_success() {
            return Err(ClientError::said(status, &bytes));
        }
        let body = if bytes.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&bytes).map_err(ClientError::Garbled)?
        };
        let text = |name| headers.get(name)?.to_str().ok().map(str::to_owned);
        let (location, next) = (text(LOCATION), self.next(&headers));
        let replayed = headers.contains_key("idempotent-replayed");
        Ok(Reply { status, body, location, next, replayed })
    }

    fn request(&self, method: Method, url: Url) -> reqwest::RequestBuilder {
        let request = self.http.request(method, url).bearer_auth(self.token.expose_secret());
        match &self.language {
            Some(language) => request.header(ACCEPT_LANGUAGE, language),
            None => request,
        }
    }

    fn url(&self, path: &str) -> Result<Url, ClientError> {
        self.base.join(path.trim_start_matches('/')).map_err(|_| ClientError::Path(path.to_owned()))
    }

    /// The next page, if it is the same daemon's: the token goes nowhere else.
    fn next(&self, headers: &HeaderMap) -> Option<Url> {
        let mut links = headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok());
        let next = links.find_map(next_of)?;
        self.base.join(next).ok().filter(|url| url.origin() == self.base.origin())
    }

    fn unreachable(&self, source: reqwest::Error) -> ClientError {
        ClientError::Unreachable { url: self.base.to_string(), source: source.without_url() }
    }
}

/// The target of the first link whose relation is `next` (RFC 8288). A target
/// may hold commas, which also part the links.
fn next_of(links: &str) -> Option<&str> {
    let is_next = |parameter: &str| match parameter.trim().split_once('=') {
        Some(("rel", rel)) => rel.trim_matches([',', ' ', '"']) == "next",
        _ => false,
    };
    links.split('<').skip(1).find_map(|link| {
        let (target, parameters) = link.split_once('>')?;
        parameters.split(';').any(is_next).then_some(target)
    })
}

fn read_url(text: &str) -> Result<Url, Failure> {
    let slash = if text.ends_with('/') { "" } else { "/" };
    let url = Url::parse(&format!("{text}{slash}")).ok().filter(|url| url.scheme() == "http");
    url.ok_or_else(|| {
        Failure::new(
            Exit::Usage,
            format_args!("--url: `{text}` is no http address (e.g. http://127.0.0.1:8000)"),
        )
    })
}

/// Where the daemon says it listens, which flags and port 0 make another place than
/// the configured one; else there.
fn base_of(sources: &Sources) -> Result<Url, Failure> {
    let location = locate(sources)?;
    let bound = bound(&location.data_dir);
    let listen = bound.or_else(|| Some(location.listen).filter(|listen| listen.port() != 0));
    let listen = listen.ok_or_else(|| {
        let message = "no daemon runs here: api.listen names port 0, and there is no address in";
        let file = location.data_dir.join(ADDRESS);
        Failure::new(Exit::Unreachable, format_args!("{message} {}", file.display()))
    })?;
    read_url(&format!("http://{}", reachable(listen)))
}

/// The address that the daemon of this data directory has written down.
fn bound(data_dir: &Path) -> Option<SocketAddr> {
    std::fs::read_to_string(data_dir.join(ADDRESS)).ok()?.trim().parse().ok()
}

/// An address that listens to everyone is reached by way of loopback.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

fn token_file(sources: &Sources) -> Result<PathBuf, Failure> {
    Ok(locate(sources)?.data_dir.join("operator.token"))
}

fn read_token(file: &Path) -> Result<SecretString, ClientError> {
    let text = std::fs::read_to_string(file)
        .map_err(|source| ClientError::Token { file: file.to_owned(), source })?;
    Ok(text.trim().into())
}

/// The language of the person's locale (`pt_BR.UTF-8`), for the daemon's texts.
fn language(variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let set = |name| variable(name).filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set)?;
    let tag = locale.split(['.', '@']).next()?.replace('_', "-");
    let fit = tag.len() >= 2 && tag.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    (fit && tag != "POSIX").then_some(tag)
}
