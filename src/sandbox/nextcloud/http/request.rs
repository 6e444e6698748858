//! What a request says, read as leniently as the server does.

use std::collections::BTreeMap;

use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap, HeaderName};
use hyper::{Method, Uri};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::super::core::cloud::Shown;

/// A request, read whole.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    /// The path's parts, decoded.
    pub(crate) path: Vec<String>,
    pub(crate) query: BTreeMap<String, String>,
    headers: HeaderMap,
    /// The members of the body; `None`: it could not be read.
    pub(crate) body: Option<BTreeMap<String, Value>>,
    pub(crate) peer: String,
}

impl Asked {
    pub(crate) fn new(
        method: Method,
        uri: &Uri,
        headers: HeaderMap,
        body: &[u8],
        peer: String,
    ) -> Self {
        let path = uri.path().trim_matches('/').split('/').map(decoded).collect();
        let query = pairs(uri.query().unwrap_or_default()).into_iter().collect();
        let body = members(&headers, body);
        Self { method, path, query, headers, body, peer }
    }

    pub(crate) fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether the compulsory header is there.
    pub(crate) fn is_ocs(&self) -> bool {
        self.headers.get("ocs-apirequest").is_some_and(|value| value == "true")
    }

    pub(crate) fn wants_json(&self) -> bool {
        let by_header = self.header(&ACCEPT).is_some_and(|accept| accept.contains("json"));
        by_header || self.query.get("format").is_some_and(|format| format == "json")
    }

    /// The name it was asked under, without the port.
    pub(crate) fn host(&self) -> &str {
        let host = self.header(&HOST).unwrap_or_default();
        host.rsplit_once(':').map_or(host, |(name, _)| name)
    }

    pub(crate) fn shown(&self) -> Shown {
        let Some(header) = self.header(&AUTHORIZATION) else { return Shown::Nothing };
        match header.split_once(' ') {
            Some(("Bearer", token)) => Shown::Bearer(token.to_owned()),
            Some(("Basic", text)) => match basic(text) {
                Some((name, secret)) => Shown::Basic(name, secret),
                None => Shown::Nothing,
            },
            _ => Shown::Nothing,
        }
    }

    /// A member of the body as text; numbers as they are written.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        match self.body.as_ref()?.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Null => None,
            other => Some(other.to_string()),
        }
    }

    /// As [`text`](Self::text), absent when empty.
    pub(crate) fn filled(&self, name: &str) -> Option<String> {
        self.text(name).filter(|text| !text.is_empty())
    }

    /// A list; `Err` if it is something else.
    pub(crate) fn list(&self, name: &str) -> Result<Vec<String>, ()> {
        match self.body.as_ref().and_then(|body| body.get(name)) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(items)) => {
                Ok(items.iter().filter_map(Value::as_str).map(str::to_owned).collect())
            }
            Some(_) => Err(()),
        }
    }
}

fn basic(text: &str) -> Option<(String, String)> {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(text).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (name, secret) = text.split_once(':')?;
    Some((name.to_owned(), secret.to_owned()))
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn pairs(text: &str) -> Vec<(String, String)> {
    let pair = |part: &str| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        (decoded(&name.replace('+', " ")), decoded(&value.replace('+', " ")))
    };
    text.split('&').filter(|part| !part.is_empty()).map(pair).collect()
}

fn members(headers: &HeaderMap, body: &[u8]) -> Option<BTreeMap<String, Value>> {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.starts_with("application/json") {
        if body.is_empty() {
            return Some(BTreeMap::new());
        }
        let value: Value = serde_json::from_slice(body).ok()?;
        return Some(value.as_object()?.clone().into_iter().collect());
    }
    let mut members = BTreeMap::new();
    for (name, value) in pairs(std::str::from_utf8(body).ok()?) {
        let Some(list) = name.strip_suffix("[]") else {
            members.insert(name, Value::String(value));
            continue;
        };
        let list = members.entry(list.to_owned()).or_insert_with(|| Value::Array(Vec::new()));
        if let Some(list) = list.as_array_mut() {
            list.push(Value::String(value));
        }
    }
    Some(members)
}
