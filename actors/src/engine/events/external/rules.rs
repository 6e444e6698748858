//! What becomes of what is held: pure functions.

use std::time::Duration;

use zelador_store::Timestamp;
use zelador_store::event::Parked;
use zelador_store::external::Lease;
use zelador_store::id::EventId;

/// What becomes of an event whose lease may be given to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It is handed out once more.
    Hand(Lease),
    /// It was handed out too often.
    Park(Parked),
}

/// The first lease of an event.
pub fn lease(event: EventId, member: &str, ack_seconds: u32, now: Timestamp) -> Lease {
    let until = now + Duration::from_secs(ack_seconds.into());
    Lease { event, member: member.to_owned(), since: now, until, deliveries: 1 }
}

/// What becomes of an event that is taken from its holder, when `most` deliveries
/// are allowed.
pub fn again(old: &Lease, member: &str, ack_seconds: u32, most: u32, now: Timestamp) -> Fate {
    if old.deliveries >= most {
        let tries = u16::try_from(old.deliveries).unwrap_or(u16::MAX);
        let error = format!("handed out {tries} times and never acknowledged");
        return Fate::Park(Parked { error, tries, at: now });
    }
    let deliveries = old.deliveries + 1;
    Fate::Hand(Lease { deliveries, ..lease(old.event, member, ack_seconds, now) })
}

/// Whether nobody has the event any more.
pub fn is_free(lease: &Lease, now: Timestamp) -> bool {
    lease.until <= now
}

/// Whether another member may claim the event: it is not its own, and its holder
/// has had it for at least so long.
pub fn is_claimable(lease: &Lease, member: &str, idle: Duration, now: Timestamp) -> bool {
    lease.member != member && now.since(lease.since) >= idle
}

/// Where the cursor of a consumer stands that was read to `read_to` and holds
/// `first_held` as its oldest event. It never goes back.
pub fn cursor(before: u64, read_to: u64, first_held: Option<u64>) -> u64 {
    first_held.map_or(read_to, |seq| seq.saturating_sub(1).min(read_to)).max(before)
}
