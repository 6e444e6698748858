//! From what the sources found to one page. Pure.

use std::time::Duration;

use zelador_store::{Cursor, Page, Timestamp};

use super::{AgendaItem, AgendaQuery};

/// Where an item stands: its time, its source, its id there.
pub(super) type Place = (Timestamp, u8, String);

/// What of the sources a page is made of.
pub(super) struct Window {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    /// The last place of the page before.
    pub(super) after: Option<Place>,
    pub(super) limit: usize,
}

impl Window {
    pub(super) fn of(query: &AgendaQuery) -> Self {
        let after = query.after.as_ref().and_then(Cursor::key::<Place>);
        Self { from: query.from, to: query.to, after, limit: query.limit }
    }

    /// The first instant at which this source may have something new.
    pub(super) fn begin(&self, source: u8) -> Timestamp {
        match &self.after {
            None => self.from,
            Some((at, last, _)) if *last > source => self.from.max(*at + Duration::from_millis(1)),
            Some((at, ..)) => self.from.max(*at),
        }
    }

    /// Whether a place is within it, and was not answered before.
    pub(super) fn holds(&self, place: &Place) -> bool {
        (self.from..self.to).contains(&place.0)
            && self.after.as_ref().is_none_or(|after| place > after)
    }
}

/// What a source found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) items: Vec<AgendaItem>,
    /// It did not look further than this; `None`: it has seen everything.
    pub(super) until: Option<Place>,
}

impl Found {
    /// All there is, of which only a page's worth is kept.
    pub(super) fn whole(mut items: Vec<AgendaItem>) -> Self {
        items.sort_by(|one, other| one.place.cmp(&other.place));
        Self { items, until: None }
    }
}

/// The first `limit` items of all sources, as far as every source has looked.
pub(super) fn merge(found: Vec<Found>, limit: usize) -> Page<AgendaItem> {
    let until = found.iter().filter_map(|found| found.until.clone()).min();
    let mut rows: Vec<AgendaItem> = found.into_iter().flat_map(|found| found.items).collect();
    rows.sort_by(|one, other| one.place.cmp(&other.place));
    if let Some(until) = &until {
        rows.retain(|item| item.place <= *until);
    }
    if rows.len() > limit {
        rows.truncate(limit);
        let next = rows.last().map(|last| Cursor::after(&last.place));
        return Page { rows, next };
    }
    Page { rows, next: until.map(|place| Cursor::after(&place)) }
}
