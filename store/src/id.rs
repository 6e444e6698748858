//! Ids that say what they identify.
//!
//! An id is a version 7 UUID (RFC 9562, section 5.7): its first 48 bits are the
//! millisecond of its making, so ids sort by age. On disk it is 16 bytes; to
//! people it is the hyphenated text. This file registers every kind.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::time::Timestamp;

/// What an id identifies.
pub trait Kind: 'static {
    /// The noun, as the API and the logs say it.
    const NAME: &'static str;
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal, $alias:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $kind {}
        impl Kind for $kind {
            const NAME: &'static str = $name;
        }
        #[doc = concat!("The id of a ", $name, ".")]
        pub type $alias = Id<$kind>;
    )*};
}

kinds! {
    /// A white-label organisation.
    Tenant = "tenant", TenantId;
    /// A person of a tenant.
    User = "user", UserId;
    /// A planned change of a user's status.
    Plan = "plan", PlanId;
    /// A durable unit of background work.
    Job = "job", JobId;
    /// Jobs started together.
    JobBatch = "job batch", BatchId;
    /// An immutable fact.
    Event = "event", EventId;
    /// An opaque API token.
    Token = "token", TokenId;
    /// A person signed in on some device.
    Session = "session", SessionId;
    /// A user's leave.
    Leave = "leave", LeaveId;
    /// An entry of the audit.
    AuditEntry = "audit entry", AuditId;
    /// A sort of resources.
    Category = "category", CategoryId;
    /// What is booked.
    Resource = "resource", ResourceId;
    /// An interval on a resource.
    Booking = "booking", BookingId;
    /// The bookings made by one recurring request.
    Series = "series", SeriesId;
    /// A place in a waitlist.
    WaitlistEntry = "waitlist-entry", WaitlistId;
    /// A Nextcloud server of the pool.
    Instance = "instance", InstanceId;
    /// A place that events are sent to.
    Webhook = "webhook", WebhookId;
}

/// An id of one [`Kind`]; ids of different kinds do not mix.
pub struct Id<K>(Uuid, PhantomData<fn() -> K>);

impl<K: Kind> Id<K> {
    /// The id made at `at` with these random bits; bits that the format claims
    /// for itself are overwritten.
    pub fn new(at: Timestamp, random: [u8; 10]) -> Self {
        let millis = u64::try_from(at.as_millis()).unwrap_or(0);
        Self::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    /// Gives a plain UUID a kind.
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    /// The plain UUID.
    pub const fn uuid(&self) -> Uuid {
        self.0
    }

    /// The 16 bytes that stand on disk.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<K> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.hyphenated(), f)
    }
}
impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id: expected a hyphenated UUID")]
pub struct NotAnId;

impl<K> FromStr for Id<K> {
    type Err = NotAnId;

    /// Only the hyphenated form is an id: one record has one address.
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        if text.len() != 36 {
            return Err(NotAnId);
        }
        Uuid::try_parse(text).map(|uuid| Self(uuid, PhantomData)).map_err(|_| NotAnId)
    }
}

impl<K> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            let text = self.0.hyphenated();
            serializer.serialize_str(text.encode_lower(&mut Uuid::encode_buffer()))
        } else {
            self.0.as_bytes().serialize(serializer)
        }
    }
}

impl<'de, K> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
            text.parse().map_err(serde::de::Error::custom)
        } else {
            let bytes = <[u8; 16]>::deserialize(deserializer)?;
            Ok(Self(Uuid::from_bytes(bytes), PhantomData))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_the_text_of_the_display() {
        let id = BookingId::from_uuid(Uuid::from_u128(0x01a2_09ad_abcd_7147_9b11_1338_a2ee_0141));
        assert_eq!(id.to_string(), "01a209ad-abcd-7147-9b11-1338a2ee0141");
        assert_eq!(serde_json::to_value(id).unwrap(), id.to_string());
    }
}
