//! A group as it stands in the journal, and how a journal's bytes are read.
//!
//! ```text
//! segment = header group*
//! header  = "zeljrnl1" format:u32 store:16 first:u64 crc:u32        (40 bytes)
//! group   = "zGRP" length:u32 crc:u32 body
//! body    = number:u64 millis:i64 change*
//! change  = 1 key_length:u32 value_length:u32 key value   (put)
//!         | 2 key_length:u32 key                          (delete)
//! ```
//! All numbers are little-endian; the checksums are CRC-32C, of the header
//! before it and of the body. Group numbers have no gaps.
//!
//! Only one group is ever on its way to the disk, so bytes that are no group
//! are a torn end, unless a whole group follows them: that is damage.

use crate::time::Timestamp;

/// Bytes before the first group of a segment.
pub(super) const HEADER_BYTES: usize = 40;
/// The version of all files of the engine. Since 2 sled holds pages of pairs;
/// journals and dumps are as they were.
pub(super) const FORMAT: u32 = 2;

const SEGMENT_MAGIC: &[u8; 8] = b"zeljrnl1";
const GROUP_MAGIC: &[u8; 4] = b"zGRP";
const FRAME_BYTES: usize = 12;
const BODY_HEAD_BYTES: usize = 16;

/// Tells the files of one store from those of another.
pub type StoreId = [u8; 16];

/// One change of a key, as whole as it is ever written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Which key.
    pub key: Vec<u8>,
    /// Its new value; `None`: it is gone.
    pub value: Option<Vec<u8>>,
}

/// Batches that became durable together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its number: one more than that of the group before.
    pub number: u64,
    /// When it was written.
    pub at: Timestamp,
    /// In order.
    pub changes: Vec<Change>,
}

/// The header of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// The version of the format.
    pub format: u32,
    /// The store it belongs to.
    pub store: StoreId,
    /// The number of its first group.
    pub first: u64,
}

impl Header {
    /// The bytes that begin a segment.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_BYTES);
        bytes.extend_from_slice(SEGMENT_MAGIC);
        bytes.extend_from_slice(&self.format.to_le_bytes());
        bytes.extend_from_slice(&self.store);
        bytes.extend_from_slice(&self.first.to_le_bytes());
        let crc = crc32c::crc32c(&bytes);
        bytes.extend_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// Reads the header; `None` if the bytes do not begin with one.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (head, mut crc) = bytes.get(..HEADER_BYTES)?.split_at_checked(HEADER_BYTES - 4)?;
        if u32::from_le_bytes(take(&mut crc)?) != crc32c::crc32c(head) {
            return None;
        }
        let mut rest = head.strip_prefix(SEGMENT_MAGIC)?;
        Some(Self {
            format: u32::from_le_bytes(take(&mut rest)?),
            store: take(&mut rest)?,
            first: u64::from_le_bytes(take(&mut rest)?),
        })
    }
}

/// Writes groups into a buffer that is kept for the next one.
#[derive(Debug, Default)]
pub(super) struct Encoder(Vec<u8>);

impl Encoder {
    /// The frame of a group.
    pub(super) fn encode<'a>(
        &mut self,
        number: u64,
        at: Timestamp,
        changes: impl Iterator<Item = (&'a [u8], Option<&'a [u8]>)>,
    ) -> &[u8] {
        let out = &mut self.0;
        out.clear();
        out.extend_from_slice(GROUP_MAGIC);
        out.extend_from_slice(&[0; FRAME_BYTES - 4]);
        out.extend_from_slice(&number.to_le_bytes());
        out.extend_from_slice(&at.as_millis().to_le_bytes());
        for (key, value) in changes {
            out.push(if value.is_some() { 1 } else { 2 });
            out.extend_from_slice(&length(key));
            if let Some(value) = value {
                out.extend_from_slice(&length(value));
            }
            out.extend_from_slice(key);
            out.extend_from_slice(value.unwrap_or_default());
        }
        let body = out.get(FRAME_BYTES..).unwrap_or_default();
        let (size, crc) = (length(body), crc32c::crc32c(body).to_le_bytes());
        for (slot, byte) in out.iter_mut().skip(4).zip(size.into_iter().chain(crc)) {
            *slot = byte;
        }
        &self.0
    }
}

