//! Ids as answers write them.

use serde::{Serialize, Serializer};
use uuid::Uuid;
use zelador_store::Id;
use zelador_store::id::Kind;

/// An id in an answer. Every answer has many of them: it is written without a text
/// of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IdText(Uuid);

impl<K: Kind> From<Id<K>> for IdText {
    fn from(id: Id<K>) -> Self {
        Self(id.uuid())
    }
}

impl Serialize for IdText {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0.hyphenated().encode_lower(&mut Uuid::encode_buffer()))
    }
}

/// The text of an id.
pub(crate) fn text<K: Kind>(id: Id<K>) -> String {
    id.uuid().hyphenated().encode_lower(&mut Uuid::encode_buffer()).to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use zelador_store::id::BookingId;

    use super::*;

    proptest! {
        #[test]
        fn it_is_the_text_of_the_id(bits in any::<u128>()) {
            let id = BookingId::from_uuid(Uuid::from_u128(bits));
            prop_assert_eq!(text(id), id.to_string());
            let written = serde_json::to_value(IdText::from(id)).unwrap();
            prop_assert_eq!(written, id.to_string());
        }
    }
}
