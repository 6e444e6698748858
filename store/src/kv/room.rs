//! Where the keys and values of one write lie together.
//!
//! A write of a few rows is some forty texts that are made by one thread, kept by a
//! second and let go of by a third, which costs more than what is in them. So they
//! are put side by side in a few chunks, each twice as large as the one before; a
//! chunk lives as long as anything in it is held.

use bytes::{Bytes, BytesMut};

/// Bytes of the first chunk.
const FIRST: usize = 256;
/// Bytes of the largest chunk. What is held of a chunk holds all of it.
const LARGEST: usize = 2048;
/// What is longer has a place of its own.
const LONG: usize = 512;

/// The chunk that is being filled.
#[derive(Debug, Clone, Default)]
pub(super) struct Room {
    chunk: BytesMut,
    size: usize,
}

impl Room {
    /// The same bytes, in here.
    pub(super) fn put(&mut self, bytes: &[u8]) -> Bytes {
        if bytes.is_empty() {
            return Bytes::new();
        }
        if bytes.len() > LONG {
            return Bytes::copy_from_slice(bytes);
        }
        if self.chunk.capacity() < bytes.len() {
            self.size = (2 * self.size).clamp(FIRST.max(bytes.len()), LARGEST);
            self.chunk = BytesMut::with_capacity(self.size);
        }
        self.chunk.extend_from_slice(bytes);
        self.chunk.split().freeze()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_put_in_stays_as_it_was(
            lengths in prop::collection::vec(0..2 * LONG, 0..40),
        ) {
            let mut room = Room::default();
            let texts: Vec<_> =
                (0_u8..).zip(lengths).map(|(byte, length)| vec![byte; length]).collect();
            let held: Vec<_> = texts.iter().map(|text| room.put(text)).collect();
            let mut also = room.clone();
            also.put(&[255; LONG]);
            room.put(&[254; LONG]);
            drop(room);
            prop_assert_eq!(held, texts);
        }
    }

    #[test]
    fn a_write_of_a_few_rows_takes_a_few_chunks() {
        let mut room = Room::default();
        let pieces: Vec<_> = (0..40).map(|_| room.put(&[1; 64])).collect();
        let beside = |pair: &[Bytes]| match pair {
            [one, next] => one.as_ptr().wrapping_add(one.len()) == next.as_ptr(),
            _ => false,
        };
        let chunks = 1 + pieces.windows(2).filter(|pair| !beside(pair)).count();
        // 256, 512, 1024 and 2048 bytes hold 4, 8, 16 and 32 pieces.
        assert_eq!(chunks, 4);
    }
}
