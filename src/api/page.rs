//! Lists, a page at a time.
//!
//! A cursor is opaque to clients and good for the list it came from only: it
//! carries a checksum over that list's route.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};
use zelador_actors::Flaw;
use zelador_store::Cursor;

/// Rows of a page when nobody says otherwise.
pub const DEFAULT_LIMIT: u32 = 50;
/// The most rows of a page.
pub const MAX_LIMIT: u32 = 500;

/// Which part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageAsk {
    /// How many rows, 1 to [`MAX_LIMIT`].
    pub limit: usize,
    /// After this place; `None`: from the start.
    pub after: Option<Cursor>,
}

impl Default for PageAsk {
    fn default() -> Self {
        Self { limit: DEFAULT_LIMIT as usize, after: None }
    }
}

impl PageAsk {
    /// From the values of `limit` and `cursor`, as far as they were given.
    pub fn parse(
        route: &str,
        limit: Option<&str>,
        cursor: Option<&str>,
    ) -> Result<Self, Vec<Flaw>> {
        let mut flaws = Vec::new();
        let limit = match limit.map(str::parse::<u32>) {
            None => DEFAULT_LIMIT,
            Some(Ok(limit)) if (1..=MAX_LIMIT).contains(&limit) => limit,
            Some(_) => {
                let flaw = Flaw::new("limit", "range").with("min", 1).with("max", MAX_LIMIT);
                flaws.push(flaw);
                DEFAULT_LIMIT
            }
        };
        let after = match cursor.map(|text| decode(route, text)) {
            None => None,
            Some(Some(cursor)) => Some(cursor),
            Some(None) => {
                flaws.push(Flaw::new("cursor", "cursor"));
                None
            }
        };
        if flaws.is_empty() { Ok(Self { limit: limit as usize, after }) } else { Err(flaws) }
    }
}

/// The page that is asked for of a short list in the order of its names, which is
/// at hand as a whole.
pub fn cut<T>(
    rows: Vec<T>,
    ask: &PageAsk,
    name: impl Fn(&T) -> String,
) -> (Vec<T>, Option<Cursor>) {
    let after = ask.after.as_ref().and_then(Cursor::key::<String>).unwrap_or_default();
    let mut rest = rows.into_iter().filter(|row| ask.after.is_none() || name(row) > after);
    let page: Vec<T> = rest.by_ref().take(ask.limit).collect();
    let next = page.last().filter(|_| rest.next().is_some()).map(|row| Cursor::after(&name(row)));
    (page, next)
}

/// The text of a cursor into the list of this route.
pub fn encode(route: &str, cursor: &Cursor) -> String {
    let place = cursor.to_string();
    format!("{}{place}", checksum(route, &place))
}

/// The place in the list of this route, if `text` is one.
pub fn decode(route: &str, text: &str) -> Option<Cursor> {
    let (sum, place) = text.split_at_checked(8)?;
    if checksum(route, place) != sum {
        return None;
    }
    place.parse().ok()
}

fn checksum(route: &str, place: &str) -> String {
    let digest = Sha256::new().chain_update(route).chain_update([0]).chain_update(place).finalize();
    let mut text = String::with_capacity(8);
    for byte in digest.iter().take(4) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The `Link` to the next page: the same target with another cursor. `target` is
/// the path as the caller wrote it, `query` the raw query without its `?`.
pub fn next_link(target: &str, query: &str, cursor: &str) -> String {
    let mut kept: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("cursor=") && *pair != "cursor")
        .collect();
    let own = format!("cursor={cursor}");
    kept.push(&own);
    format!("<{target}?{}>; rel=\"next\"", kept.join("&"))
}
