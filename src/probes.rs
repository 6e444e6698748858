//! Readers of bytes that somebody else wrote, one function each, for fuzzers.
//!
//! Each takes any bytes and must neither panic nor take more memory than its
//! input explains; what it accepts must be stable. The targets in `fuzz/` call
//! them with a coverage-guided fuzzer; the tests here with random bytes and with
//! damaged good ones, on any toolchain.

use zelador_actors::engine::settings::{read_cron, read_timezone};
use zelador_store::Cursor;
use zelador_store::catalog::tables;
use zelador_store::kv::embedded::{Groups, Header};

use crate::api::{body, page};

/// A stored row of any table: the first byte chooses the table, the second says
/// how long the key is.
///
/// # Panics
/// If a row that is accepted does not survive the way to JSON and back.
pub fn row(data: &[u8]) {
    let [table, key_length, rest @ ..] = data else { return };
    let tables = tables();
    let Some(table) = tables.get(usize::from(*table) % tables.len()) else { return };
    let (key, value) = rest.split_at(usize::from(*key_length).min(rest.len()));
    let entries = (table.entries)(key, value);
    let Ok((key, row)) = (table.to_json)(key, value) else {
        assert!(entries.is_err() || table.version == 0, "{} has entries of nothing", table.name);
        return;
    };
    if let Ok((key_bytes, value_bytes)) = (table.from_json)(key.clone(), row.clone()) {
        let again = (table.to_json)(&key_bytes, &value_bytes);
        assert_eq!(again.ok(), Some((key, row)), "{}", table.name);
    }
}

/// A segment of the journal.
///
/// # Panics
/// If the reader says it read more than there is.
pub fn journal(data: &[u8]) {
    let _ = Header::decode(data);
    let mut groups = Groups::new(data, 0, 1);
    let mut last = 0;
    for group in groups.by_ref() {
        assert_eq!(group.number, last + 1);
        last = group.number;
    }
    assert!(groups.offset() <= data.len() && groups.next_number() == last + 1);
}

/// A cursor as a client sends it.
///
/// # Panics
/// If a cursor that is accepted is not the text that it would be sent as.
pub fn cursor(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(cursor) = text.parse::<Cursor>() {
        assert_eq!(cursor.to_string(), text);
    }
    if let Some(cursor) = page::decode("/users", text) {
        assert_eq!(page::decode("/jobs", text), None, "it is good for its own list only");
        assert_eq!(page::decode("/users", &page::encode("/users", &cursor)), Some(cursor));
    }
}

/// A cron line and a time zone, as an operator writes them, a line each.
pub fn cron(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (line, zone) = text.split_once('\n').unwrap_or((text, "America/Santiago"));
    if let (Ok(cron), Ok(zone)) = (read_cron(line), read_timezone(zone)) {
        let start = jiff::Timestamp::UNIX_EPOCH.to_zoned(zone);
        let _ = cron.find_next_occurrence(&start, false);
    }
}

/// A request's body.
///
/// # Panics
/// If a body that is accepted is not read the same again.
pub fn body(data: &[u8]) {
    if let Ok(value) = body::parse(data) {
        let text = value.to_string();
        assert_eq!(body::parse(text.as_bytes()), Ok(value));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::{Config, TestRunner};
    use zelador_actors::engine::jobs::NewJob;
    use zelador_store::Timestamp;
    use zelador_store::id::JobId;
    use zelador_store::kv::{Key, encode_row};

    use super::*;

    /// Cases for each reader: random bytes, and good ones with some of them changed.
    const CASES: u32 = 20_000;

    fn damaged(good: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
        let bytes = (prop::sample::select(good), prop::collection::vec(any::<(u16, u8)>(), 0..4));
        let damaged = bytes.prop_map(|(mut bytes, changes)| {
            for (at, byte) in changes {
                let length = bytes.len().max(1);
                if let Some(slot) = bytes.get_mut(usize::from(at) % length) {
                    *slot = byte;
                }
            }
            bytes
        });
        prop_oneof![damaged, prop::collection::vec(any::<u8>(), 0..400)]
    }

    fn probe(reader: fn(&[u8]), good: Vec<Vec<u8>>) {
        let mut runner = TestRunner::new(Config {
            cases: CASES,
            failure_persistence: None,
            ..Config::default()
        });
        let outcome = runner.run(&damaged(good), |bytes| {
            reader(&bytes);
            Ok(())
        });
        outcome.unwrap();
    }

    fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
        texts.iter().map(|text| text.as_bytes().to_vec()).collect()
    }

    #[test]
    fn any_bytes_are_a_row_or_damage() {
        let job = NewJob::new("diagnostic", &serde_json::json!({"sleep_ms": 5})).unique("k");
        let row = encode_row::<zelador_store::job::Jobs>(&job.build(Timestamp::EPOCH)).unwrap();
        let key = JobId::new(Timestamp::EPOCH, [7; 10]).to_bytes();
        let good = (0..32).map(|table| {
            [&[table, u8::try_from(key.len()).unwrap()], key.as_slice(), row.as_slice()].concat()
        });
        probe(super::row, good.collect());
    }

    #[test]
    fn any_bytes_are_a_journal_or_damage() {
        // Whole segments are damaged bit by bit in the store's own suite.
        probe(journal, vec![vec![0; 64], vec![255; 64]]);
    }

    #[test]
    fn any_text_is_a_cursor_or_none() {
        let cursor: Cursor = "0011aaff".parse().unwrap();
        let good = [page::encode("/users", &cursor), page::encode("/jobs", &cursor)];
        probe(super::cursor, good.iter().map(|text| text.clone().into_bytes()).collect());
    }

    #[test]
    fn any_text_is_a_cron_line_or_refused() {
        probe(
            cron,
            texts(&[
                "0 3 * * *\nAmerica/Caracas",
                "*/15 0-6 1,L * MON-FRI\nEurope/Lisbon",
                "30 59 23 31 12 *\nAustralia/Lord_Howe",
                "0 0 29 2 MON#5",
            ]),
        );
    }

    #[test]
    fn any_bytes_are_a_body_or_refused() {
        probe(
            super::body,
            texts(&[
                r#"{"name": "Ana", "settings": {"closures": [{"date": "2026-12-25"}]}, "n": 1.5e3}"#,
                r#"[[[[[[{"a": null, "b": [true, false, -0.0, 1e308]}]]]]]]"#,
                r#"{"a": 1, "a": 2}"#,
                "\u{feff}\"\\ud800\"",
            ]),
        );
    }
}
