//! What a handler answers when all is well.

use hyper::body::Bytes;
use serde::Serialize;
use warp::http::StatusCode;
use warp::http::header::{HeaderName, HeaderValue};
use zelador_actors::Rendered;
use zelador_store::Cursor;

use super::language::Language;
use super::live::Live;
use super::problem::Problem;

/// Room for a usual record.
const JSON_BYTES: usize = 1024;

/// A successful answer; `dispatch` adds the headers that every answer has.
#[derive(Debug, Clone)]
pub struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) body: Body,
    pub(crate) version: Option<u64>,
    pub(crate) location: Option<String>,
    pub(crate) next: Option<Cursor>,
    pub(crate) language: Option<Language>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

/// What a reply carries.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    Empty,
    Json(String),
    Bytes {
        content_type: String,
        bytes: Bytes,
    },
    /// It goes on until its source ends.
    Live(Live),
}

impl Reply {
    fn new(status: StatusCode, body: Body) -> Self {
        Self {
            status,
            body,
            version: None,
            location: None,
            next: None,
            language: None,
            headers: Vec::new(),
        }
    }

    /// 200 with this record.
    pub fn ok(value: &impl Serialize) -> Result<Self, Problem> {
        Self::json(StatusCode::OK, value)
    }

    /// 201 with this record, which lives at `location` (without a prefix).
    pub fn created(location: impl Into<String>, value: &impl Serialize) -> Result<Self, Problem> {
        let mut reply = Self::json(StatusCode::CREATED, value)?;
        reply.location = Some(location.into());
        Ok(reply)
    }

    /// 202: it will be done.
    pub fn accepted(value: &impl Serialize) -> Result<Self, Problem> {
        Self::json(StatusCode::ACCEPTED, value)
    }

    /// 204: done, nothing to say.
    pub fn none() -> Self {
        Self::new(StatusCode::NO_CONTENT, Body::Empty)
    }

    /// 200 with a page of a list, and the way to the next.
    pub fn list(rows: &[impl Serialize], next: Option<Cursor>) -> Result<Self, Problem> {
        let mut reply = Self::json(StatusCode::OK, &rows)?;
        reply.next = next;
        Ok(reply)
    }

    /// JSON with any status.
    pub fn json(status: StatusCode, value: &impl Serialize) -> Result<Self, Problem> {
        let mut text = Vec::with_capacity(JSON_BYTES);
        serde_json::to_writer(&mut text, value)
            .map_err(|source| Problem::fault("writing the answer", source))?;
        let text = String::from_utf8(text)
            .map_err(|source| Problem::fault("writing the answer", source))?;
        Ok(Self::new(status, Body::Json(text)))
    }

    /// 200 with something that is not JSON.
    pub fn bytes(content_type: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        let body = Body::Bytes { content_type: content_type.into(), bytes: bytes.into() };
        Self::new(StatusCode::OK, body)
    }

    /// 200 with something that comes piece by piece.
    pub fn live(live: Live) -> Self {
        Self::new(StatusCode::OK, Body::Live(live))
    }

    /// 200 with JSON that is already text.
    pub fn json_text(text: impl Into<String>) -> Self {
        Self::new(StatusCode::OK, Body::Json(text.into()))
    }

    /// With the record's version as its `ETag`.
    pub fn version(mut self, version: u64) -> Self {
        self.version = Some(version);
        self
    }

    /// Its texts are in this language, not in the one negotiated without a look
    /// at the record: a tenant's own, for example.
    pub fn language(mut self, language: Language) -> Self {
        self.language = Some(language);
        self
    }

    /// With a further header.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// As it is kept for a repeated request; pass it to [`zelador_actors::Keep`].
    pub fn rendered(&self) -> Rendered {
        Rendered {
            status: self.status.as_u16(),
            location: self.location.clone(),
            etag: self.version.map(super::conditional::etag),
            body: match &self.body {
                Body::Json(text) => text.clone(),
                Body::Empty | Body::Bytes { .. } | Body::Live(_) => String::new(),
            },
        }
    }
}
