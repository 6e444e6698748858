//! The envelope around every answer, as JSON or XML, in both versions.

use bytes::Bytes;
use http_body_util::Full;
use hyper::Response;
use hyper::http::StatusCode;
use serde_json::{Value, json};

pub(crate) type Answer = Response<Full<Bytes>>;

/// Which of the two interfaces was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// Answers 200 to nearly everything.
    V1,
    /// Maps failures to status codes.
    V2,
}

/// How the answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) version: Version,
    pub(crate) json: bool,
}

/// An answer before its envelope.
#[derive(Debug, Clone)]
pub(crate) struct Ocs {
    /// 100 is success, which version 2 writes as 200.
    code: u16,
    message: String,
    data: Value,
}

impl Ocs {
    pub(crate) const OK: u16 = 100;

    pub(crate) fn data(data: Value) -> Self {
        Self { code: Self::OK, message: "OK".to_owned(), data }
    }

    /// Success with nothing to say: `data` is an empty list.
    pub(crate) fn done() -> Self {
        Self::data(json!([]))
    }

    pub(crate) fn fail(code: u16, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: json!([]) }
    }

    /// What any exception becomes.
    pub(crate) fn stumbled() -> Self {
        Self::fail(996, "Internal Server Error\n")
    }

    fn http(&self, version: Version) -> u16 {
        match (self.code, version) {
            (429 | 503, _) => self.code,
            (997, _) => 401,
            (_, Version::V1) | (Self::OK, Version::V2) => 200,
            (101..=113, Version::V2) => 400,
            (998, Version::V2) => 404,
            (403 | 404, Version::V2) => self.code,
            (_, Version::V2) => 500,
        }
    }

    /// The whole answer.
    pub(crate) fn answer(&self, form: Form) -> Answer {
        let ok = self.code == Self::OK;
        let code = if ok && form.version == Version::V2 { 200 } else { self.code };
        let mut meta = json!({
            "status": if ok { "ok" } else { "failure" },
            "statuscode": code,
            "message": self.message,
        });
        if let (Version::V1, Some(meta)) = (form.version, meta.as_object_mut()) {
            meta.insert("totalitems".to_owned(), json!(""));
            meta.insert("itemsperpage".to_owned(), json!(""));
        }
        let (kind, body) = if form.json {
            let body = json!({"ocs": {"meta": meta, "data": self.data}});
            ("application/json; charset=utf-8", body.to_string())
        } else {
            ("application/xml; charset=utf-8", xml(&meta, &self.data))
        };
        let mut answer = plain(self.http(form.version), kind, body);
        if self.code == 997 {
            let basic =
                hyper::header::HeaderValue::from_static("Basic realm=\"Authorisation Required\"");
            answer.headers_mut().insert(hyper::header::WWW_AUTHENTICATE, basic);
        }
        answer
    }
}

/// An answer without an envelope.
pub(crate) fn plain(status: u16, kind: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    let kind = hyper::header::HeaderValue::from_static(kind);
    answer.headers_mut().insert(hyper::header::CONTENT_TYPE, kind);
    answer
}

fn xml(meta: &Value, data: &Value) -> String {
    let mut text = String::from("<?xml version=\"1.0\"?>\n<ocs>\n <meta>");
    members(meta, &mut text);
    text.push_str("</meta>\n <data>");
    members(data, &mut text);
    text.push_str("</data>\n</ocs>\n");
    text
}

fn members(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| element(name, value, text));
        }
        Value::Array(items) => items.iter().for_each(|item| element("element", item, text)),
        Value::Null => {}
        Value::Bool(flag) => text.push_str(if *flag { "1" } else { "" }),
        Value::String(words) => text.push_str(&escape(words)),
        Value::Number(number) => text.push_str(&number.to_string()),
    }
}

fn element(name: &str, value: &Value, text: &mut String) {
    text.extend(["<", name, ">"]);
    members(value, text);
    text.extend(["</", name, ">"]);
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
