//! The pure parts, by tables and properties.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use warp::http::header::{HeaderMap, HeaderName, HeaderValue};

use crate::api::body::{self, NotABody};
use crate::api::client::Client;
use crate::api::idempotency::canonical;
use crate::api::merge::{Merge, merge};
use crate::api::{Language, auth, page, trace};
use crate::config::Network;
use zelador_actors::engine::clock::Dice;

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    }
    headers
}

#[track_caller]
fn client(peer: &str, pairs: &[(&'static str, &str)], address: &str, local: bool) {
    let trusted: Vec<Network> = ["10.0.0.0/8", "127.0.0.9"].map(|n| n.parse().unwrap()).into();
    let client = Client::of(peer.parse().unwrap(), &headers(pairs), &trusted);
    assert_eq!((client.address, client.local), (address.parse().unwrap(), local));
}

#[test]
fn only_trusted_proxies_are_believed() {
    client("127.0.0.1", &[], "127.0.0.1", true);
    client("::ffff:127.0.0.1", &[], "127.0.0.1", true);
    client("203.0.113.1", &[], "203.0.113.1", false);
    client("203.0.113.1", &[("x-forwarded-for", "127.0.0.1")], "203.0.113.1", false);
    client("127.0.0.1", &[("x-forwarded-for", "203.0.113.7")], "127.0.0.1", false);
    client("10.1.1.1", &[("x-forwarded-for", "203.0.113.7")], "203.0.113.7", false);
    client(
        "10.1.1.1",
        &[("x-forwarded-for", "1.1.1.1, 203.0.113.7, 10.2.2.2")],
        "203.0.113.7",
        false,
    );
    client("10.1.1.1", &[("x-forwarded-for", "1.1.1.1, nonsense")], "10.1.1.1", false);
    client(
        "10.1.1.1",
        &[("forwarded", "for=\"[2001:db8::7]:99\";proto=https")],
        "2001:db8::7",
        false,
    );
    client("10.1.1.1", &[("forwarded", "for=1.2.3.4:5, for=10.9.9.9")], "1.2.3.4", false);
    client("127.0.0.9", &[("x-forwarded-for", "127.0.0.1")], "127.0.0.1", true);
    let spoofed = [("x-forwarded-for", "127.0.0.1, 203.0.113.7")];
    client("10.1.1.1", &spoofed, "203.0.113.7", false);
}

#[test]
fn traces_are_taken_over_when_they_are_sound() {
    let id = "4bf92f3577b34da6a3ce929d0e0e4736";
    let take = |value: &str| {
        trace::trace_id(&headers(&[("traceparent", value)]), &Dice::seeded(1)).to_string()
    };
    assert_eq!(take(&format!("00-{id}-00f067aa0ba902b7-01")), id);
    assert_eq!(take(&format!("01-{id}-00f067aa0ba902b7-01-more")), id);
    for bad in [
        format!("ff-{id}-00f067aa0ba902b7-01"),
        format!("00-{id}-00f067aa0ba902b7-01-more"),
        format!("00-{id}-0000000000000000-01"),
        format!("00-{}-00f067aa0ba902b7-01", id.to_uppercase()),
        format!("00-{id}-00f067aa0ba902b7"),
        String::new(),
    ] {
        assert_ne!(take(&bad), id, "{bad}");
        assert_eq!(take(&bad).len(), 32);
    }
}

#[test]
fn tags_name_languages() {
    for (tag, language) in [
        ("pt", Some(Language::Portuguese)),
        ("PT-pt", Some(Language::Portuguese)),
        ("es_419", Some(Language::Spanish)),
        ("en-US", Some(Language::English)),
        ("ptx", None),
        ("", None),
        ("*", None),
    ] {
        assert_eq!(Language::of_tag(tag), language, "{tag}");
    }
    for (header, language) in [
        ("en;q=0.5, es;q=0.5", Some(Language::English)),
        ("en;q=0.5, es;q=0.51", Some(Language::Spanish)),
        ("en;q=nonsense", None),
        ("en;q=2", None),
        ("en; Q=1", Some(Language::English)),
        (",,;;=,", None),
    ] {
        assert_eq!(Language::accepted(header), language, "{header}");
    }
}

#[test]
fn a_minted_token_is_long_and_recognisable() {
    let token = auth::mint([0xab; 32]);
    assert_eq!(token.len(), 68);
    assert!(token.starts_with("zld_abab"));
}

#[test]
fn a_cursor_is_its_lists() {
    let cursor = "00ff".parse().unwrap();
    let text = page::encode("/users", &cursor);
    assert_eq!(page::decode("/users", &text), Some(cursor));
    assert_eq!(page::decode("/tenants", &text), None);
    for bad in ["", "0", "00000000", "éééé0000", &text.to_uppercase(), &format!("{text}00")] {
        assert_eq!(page::decode("/users", bad), None, "{bad}");
    }
    let link = page::next_link("/api/users/", "cursor=x&q=a%20b&&cursor&limit=2", "y");
    assert_eq!(link, "</api/users/?q=a%20b&limit=2&cursor=y>; rel=\"next\"");
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter("JSON has no NaN", |n| n.is_finite()).prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(".{0,4}", inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// The same with the members of every object in another order.
fn turned(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members: Map<String, Value> =
                members.iter().rev().map(|(name, value)| (name.clone(), turned(value))).collect();
            Value::Object(members)
        }
        Value::Array(items) => items.iter().map(turned).collect(),
        other => other.clone(),
    }
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = body::parse(&bytes);
    }

    #[test]
    fn the_reader_takes_what_any_other_takes(value in value()) {
        let read = body::parse(value.to_string().as_bytes()).unwrap();
        // Whole floats become integers, which the text of both may tell apart.
        prop_assert_eq!(canonical(&body::parse(read.to_string().as_bytes()).unwrap()), canonical(&read));
    }

    #[test]
    fn the_reader_stops_at_its_depth(depth in 1_usize..80) {
        let text = format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        let expected = depth > usize::from(body::MAX_DEPTH);
        prop_assert_eq!(body::parse(text.as_bytes()) == Err(NotABody::TooDeep), expected);
    }

    #[test]
    fn order_does_not_matter_and_all_else_does(one in value(), other in value()) {
        prop_assert_eq!(canonical(&one), canonical(&turned(&one)));
        prop_assert_eq!(canonical(&one) == canonical(&other), one == other);
    }

    #[test]
    fn no_text_makes_a_cursor_panic(text in ".{0,40}") {
        let _ = page::decode("/users", &text);
        let _ = Language::accepted(&text);
    }

    #[test]
    fn merging_what_is_there_changes_nothing(record in prop::collection::btree_map("[a-d]", value(), 0..4)) {
        let record: Value = record.into_iter().collect();
        let members = ["a", "b", "c", "d"].map(str::to_owned).into();
        let merged = merge(&record, &json!({}), &members, &Merge::default()).unwrap();
        prop_assert_eq!(&merged, &record);
    }
}

#[test]
fn whole_members_are_replaced_and_fixed_ones_stay() {
    let members = ["hours", "kind", "notes"].map(str::to_owned).into();
    let how = Merge { whole: &["hours"], fixed: &["kind"] };
    let shown = json!({ "id": 1, "hours": { "monday": [1] }, "kind": "x", "notes": { "a": 1 } });
    let patch = json!({ "hours": { "friday": [2] }, "kind": "x", "id": 1, "notes": { "b": 2 } });
    let merged = merge(&shown, &patch, &members, &how).unwrap();
    let expected = json!({ "hours": { "friday": [2] }, "kind": "x", "notes": { "a": 1, "b": 2 } });
    assert_eq!(merged, expected);
    let patch = json!({ "kind": "y", "id": 2, "new": 1 });
    let flaws = merge(&shown, &patch, &members, &how).unwrap_err();
    let fields: Vec<_> = flaws.iter().map(|flaw| (flaw.field.as_str(), flaw.code)).collect();
    assert_eq!(fields, [("kind", "read_only"), ("id", "read_only"), ("new", "read_only")]);
}
