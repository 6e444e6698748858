//! How the sandbox fails, if it is told to.

use serde::{Deserialize, Serialize};

/// What goes wrong, and for how long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a way to fail")]
pub struct Faults {
    /// So many requests fail; 0: all of them.
    pub times: u32,
    /// Requests for pages before this one are answered.
    pub from_page: u32,
    /// Milliseconds that every answer takes longer.
    pub slow_ms: u32,
    /// HTTP 200 with this status in the body: 400, 401, 402, 404, 500.
    pub status: Option<u16>,
    /// This HTTP status, with a page of HTML.
    pub http: Option<u16>,
    /// `Retry-After` of such an answer, in seconds.
    pub retry_after: Option<u32>,
    /// HTTP 200 with a page of HTML.
    pub html: bool,
    /// The connection is cut instead of an answer.
    pub cut: bool,
    /// An envelope without `data`.
    pub no_data: bool,
    /// Answers without `meta.pagination`; they are no failures.
    pub no_pagination: bool,
    /// Whatever page is asked for, the first is answered.
    pub same_page: bool,
    /// The order of the clients moves with every request, so that some stand on
    /// two pages and some on none.
    pub shifting: bool,
    /// So many clients more are promised than there are.
    pub promises: u32,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            times: 0,
            from_page: 1,
            slow_ms: 0,
            status: None,
            http: None,
            retry_after: None,
            html: false,
            cut: false,
            no_data: false,
            no_pagination: false,
            same_page: false,
            shifting: false,
            promises: 0,
        }
    }
}

impl Faults {
    /// Whether a request fails at all.
    pub fn fails(&self) -> bool {
        self.status.is_some() || self.http.is_some() || self.html || self.cut || self.no_data
    }
}
