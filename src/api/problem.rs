//! The one shape of every error: RFC 9457, and beside it the seeds' members.
//!
//! A [`Problem`] holds a code and what its message needs; the text is made in the
//! caller's language when the response is. One `match` maps the families of
//! failure to status codes, and it is here.

use std::time::Duration;

use serde_json::{Map, Value, json};
use warp::http::header::{self, HeaderName, HeaderValue};
use warp::http::{Response, StatusCode};
use zelador_actors::error::{Args, Cause};
use zelador_actors::{Error, Flaw, Refusal};

use super::language::Language;

/// A refusal or a failure, on its way to the caller.
#[derive(Debug)]
pub struct Problem(Box<Parts>);

#[derive(Debug)]
struct Parts {
    status: StatusCode,
    code: &'static str,
    args: Args,
    flaws: Vec<Flaw>,
    members: Map<String, Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<Error>,
}

impl Problem {
    /// A problem of this code; its message is the one of the code.
    pub fn new(status: StatusCode, code: &'static str) -> Self {
        Self(Box::new(Parts {
            status,
            code,
            args: Vec::new(),
            flaws: Vec::new(),
            members: Map::new(),
            headers: Vec::new(),
            cause: None,
        }))
    }

    /// The record, or one the request names, is absent or invisible (404).
    pub fn absent(what: &'static str) -> Self {
        Refusal::Absent { what }.into()
    }

    /// Members with wrong values (422).
    pub fn invalid(flaws: Vec<Flaw>) -> Self {
        Refusal::Invalid(flaws).into()
    }

    /// Visible, but not permitted (403).
    pub fn forbidden(code: &'static str) -> Self {
        Refusal::Forbidden { code }.into()
    }

    /// Ours (500).
    pub fn fault(doing: &'static str, source: impl Into<Cause>) -> Self {
        Error::Fault { doing, source: source.into() }.into()
    }

    /// With a value for its message.
    #[expect(clippy::needless_pass_by_value, reason = "callers pass numbers as they are")]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.0.args.push((name, value.to_string()));
        self
    }

    /// With a further member.
    pub fn member(mut self, name: &str, value: Value) -> Self {
        self.0.members.insert(name.to_owned(), value);
        self
    }

    /// With a header; a value that no header can carry is left out.
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.0.headers.push((name, value));
        }
        self
    }

    /// With `Retry-After`, in whole seconds, at least one.
    pub fn retry_after(self, wait: Duration) -> Self {
        let seconds = wait.as_millis().div_ceil(1000).max(1);
        self.header(header::RETRY_AFTER, &seconds.to_string())
    }

    /// Its status.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// Its code.
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// Its message.
    pub fn message(&self, language: Language) -> String {
        language.say(self.0.code, &self.0.args)
    }

    /// Its flaws, if members were wrong.
    pub fn flaws(&self) -> &[Flaw] {
        &self.0.flaws
    }

    /// Writes a fault to the log, with its whole chain.
    pub fn log(&self) {
        let Some(cause) = &self.0.cause else { return };
        tracing::error!(code = self.0.code, error = %cause.chain(), "request failed");
    }

    /// The response in `language`; its headers but those of every response.
    pub fn render(self, language: Language, trace_id: &str) -> Response<String> {
        let parts = *self.0;
        let body = Value::Object(members(&parts, language, trace_id)).to_string();
        let mut response = Response::new(body);
        *response.status_mut() = parts.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.extend(parts.headers);
        response
    }
}

fn members(parts: &Parts, language: Language, trace_id: &str) -> Map<String, Value> {
    let status = parts.status.as_u16();
    let detail = language.say(parts.code, &parts.args);
    let mut members = parts.members.clone();
    let own = json!({
        "type": format!("urn:zelador:problem:{}", parts.code),
        "title": language.say(&format!("title-{status}"), &[]),
        "status": status,
        "detail": detail,
        "success": false,
        "error": parts.code,
        "message": detail,
        "trace_id": trace_id,
    });
    if let Value::Object(own) = own {
        members.extend(own);
    }
    if !parts.flaws.is_empty() {
        members.insert("errors".to_owned(), flaws(&parts.flaws, language));
    }
    members
}

fn flaws(flaws: &[Flaw], language: Language) -> Value {
    flaws
        .iter()
        .map(|flaw| {
            let message = language.say(&format!("field-{}", flaw.code), &flaw.args);
            json!({ "field": flaw.field, "code": flaw.code, "message": message })
        })
        .collect()
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Absent { what } => {
                Self::new(StatusCode::NOT_FOUND, "not_found").with("what", what)
            }
            Refusal::Invalid(flaws) => {
                let mut problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "validation_failed")
                    .with("count", flaws.len());
                problem.0.flaws = flaws;
                problem
            }
            Refusal::Unknown { code } => Self::new(StatusCode::UNAUTHORIZED, code)
                .header(header::WWW_AUTHENTICATE, "Bearer realm=\"zelador\""),
            Refusal::Forbidden { code } => Self::new(StatusCode::FORBIDDEN, code),
            Refusal::Stale => Self::new(StatusCode::PRECONDITION_FAILED, "stale_version"),
            Refusal::Rule { code, args, details } => {
                Self::ruled(StatusCode::BAD_REQUEST, code, args, details)
            }
            Refusal::Conflict { code, args, details } => {
                Self::ruled(StatusCode::CONFLICT, code, args, details)
            }
        }
    }
}

impl Problem {
    fn ruled(status: StatusCode, code: &'static str, args: Args, details: Value) -> Self {
        let mut problem = Self::new(status, code);
        problem.0.args = args;
        if let Value::Object(details) = details {
            problem.0.members = details;
        }
        problem
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => refusal.into(),
            Error::Busy { retry_after, .. } => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy").retry_after(retry_after)
            }
            Error::TooMany { retry_after } => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts")
                    .retry_after(retry_after)
            }
            Error::StorageFull => Self::new(StatusCode::SERVICE_UNAVAILABLE, "storage_full")
                .retry_after(Duration::from_secs(30)),
            Error::Outage { .. } => Self::new(StatusCode::SERVICE_UNAVAILABLE, "upstream_failed")
                .retry_after(Duration::from_secs(30))
                .caused_by(error),
            Error::Fault { .. } => {
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal").caused_by(error)
            }
        }
    }
}

impl Problem {
    fn caused_by(mut self, error: Error) -> Self {
        self.0.cause = Some(error);
        self
    }
}
