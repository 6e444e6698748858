//! Texts of notices.

use serde_json::json;

use super::Call;

pub(super) const ROUTES: &[&str] = &["GET /notifications/preview", "POST /notifications/test"];

pub(super) fn call(name: &str) -> Call {
    let call = Call::new(name);
    match name {
        "GET /notifications/preview" => call.query("kind=booking_made&language=es"),
        _ => call.body(json!({"address": "operator@sol.example"})),
    }
}
