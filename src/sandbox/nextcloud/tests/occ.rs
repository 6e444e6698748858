//! The table of `occ`: exit codes, streams, words.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};

use super::{Faults, Output, PASSWORD, Rig};

pub(super) const NAMES: [&str; 40] = [
    "user:add",
    "user:add exists",
    "user:add racing",
    "user:add --output",
    "no OC_PASS",
    "NC_PASS",
    "weak password",
    "bad userid",
    "--group that is missing",
    "--email=notmail",
    "SQLite locked after insert",
    "user:info",
    "user:info missing",
    "user:info in other letters",
    "user:setting quota",
    "user:setting unvalidated",
    "user:setting read",
    "user:setting unset key",
    "user:setting missing user",
    "user:disable again",
    "user:enable again",
    "user:disable missing",
    "user:delete",
    "user:delete again",
    "group:add again",
    "group:adduser again",
    "group:adduser missing group",
    "group:adduser missing user",
    "user:list",
    "user:report",
    "status",
    "status -e",
    "unknown command",
    "missing argument",
    "php missing",
    "occ path wrong",
    "wrong unix user, unreadable",
    "wrong unix user, readable",
    "maintenance mode",
    "user:resetpassword",
];

/// A row: the command line, its exit code, and what standard output holds.
type Row = (&'static str, &'static str, u32, &'static str);

const ROWS: [Row; 37] = [
    (
        "user:add",
        "user:add --password-from-env --display-name='Eve E' --email=e@example.org --group=staff eve",
        0,
        "The account \"eve\" was created successfully\nDisplay name set to \"Eve E\"\nAccount \"eve\" added to group \"staff\"\nWelcome email sent to e@example.org\n",
    ),
    (
        "user:add exists",
        "user:add --password-from-env dave",
        1,
        "The account \"dave\" already exists.\n",
    ),
    (
        "user:add exists",
        "user:add --password-from-env DAVE",
        1,
        "The account \"DAVE\" already exists.\n",
    ),
    ("user:add --output", "user:add --output=json --password-from-env x", 1, ""),
    ("user:add --output", "user:report --output=json", 1, ""),
    (
        "bad userid",
        "user:add --password-from-env 'joão'",
        1,
        "Only the following characters are allowed",
    ),
    (
        "--group that is missing",
        "user:add --password-from-env --group=fresh gus",
        0,
        "Created group \"fresh\"\n",
    ),
    (
        "--email=notmail",
        "user:add --password-from-env --email=notmail max",
        1,
        "The account \"max\" was created successfully\nThe given email address \"notmail\" is invalid. Email not set for the user.\n",
    ),
    ("user:info missing", "user:info --output=json nobody", 1, "user not found\n"),
    ("user:setting quota", "user:setting dave files quota '5 GB'", 0, ""),
    ("user:setting read", "user:setting dave files quota", 0, "5 GB\n"),
    ("user:setting unvalidated", "user:setting dave files quota banana", 0, ""),
    ("user:setting unvalidated", "user:setting dave files quota", 0, "banana\n"),
    ("user:setting unvalidated", "user:setting dave settings email notmail", 0, ""),
    (
        "user:setting unset key",
        "user:setting dave core nothing",
        1,
        "The setting does not exist for user \"dave\".\n",
    ),
    (
        "user:setting missing user",
        "user:setting nosuch files quota '5 GB'",
        1,
        "The user \"nosuch\" does not exist.\n",
    ),
    ("user:disable again", "user:disable dave", 0, "The specified user is disabled\n"),
    ("user:disable again", "user:disable dave", 0, "The specified user is disabled\n"),
    ("user:enable again", "user:enable dave", 0, "The specified user is enabled\n"),
    ("user:enable again", "user:enable dave", 0, "The specified user is enabled\n"),
    ("user:disable missing", "user:disable nobody", 1, "User does not exist\n"),
    ("group:add again", "group:add eng2", 0, "Created group \"eng2\"\n"),
    ("group:add again", "group:add eng2", 1, "Group \"eng2\" already exists.\n"),
    ("group:adduser again", "group:adduser eng2 dave", 0, ""),
    ("group:adduser again", "group:adduser eng2 dave", 0, ""),
    ("group:adduser missing group", "group:adduser no dave", 1, "group not found\n"),
    ("group:adduser missing user", "group:adduser eng2 nobody", 1, "user not found\n"),
    (
        "user:list",
        "user:list --output=json --limit=2",
        0,
        "{\"admin\":\"admin\",\"dave\":\"dave\"}\n",
    ),
    ("user:report", "user:report", 0, "| total users      | 5  |\n"),
    ("status", "status --output=json", 0, "\"versionstring\":\"32.0.1\""),
    ("status -e", "status -e", 0, ""),
    (
        "user:resetpassword",
        "user:resetpassword --password-from-env dave",
        0,
        "Successfully reset password for dave\n",
    ),
    ("unknown command", "user:dance", 1, ""),
    ("missing argument", "user:info", 1, ""),
    ("user:delete", "user:delete dave", 0, "The specified user was deleted\n"),
    ("user:delete again", "user:delete dave", 0, "User does not exist\n"),
    ("group:adduser missing user", "group:adduser eng2 dave", 1, "user not found\n"),
];

#[tokio::test]
async fn rows_of_occ() {
    let rig = Rig::new().await;
    for (name, line, code, words) in ROWS {
        assert!(NAMES.contains(&name), "{name}");
        let got = rig.occ(&format!("OC_PASS='{PASSWORD}' php occ {line}")).await;
        assert_eq!(got.code, code, "{line}: {got:?}");
        if words.ends_with('\n') && !line.contains("report") && !line.contains("fresh") {
            assert_eq!(got.stdout, words, "{line}");
        }
        assert!(got.stdout.contains(words), "{line}: {got:?}");
        let by_options = ["user:add --output", "unknown command", "missing argument"];
        assert_eq!(got.stderr.is_empty(), !by_options.contains(&name), "{line}: {got:?}");
    }
}

fn json_of(output: &Output) -> Value {
    serde_json::from_str(&output.stdout).unwrap()
}

#[tokio::test]
async fn what_info_shows() {
    let rig = Rig::new().await;
    rig.occ("php occ user:setting dave files quota '5 GB'").await;
    for id in ["dave", "DAVE"] {
        let shown = json_of(&rig.occ(&format!("php occ user:info --output=json {id}")).await);
        assert_eq!(shown["user_id"], json!("dave"), "user:info in other letters");
        assert_eq!((&shown["quota"], &shown["enabled"]), (&json!("5 GB"), &json!(true)));
        let members = [
            "user_id",
            "display_name",
            "email",
            "cloud_id",
            "enabled",
            "groups",
            "quota",
            "storage",
            "first_seen",
            "last_seen",
            "user_directory",
            "backend",
        ];
        let shown: Vec<_> = shown.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(shown, members);
    }
}

/// Rows: `no OC_PASS`; `weak password`.
#[tokio::test]
async fn passwords_come_by_variable_only() {
    let rig = Rig::new().await;
    let none = rig.occ("php occ user:add --password-from-env eve").await;
    assert_eq!(none.code, 1);
    assert_eq!(none.stdout, "--password-from-env given, but NC_PASS/OC_PASS is empty!\n");
    let weak = rig.occ("OC_PASS=password php occ user:add --password-from-env eve").await;
    assert_eq!(weak.code, 1);
    assert!(weak.stdout.contains("1,000,000 most common"), "{weak:?}");
    let other = format!("NC_PASS='{PASSWORD}' php occ user:add --password-from-env eve");
    assert_eq!(rig.occ(&other).await.code, 0);
    assert!(rig.sandbox.opens("eve", PASSWORD));
}

/// Rows: `user:add racing`.
#[tokio::test]
async fn racing_duplicates_meet_the_unique_key() {
    let rig = Rig::with(Faults { create_ms: 100, ..Faults::default() }).await;
    let line = format!("OC_PASS='{PASSWORD}' php occ user:add --password-from-env eve");
    let all = join_all((0..4).map(|_| rig.occ(&line))).await;
    let lost: Vec<_> = all.iter().filter(|output| output.code == 1).collect();
    assert_eq!(lost.len(), 3, "{all:?}");
    assert!(lost.iter().all(|output| output.stdout.contains("SQLSTATE[23505]")));
}

/// Rows: `SQLite locked after insert`.
#[tokio::test]
async fn a_locked_database_may_leave_a_part() {
    let rig = Rig::with(Faults { create_ms: 100, sqlite: true, ..Faults::default() }).await;
    let mut partial = 0;
    for round in 0..6 {
        let lines: Vec<_> = (0..4)
            .map(|at| format!("OC_PASS='{PASSWORD}' php occ user:add --password-from-env --group=staff u{round}-{at}"))
            .collect();
        let all = join_all(lines.iter().map(|line| rig.occ(line))).await;
        for (at, output) in all.iter().enumerate().filter(|(_, output)| output.code != 0) {
            assert!(matches!(output.code, 1 | 5) && output.stdout.contains("database is locked"));
            let seen = rig.sandbox.account(&format!("u{round}-{at}"));
            assert_eq!(seen.is_some(), output.code == 5);
            if let Some(seen) = seen {
                assert!(output.stdout.contains("was created successfully"));
                assert_eq!(seen["groups"], json!([]));
                partial += 1;
            }
        }
    }
    assert!(partial > 0);
}

/// Rows: `php missing`; `occ path wrong`.
#[tokio::test]
async fn the_way_to_occ_may_be_wrong() {
    let rig = Rig::new().await;
    assert_eq!(rig.occ("php nothere status").await.stdout, "Could not open input file: nothere\n");
    assert_eq!(rig.occ("php nothere status").await.code, 1);
    rig.sandbox.set(|faults| faults.php_missing = true);
    let missing = rig.occ("php occ status").await;
    assert_eq!((missing.code, missing.stdout.as_str()), (127, ""));
    assert!(missing.stderr.contains("not found"));
}

#[tokio::test]
async fn as_the_wrong_unix_user_nothing_is_done() {
    let rig = Rig::new().await;
    rig.sandbox.set(|faults| faults.config_owner = "apache".to_owned());
    let line = format!("OC_PASS='{PASSWORD}' php occ user:add --password-from-env eve");
    let silent = rig.occ(&line).await;
    assert_eq!(silent.code, 0, "wrong unix user, unreadable");
    assert!(silent.stdout.contains("Cannot write into \"config\" directory!"));
    rig.sandbox.set(|faults| faults.config_readable = true);
    assert_eq!(rig.occ(&line).await.code, 1, "wrong unix user, readable");
    assert!(!rig.has("eve"));
    let other = format!(
        "OC_PASS='{PASSWORD}' sudo --preserve-env=OC_PASS -u apache php occ user:add --password-from-env eve"
    );
    assert_eq!(rig.occ(&other).await.code, 0);
    assert!(rig.has("eve"));
}

#[tokio::test]
async fn in_maintenance_occ_goes_on() {
    let rig = Rig::new().await;
    rig.sandbox.maintain(true);
    let line = format!("OC_PASS='{PASSWORD}' php occ user:add --password-from-env eve");
    let made = rig.occ(&line).await;
    assert_eq!(made.code, 0);
    assert!(made.stderr.contains("Nextcloud is in maintenance mode, no apps are loaded."));
    assert!(rig.has("eve"));
    let weak = rig.occ("OC_PASS=password php occ user:add --password-from-env bob").await;
    assert_eq!(weak.code, 1);
    assert_eq!(rig.occ("php occ status -e").await.code, 1);
    let status = json_of(&rig.occ("php occ status --output=json").await);
    assert_eq!(status["maintenance"], json!(true));
    rig.hand.advance(Duration::from_secs(1));
}
