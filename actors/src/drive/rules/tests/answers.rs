//! What answers mean.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;

use crate::drive::port::{SharedDrive, Standing};
use crate::drive::rules::answer::{Trouble, token_trouble, trouble, wait};
use crate::drive::rules::preflight::{Account, Weight, findings};
use crate::engine::jobs::Failure;

fn said(reason: &str) -> Vec<u8> {
    let error = json!({"code": 403, "message": "words", "errors": [{"reason": reason}]});
    json!({ "error": error }).to_string().into_bytes()
}

#[test]
fn each_answer_has_one_meaning() {
    let passing = |status, reason: &str| trouble(status, None, &said(reason)).is_passing();
    for (status, reason) in [
        (403, "userRateLimitExceeded"),
        (403, "rateLimitExceeded"),
        (429, ""),
        (408, ""),
        (500, "backendError"),
        (502, ""),
        (503, ""),
        (504, ""),
    ] {
        assert!(passing(status, reason), "{status} {reason}");
    }
    for reason in ["sharingRateLimitExceeded", "dailyLimitExceeded"] {
        assert_eq!(trouble(403, None, &said(reason)), Trouble::Limited { why: "words".into() });
    }
    for (status, reason) in [
        (403, "storageQuotaExceeded"),
        (403, "insufficientFilePermissions"),
        (403, "domainPolicy"),
        (403, "appNotAuthorizedToFile"),
        (403, "teamDriveFileLimitExceeded"),
        (403, "numChildrenInNonRootLimitExceeded"),
        (400, "invalidSharingRequest"),
        (412, "conditionNotMet"),
        (302, ""),
    ] {
        let found = trouble(status, None, &said(reason));
        assert!(matches!(found, Trouble::Refused { .. }), "{status} {reason}: {found:?}");
        assert!(matches!(Failure::from(found), Failure::Permanent { .. }));
    }
    assert_eq!(trouble(401, None, b""), Trouble::Unauthorized);
    assert_eq!(trouble(404, None, b"<html>"), Trouble::Missing);
    assert_eq!(trouble(409, None, b""), Trouble::Exists);
}

#[test]
fn the_reason_is_found_where_it_stands() {
    let details = json!({"error": {"details": [{"reason": "domainPolicy"}], "status": "X"}});
    assert!(trouble(403, None, details.to_string().as_bytes()).is_for("domainPolicy"));
    let status = json!({"error": {"status": "PERMISSION_DENIED", "message": "a\u{7}b"}});
    let found = trouble(403, None, status.to_string().as_bytes());
    assert_eq!(found, Trouble::Refused { reason: "PERMISSION_DENIED".into(), why: "ab".into() });
}

#[test]
fn a_job_waits_as_long_as_it_is_told() {
    let later = trouble(429, Some("17"), b"");
    let retry = Failure::from(later);
    assert!(
        matches!(retry, Failure::Retry { after: Some(after), .. } if after == Duration::from_secs(17))
    );
    let day = Failure::from(trouble(403, None, &said("dailyLimitExceeded")));
    assert!(
        matches!(day, Failure::Retry { after: Some(after), .. } if after >= Duration::from_secs(3600))
    );
}

#[test]
fn a_refused_token_says_what_to_do() {
    let told = |status, body: serde_json::Value| {
        token_trouble(status, None, body.to_string().as_bytes()).to_string()
    };
    let grant = told(400, json!({"error": "invalid_grant", "error_description": "bad"}));
    assert!(grant.contains("invalid_grant (bad)") && grant.contains("clock"), "{grant}");
    let client = told(401, json!({"error": "unauthorized_client"}));
    assert!(client.contains("administrator"), "{client}");
    assert!(token_trouble(503, None, b"").is_passing());
    assert!(token_trouble(429, Some("3"), br#"{"error":"rate"}"#).is_passing());
    assert!(matches!(token_trouble(404, None, b""), Trouble::Credentials { .. }));
}

proptest! {
    /// Waits grow to a minute, and are never shorter than whoever answers says.
    #[test]
    fn waits_are_bounded(tries in 0_u32..100, roll in 0.0..1.0_f64, after in proptest::option::of(0_u64..600)) {
        let after = after.map(Duration::from_secs);
        let found = wait(tries, after, roll);
        match after {
            Some(after) => prop_assert!(found >= after && found <= after + Duration::from_secs(1)),
            None => prop_assert!(found >= Duration::from_secs(1) && found <= Duration::from_secs(64)),
        }
    }

    /// Whatever is answered, it means something.
    #[test]
    fn any_answer_is_read(status in 300_u16..600, body in proptest::collection::vec(any::<u8>(), 0..60)) {
        let _ = trouble(status, Some("x"), &body);
        let _ = token_trouble(status, None, &body);
    }
}

#[test]
fn the_preflight_names_what_stands_in_the_way() {
    let shared =
        SharedDrive { name: "Z".into(), can_add: true, can_share: true, ..SharedDrive::default() };
    let standing =
        |drive: Option<SharedDrive>| Standing { email: "z@x".into(), limit: None, drive };
    let found = |account, id: &str, drive: Option<SharedDrive>| {
        let all = findings(account, id, &standing(drive));
        let wrong = all.into_iter().filter(|one| one.weight != Weight::Fine);
        wrong.map(|one| (one.weight, one.about)).collect::<Vec<_>>()
    };
    let (wrong, warning) = (Weight::Wrong, Weight::Warning);
    assert_eq!(found(Account::Service, "d", Some(shared.clone())), []);
    assert_eq!(found(Account::Service, "", None), [(wrong, "storage")]);
    assert_eq!(found(Account::Person, "", None), [(warning, "storage")]);
    assert_eq!(found(Account::Delegated, "", None), [(warning, "storage")]);
    assert_eq!(found(Account::Service, "d", None), [(wrong, "shared drive")]);
    let less = |change: fn(&mut SharedDrive)| {
        let mut drive = shared.clone();
        change(&mut drive);
        found(Account::Service, "d", Some(drive))
    };
    assert_eq!(less(|drive| drive.can_add = false), [(wrong, "membership")]);
    assert_eq!(less(|drive| drive.can_share = false), [(wrong, "sharing")]);
    assert_eq!(less(|drive| drive.members_only = true), [(wrong, "sharing")]);
    assert_eq!(less(|drive| drive.domain_users_only = true), [(warning, "sharing")]);
    let organizers =
        |drive: &mut SharedDrive| (drive.folders_need_organizer, drive.can_share) = (true, false);
    assert_eq!(less(organizers), [(wrong, "sharing")]);
}