/// Groups are far below 4 GiB: the queue's bounds see to it.
fn length(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes()
}

fn take<const N: usize>(input: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = input.split_first_chunk::<N>()?;
    *input = tail;
    Some(*head)
}

fn take_slice<'a>(input: &mut &'a [u8], count: u32) -> Option<&'a [u8]> {
    let (head, tail) = input.split_at_checked(usize::try_from(count).ok()?)?;
    *input = tail;
    Some(head)
}

/// Why a reading of groups ended before the end of the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Break {
    /// From this offset on there is no whole group.
    Torn(usize),
    /// At this offset there is no group, or not the one that belongs there, but
    /// whole groups follow.
    Damaged(usize),
}

/// Reads the groups of a segment's bytes, in order.
#[derive(Debug)]
pub struct Groups<'a> {
    bytes: &'a [u8],
    at: usize,
    next: u64,
    broken: Option<Break>,
}

impl<'a> Groups<'a> {
    /// The groups that begin at `offset`, the first of them numbered `first`.
    pub fn new(bytes: &'a [u8], offset: usize, first: u64) -> Self {
        Self { bytes, at: offset.min(bytes.len()), next: first, broken: None }
    }

    /// Why the reading ended; `None` if it ended with the bytes.
    pub fn broken(&self) -> Option<Break> {
        self.broken
    }

    /// How many bytes were read as whole groups, with what was before them.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// The number that the next group must have.
    pub fn next_number(&self) -> u64 {
        self.next
    }
}

impl Iterator for Groups<'_> {
    type Item = Group;

    fn next(&mut self) -> Option<Group> {
        if self.at >= self.bytes.len() || self.broken.is_some() {
            return None;
        }
        match decode(self.bytes.get(self.at..).unwrap_or_default()) {
            Some((group, length)) if group.number == self.next => {
                self.at += length;
                self.next += 1;
                Some(group)
            }
            Some(_) => {
                self.broken = Some(Break::Damaged(self.at));
                None
            }
            None => {
                let rest = self.bytes.get(self.at + 1..).unwrap_or_default();
                let follows = find(rest, self.next);
                self.broken =
                    Some(if follows { Break::Damaged(self.at) } else { Break::Torn(self.at) });
                None
            }
        }
    }
}

/// Whether a whole group numbered `after` or later stands anywhere in the bytes.
fn find(bytes: &[u8], after: u64) -> bool {
    let frames = bytes.windows(4).enumerate().filter(|(_, window)| window == GROUP_MAGIC);
    frames.filter_map(|(at, _)| decode(bytes.get(at..)?)).any(|(group, _)| group.number >= after)
}

/// The group that begins the bytes, and its length.
fn decode(bytes: &[u8]) -> Option<(Group, usize)> {
    let mut input = bytes.strip_prefix(GROUP_MAGIC)?;
    let size = u32::from_le_bytes(take(&mut input)?);
    let crc = u32::from_le_bytes(take(&mut input)?);
    let mut body = take_slice(&mut input, size)?;
    if size < u32::try_from(BODY_HEAD_BYTES).ok()? || crc32c::crc32c(body) != crc {
        return None;
    }
    let number = u64::from_le_bytes(take(&mut body)?);
    let at = Timestamp::from_millis(i64::from_le_bytes(take(&mut body)?));
    let mut changes = Vec::new();
    while let Some((kind, rest)) = body.split_first() {
        body = rest;
        changes.push(decode_change(*kind, &mut body)?);
    }
    Some((Group { number, at, changes }, FRAME_BYTES + usize::try_from(size).ok()?))
}

fn decode_change(kind: u8, body: &mut &[u8]) -> Option<Change> {
    let key_length = u32::from_le_bytes(take(body)?);
    match kind {
        1 => {
            let value_length = u32::from_le_bytes(take(body)?);
            let key = take_slice(body, key_length)?.to_vec();
            Some(Change { key, value: Some(take_slice(body, value_length)?.to_vec()) })
        }
        2 => Some(Change { key: take_slice(body, key_length)?.to_vec(), value: None }),
        _ => None,
    }
}
