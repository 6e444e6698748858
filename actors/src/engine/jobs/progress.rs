//! How far the running jobs are: live, in memory, gone with the try.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use zelador_store::id::JobId;

/// Done, total, a line of text.
pub type Progress = (u64, u64, String);

/// Longest line kept.
const MAX_LINE: usize = 200;

/// The progress of every running job; clones are the same board.
#[derive(Clone, Default)]
pub struct ProgressBoard(Arc<Mutex<HashMap<JobId, Progress>>>);

impl ProgressBoard {
    pub(super) fn show(&self, job: JobId, done: u64, total: u64, mut line: String) {
        while line.len() > MAX_LINE {
            line.pop();
        }
        self.0.lock().insert(job, (done, total, line));
    }

    pub(super) fn clear(&self, job: JobId) {
        self.0.lock().remove(&job);
    }

    /// What a job showed last.
    pub fn get(&self, job: JobId) -> Option<Progress> {
        self.0.lock().get(&job).cloned()
    }
}
