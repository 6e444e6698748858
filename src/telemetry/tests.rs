//! The whole log with a file, and the journal's records as journald would take
//! them.

use std::collections::BTreeMap;
use std::os::unix::net::UnixDatagram;

use tracing::subscriber::with_default;
use tracing::{debug, info, info_span, warn};
use tracing_subscriber::layer::SubscriberExt as _;

use super::journal::Journal;
use super::place::Place;
use super::{TelemetryError, build};
use crate::config::TelemetrySettings;

#[test]
fn the_level_is_live_and_the_file_follows_it() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("logs/zelador.log");
    let settings =
        TelemetrySettings { level: "info".into(), file: Some(file.clone()), file_keep: 2 };
    let (subscriber, telemetry) = build(&settings, Place::Terminal { colours: true }).unwrap();
    with_default(subscriber, || {
        debug!("before");
        telemetry.set_level("debug").unwrap();
        debug!(name = %"a\nb", "after");
        assert!(matches!(telemetry.set_level("zelador=loud"), Err(TelemetryError::Level(_))));
        debug!("still");
    });
    // Writes out what waits.
    drop(telemetry);
    let text = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines[0].ends_with("after name=a\\nb"), "{text}");
    assert!(lines[1].ends_with("still"), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
}

#[test]
fn a_log_file_that_is_not_ours_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("precious");
    std::fs::write(&file, "x").unwrap();
    let settings = TelemetrySettings { file: Some(file.clone()), ..TelemetrySettings::default() };
    let built = build(&settings, Place::Elsewhere);
    assert!(matches!(built.err(), Some(TelemetryError::InTheWay(_))));
    assert_eq!(std::fs::read_to_string(file).unwrap(), "x");
}

/// The fields of the records that `act` logs.
fn recorded(act: impl FnOnce()) -> Vec<BTreeMap<String, String>> {
    let (socket, journald) = UnixDatagram::pair().unwrap();
    let subscriber = tracing_subscriber::registry().with(Journal::to(socket));
    with_default(subscriber, act);
    journald.set_nonblocking(true).unwrap();
    let mut records = Vec::new();
    let mut buffer = vec![0; 1 << 20];
    while let Ok(length) = journald.recv(&mut buffer) {
        records.push(read(&buffer[..length]));
    }
    records
}

fn read(mut record: &[u8]) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    while !record.is_empty() {
        let end = record.iter().position(|byte| *byte == b'\n').unwrap();
        let name = String::from_utf8(record[..end].to_vec()).unwrap();
        let length = u64::from_le_bytes(record[end + 1..end + 9].try_into().unwrap());
        let start = end + 9;
        let stop = start + usize::try_from(length).unwrap();
        fields.insert(name, String::from_utf8(record[start..stop].to_vec()).unwrap());
        assert_eq!(record[stop], b'\n');
        record = &record[stop + 1..];
    }
    fields
}

#[test]
fn the_message_is_the_line_and_the_fields_are_native() {
    let records = recorded(|| {
        let _job = info_span!("job", job_id = "j-1", tenant_id = tracing::field::Empty).entered();
        tracing::Span::current().record("tenant_id", "t 1");
        info!(created = 189, user = %"ana", "wispro sync");
        warn!("plain");
    });
    let first = &records[0];
    assert_eq!(first["MESSAGE"], "wispro sync created=189 user=ana job_id=j-1 tenant_id=\"t 1\"");
    assert_eq!(first["PRIORITY"], "6");
    assert_eq!((first["CREATED"].as_str(), first["JOB_ID"].as_str()), ("189", "j-1"));
    assert_eq!(first["TENANT_ID"], "t 1");
    assert_eq!(records[1]["PRIORITY"], "4");
    assert_eq!(records[1]["MESSAGE"], "plain job_id=j-1 tenant_id=\"t 1\"");
}

#[test]
fn nothing_in_a_field_forges_another_field_or_line() {
    let records = recorded(|| info!(name = %"x\nPRIORITY=0\nMESSAGE=forged", message_ = 1, "m"));
    assert_eq!(records.len(), 1);
    assert_eq!(records[0]["PRIORITY"], "6");
    assert_eq!(records[0]["NAME"], "x\nPRIORITY=0\nMESSAGE=forged");
    assert!(!records[0]["MESSAGE"].contains('\n'), "{:?}", records[0]);
}

#[test]
fn a_huge_value_is_cut() {
    let records = recorded(|| info!(body = "é".repeat(1_000_000), "m"));
    assert!(records[0]["BODY"].len() < 10_000);
    assert!(records[0]["BODY"].ends_with('…'));
}
