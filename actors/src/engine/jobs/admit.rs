//! What may be enqueued from outside: the daemon's own code knows its kinds.

use serde_json::Value;
use zelador_store::kv::Term;

use super::desk::JobDesk;
use super::draft::NewJob;
use crate::error::{Error, Flaw, Refusal};

/// The longest arguments, in bytes of JSON.
pub(super) const MAX_ARGS: usize = 16 * 1024;

impl JobDesk {
    /// Refuses what no handler, no queue or no row could take; `path` names the
    /// place of a job in the request, such as `[3].`.
    pub async fn admit<'a>(
        &self,
        jobs: impl IntoIterator<Item = (String, &'a NewJob)>,
    ) -> Result<(), Error> {
        let queues = self.queue_names().await?;
        let mut flaws = Vec::new();
        for (path, job) in jobs {
            let mut flaw = |name: &str, flaw: Flaw| {
                flaws.push(Flaw { field: format!("{path}{name}"), ..flaw });
            };
            if !self.knows(&job.kind) {
                flaw("kind", Flaw::new("", "unknown_kind"));
            }
            if job.queue.as_ref().is_some_and(|queue| !queues.contains(queue)) {
                flaw("queue", Flaw::new("", "unknown_queue"));
            }
            if job.args.len() > MAX_ARGS {
                flaw("args", Flaw::new("", "too_many_bytes").with("limit", MAX_ARGS));
            } else if !is_object(&job.args) {
                flaw("args", Flaw::new("", "type").with("expected", "object"));
            }
            if job.unique.as_deref().is_some_and(|key| !Term::fits(key)) {
                flaw("unique_key", Flaw::new("", "too_many_bytes").with("limit", Term::MAX));
            }
        }
        if flaws.is_empty() { Ok(()) } else { Err(Refusal::Invalid(flaws).into()) }
    }
}

fn is_object(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok_and(|value| value.is_object())
}
