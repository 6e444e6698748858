//! Rows as they come, tolerantly and no further.

use proptest::prelude::*;
use serde_json::{Value, json};
use zelador_store::wispro::StagedClient;

use crate::wispro::rules::client::{FieldPaths, Row, read};

fn client(row: &Value) -> StagedClient {
    match read(row, &FieldPaths::default()) {
        Row::Client(_, client) => *client,
        Row::NoId => panic!("{row}"),
    }
}

fn ana() -> Value {
    json!({"id":"7d0f0d5e-0000-4000-8000-000000000001","public_id":101,"custom_id":"A-101",
        "name":"Ana Pérez","email":"ana@example.com","phone":null,"phone_mobile":"04241234567",
        "phone_mobile_verified":false,"address":"Av. 1, casa 2","city":"Maracay","state":"Aragua",
        "zone_name":"Centro","neighborhood_id":null,"national_identification_number":"V-12.345.678",
        "details":"V","link_mobile_login":"https://secret.example/login","password":"hunter2"})
}

fn with(name: &str, value: Value) -> Value {
    let mut row = ana();
    row[name] = value;
    row
}

#[test]
fn the_documented_row_is_read() {
    let read = client(&ana());
    assert_eq!(read.name.as_deref(), Some("Ana Pérez"));
    assert_eq!(read.phone.as_deref(), Some("04241234567"));
    assert_eq!(read.zone.as_deref(), Some("Centro"));
    assert_eq!(read.id_number.as_deref(), Some("V-12345678"));
    assert!(!read.letter_guessed && !read.email_malformed);
}

#[test]
fn no_login_link_and_no_password_is_kept() {
    let kept = format!("{:?}", client(&ana()));
    assert!(!kept.contains("secret.example") && !kept.contains("hunter2"), "{kept}");
}

#[test]
fn strings_and_numbers_are_taken_alike() {
    assert_eq!(
        client(&with("national_identification_number", json!(12_345_678))).id_number.as_deref(),
        Some("12345678")
    );
    assert!(client(&with("national_identification_number", json!(12_345_678))).letter_guessed);
    assert_eq!(client(&with("name", json!(7))).name.as_deref(), Some("7"));
    for nothing in [json!(null), json!(""), json!("  "), json!([1]), json!({}), json!(true)] {
        assert_eq!(client(&with("address", nothing)).address.as_deref(), Some("Maracay"));
    }
    for nothing in [json!(null), json!(""), json!([1]), json!({})] {
        assert_eq!(client(&with("name", nothing)).name, None);
    }
}

#[test]
fn a_row_without_an_id_is_no_client() {
    for row in [with("id", json!(null)), with("id", json!("")), json!(5), json!("x"), json!([])] {
        assert_eq!(read(&row, &FieldPaths::default()), Row::NoId, "{row}");
    }
    assert!(
        matches!(read(&with("id", json!(42)), &FieldPaths::default()), Row::Client(id, _) if id == "42")
    );
}

#[test]
fn zone_address_and_phone_have_several_places() {
    for (name, value) in [
        ("zone", json!("Norte")),
        ("zone", json!({"name": "Norte"})),
        ("neighborhood", json!({"name": "Norte"})),
        ("neighborhood_name", json!("Norte")),
        ("neighbourhood", json!("Norte")),
    ] {
        let mut row = with("zone_name", json!(null));
        row[name] = value;
        assert_eq!(client(&row).zone.as_deref(), Some("Norte"), "{name}");
    }
    let mut row = with("address", json!(""));
    row["street"] = json!("Calle 5");
    row["number"] = json!(12);
    assert_eq!(client(&row).address.as_deref(), Some("Calle 5 12, Maracay"));
    let mut row = with("phone_mobile", json!(null));
    row["phone"] = json!("0243");
    assert_eq!(client(&row).phone.as_deref(), Some("0243"));
}

#[test]
fn emails_may_hold_several_or_junk() {
    for (written, email, malformed) in [
        (json!("a@example.com; b@example.com"), Some("a@example.com"), false),
        (json!("junk, b@example.com"), Some("b@example.com"), false),
        (json!("no tiene"), None, true),
        (json!(null), None, false),
    ] {
        let read = client(&with("email", written.clone()));
        assert_eq!((read.email.as_deref(), read.email_malformed), (email, malformed), "{written}");
    }
}

#[test]
fn the_letter_may_stand_elsewhere_if_the_operator_says_so() {
    let paths = FieldPaths { id_letter: vec!["/details".into()], ..FieldPaths::default() };
    let number = |details: &str| {
        let mut row = with("national_identification_number", json!("12345678"));
        row["details"] = json!(details);
        match read(&row, &paths) {
            Row::Client(_, client) => client.id_number.unwrap(),
            Row::NoId => panic!(),
        }
    };
    assert_eq!(number("E"), "E-12345678");
    assert_eq!(number("v"), "V-12345678");
    assert_eq!(number("cliente moroso"), "12345678");
}

#[test]
fn huge_and_hostile_strings_are_bounded() {
    let hostile = format!("{}\u{202e}\u{0}\n{}", "é".repeat(9000), "x".repeat(90_000));
    let row = json!({"id": hostile, "name": hostile, "email": hostile, "address": hostile,
        "zone_name": hostile, "phone": hostile, "national_identification_number": hostile});
    let Row::Client(id, client) = read(&row, &FieldPaths::default()) else { panic!() };
    assert!(id.chars().count() <= 100);
    assert!(client.name.unwrap().chars().count() <= 200);
    assert!(client.address.unwrap().chars().all(|c| !c.is_control() && c != '\u{202e}'));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,30}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(
                prop_oneof![
                    "id",
                    "name",
                    "email",
                    "zone",
                    "national_identification_number",
                    "[a-z]{1,5}"
                ],
                inner,
                0..5
            )
            .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_row_makes_it_panic(row in any_json()) {
        if let Row::Client(id, client) = read(&row, &FieldPaths::default()) {
            prop_assert!(!id.is_empty());
            prop_assert!(client.name.is_none_or(|name| !name.trim().is_empty()));
        }
    }
}
