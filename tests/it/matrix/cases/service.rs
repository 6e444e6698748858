//! The daemon itself.

pub(super) const ROUTES: &[&str] = &["GET /health", "GET /metrics", "GET /ready", "GET /status"];
