//! Answers that must land in the same commit as the change they tell of.
//!
//! The edge knows the key and how a record is shown; the concern knows when the
//! record is final. A [`Keep`] carries the first to the second: the concern's
//! shell finishes it and stages the [`Answer`] in its `Write`.

use std::fmt;

use zelador_store::{Timestamp, Write, answer::Answer};

/// The place of an answer that is still to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PendingAnswer {
    /// SHA-256 of token, method, path and key.
    pub scope: [u8; 32],
    /// SHA-256 of the request's query and body in canonical form.
    pub fingerprint: [u8; 32],
    /// From when on it is forgotten.
    pub expires_at: Timestamp,
}

/// What is answered, as the edge would send it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// HTTP status, 200 to 299.
    pub status: u16,
    /// The record's own path, without a prefix.
    pub location: Option<String>,
    /// The `ETag` header.
    pub etag: Option<String>,
    /// The body: JSON, as text.
    pub body: String,
}

impl PendingAnswer {
    /// The row to keep.
    pub fn finish(self, rendered: Rendered) -> Answer {
        Answer {
            fingerprint: self.fingerprint,
            status: rendered.status,
            location: rendered.location,
            etag: rendered.etag,
            body: rendered.body,
            expires_at: self.expires_at,
        }
    }
}

/// How to keep the answer about an `R`; travels in a concern's message.
pub struct Keep<R> {
    pending: PendingAnswer,
    render: Box<dyn Fn(&R) -> Option<Rendered> + Send + Sync>,
}

impl<R> Keep<R> {
    /// The edge's part: where it is kept, and how an `R` is shown. What cannot be
    /// shown is not kept.
    pub fn new(
        pending: PendingAnswer,
        render: impl Fn(&R) -> Option<Rendered> + Send + Sync + 'static,
    ) -> Self {
        Self { pending, render: Box::new(render) }
    }

    /// The concern's part: stages the answer about the final record. A write that
    /// was overtaken is staged anew, and its answer with it.
    pub fn stage(&self, write: &mut Write, record: &R) {
        if let Some(rendered) = (self.render)(record) {
            write.answer(&self.pending.scope, &self.pending.finish(rendered));
        }
    }

    /// A write of nothing but the answer, for what is done in many commits: each
    /// of them does no harm when it is done again.
    pub fn alone(&self, record: &R) -> Write {
        let mut write = Write::new();
        self.stage(&mut write, record);
        write
    }
}

impl<R> fmt::Debug for Keep<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keep").field("pending", &self.pending).finish_non_exhaustive()
    }
}
