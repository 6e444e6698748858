//! All pairs as of one group, while writing goes on.

use std::sync::Arc;

use super::record::StoreId;
use super::shared::Shared;
use crate::kv::engine::EngineError;

/// A store as of one group. While it lives nothing is drained to sled, so new
/// changes gather in memory: it is not to be kept longer than it takes to read.
pub struct Snapshot {
    shared: Arc<Shared>,
    group: u64,
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").field("group", &self.group).finish_non_exhaustive()
    }
}

impl Snapshot {
    /// Holds off drains, if sled stands still and has everything up to `least`.
    pub(super) fn take(shared: &Arc<Shared>, least: u64) -> Option<Self> {
        let mut drain = shared.drain.lock();
        if drain.draining || drain.drained < least {
            return None;
        }
        drain.holds += 1;
        Some(Self { shared: shared.clone(), group: drain.drained })
    }

    /// The last group that is in it.
    pub fn group(&self) -> u64 {
        self.group
    }

    /// The store it was taken of.
    pub fn store_id(&self) -> StoreId {
        self.shared.store
    }

    /// Hands every pair to `each`, in key order.
    pub fn read(
        &self,
        mut each: impl FnMut(&[u8], &[u8]) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        self.shared.index.walk(|key, value| each(key, value).map(|()| true)).map(drop)
    }

    /// The value under a key.
    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        Ok(self.shared.index.get(key)?.map(|value| value.to_vec()))
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        self.shared.drain.lock().holds -= 1;
        self.shared.news.notify_all();
    }
}
