//! Looking at, editing, switching and deleting accounts; groups; quotas.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Rig, new_user};

pub(super) const NAMES: [&str; 39] = [
    "GET missing user",
    "PUT missing user",
    "DELETE missing user",
    "enable missing user",
    "disable missing user",
    "user groups: missing group",
    "user groups: missing user",
    "user groups: empty group",
    "add to group twice",
    "remove from group twice",
    "enable twice",
    "disable twice",
    "delete user again",
    "delete oneself",
    "create group twice",
    "create group with empty id",
    "delete missing group",
    "delete group admin",
    "edit: unknown key",
    "edit: bad quota",
    "edit: bad language",
    "edit: bad email",
    "edit: bad phone",
    "edit: long displayname",
    "edit: weak password",
    "unknown OCS route",
    "bad method",
    "quota: 5 GB",
    "quota: 10GB",
    "quota: 1.5 GB",
    "quota: 1,5 GB",
    "quota: 5 GiB",
    "quota: 1234567",
    "quota: 1073741824",
    "quota: 0",
    "quota: none",
    "quota: negative",
    "quota: empty",
    "quota: beyond a whole number",
];

/// A row: the call with its body, and what comes back.
type Row = (&'static str, &'static str, &'static str, &'static str, u16, u64, &'static str);

#[rustfmt::skip]
const ROWS: [Row; 32] = [
    ("GET missing user", "GET", "users/nobody", "{}", 404, 404, "User does not exist"),
    ("PUT missing user", "PUT", "users/nobody", r#"{"key":"email","value":"a@b.org"}"#, 404, 998, ""),
    ("DELETE missing user", "DELETE", "users/nobody", "{}", 404, 998, ""),
    ("enable missing user", "PUT", "users/nobody/enable", "{}", 400, 101, ""),
    ("disable missing user", "PUT", "users/nobody/disable", "{}", 400, 101, ""),
    ("user groups: missing group", "POST", "users/dave/groups", r#"{"groupid":"no"}"#, 400, 102, ""),
    ("user groups: missing user", "POST", "users/nobody/groups", r#"{"groupid":"staff"}"#, 400, 103, ""),
    ("user groups: empty group", "POST", "users/dave/groups", r#"{"groupid":""}"#, 400, 101, ""),
    ("add to group twice", "POST", "users/dave/groups", r#"{"groupid":"staff"}"#, 200, 200, "OK"),
    ("add to group twice", "POST", "users/dave/groups", r#"{"groupid":"staff"}"#, 200, 200, "OK"),
    ("remove from group twice", "DELETE", "users/dave/groups", r#"{"groupid":"staff"}"#, 200, 200, "OK"),
    ("remove from group twice", "DELETE", "users/dave/groups", r#"{"groupid":"staff"}"#, 200, 200, "OK"),
    ("disable twice", "PUT", "users/dave/disable", "{}", 200, 200, "OK"),
    ("disable twice", "PUT", "users/dave/disable", "{}", 200, 200, "OK"),
    ("enable twice", "PUT", "users/dave/enable", "{}", 200, 200, "OK"),
    ("enable twice", "PUT", "users/dave/enable", "{}", 200, 200, "OK"),
    ("delete oneself", "DELETE", "users/admin", "{}", 400, 101, ""),
    ("create group twice", "POST", "groups", r#"{"groupid":"new"}"#, 200, 200, "OK"),
    ("create group twice", "POST", "groups", r#"{"groupid":"new"}"#, 400, 102, "group exists"),
    ("create group with empty id", "POST", "groups", r#"{"groupid":""}"#, 400, 101, "Invalid group name"),
    ("delete missing group", "DELETE", "groups/no", "{}", 400, 101, ""),
    ("delete group admin", "DELETE", "groups/admin", "{}", 400, 102, ""),
    ("edit: unknown key", "PUT", "users/dave", r#"{"key":"shoe","value":"42"}"#, 400, 113, ""),
    ("edit: bad quota", "PUT", "users/dave", r#"{"key":"quota","value":"x"}"#, 400, 101, "Invalid quota value: x"),
    ("edit: bad language", "PUT", "users/dave", r#"{"key":"language","value":"zz_QQ"}"#, 400, 101, "Invalid language"),
    ("edit: bad email", "PUT", "users/dave", r#"{"key":"email","value":"not an email"}"#, 400, 101, ""),
    ("edit: bad phone", "PUT", "users/dave", r#"{"key":"phone","value":"call me"}"#, 400, 101, "Invalid phone"),
    ("edit: weak password", "PUT", "users/dave", r#"{"key":"password","value":"password"}"#, 400, 107, "Password is among the 1,000,000 most common ones. Please make it unique. Password needs to be at least 10 characters long."),
    ("unknown OCS route", "GET", "nothing", "{}", 404, 998, "Invalid query, please check the syntax."),
    ("bad method", "PATCH", "users", "{}", 405, 0, ""),
    ("delete user again", "DELETE", "users/dave", "{}", 200, 200, "OK"),
    ("delete user again", "DELETE", "users/dave", "{}", 404, 998, ""),
];

#[tokio::test]
async fn rows_of_accounts_and_groups() {
    let rig = Rig::new().await;
    for (name, method, path, body, http, code, words) in ROWS {
        assert!(NAMES.contains(&name), "{name}");
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let got = rig.call(method, path, serde_json::from_str(body).unwrap()).await;
        assert_eq!((got.http, got.code, got.words.as_str()), (http, code, words), "{name}");
        if name == "bad method" {
            assert_eq!(got.text, "");
        }
    }
    let long = rig.call(
        Method::PUT,
        "users/admin",
        json!({"key": "displayname", "value": "x".repeat(80)}),
    );
    assert_eq!(long.await.words, "Invalid displayname", "edit: long displayname");
}

/// What is sent, what is answered, and what is read back.
const QUOTAS: [(&str, &str, u64, Option<f64>); 15] = [
    ("quota: 5 GB", "5 GB", 200, Some(5_368_709_120.0)),
    ("quota: 10GB", "10GB", 200, Some(10_737_418_240.0)),
    ("quota: 1.5 GB", "1.5 GB", 200, Some(1_610_612_736.0)),
    ("quota: 1,5 GB", "1,5 GB", 200, Some(1_073_741_824.0)),
    ("quota: 5 GiB", "5 GiB", 200, Some(5.0)),
    ("quota: 1234567", "1234567", 200, Some(1_258_291.0)),
    ("quota: 1073741824", "1073741824", 200, Some(1_073_741_824.0)),
    ("quota: 0", "0", 200, Some(0.0)),
    ("quota: 0", "0 B", 200, Some(0.0)),
    ("quota: none", "none", 200, Some(-3.0)),
    ("quota: none", "default", 200, Some(-3.0)),
    ("quota: negative", "-1", 996, None),
    ("quota: negative", "-3", 996, None),
    ("quota: empty", "", 101, None),
    ("quota: empty", "banana", 101, None),
];

#[tokio::test]
async fn rows_of_quotas() {
    let rig = Rig::new().await;
    let read = async || rig.get("users/dave").await.data["quota"]["quota"].as_f64().unwrap();
    for (name, sent, code, wanted) in QUOTAS {
        assert!(NAMES.contains(&name), "{name}");
        let before = read().await;
        assert_eq!(rig.put("quota", sent).await.code, code, "{sent}");
        let now = read().await;
        assert!((now - wanted.unwrap_or(before)).abs() < 0.5, "{sent}: {now}");
    }
    rig.put("quota", "0").await;
    let shown = rig.get("users/dave").await.data["quota"].clone();
    assert_eq!((&shown["free"], &shown["total"]), (&json!(-3), &json!(-3)));
}

/// Rows: `quota: beyond a whole number`.
#[tokio::test]
async fn a_quota_beyond_whole_numbers_is_a_fraction() {
    let rig = Rig::new().await;
    assert_eq!(rig.put("quota", "9999999999999999999999").await.code, 200);
    let quota = rig.get("users/dave").await.data["quota"]["quota"].clone();
    assert!(quota.as_i64().is_none() && quota.is_f64(), "{quota}");
    assert!((quota.as_f64().unwrap() / 1e22 - 1.0).abs() < 1e-9);
}

#[tokio::test]
async fn edits_take_effect() {
    let rig = Rig::new().await;
    let edits = [
        ("displayname", "Dave D"),
        ("email", "dave@example.org"),
        ("language", "pt_BR"),
        ("phone", "+5511999999999"),
        ("locale", "pt_BR"),
    ];
    for (key, value) in edits {
        assert_eq!(rig.put(key, value).await.code, 200, "{key}");
        assert_eq!(rig.get("users/dave").await.data[key], json!(value), "{key}");
    }
    rig.put("email", "").await;
    assert_eq!(rig.get("users/dave").await.data["email"], Value::Null);
    assert_eq!(rig.put("displayname", "").await.code, 200);
}

#[tokio::test]
async fn others_are_invisible_to_who_is_no_admin() {
    let rig = Rig::new().await;
    rig.post(new_user(json!({}))).await;
    let path = "/ocs/v2.php/cloud/users/alice";
    let asked = rig.anyone(Method::GET, path).basic_auth("dave", Some(super::PASSWORD));
    let got = super::got(asked).await;
    assert_eq!((got.http, got.code), (404, 998));
}
