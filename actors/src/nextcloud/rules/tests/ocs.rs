//! Answers over HTTP: the table of the notes, and what each row leads to.

use super::super::ocs::{self, Reply};
use super::super::{Class, SeenQuota, Trouble};

fn said(status: u16, code: u16, words: &str) -> Reply {
    let kind = if code == 200 { "ok" } else { "failure" };
    let body = serde_json::json!({
        "ocs": {"meta": {"status": kind, "statuscode": code, "message": words}, "data": []}
    });
    Reply { status, body: body.to_string().into_bytes(), ..Reply::default() }
}

fn bare(status: u16, body: &str) -> Reply {
    Reply { status, body: body.as_bytes().to_vec(), ..Reply::default() }
}

fn maintained(mut reply: Reply) -> Reply {
    reply.maintenance = true;
    reply
}

/// A row: the answer, the class, and whether it leaves doubt.
type Row = (&'static str, Reply, Class, bool);

fn creations() -> Vec<Row> {
    vec![
        ("duplicate userid", said(400, 102, "User already exists"), Class::Taken, true),
        ("racing duplicate", said(400, 101, "Bad request"), Class::Failed, true),
        ("bad userid", said(400, 101, "Username is too long"), Class::Policy, true),
        ("policy", said(400, 107, "Password needs"), Class::Policy, false),
        ("no email", said(400, 108, "An email address is required"), Class::Policy, false),
        ("group missing", said(400, 104, "Group x does not exist"), Class::NoGroup, false),
        ("quota banana", said(400, 101, "Invalid quota value: banana"), Class::Policy, true),
        (
            "no auth",
            said(401, 997, "Current user is not logged in"),
            Class::WrongCredentials,
            false,
        ),
        ("wrong password", said(401, 997, "Unauthorised"), Class::WrongCredentials, false),
        ("non-admin", said(403, 403, "Logged in account must be"), Class::NotPermitted, false),
        ("listener failed", said(500, 996, "Internal Server Error\n"), Class::Failed, true),
        ("bad logins", said(429, 429, "Reached maximum delay"), Class::Throttled, false),
        ("too many edits", bare(429, ""), Class::Throttled, false),
        (
            "maintenance",
            maintained(said(503, 503, "Service unavailable")),
            Class::Maintenance,
            false,
        ),
        ("overload", said(503, 503, "Service unavailable"), Class::Failed, true),
        ("gateway", bare(502, "<html>"), Class::Failed, true),
        ("gateway that waited", bare(504, "<html>"), Class::Unreachable, true),
        ("wrong Host", bare(400, "<html>"), Class::Misconfigured, false),
        ("CSRF", bare(412, r#"{"message":"CSRF check failed"}"#), Class::Misconfigured, false),
        ("redirect", bare(302, ""), Class::Misconfigured, false),
        ("another server", bare(200, "<html>It works"), Class::Misconfigured, false),
        ("proxy's login", bare(401, "<html>"), Class::WrongCredentials, false),
    ]
}

#[test]
fn what_a_creation_came_to() {
    assert_eq!(ocs::created(&said(200, 200, "OK")), Ok(()));
    assert_eq!(ocs::created(&said(200, 100, "OK")), Ok(()), "version 1");
    for (name, reply, class, doubt) in creations() {
        let trouble = ocs::created(&reply).unwrap_err();
        assert_eq!((trouble.class, trouble.doubt), (class, doubt), "{name}: {trouble:?}");
    }
}

#[test]
fn the_two_locks_are_told_apart() {
    let minutes = |reply| ocs::created(&reply).unwrap_err().after.unwrap().as_secs() / 60;
    assert_eq!(minutes(said(429, 429, "Reached maximum delay")), 30);
    assert_eq!(minutes(bare(429, "")), 10);
    assert_eq!(minutes(maintained(said(503, 503, ""))), 1);
}

#[test]
fn app_passwords_that_are_refused_since_34_are_explained() {
    let trouble = ocs::created(&said(403, 403, "Password confirmation is required")).unwrap_err();
    assert_eq!(trouble.class, Class::NotPermitted);
    assert!(trouble.words.contains("login password"), "{trouble}");
}

#[test]
fn the_request_id_is_kept_for_the_operator() {
    let reply = Reply { request_id: Some("abc".to_owned()), ..said(500, 996, "Internal") };
    assert!(ocs::created(&reply).unwrap_err().words.contains("request abc"));
}

fn class(result: Result<(), Trouble>) -> Option<Class> {
    result.err().map(|trouble| trouble.class)
}

#[test]
fn the_same_code_means_something_else_elsewhere() {
    let code = |code| said(400, code, "");
    assert_eq!(class(ocs::grouped(&code(102))), Some(Class::NoGroup));
    assert_eq!(class(ocs::grouped(&code(103))), Some(Class::UnknownUser));
    assert_eq!(class(ocs::grouped(&code(101))), Some(Class::Policy));
    assert_eq!(class(ocs::group_made(&code(102))), None, "group exists");
    assert_eq!(class(ocs::group_made(&code(101))), Some(Class::Policy));
    assert_eq!(class(ocs::switched(&code(101))), Some(Class::UnknownUser));
    assert_eq!(class(ocs::edited(&code(101))), Some(Class::Policy));
    assert_eq!(class(ocs::edited(&code(113))), Some(Class::Policy));
    assert_eq!(class(ocs::edited(&said(404, 998, ""))), Some(Class::UnknownUser));
    assert_eq!(class(ocs::deleted(&said(404, 998, ""))), None, "deleted again");
    assert_eq!(class(ocs::deleted(&code(101))), Some(Class::NotPermitted), "oneself");
}

fn account(quota: &str) -> Reply {
    let data = format!(
        r#"{{"enabled":true,"id":"ana","quota":{{"quota":{quota}}},"email":null,"displayname":"Ana","groups":["staff"],"language":"pt_BR"}}"#
    );
    let body = format!(r#"{{"ocs":{{"meta":{{"statuscode":200,"message":"OK"}},"data":{data}}}}}"#);
    bare(200, &body)
}

#[test]
fn accounts_are_read_loosely() {
    for (quota, seen) in [
        ("5368709120", SeenQuota::Bytes(5_368_709_120)),
        ("-3", SeenQuota::Unlimited),
        ("\"none\"", SeenQuota::Unlimited),
        ("1.0000000003376e+22", SeenQuota::Bytes(u64::MAX)),
        ("0", SeenQuota::Bytes(0)),
        ("[]", SeenQuota::Unreadable),
    ] {
        let account = ocs::found(&account(quota)).unwrap().unwrap();
        assert_eq!(account.quota, seen, "{quota}");
        assert_eq!((account.email, account.language.as_deref()), (None, Some("pt_BR")));
    }
    assert_eq!(ocs::found(&said(404, 404, "User does not exist")), Ok(None));
    assert_eq!(ocs::found(&said(404, 998, "")), Ok(None));
    assert!(ocs::found(&said(200, 200, "OK")).is_err(), "no account in it");
}

#[test]
fn pages_and_status_are_read() {
    let body = r#"{"ocs":{"meta":{"statuscode":200},"data":{"users":["a","b"]}}}"#;
    assert_eq!(ocs::listed(&bare(200, body)).unwrap(), ["a", "b"]);
    let body =
        r#"{"installed":true,"maintenance":true,"needsDbUpgrade":false,"versionstring":"32.0.1"}"#;
    let status = ocs::status(&bare(200, body)).unwrap();
    assert!(status.maintenance && status.version == "32.0.1");
    assert_eq!(ocs::status(&bare(200, "<html>")).unwrap_err().class, Class::Misconfigured);
}

#[test]
fn words_are_cut_and_cleaned() {
    let trouble = Trouble::new(Class::Failed, format!("a\u{1b}[31m\n{}", "x".repeat(1000)));
    assert!(!trouble.words.contains(char::is_control));
    assert_eq!(trouble.words.chars().count(), 300);
}
