//! All pairs of a store as of one group, in one file: a base, or a backup.
//!
//! ```text
//! zstd( "zeldump1" length:u32 crc:u32 header
//!       (1 length:u32 crc:u32 pairs)*
//!       2 pairs:u64 crc:u32 )
//! pairs = (key_length:u32 value_length:u32 key value)*      in key order
//! ```
//! The header is JSON; the last checksum is that of all blocks' checksums, so a
//! file that ends early or lost a block is not taken for a whole one.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::disk::{Appender, Disk};
use super::files::{damaged, failed};
use super::record::{FORMAT, StoreId};
use crate::kv::engine::EngineError;
use crate::time::Timestamp;
use ::hex::encode as hex;

/// A key and its value.
type Pair = (Vec<u8>, Vec<u8>);

const MAGIC: &[u8; 8] = b"zeldump1";
/// Large enough to compress well, small enough to check before use.
const BLOCK_BYTES: usize = 256 * 1024;
/// No block is larger than one block and one pair.
const MAX_BLOCK_BYTES: u32 = 64 * 1024 * 1024;
/// Fast: a base is written beside live traffic.
const LEVEL: i32 = 1;
const PAIRS: u8 = 1;
const END: u8 = 2;

/// What a dump says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DumpHeader {
    /// The version of all files of the engine.
    pub format: u32,
    /// The store it was taken of, in hexadecimal.
    pub store: String,
    /// It holds everything up to this group.
    pub group: u64,
    /// When it was taken.
    pub at: Timestamp,
    /// The release that took it.
    pub release: String,
    /// The versions of the tables' rows, by name.
    pub tables: BTreeMap<String, u8>,
}

impl DumpHeader {
    /// A header of this format.
    pub fn new(store: &StoreId, group: u64, at: Timestamp, release: &str) -> Self {
        let (store, release) = (hex(store), release.to_owned());
        Self { format: FORMAT, store, group, at, release, tables: BTreeMap::new() }
    }

    /// The store it was taken of.
    pub fn store_id(&self) -> Option<StoreId> {
        u128::from_str_radix(&self.store, 16).ok().map(u128::to_be_bytes)
    }
}

/// Writes a dump, pair by pair in key order.
pub(super) struct DumpWriter {
    out: zstd::Encoder<'static, Appender>,
    path: PathBuf,
    block: Vec<u8>,
    pairs: u64,
    sum: u32,
}

impl DumpWriter {
    /// Begins a dump in a new file.
    pub(super) fn create(
        disk: &dyn Disk,
        path: &Path,
        header: &DumpHeader,
    ) -> Result<Self, EngineError> {
        let begin = || -> io::Result<zstd::Encoder<'static, Appender>> {
            let mut out = zstd::Encoder::new(Appender(disk.create(path)?), LEVEL)?;
            let header = serde_json::to_vec(header)?;
            out.write_all(MAGIC)?;
            out.write_all(&frame(&header)?)?;
            out.write_all(&header)?;
            Ok(out)
        };
        let out = begin().map_err(failed("beginning", path))?;
        let block = Vec::with_capacity(BLOCK_BYTES + BLOCK_BYTES / 4);
        Ok(Self { out, path: path.to_path_buf(), block, pairs: 0, sum: 0 })
    }

    /// Adds a pair; its key is greater than that of the pair before.
    pub(super) fn push(&mut self, key: &[u8], value: &[u8]) -> Result<(), EngineError> {
        self.pairs += 1;
        self.block.extend_from_slice(&length(key));
        self.block.extend_from_slice(&length(value));
        self.block.extend_from_slice(key);
        self.block.extend_from_slice(value);
        if self.block.len() >= BLOCK_BYTES { self.end_block() } else { Ok(()) }
    }

    /// Ends the dump and makes it durable; answers how many pairs it holds.
    pub(super) fn finish(mut self) -> Result<u64, EngineError> {
        self.end_block()?;
        let pairs = self.pairs;
        let path = self.path;
        let mut out = self.out;
        let end = || -> io::Result<()> {
            out.write_all(&[END])?;
            out.write_all(&pairs.to_le_bytes())?;
            out.write_all(&self.sum.to_le_bytes())?;
            out.finish()?.0.sync()
        };
        end().map_err(failed("ending", &path))?;
        Ok(pairs)
    }

    fn end_block(&mut self) -> Result<(), EngineError> {
        if self.block.is_empty() {
            return Ok(());
        }
        let mut write = || -> io::Result<()> {
            let frame = frame(&self.block)?;
            self.sum = crc32c::crc32c_append(self.sum, &frame);
            self.out.write_all(&[PAIRS])?;
            self.out.write_all(&frame)?;
            self.out.write_all(&self.block)
        };
        write().map_err(failed("writing", &self.path))?;
        self.block.clear();
        Ok(())
    }
}

