//! Versioned rows: one byte that says which shape, then bincode.
//!
//! bincode has no field names, so a row of another shape would decode to
//! nonsense: the version byte is checked first, every byte must be consumed,
//! and a golden sample of every version stays in `golden/` for ever.

use bincode::config::{Configuration, standard};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::{Damage, Unfit};
use super::table::Table;

/// The most bytes a row may take; sled puts larger values in files of their own.
pub const MAX_ROW_BYTES: usize = 64 * 1024;

/// What most rows fit in: they are encoded in one go, into as much as they take.
const USUAL_ROW_BYTES: usize = 2048;

const CONFIG: Configuration = standard();

/// Encodes a body behind a version byte.
pub(super) fn encode<R: Serialize>(
    table: &'static str,
    version: u8,
    row: &R,
) -> Result<Vec<u8>, Unfit> {
    let mut room = [0; USUAL_ROW_BYTES];
    let [head, body @ ..] = &mut room;
    *head = version;
    if let Ok(length) = bincode::serde::encode_into_slice(row, body, CONFIG) {
        return Ok(room.get(..=length).unwrap_or_default().to_vec());
    }
    // It is larger, or cannot be encoded at all, which is then said.
    let mut bytes = vec![version];
    bincode::serde::encode_into_std_write(row, &mut bytes, CONFIG)
        .map_err(|error| Unfit::Encode { table, detail: error.to_string() })?;
    if bytes.len() > MAX_ROW_BYTES {
        return Err(Unfit::TooLarge { table, bytes: bytes.len() });
    }
    Ok(bytes)
}

/// Encodes a row at its table's version.
pub fn encode_row<T: Table>(row: &T::Row) -> Result<Vec<u8>, Unfit> {
    encode(T::NAME, T::VERSION, row)
}

/// Decodes a row of any version the table knows.
pub fn decode_row<T: Table>(bytes: &[u8]) -> Result<T::Row, Damage> {
    let (version, body) = bytes.split_first().ok_or(Damage::Empty { table: T::NAME })?;
    match *version {
        version if version == T::VERSION => decode_body(T::NAME, version, body),
        version if version > T::VERSION => Err(Damage::Newer { table: T::NAME, version }),
        version => T::upgrade(version, body),
    }
}

/// Decodes a body of a known version; for [`Table::upgrade`]. Every byte must
/// be consumed.
pub fn decode_body<R: DeserializeOwned>(
    table: &'static str,
    version: u8,
    body: &[u8],
) -> Result<R, Damage> {
    let damage = |detail: String| Damage::Row { table, version, detail };
    let config = CONFIG.with_limit::<{ 4 * MAX_ROW_BYTES }>();
    let (row, read) = bincode::serde::decode_from_slice(body, config)
        .map_err(|error| damage(error.to_string()))?;
    if read == body.len() {
        Ok(row)
    } else {
        Err(damage(format!("{} bytes are left over", body.len() - read)))
    }
}
