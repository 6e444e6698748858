//! Lists, `status.php`, capabilities, the envelope in all its forms.

use reqwest::Method;
use reqwest::header::{ACCEPT, HOST};
use serde_json::json;

use super::{Rig, got, new_user};

pub(super) const NAMES: [&str; 14] = [
    "412 without OCS-APIRequest",
    "wrong Host",
    "v1 answers 200",
    "v1 is real for 401, 503",
    "data is a list when empty",
    "X-Request-Id in every answer",
    "XML by default",
    "JSON by format",
    "users: search, limit, offset",
    "users/details",
    "groups",
    "serverinfo is stale",
    "capabilities",
    "status.php",
];

/// Rows: `412 without OCS-APIRequest`.
#[tokio::test]
async fn without_the_header_nothing_is_done() {
    let rig = Rig::new().await;
    for path in ["v1", "v2"] {
        let url = format!("{}/ocs/{path}.php/cloud/users", rig.sandbox.url());
        let answer = rig.client.get(url).basic_auth("admin", Some("x")).send().await.unwrap();
        assert_eq!(answer.status(), 412);
        assert_eq!(answer.text().await.unwrap(), r#"{"message":"CSRF check failed"}"#);
    }
}

/// Rows: `wrong Host`.
#[tokio::test]
async fn foreign_names_are_refused_in_html() {
    let rig = Rig::new().await;
    let answer = rig.request(Method::GET, "users").header(HOST, "evil.example").send().await;
    let answer = answer.unwrap();
    assert_eq!(answer.status(), 400);
    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
}

/// Rows: `v1 answers 200`; `v1 is real for 401, 503`.
#[tokio::test]
async fn version_one_hides_failures() {
    let rig = Rig::new().await;
    let plan = super::Plan::default();
    let v1 = |method, path: &str| {
        rig.anyone(method, &format!("/ocs/v1.php/cloud/{path}"))
            .basic_auth("admin", Some(&plan.app_password))
    };
    let made = got(v1(Method::POST, "users").json(&new_user(json!({})))).await;
    assert_eq!((made.http, made.code), (200, 100));
    assert!(made.text.contains(r#""totalitems":"""#));
    for (path, code) in [("users", 102), ("users/nobody/groups", 101)] {
        let failed = got(v1(Method::POST, path).json(&new_user(json!({})))).await;
        assert_eq!((failed.http, failed.code), (200, code), "{path}");
    }
    assert_eq!(got(v1(Method::GET, "users/nobody")).await.http, 200);
    let nobody = got(rig.anyone(Method::GET, "/ocs/v1.php/cloud/users")).await;
    assert_eq!((nobody.http, nobody.code), (401, 997));
}

/// Rows: `data is a list when empty`; `X-Request-Id in every answer`; `XML by default`; `JSON by format`.
#[tokio::test]
async fn every_answer_has_an_id_and_an_envelope() {
    let rig = Rig::new().await;
    let answer = rig.request(Method::GET, "users/nobody").send().await.unwrap();
    assert!(answer.headers().contains_key("x-request-id"));
    assert_eq!(rig.get("users/nobody").await.data, json!([]));
    let xml = rig.request(Method::GET, "users").header(ACCEPT, "text/html");
    // The second value counts for nothing: JSON was asked for before.
    assert_eq!(got(xml).await.code, 200);
    let url = format!("{}/ocs/v2.php/cloud/users/dave", rig.sandbox.url());
    let plain = |url: String| {
        let request = rig.client.get(url).header("OCS-APIRequest", "true");
        request.basic_auth("admin", Some(super::Plan::default().app_password))
    };
    let text = plain(url.clone()).send().await.unwrap().text().await.unwrap();
    assert!(text.contains("<statuscode>200</statuscode>"), "{text}");
    assert!(text.contains("<id>dave</id>"), "{text}");
    assert_eq!(got(plain(format!("{url}?format=json"))).await.code, 200);
}

/// Rows: `users: search, limit, offset`.
#[tokio::test]
async fn pages_of_users() {
    let rig = Rig::new().await;
    for id in ["alice", "bob", "carol"] {
        rig.post(new_user(json!({"userid": id}))).await;
    }
    let all = json!(["admin", "alice", "bob", "carol", "dave"]);
    let cases = [
        ("users", all.clone()),
        ("users?limit=-1", all.clone()),
        ("users?limit=0", json!([])),
        ("users?limit=abc", json!([])),
        ("users?limit=2", json!(["admin", "alice"])),
        ("users?limit=2&offset=4", json!(["dave"])),
        ("users?search=a", json!(["admin", "alice", "carol", "dave"])),
        ("users?search=aro", json!(["carol"])),
    ];
    for (path, ids) in cases {
        assert_eq!(rig.get(path).await.data["users"], ids, "{path}");
    }
    let details = rig.get("users/details?limit=2").await.data;
    assert_eq!(details["users"]["alice"]["id"], json!("alice"));
    assert_eq!(rig.get("groups").await.data["groups"], json!(["admin", "eng", "staff"]));
    assert_eq!(rig.get("groups/admin/users").await.data["users"], json!(["admin"]));
    let missing = rig.get("groups/no/users").await;
    assert_eq!((missing.http, missing.code), (404, 404));
    assert_eq!(rig.get("users/dave/groups").await.data["groups"], json!([]));
}

/// Rows: `serverinfo is stale`.
#[tokio::test]
async fn counts_that_a_cron_job_made_are_stale() {
    let rig = Rig::new().await;
    rig.post(new_user(json!({}))).await;
    let path = "/ocs/v2.php/apps/serverinfo/api/v1/info?format=json";
    let request = rig.anyone(Method::GET, path);
    let request = request.basic_auth("admin", Some(super::Plan::default().app_password));
    assert_eq!(got(request).await.data["nextcloud"]["storage"]["num_users"], json!(1));
}

#[tokio::test]
async fn what_anybody_may_see() {
    let rig = Rig::new().await;
    let seen = got(rig.anyone(Method::GET, "/ocs/v2.php/cloud/capabilities")).await;
    assert_eq!(seen.data["version"]["string"], json!("32.0.1"));
    assert_eq!(seen.data["capabilities"]["bruteforce"]["delay"], json!(0));
    let status = rig.client.get(format!("{}/status.php", rig.sandbox.url())).send().await.unwrap();
    let status: serde_json::Value = status.json().await.unwrap();
    let wanted = json!({
        "installed": true, "maintenance": false, "needsDbUpgrade": false, "version": "32.0.1.2",
        "versionstring": "32.0.1", "edition": "", "productname": "Nextcloud",
        "extendedSupport": false,
    });
    assert_eq!(status, wanted);
}
