//! What is newer than sled: two ordered layers in memory.
//!
//! ```text
//!   commit → active ──(freeze)──→ frozen ──(drain)──→ sled
//!   read   =  active, else frozen, else sled
//! ```
//! - A layer holds only what the journal holds durably.
//! - Between a freeze and the end of its drain, `frozen` covers every key that
//!   the drain touches, so no reader sees sled half drained.
//! - A tombstone stands wherever a layer below may still hold the key.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Bound;
use std::sync::Arc;

use bytes::Bytes;

use super::near::{Near, Probe, Sought};

/// What a map entry costs beyond its bytes, roughly: where they are, where to begin
/// comparing, and their share of a tree node.
const ENTRY_BYTES: usize = 128;

/// What a layer knows of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Slot {
    /// It has this value.
    Put {
        /// The value.
        value: Bytes,
        /// No layer below holds the key, so deleting it leaves no trace.
        fresh: bool,
    },
    /// It is gone, whatever the layers below say.
    Tombstone,
}

impl Slot {
    /// The value, unless it is gone.
    pub(super) fn value(&self) -> Option<&Bytes> {
        match self {
            Self::Put { value, .. } => Some(value),
            Self::Tombstone => None,
        }
    }
}

/// One generation of changes.
#[derive(Debug, Default)]
pub(super) struct Layer {
    slots: BTreeMap<Near, Slot>,
    bytes: usize,
}

impl Layer {
    pub(super) fn get(&self, key: &[u8]) -> Option<&Slot> {
        let sought: &dyn Sought = &Probe::new(key);
        self.slots.get(sought)
    }

    /// About how many bytes of memory it takes.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// All changes, in key order; no value: the key is gone.
    pub(super) fn changes(&self) -> impl Iterator<Item = (&[u8], Option<&[u8]>)> + Clone {
        self.slots.iter().map(|(key, slot)| (&**key.bytes(), slot.value().map(|value| &**value)))
    }

    /// The slots within bounds, in key order; these must not be the wrong way round.
    pub(super) fn range(
        &self,
        from: Bound<&[u8]>,
        to: Bound<&[u8]>,
    ) -> impl DoubleEndedIterator<Item = (&Bytes, &Slot)> {
        let (from, to) = (from.map(Probe::new), to.map(Probe::new));
        let bounds = (from.as_ref().map(sought), to.as_ref().map(sought));
        let range = self.slots.range::<dyn Sought, _>(bounds);
        range.map(|(key, slot)| (key.bytes(), slot))
    }

    fn put(&mut self, key: Bytes, value: Bytes, fresh: bool) {
        self.bytes += ENTRY_BYTES + key.len() + value.len();
        match self.slots.entry(Near::new(key)) {
            Entry::Vacant(slot) => {
                slot.insert(Slot::Put { value, fresh });
            }
            Entry::Occupied(mut slot) => {
                // A tombstone, or a value that was not fresh, hides a key below.
                let fresh = matches!(slot.get(), Slot::Put { fresh: true, .. });
                let gone = cost(slot.key().bytes(), slot.get());
                slot.insert(Slot::Put { value, fresh });
                self.bytes = self.bytes.saturating_sub(gone);
            }
        }
    }

    fn delete(&mut self, key: Bytes) {
        match self.slots.entry(Near::new(key)) {
            Entry::Vacant(slot) => {
                self.bytes += ENTRY_BYTES + slot.key().bytes().len();
                slot.insert(Slot::Tombstone);
            }
            Entry::Occupied(mut slot) => {
                let gone = cost(slot.key().bytes(), slot.get());
                if matches!(slot.get(), Slot::Put { fresh: true, .. }) {
                    slot.remove();
                } else {
                    self.bytes += ENTRY_BYTES + slot.key().bytes().len();
                    slot.insert(Slot::Tombstone);
                }
                self.bytes = self.bytes.saturating_sub(gone);
            }
        }
    }
}

fn sought<'a>(probe: &'a Probe<'_>) -> &'a (dyn Sought + 'a) {
    probe
}

fn cost(key: &[u8], slot: &Slot) -> usize {
    ENTRY_BYTES + key.len() + slot.value().map_or(0, Bytes::len)
}

/// The layers above sled.
#[derive(Debug, Default)]
pub(super) struct Layers {
    /// What is newest; grows with every group.
    pub(super) active: Layer,
    /// What is on its way to sled.
    pub(super) frozen: Option<Arc<Layer>>,
    /// The last group that is in here.
    pub(super) group: u64,
}

impl Layers {
    /// What the layers know of a key; `None`: ask sled.
    pub(super) fn get(&self, key: &[u8]) -> Option<&Slot> {
        self.active.get(key).or_else(|| self.frozen.as_ref().and_then(|layer| layer.get(key)))
    }

    /// Applies one change. `fresh`: nothing stands under the key.
    pub(super) fn apply(&mut self, key: Bytes, value: Option<Bytes>, fresh: bool) {
        match value {
            Some(value) => {
                let hides = |layer: &Arc<Layer>| matches!(layer.get(&key), Some(Slot::Put { .. }));
                let fresh = fresh && !self.frozen.as_ref().is_some_and(hides);
                self.active.put(key, value, fresh);
            }
            None => self.active.delete(key),
        }
    }

    /// About how many bytes of memory both take.
    pub(super) fn undrained_bytes(&self) -> usize {
        self.active.bytes() + self.frozen.as_ref().map_or(0, |layer| layer.bytes())
    }

    /// Makes the active layer the frozen one. There must be no frozen one.
    pub(super) fn freeze(&mut self) -> Arc<Layer> {
        let layer = Arc::new(std::mem::take(&mut self.active));
        self.frozen = Some(layer.clone());
        layer
    }
}
