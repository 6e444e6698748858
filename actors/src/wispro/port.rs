//! What the sync needs of its upstream: a page.

use std::sync::Arc;

use async_trait::async_trait;

use super::rules::envelope::{Answer, Trouble};
use super::settings::WisproSettings;

/// A conversation with the upstream.
#[async_trait]
pub trait Port: Send + Sync {
    /// Asks for a page, counted from 1. `Err`: nothing came over the wire.
    async fn page(&self, page: u32, per_page: u32) -> Result<Answer, Trouble>;
}

/// Begins conversations with whatever the settings name.
pub trait Upstream: Send + Sync + 'static {
    /// One of them; the error is in words an operator can act on.
    fn open(&self, settings: &WisproSettings) -> Result<Arc<dyn Port>, String>;
}