fn length(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes()
}

/// The length of the bytes, and their checksum.
fn frame(bytes: &[u8]) -> io::Result<[u8; 8]> {
    let mut frame = Vec::with_capacity(8);
    frame.extend_from_slice(&length(bytes));
    frame.extend_from_slice(&crc32c::crc32c(bytes).to_le_bytes());
    frame.try_into().map_err(|_| io::ErrorKind::InvalidData.into())
}

/// Reads a dump, pair by pair, and checks it as it goes.
pub(super) struct DumpReader {
    input: Box<dyn Read + Send>,
    path: PathBuf,
    header: DumpHeader,
    block: Vec<u8>,
    at: usize,
    pairs: u64,
    sum: u32,
    ended: bool,
}

impl DumpReader {
    /// Opens a dump and reads its header.
    pub(super) fn open(disk: &dyn Disk, path: &Path, ours: &str) -> Result<Self, EngineError> {
        let file = disk.reader(path).map_err(failed("opening", path))?;
        let begin = || -> io::Result<(Box<dyn Read + Send>, DumpHeader)> {
            let mut input = Box::new(zstd::Decoder::new(file)?);
            if read_array::<8>(&mut input)? != *MAGIC {
                return Err(io::ErrorKind::InvalidData.into());
            }
            let header = read_framed(&mut input)?.1;
            Ok((input, serde_json::from_slice(&header)?))
        };
        let (input, header) = begin().map_err(|error| damaged(path, error))?;
        if header.format > FORMAT {
            return Err(EngineError::Newer { found: header.release, ours: ours.to_owned() });
        }
        Ok(Self {
            input,
            path: path.to_path_buf(),
            header,
            block: Vec::new(),
            at: 0,
            pairs: 0,
            sum: 0,
            ended: false,
        })
    }

    /// What the dump says of itself.
    pub(super) fn header(&self) -> &DumpHeader {
        &self.header
    }

    /// The next pair; `None` after the last one, once all checksums held.
    pub(super) fn next_pair(&mut self) -> Result<Option<Pair>, EngineError> {
        while self.at >= self.block.len() && !self.ended {
            self.next_block().map_err(|error| damaged(&self.path, error))?;
        }
        if self.ended {
            return Ok(None);
        }
        let rest = self.block.get(self.at..).unwrap_or_default();
        let Some((pair, read)) = decode_pair(rest) else {
            return Err(damaged(&self.path, "a pair cannot be read"));
        };
        self.at += read;
        self.pairs += 1;
        Ok(Some(pair))
    }

    fn next_block(&mut self) -> io::Result<()> {
        match read_array::<1>(&mut self.input)? {
            [PAIRS] => {
                let (frame, block) = read_framed(&mut self.input)?;
                self.sum = crc32c::crc32c_append(self.sum, &frame);
                (self.block, self.at) = (block, 0);
                Ok(())
            }
            [END] => {
                let pairs = u64::from_le_bytes(read_array(&mut self.input)?);
                let sum = u32::from_le_bytes(read_array(&mut self.input)?);
                // Reading on to the end makes zstd check its own frame.
                let more = self.input.read(&mut [0])?;
                if pairs != self.pairs || sum != self.sum || more != 0 {
                    return Err(io::ErrorKind::InvalidData.into());
                }
                self.ended = true;
                Ok(())
            }
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

fn decode_pair(bytes: &[u8]) -> Option<(Pair, usize)> {
    let (key_length, rest) = bytes.split_first_chunk()?;
    let (value_length, rest) = rest.split_first_chunk()?;
    let key_length = usize::try_from(u32::from_le_bytes(*key_length)).ok()?;
    let value_length = usize::try_from(u32::from_le_bytes(*value_length)).ok()?;
    let (key, rest) = rest.split_at_checked(key_length)?;
    let value = rest.get(..value_length)?;
    Some(((key.to_vec(), value.to_vec()), 8 + key_length + value_length))
}

fn read_array<const N: usize>(input: &mut dyn Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    input.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn read_framed(input: &mut dyn Read) -> io::Result<([u8; 8], Vec<u8>)> {
    let length = u32::from_le_bytes(read_array(input)?);
    let crc = read_array(input)?;
    if length > MAX_BLOCK_BYTES {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut bytes = Vec::new();
    input.take(u64::from(length)).read_to_end(&mut bytes)?;
    let frame = frame(&bytes)?;
    let expected = [length.to_le_bytes(), crc].concat();
    if frame.as_slice() == expected {
        Ok((frame, bytes))
    } else {
        Err(io::ErrorKind::InvalidData.into())
    }
}
