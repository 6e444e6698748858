//! Both layers of the upstream's errors, and its pages.

use std::time::Duration;

use serde_json::{Value, json};

use crate::wispro::rules::envelope::{Answer, Onward, Sheet, Trouble, onward, pause, read};

fn answer(status: u16, body: &str) -> Answer {
    Answer { status, retry_after: None, body: body.as_bytes().to_vec() }
}

fn sheet(body: &Value) -> Sheet {
    read(&answer(200, &body.to_string()), 0).unwrap()
}

#[track_caller]
fn trouble(status: u16, body: &str) -> Trouble {
    read(&answer(status, body), 0).unwrap_err()
}

#[test]
fn errors_arrive_as_http_200() {
    assert_eq!(
        trouble(200, r#"{"status":401,"meta":{},"message":"Unauthorized","errors":{}}"#),
        Trouble::Unauthorized
    );
    assert_eq!(
        trouble(200, r#"{"status":402,"message":"Payment Required"}"#),
        Trouble::PaymentRequired
    );
    let bad = trouble(
        200,
        r#"{"status":400,"meta":{},"message":"Invalid record","errors":{"name":"taken"}}"#,
    );
    assert_eq!(bad, Trouble::Refused { status: 400, said: "Invalid record (name)".into() });
    assert!(matches!(
        trouble(200, r#"{"status":"404","message":"Record not found"}"#),
        Trouble::Refused { status: 404, .. }
    ));
    assert!(matches!(
        trouble(200, r#"{"status":500,"message":"Server error"}"#),
        Trouble::Passing { .. }
    ));
}

#[test]
fn errors_of_http_itself_are_told_apart_too() {
    assert_eq!(trouble(401, ""), Trouble::Unauthorized);
    assert_eq!(trouble(403, "{}"), Trouble::Unauthorized);
    assert_eq!(trouble(402, ""), Trouble::PaymentRequired);
    for status in [408, 429, 500, 502, 503, 504] {
        assert!(matches!(trouble(status, "<html>"), Trouble::Passing { .. }), "{status}");
    }
    for status in [301, 302, 404, 410] {
        assert!(matches!(trouble(status, "{}"), Trouble::Refused { .. }), "{status}");
    }
}

#[test]
fn a_200_that_is_not_json_may_be_tried_again() {
    for body in
        ["<html>502</html>", "", "[1,2]", "null", r#"{"status":200}"#, r#"{"status":200,"data":5}"#]
    {
        assert!(matches!(trouble(200, body), Trouble::Passing { .. }), "{body}");
    }
}

#[test]
fn a_page_is_read_with_or_without_its_status() {
    let page = json!({"status":200,"meta":{"object":"client","pagination":
        {"total_records":2,"total_pages":"1","per_page":100,"current_page":1}},"data":[{},{}]});
    let read = sheet(&page);
    let told = read.pagination.unwrap();
    assert_eq!((read.rows.len(), told.total_records, told.total_pages), (2, Some(2), Some(1)));
    assert_eq!(sheet(&json!({"data": []})).pagination, None);
    // A single object where a list is meant.
    assert_eq!(sheet(&json!({"status": 200, "data": {"id": "1"}})).rows.len(), 1);
}

#[test]
fn retry_after_is_seconds_or_a_date() {
    let after = |text: &str| {
        let answer = Answer { retry_after: Some(text.into()), ..answer(429, "") };
        match read(&answer, 1_700_000_000).unwrap_err() {
            Trouble::Passing { after, .. } => after,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(after("7"), Some(Duration::from_secs(7)));
    assert_eq!(after("Tue, 14 Nov 2023 22:13:50 GMT"), Some(Duration::from_secs(30)));
    assert_eq!(after("Tue, 14 Nov 2000 22:13:50 GMT"), Some(Duration::ZERO));
    assert_eq!(after("99999999999"), Some(Duration::from_secs(86_400)));
    assert_eq!(after("soon"), None);
}

#[test]
fn what_the_upstream_says_is_bounded() {
    let long = "x".repeat(100_000);
    let body = json!({"status": 400, "message": long, "errors": {"a\u{7}b": "c"}}).to_string();
    let Trouble::Refused { said, .. } = trouble(200, &body) else { panic!() };
    assert_eq!(said.chars().count(), 200);
}

#[test]
fn pages_end_where_they_end() {
    let page = |rows: usize, total: Option<u64>, current: Option<u64>| {
        let mut meta = json!({});
        if let Some(total) = total {
            meta = json!({"pagination": {"total_pages": total, "current_page": current}});
        }
        sheet(&json!({"meta": meta, "data": vec![json!({}); rows]}))
    };
    for (sheet, at, repeats, expected) in [
        (page(100, Some(3), Some(1)), 1, false, Onward::Next),
        (page(100, Some(3), Some(3)), 3, false, Onward::Last),
        // The total is read again on every page: it may shrink.
        (page(100, Some(2), Some(3)), 3, false, Onward::Last),
        (page(0, Some(9), Some(2)), 2, false, Onward::Last),
        // Without pagination a page that is not full is the last.
        (page(100, None, None), 4, false, Onward::Next),
        (page(99, None, None), 4, false, Onward::Last),
        // A server that ignores the page.
        (page(100, Some(3), Some(1)), 2, false, Onward::Stuck),
        (page(100, None, None), 2, true, Onward::Stuck),
        (page(100, Some(99), Some(5)), 5, false, Onward::Last),
    ] {
        assert_eq!(
            onward(&sheet, at, 100, 5, repeats),
            expected,
            "{at} {repeats} {:?}",
            sheet.pagination
        );
    }
}

#[test]
fn waits_double_up_to_a_minute() {
    let waits: Vec<_> = (1..=8).map(|failed| pause(failed, None, 0.0).as_secs()).collect();
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
    assert_eq!(pause(1, Some(Duration::from_secs(9)), 0.0).as_secs(), 9);
    assert!(pause(7, None, 1.0) <= Duration::from_secs(66));
}
