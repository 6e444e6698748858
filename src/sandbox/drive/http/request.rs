//! What a request says.

use std::collections::BTreeMap;

use bytes::Bytes;
use hyper::header::HeaderMap;
use hyper::{Method, Uri};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::super::core::{Mask, Refused};

/// A request, read whole.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) method: Method,
    /// The path's parts, decoded.
    pub(super) path: Vec<String>,
    pub(super) query: BTreeMap<String, String>,
    headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Asked {
    pub(super) fn new(method: Method, uri: &Uri, headers: HeaderMap, body: Bytes) -> Self {
        let path = uri.path().trim_matches('/').split('/').map(decoded).collect::<Vec<_>>();
        // The same uploads under another name.
        let path = match path.split_first() {
            Some((first, rest)) if first == "resumable" => rest.to_vec(),
            _ => path,
        };
        let query = pairs(uri.query().unwrap_or_default());
        Self { method, path, query, headers, body }
    }

    /// The same request with another query: what an upload was begun with.
    pub(super) fn again(asked: &Self, query: BTreeMap<String, String>) -> Self {
        let (method, path) = (asked.method.clone(), asked.path.clone());
        Self { method, path, query, headers: asked.headers.clone(), body: Bytes::new() }
    }

    /// Method and path, without what names a record.
    pub(super) fn call(&self) -> String {
        let nouns = [
            "upload",
            "drive",
            "v3",
            "files",
            "permissions",
            "changes",
            "startPageToken",
            "watch",
            "channels",
            "stop",
            "generateIds",
            "copy",
            "export",
            "about",
            "drives",
            "token",
        ];
        let part = |part: &String| {
            if nouns.contains(&part.as_str()) { part.clone() } else { "…".to_owned() }
        };
        let path: Vec<_> = self.path.iter().map(part).collect();
        format!("{} /{}", self.method, path.join("/"))
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// A switch of the query; absent means no.
    pub(super) fn is_on(&self, name: &str) -> bool {
        self.query.get(name).is_some_and(|value| value == "true")
    }

    /// A number of the query between bounds.
    pub(super) fn number(
        &self,
        name: &'static str,
        usual: usize,
        most: usize,
    ) -> Result<usize, Refused> {
        let Some(text) = self.query.get(name) else { return Ok(usual) };
        let number = text.parse::<usize>().ok().filter(|number| (1..=most).contains(number));
        number.ok_or_else(|| {
            let message =
                format!("Invalid value '{text}'. Values must be within the range: [1, {most}]");
            Refused { location: Some(name), ..Refused::new(400, "invalidParameter", message) }
        })
    }

    /// What of the answer is wanted.
    pub(super) fn mask(
        &self,
        shape: &'static [(&'static str, &'static [&'static str])],
        usual: &str,
    ) -> Result<Mask, Refused> {
        Mask::parse(self.query.get("fields").map_or(usual, String::as_str), shape)
    }

    /// The body as an object; nothing is an empty one.
    pub(super) fn json(&self) -> Result<Value, Refused> {
        read_json(&self.body)
    }
}

/// An object; nothing is an empty one.
pub(super) fn read_json(bytes: &[u8]) -> Result<Value, Refused> {
    if bytes.is_empty() {
        return Ok(Value::Object(serde_json::Map::new()));
    }
    let value: Option<Value> = serde_json::from_slice(bytes).ok();
    value.filter(Value::is_object).ok_or_else(|| Refused::new(400, "parseError", "Parse Error"))
}

/// The members of a form.
pub(super) fn pairs(text: &str) -> BTreeMap<String, String> {
    let pair = |part: &str| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        (decoded(&name.replace('+', " ")), decoded(&value.replace('+', " ")))
    };
    text.split('&').filter(|part| !part.is_empty()).map(pair).collect()
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}
