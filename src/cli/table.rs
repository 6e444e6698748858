//! Tables for people; the body as it came for programs.

use comfy_table::presets::NOTHING;
use comfy_table::{ContentArrangement, Table};
use serde_json::Value;

use super::{Common, Failure, print};

/// A column: its heading, and where in a record its value stands, as a JSON
/// pointer (`/id`, `/error/message`).
#[derive(Clone, Copy, Debug)]
pub struct Column(pub &'static str, pub &'static str);

/// Prints records: a table, or with `--json` a JSON array.
pub fn show(common: &Common, columns: &[Column], records: &[Value]) -> Result<(), Failure> {
    if common.json {
        return print(&Value::from(records).to_string());
    }
    print(&render(columns, records))
}

/// Prints one record: a line for each column, or with `--json` as it came.
pub fn show_one(common: &Common, columns: &[Column], record: &Value) -> Result<(), Failure> {
    if common.json {
        return print(&record.to_string());
    }
    let width = columns.iter().map(|column| column.0.chars().count()).max().unwrap_or(0);
    let line = |Column(heading, at): &Column| format!("{heading:width$}  {}\n", cell(record, at));
    print(&columns.iter().map(line).collect::<String>())
}

/// The table as text.
pub fn render(columns: &[Column], records: &[Value]) -> String {
    if records.is_empty() {
        return "none".to_owned();
    }
    let mut table = Table::new();
    table.load_preset(NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(columns.iter().map(|column| column.0.to_uppercase()));
    for record in records {
        table.add_row(columns.iter().map(|column| cell(record, column.1)));
    }
    table.trim_fmt()
}

/// A value as a cell shows it: nothing in it can move the cursor or break the
/// row.
pub(super) fn cell(record: &Value, at: &str) -> String {
    let text = match record.pointer(at) {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const COLUMNS: &[Column] =
        &[Column("id", "/id"), Column("why", "/error/message"), Column("n", "/n")];

    #[test]
    fn records_are_rows() {
        let records = [
            json!({"id": "a", "error": {"message": "no\nroom\u{1b}[2J"}, "n": 3}),
            json!({"id": "b", "n": null}),
        ];
        let shown = render(COLUMNS, &records);
        let lines: Vec<Vec<_>> = shown.lines().map(|l| l.split_whitespace().collect()).collect();
        assert_eq!(
            lines,
            [vec!["ID", "WHY", "N"], vec!["a", "no", "room", "[2J", "3"], vec!["b", "-", "-"]]
        );
    }

    #[test]
    fn no_records_are_said() {
        assert_eq!(render(COLUMNS, &[]), "none");
    }
}
