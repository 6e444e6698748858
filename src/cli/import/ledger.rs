//! What became of everything: a line for each row that is wrong, as it is
//! met, and a summary at the end.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::row::Wrong;
use crate::cli::{Failure, print};

/// How many of a table came to which end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Made, or, in a dry run, to be made.
    pub(super) created: u64,
    /// Made before.
    pub(super) there: u64,
    /// Not for bringing over.
    pub(super) left: u64,
    /// Wrong.
    pub(super) wrong: u64,
}

/// The ledger of one import.
#[derive(Debug)]
pub(super) struct Ledger {
    json: bool,
    dry_run: bool,
    counts: BTreeMap<&'static str, Counts>,
    left: BTreeMap<(&'static str, String), u64>,
    wrong: Vec<Value>,
    notes: Vec<String>,
}

impl Ledger {
    /// An empty one.
    pub(super) const fn new(json: bool, dry_run: bool) -> Self {
        Self {
            json,
            dry_run,
            counts: BTreeMap::new(),
            left: BTreeMap::new(),
            wrong: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// One was made.
    pub(super) fn created(&mut self, table: &'static str) {
        self.counts.entry(table).or_default().created += 1;
    }

    /// One was there already.
    pub(super) fn there(&mut self, table: &'static str) {
        self.counts.entry(table).or_default().there += 1;
    }

    /// One was left out, for this reason.
    pub(super) fn left(&mut self, table: &'static str, why: impl Into<String>) {
        self.counts.entry(table).or_default().left += 1;
        *self.left.entry((table, clean(&why.into()))).or_default() += 1;
    }

    /// One is wrong: its table, its old id, the field, why.
    pub(super) fn wrong(
        &mut self,
        table: &'static str,
        id: &str,
        wrong: &Wrong,
    ) -> Result<(), Failure> {
        self.counts.entry(table).or_default().wrong += 1;
        let (id, field, why) = (clean(id), clean(&wrong.field), clean(&wrong.why));
        if self.json {
            self.wrong.push(json!({ "table": table, "id": id, "field": field, "why": why }));
            return Ok(());
        }
        print(&format!("wrong: {table} {id}: {field}: {why}"))
    }

    /// Something a person is to do.
    pub(super) fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    /// Whether nothing was wrong.
    pub(super) fn is_clean(&self) -> bool {
        self.counts.values().all(|counts| counts.wrong == 0)
    }

    /// Tells the summary.
    pub(super) fn finish(&self) -> Result<(), Failure> {
        if self.json { print(&self.document().to_string()) } else { print(&self.summary()) }
    }

    /// The summary, for programs.
    pub(super) fn document(&self) -> Value {
        let tables: serde_json::Map<_, _> = self
            .counts
            .iter()
            .map(|(table, Counts { created, there, left, wrong })| {
                let counts = json!({ "created": created, "already_there": there,
                    "left_out": left, "wrong": wrong });
                ((*table).to_owned(), counts)
            })
            .collect();
        let left: Vec<_> = self
            .left
            .iter()
            .map(|((table, why), count)| json!({ "table": table, "why": why, "count": count }))
            .collect();
        json!({ "dry_run": self.dry_run, "tables": tables, "left_out": left,
            "wrong": self.wrong, "notes": self.notes })
    }

    /// The summary, for people.
    pub(super) fn summary(&self) -> String {
        let mut text = String::new();
        for ((table, why), count) in &self.left {
            let _ = writeln!(text, "left out: {table}: {count}: {why}");
        }
        for note in &self.notes {
            let _ = writeln!(text, "to do: {note}");
        }
        let made = if self.dry_run { "would be created" } else { "created" };
        for (table, Counts { created, there, left, wrong }) in &self.counts {
            let _ = writeln!(
                text,
                "{table}: {created} {made}, {there} already there, {left} left out, {wrong} wrong"
            );
        }
        if self.counts.is_empty() {
            text.push_str("nothing was found in the dump that could be brought over\n");
        }
        text
    }
}

/// What a dump holds must not steer the terminal, nor fill it.
fn clean(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_counted_and_told() {
        let mut ledger = Ledger::new(true, true);
        ledger.created("users");
        ledger.there("users");
        ledger.left("jobs", "of no use\x1b[2J");
        ledger.left("jobs", "of no use\x1b[2J");
        assert!(ledger.is_clean());
        ledger.wrong("users", "7", &Wrong::new("email", "is none")).unwrap();
        ledger.note("sync");
        assert!(!ledger.is_clean());
        let told = ledger.document();
        let users = json!({"created": 1, "already_there": 1, "left_out": 0, "wrong": 1});
        assert_eq!(told["tables"]["users"], users);
        let left = json!([{"table": "jobs", "why": "of no use [2J", "count": 2}]);
        assert_eq!(told["left_out"], left);
        assert_eq!(told["wrong"][0]["id"], "7");
        let text = ledger.summary();
        assert!(text.contains("users: 1 would be created, 1 already there, 0 left out, 1 wrong"));
        assert!(text.contains("left out: jobs: 2: of no use"), "{text}");
    }
}
