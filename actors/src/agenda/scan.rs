//! Reading an index by time, from where the last page ended.

use std::fmt::Display;
use std::str::FromStr;

use zelador_store::{Cursor, Key, Lookup, Query, Stored, Table, Timestamp};

use super::merge::{Found, Window};
use super::{AgendaItem, AgendaQuery};
use crate::engine::Shell;
use crate::error::{During, Error};

/// Rows read at once.
const PAGE: usize = 200;

/// Rows of one source that a page looks at, at most.
const LOOKED_AT: usize = 2000;

/// An index whose keys end with a time.
pub(super) struct Index<K, T> {
    /// The number of the source.
    pub(super) source: u8,
    /// The key of an instant.
    pub(super) key: K,
    /// The instant of a key.
    pub(super) time: T,
}

/// The items that the rows of an index make, in the order of time.
pub(super) async fn scan<L, R>(
    shell: &Shell,
    (query, window): (&AgendaQuery, &Window),
    index: Index<impl Fn(Timestamp) -> L::Key, impl Fn(&L::Key) -> Timestamp>,
    item: impl Fn(Stored<L::Table>) -> Option<AgendaItem>,
) -> Result<Found, Error>
where
    L: Lookup,
    L::Table: Table<Key = R>,
    R: Key + FromStr + Display,
{
    let mut after = match &window.after {
        Some((at, source, id)) if *source == index.source => {
            id.parse::<R>().ok().map(|id| Cursor::after(&((index.key)(*at), id)))
        }
        _ => None,
    };
    let begin = window.begin(index.source).min(window.to);
    let span = Query::all().from_key(&(index.key)(begin)).to_key(&(index.key)(window.to));
    let (mut found, mut looked_at) = (Found::default(), 0);
    loop {
        let page = span.clone().limit(PAGE).after(after);
        let page = shell.store.page_by::<L>(&page).await.during("reading what is to come")?;
        looked_at += PAGE;
        let items = page.rows.into_iter().filter_map(&item);
        found.items.extend(items.filter(|item| query.takes(item) && window.holds(&item.place)));
        after = page.next;
        let Some(place) = after.as_ref().and_then(Cursor::key::<(L::Key, R)>) else {
            return Ok(found);
        };
        if found.items.len() > window.limit || looked_at >= LOOKED_AT {
            found.until = Some(((index.time)(&place.0), index.source, place.1.to_string()));
            return Ok(found);
        }
    }
}
