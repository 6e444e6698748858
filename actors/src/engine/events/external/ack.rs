//! Acknowledging: what a member is done with never comes again.

use std::collections::BTreeSet;

use zelador_store::Write;
use zelador_store::external::Leases;
use zelador_store::id::EventId;

use super::Externals;
use crate::Keep;
use crate::engine::events::desk::{REPEATS, busy};
use crate::error::Error;

/// What was acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acknowledged {
    /// Events that were held and are done with now.
    pub acknowledged: usize,
    /// Those named that were not held: done with before, or never handed out.
    pub unknown: usize,
}

impl Externals {
    /// A consumer is done with these events, whoever holds them.
    pub async fn acknowledge(
        &self,
        name: &str,
        seqs: &BTreeSet<u64>,
        ids: &BTreeSet<EventId>,
        keep: Option<&Keep<Acknowledged>>,
    ) -> Result<Acknowledged, Error> {
        for _ in 0..REPEATS {
            let seat = self.seat(name).await?;
            let mut write = Write::new();
            let (mut first_held, mut known) = (None, 0);
            let mut acknowledged = 0;
            for lease in &seat.leases {
                let (by_seq, by_id) = (seqs.contains(&lease.key.1), ids.contains(&lease.row.event));
                known += usize::from(by_seq) + usize::from(by_id);
                if by_seq || by_id {
                    acknowledged += 1;
                    write.remove::<Leases>(lease);
                } else {
                    first_held = first_held.or(Some(lease.key.1));
                }
            }
            let unknown = seqs.len() + ids.len() - known;
            let done = Acknowledged { acknowledged, unknown };
            if acknowledged > 0 {
                Self::settle(&mut write, &seat, seat.own.row.read_to, first_held);
            }
            if let Some(keep) = keep {
                keep.stage(&mut write, &done);
            }
            if write.is_empty() || self.desk.commit(write, "acknowledging events").await? {
                return Ok(done);
            }
        }
        Err(busy())
    }
}
