//! The daemon itself.

pub(super) const ROUTES: &[&str] =
    &["GET /config", "GET /health", "GET /metrics", "GET /ready", "GET /status"];
