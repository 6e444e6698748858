//! The grid of a calendar: a column a resource or a day, a row a slot.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::dashboard::address::Address;
use crate::dashboard::names::People;

/// What can be booked of a resource.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Availability {
    slots: Vec<Slot>,
}

/// A stretch of one interval, with the tenant's offset.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Slot {
    start_time: String,
    end_time: String,
    available: bool,
    reason: Option<String>,
}

impl Slot {
    /// The time of day, as `14:30`.
    fn time(&self) -> &str {
        self.start_time.get(11..16).unwrap_or_default()
    }

    fn span(&self) -> Option<(Timestamp, Timestamp)> {
        Some((self.start_time.parse().ok()?, self.end_time.parse().ok()?))
    }
}

impl Availability {
    /// The slots of a day.
    pub(super) fn of(&self, day: Date) -> Vec<Slot> {
        let day = day.to_string();
        self.slots.iter().filter(|slot| slot.start_time.starts_with(&day)).cloned().collect()
    }
}

/// A booking.
#[derive(Debug, Deserialize)]
pub(super) struct Booked {
    pub(super) id: String,
    pub(super) resource_id: String,
    pub(super) client_id: String,
    pub(super) start_time: Timestamp,
    pub(super) end_time: Timestamp,
    pub(super) status: String,
    pub(super) status_label: String,
}

/// A column before bookings are put in.
pub(super) struct Column {
    title: String,
    href: Option<Address>,
    chosen: bool,
    resource: String,
    slots: Vec<Slot>,
}

impl Column {
    pub(super) fn new(title: String, resource: &str, slots: Vec<Slot>) -> Self {
        Self { title, href: None, chosen: false, resource: resource.to_owned(), slots }
    }

    pub(super) fn leading_to(mut self, href: Address) -> Self {
        self.href = Some(href);
        self
    }

    /// Of the day that was asked for.
    pub(super) fn chosen(mut self, chosen: bool) -> Self {
        self.chosen = chosen;
        self
    }
}

/// The head of a column.
pub(super) struct Head {
    pub(super) title: String,
    pub(super) href: Option<Address>,
    pub(super) chosen: bool,
}

/// A booking in a cell.
pub(super) struct Mark {
    pub(super) id: String,
    pub(super) status: String,
    /// What is said where it begins; nothing where it goes on.
    pub(super) text: Option<String>,
    pub(super) label: String,
}

/// A slot of a column.
#[derive(Default)]
pub(super) struct Cell {
    pub(super) marks: Vec<Mark>,
    /// Where a free slot is explained and booked.
    pub(super) free: Option<Address>,
    /// Why a slot is not free, if nobody has booked it.
    pub(super) reason: String,
    /// There is such a slot.
    pub(super) open: bool,
}

/// A row: the slots that begin at a time of day.
pub(super) struct Line {
    pub(super) time: String,
    pub(super) cells: Vec<Cell>,
}

/// The whole.
pub(super) struct Grid {
    pub(super) heads: Vec<Head>,
    pub(super) lines: Vec<Line>,
}

impl Grid {
    pub(super) fn new(
        columns: Vec<Column>,
        booked: &[Booked],
        people: &People,
        zone: &TimeZone,
    ) -> Self {
        let times: BTreeSet<String> = columns
            .iter()
            .flat_map(|column| column.slots.iter().map(|slot| slot.time().to_owned()))
            .collect();
        let mut lines: BTreeMap<String, Vec<Cell>> = BTreeMap::new();
        for time in times {
            let cells = columns.iter().map(|column| cell(column, &time, booked, people, zone));
            lines.insert(time.clone(), cells.collect());
        }
        Self {
            heads: columns
                .into_iter()
                .map(|c| Head { title: c.title, href: c.href, chosen: c.chosen })
                .collect(),
            lines: lines.into_iter().map(|(time, cells)| Line { time, cells }).collect(),
        }
    }
}

fn cell(column: &Column, time: &str, booked: &[Booked], people: &People, zone: &TimeZone) -> Cell {
    let slot = column.slots.iter().find(|slot| slot.time() == time);
    let Some((slot, (from, to))) = slot.and_then(|slot| Some((slot, slot.span()?))) else {
        return Cell::default();
    };
    let here = booked.iter().filter(|one| {
        one.resource_id == column.resource && one.start_time < to && one.end_time > from
    });
    let explain = Address::new("/dashboard/calendar/explain")
        .with("resource", &column.resource)
        .with("start", from.to_string())
        .with("end", to.to_string());
    Cell {
        marks: here.map(|one| mark(one, from, people, zone)).collect(),
        free: slot.available.then(|| explain.clone()),
        reason: slot.reason.clone().unwrap_or_default(),
        open: true,
    }
}

fn mark(one: &Booked, from: Timestamp, people: &People, zone: &TimeZone) -> Mark {
    let local = |at: Timestamp| at.to_zoned(zone.clone()).strftime("%H:%M").to_string();
    let name = people.name(&one.client_id);
    let hours = format!("{}–{}", local(one.start_time), local(one.end_time));
    Mark {
        id: one.id.clone(),
        status: one.status.clone(),
        label: format!("{hours} {name} ({})", one.status_label),
        text: (one.start_time >= from).then_some(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_booking_is_named_once_and_seats_that_are_left_can_be_booked() {
        let slot = |hour: u32, available: bool, reason: Option<&str>| {
            json!({
                "start_time": format!("2025-12-05T{hour:02}:00:00-03:00"),
                "end_time": format!("2025-12-05T{:02}:00:00-03:00", hour + 1),
                "available": available, "reason": reason,
            })
        };
        let slots = [
            slot(8, false, Some("in_the_past")),
            slot(9, true, None),
            slot(10, false, Some("conflict")),
        ];
        let all: Availability = serde_json::from_value(json!({ "slots": slots })).unwrap();
        let booked: Booked = serde_json::from_value(json!({
            "id": "b1", "resource_id": "r1", "client_id": "0198c5a8-user", "status": "confirmado",
            "status_label": "Confirmed",
            "start_time": "2025-12-05T12:00:00Z", "end_time": "2025-12-05T14:00:00Z",
        }))
        .unwrap();
        let columns = vec![
            Column::new("Sala".to_owned(), "r1", all.of("2025-12-05".parse().unwrap())),
            Column::new("Outra".to_owned(), "r2", all.of("2025-12-06".parse().unwrap())),
        ];
        let zone = TimeZone::get("America/Sao_Paulo").unwrap();
        let grid = Grid::new(columns, &[booked], &People::default(), &zone);
        assert_eq!(
            grid.lines.iter().map(|line| line.time.as_str()).collect::<Vec<_>>(),
            ["08:00", "09:00", "10:00"]
        );
        let cells: Vec<_> = grid.lines.iter().map(|line| &line.cells[0]).collect();
        assert!(
            cells[0].marks.is_empty()
                && cells[0].free.is_none()
                && cells[0].reason == "in_the_past"
        );
        assert_eq!(cells[1].marks[0].text.as_deref(), Some("0198c5a8…"));
        assert_eq!(cells[1].marks[0].label, "09:00–11:00 0198c5a8… (Confirmed)");
        let free = cells[1].free.as_ref().unwrap().to_string();
        assert!(
            free.ends_with("&start=2025-12-05T12%3A00%3A00Z&end=2025-12-05T13%3A00%3A00Z"),
            "{free}"
        );
        assert_eq!(cells[2].marks[0].text, None);
        assert!(!grid.lines[0].cells[1].open, "another day has no slots here");
    }
}
