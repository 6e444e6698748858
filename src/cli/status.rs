//! `zelador status`.

use std::fmt::Write as _;

use serde_json::Value;

use super::client::Client;
use super::table::{Column, cell, render};
use super::{Common, Failure, print};

const ACTORS: &[Column] = &[
    Column("actor", "/name"),
    Column("up", "/up"),
    Column("restarts", "/restarts"),
    Column("waiting", "/mailbox"),
];

const QUEUES: &[Column] = &[
    Column("queue", "/name"),
    Column("paused", "/paused"),
    Column("ready", "/ready"),
    Column("scheduled", "/scheduled"),
    Column("running", "/running"),
    Column("failed", "/failed"),
];

const CONSUMERS: &[Column] = &[
    Column("consumer", "/name"),
    Column("cursor", "/cursor"),
    Column("lag", "/lag"),
    Column("parked", "/parked"),
];

/// Prints it.
pub(super) async fn run(common: &Common, client: &Client) -> Result<(), Failure> {
    let status = client.get("status").await?;
    print(&if common.json { status.to_string() } else { words(&status) })
}

fn words(status: &Value) -> String {
    let of = |at| cell(status, at);
    let mut text = format!(
        "zelador {}, up {}, {} on disk, configuration {}\n",
        of("/version"),
        duration(number(status, "/uptime_seconds")),
        size(number(status, "/store_bytes")),
        of("/config_generation"),
    );
    if status.pointer("/config_error").is_some_and(|error| !error.is_null()) {
        let _ = writeln!(text, "THE NEWEST CONFIGURATION IS REFUSED: {}", of("/config_error"));
    }
    for (at, columns) in [("/actors", ACTORS), ("/queues", QUEUES), ("/consumers", CONSUMERS)] {
        match status.pointer(at).and_then(Value::as_array) {
            Some(rows) if !rows.is_empty() => {
                let _ = writeln!(text, "\n{}", render(columns, rows));
            }
            _ => {}
        }
    }
    text
}

fn number(status: &Value, at: &str) -> u64 {
    status.pointer(at).and_then(Value::as_u64).unwrap_or(0)
}

fn duration(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

fn size(bytes: u64) -> String {
    const KIB: u64 = 1024;
    match bytes {
        0..KIB => format!("{bytes} B"),
        KIB..0x0010_0000 => format!("{} KiB", bytes / KIB),
        0x0010_0000..0x4000_0000 => format!("{} MiB", bytes / KIB / KIB),
        _ => format!("{} GiB", bytes / KIB / KIB / KIB),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_status_in_words() {
        let status = json!({
            "version": "0.1.0", "uptime_seconds": 90_061, "store_bytes": 5_300_000,
            "config_generation": 2, "config_error": null, "actors": [], "consumers": [],
            "queues": [{ "name": "default", "paused": true, "ready": 3 }],
        });
        let words = words(&status);
        assert!(words.starts_with("zelador 0.1.0, up 1 d 1 h, 5 MiB on disk, configuration 2\n"));
        assert!(
            words.contains("default") && !words.contains("REFUSED") && !words.contains("ACTOR")
        );
        let broken = json!({ "config_error": "line 3" });
        assert!(super::words(&broken).contains("REFUSED: line 3"));
    }

    #[test]
    fn spans_and_sizes_are_round() {
        assert_eq!([duration(59), duration(61), duration(3660)], ["59 s", "1 min", "1 h 1 min"]);
        assert_eq!([size(1023), size(2048), size(3 << 30)], ["1023 B", "2 KiB", "3 GiB"]);
    }
}
