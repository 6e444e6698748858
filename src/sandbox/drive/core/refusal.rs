//! Refusals as Google words them.

use super::super::json::put;
use serde_json::{Value, json};

/// Why a call was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    /// HTTP status.
    pub(crate) status: u16,
    /// Google's word, such as `notFound`.
    pub(crate) reason: String,
    /// In words.
    pub(crate) message: String,
    /// The parameter that is to blame.
    pub(crate) location: Option<&'static str>,
}

impl Refused {
    pub(crate) fn new(status: u16, reason: &str, message: impl Into<String>) -> Self {
        Self { status, reason: reason.to_owned(), message: message.into(), location: None }
    }

    pub(crate) fn not_found(id: &str) -> Self {
        let refused = Self::new(404, "notFound", format!("File not found: {id}."));
        Self { location: Some("fileId"), ..refused }
    }

    pub(crate) fn invalid(location: &'static str, message: impl Into<String>) -> Self {
        Self { location: Some(location), ..Self::new(400, "invalid", message) }
    }

    pub(crate) fn not_permitted(id: &str) -> Self {
        let message = format!("The user does not have sufficient permissions for file {id}.");
        Self::new(403, "insufficientFilePermissions", message)
    }

    /// The body. `bare`: without `errors`, as newer front ends answer.
    pub(crate) fn body(&self, bare: bool) -> Value {
        let status = match self.status {
            400 => "INVALID_ARGUMENT",
            401 => "UNAUTHENTICATED",
            403 => "PERMISSION_DENIED",
            404 => "NOT_FOUND",
            409 => "ALREADY_EXISTS",
            412 => "FAILED_PRECONDITION",
            429 => "RESOURCE_EXHAUSTED",
            503 => "UNAVAILABLE",
            _ => "INTERNAL",
        };
        let mut error = json!({ "code": self.status, "message": self.message, "status": status });
        let usage = self.reason.contains("imit") && self.reason != "teamDriveFileLimitExceeded";
        let mut one = json!({
            "domain": if usage { "usageLimits" } else { "global" },
            "reason": self.reason,
            "message": self.message,
        });
        if let Some(location) = self.location {
            put(&mut one, "locationType", "parameter");
            put(&mut one, "location", location);
        }
        if bare {
            let info = "type.googleapis.com/google.rpc.ErrorInfo";
            put(&mut error, "details", json!([{ "@type": info, "reason": self.reason }]));
        } else {
            put(&mut error, "errors", json!([one]));
        }
        json!({ "error": error })
    }
}
