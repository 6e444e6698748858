//! A row of a dump, and what its columns say.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

/// A row: each column's text, null where there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Row {
    cells: BTreeMap<String, Option<String>>,
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// The column, or the member of the body.
    pub(super) field: String,
    /// Why, for people.
    pub(super) why: String,
}

impl Wrong {
    /// This is wrong with this column.
    pub(super) fn new(field: &str, why: impl Into<String>) -> Self {
        Self { field: field.to_owned(), why: why.into() }
    }
}

impl Row {
    /// A row of these columns; `None` if there are more or fewer cells.
    pub(super) fn new(columns: &[String], cells: Vec<Option<String>>) -> Option<Self> {
        (columns.len() == cells.len())
            .then(|| Self { cells: columns.iter().cloned().zip(cells).collect() })
    }

    /// Whether the table has this column.
    pub(super) fn has(&self, column: &str) -> bool {
        self.cells.contains_key(column)
    }

    /// The text of a column; `None` if null, blank or not there.
    pub(super) fn text(&self, column: &str) -> Option<&str> {
        let text = self.cells.get(column)?.as_deref()?.trim();
        (!text.is_empty()).then_some(text)
    }

    /// The first of these columns that says something.
    pub(super) fn first(&self, columns: &[&str]) -> Option<&str> {
        columns.iter().find_map(|column| self.text(column))
    }

    /// The old id; empty if there is none.
    pub(super) fn id(&self) -> String {
        self.text("id").unwrap_or_default().to_owned()
    }

    /// A whole number.
    pub(super) fn integer(&self, column: &str) -> Result<Option<i64>, Wrong> {
        let parse = |text: &str| text.parse().map_err(|_| Wrong::new(column, "is no number"));
        self.text(column).map(parse).transpose()
    }

    /// Yes or no, in the words of either database.
    pub(super) fn flag(&self, column: &str) -> Result<Option<bool>, Wrong> {
        match self.text(column).map(str::to_lowercase).as_deref() {
            None => Ok(None),
            Some("t" | "true" | "1") => Ok(Some(true)),
            Some("f" | "false" | "0") => Ok(Some(false)),
            Some(_) => Err(Wrong::new(column, "is neither yes nor no")),
        }
    }

    /// JSON.
    pub(super) fn json(&self, column: &str) -> Result<Option<Value>, Wrong> {
        let parse = |text| serde_json::from_str(text).map_err(|_| Wrong::new(column, "is no JSON"));
        let value: Option<Value> = self.text(column).map(parse).transpose()?;
        Ok(value.filter(|value| !value.is_null()))
    }

    /// A JSON object.
    pub(super) fn object(&self, column: &str) -> Result<Option<Map<String, Value>>, Wrong> {
        match self.json(column)? {
            None => Ok(None),
            Some(Value::Object(members)) => Ok(Some(members)),
            Some(_) => Err(Wrong::new(column, "is no JSON object")),
        }
    }

    /// An instant; without an offset, in this zone.
    pub(super) fn moment(&self, column: &str, zone: &TimeZone) -> Result<Option<Timestamp>, Wrong> {
        let Some(text) = self.text(column) else { return Ok(None) };
        if text.starts_with("0000-00-00") {
            return Ok(None);
        }
        let spoken = text.parse::<Timestamp>().ok();
        let local = || {
            let local: DateTime = text.parse().ok()?;
            Some(local.to_zoned(zone.clone()).ok()?.timestamp())
        };
        let moment = spoken.or_else(local);
        moment.map(Some).ok_or_else(|| Wrong::new(column, "is no time"))
    }

    /// Copies columns into a body, as they are, if they say something.
    pub(super) fn copy(&self, columns: &[&str], body: &mut Map<String, Value>) {
        for column in columns {
            if let Some(text) = self.text(column) {
                body.insert((*column).to_owned(), text.into());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: Option<&str>) -> Row {
        Row::new(&["x".to_owned()], vec![text.map(str::to_owned)]).unwrap()
    }

    #[test]
    fn times_are_read_as_both_databases_write_them() {
        let caracas = TimeZone::get("America/Caracas").unwrap();
        for (text, instant) in [
            ("2026-12-05 14:00:00", Some("2026-12-05T18:00:00Z")),
            ("2026-12-05 14:00:00+00", Some("2026-12-05T14:00:00Z")),
            ("2026-12-05 14:00:00.123456-03", Some("2026-12-05T17:00:00.123456Z")),
            ("2026-12-05T14:00:00Z", Some("2026-12-05T14:00:00Z")),
            ("0000-00-00 00:00:00", None),
        ] {
            let told = row(Some(text)).moment("x", &caracas).unwrap();
            assert_eq!(told.map(|at| at.to_string()).as_deref(), instant, "{text}");
        }
        assert_eq!(row(None).moment("x", &caracas), Ok(None));
        assert_eq!(row(Some("soon")).moment("x", &caracas).unwrap_err().why, "is no time");
    }

    #[test]
    fn cells_are_read_or_told() {
        assert_eq!(row(Some("t")).flag("x"), Ok(Some(true)));
        assert_eq!(row(Some("0")).flag("x"), Ok(Some(false)));
        assert!(row(Some("perhaps")).flag("x").is_err());
        assert_eq!(row(Some(" -7 ")).integer("x"), Ok(Some(-7)));
        assert!(row(Some("7a")).integer("x").is_err());
        assert!(row(Some("[1]")).object("x").is_err());
        assert_eq!(row(Some("null")).object("x"), Ok(None));
        assert_eq!(row(Some("  ")).text("x"), None);
        assert!(row(None).has("x") && !row(None).has("y"));
        assert_eq!(Row::new(&["x".to_owned()], vec![]), None);
    }
}
