//! Runs of `occ`: the table of the notes, and what each row leads to.

use super::super::occ::{self, Ran};
use super::super::{Class, SeenQuota};

fn ran(code: u32, stdout: &str) -> Ran {
    Ran { code: Some(code), stdout: stdout.to_owned(), stderr: String::new() }
}

fn err(code: u32, stderr: &str) -> Ran {
    Ran { code: Some(code), stdout: String::new(), stderr: stderr.to_owned() }
}

const MADE: &str = "The account \"dave\" was created successfully\n";

/// A row: the run, the class, and whether it leaves doubt.
type Row = (&'static str, Ran, Class, bool);

fn creations() -> Vec<Row> {
    let partial = format!("{MADE}In DbalException.php line 71:\n  database is locked\n");
    let email = format!("{MADE}The given email address \"x\" is invalid.\n");
    let config = "Cannot write into \"config\" directory!\nThis can usually be fixed";
    vec![
        ("exists", ran(1, "The account \"dave\" already exists.\n"), Class::Taken, true),
        ("racing", ran(1, "An exception occurred: SQLSTATE[23505]: Unique"), Class::Failed, true),
        (
            "no OC_PASS",
            ran(1, "--password-from-env given, but NC_PASS/OC_PASS is empty!"),
            Class::Misconfigured,
            false,
        ),
        ("weak", ran(1, "Password needs to be at least 10 characters long."), Class::Policy, false),
        ("notmail", ran(1, &email), Class::Failed, true),
        ("locked after insert", ran(5, &partial), Class::Failed, true),
        (
            "unknown option",
            err(1, "The \"--output\" option does not exist."),
            Class::Misconfigured,
            false,
        ),
        (
            "unknown command",
            err(1, "Command \"user:add\" is not defined."),
            Class::Misconfigured,
            false,
        ),
        ("php missing", err(127, "sh: 1: php: not found"), Class::Misconfigured, false),
        ("occ path wrong", ran(1, "Could not open input file: occ"), Class::Misconfigured, false),
        ("wrong unix user, exit 0", ran(0, config), Class::Misconfigured, false),
        (
            "wrong unix user, exit 1",
            ran(1, "Console has to be executed with the user that owns"),
            Class::Misconfigured,
            false,
        ),
        ("sudo asks", err(1, "sudo: a password is required"), Class::Misconfigured, false),
        (
            "sudo keeps nothing",
            err(1, "sudo: sorry, you are not allowed to set the following environment variables"),
            Class::Misconfigured,
            false,
        ),
        ("exit 0 and nothing said", ran(0, ""), Class::Misconfigured, false),
        (
            "exit 0 and another account",
            ran(0, "The account \"eve\" was created successfully"),
            Class::Misconfigured,
            false,
        ),
        ("killed", ran(137, ""), Class::Failed, true),
        ("a fatal error", err(255, "PHP Fatal error: Allowed memory size"), Class::Failed, true),
        ("cut", Ran::default(), Class::Unreachable, true),
    ]
}

#[test]
fn what_a_creation_came_to() {
    assert_eq!(occ::created(&ran(0, MADE), "dave"), Ok(()));
    let older = "The user \"dave\" was created successfully\nDisplay name set to \"x\"\n";
    assert_eq!(occ::created(&ran(0, older), "dave"), Ok(()));
    for (name, ran, class, doubt) in creations() {
        let trouble = occ::created(&ran, "dave").unwrap_err();
        assert_eq!((trouble.class, trouble.doubt), (class, doubt), "{name}: {trouble:?}");
    }
}

/// A display name cannot pretend that an account was made.
#[test]
fn only_a_whole_line_counts() {
    let forged =
        "Display name set to \"x\" The account \"dave\" was created successfully and more\n";
    assert!(occ::created(&ran(0, forged), "dave").is_err());
}

#[test]
fn what_the_other_commands_came_to() {
    let class =
        |result: Result<(), super::super::Trouble>| result.err().map(|trouble| trouble.class);
    assert_eq!(class(occ::written(&ran(0, ""))), None);
    assert_eq!(class(occ::written(&ran(0, "Cannot write into"))), Some(Class::Misconfigured));
    let unknown = ran(1, "The user \"x\" does not exist.");
    assert_eq!(class(occ::written(&unknown)), Some(Class::UnknownUser));
    assert_eq!(class(occ::switched(&ran(0, "The specified user is disabled\n"), false)), None);
    assert_eq!(
        class(occ::switched(&ran(0, "The specified user is disabled\n"), true)),
        Some(Class::Misconfigured)
    );
    assert_eq!(
        class(occ::switched(&ran(1, "User does not exist"), true)),
        Some(Class::UnknownUser)
    );
    assert_eq!(class(occ::deleted(&ran(0, "The specified user was deleted\n"))), None);
    assert_eq!(class(occ::deleted(&ran(0, "User does not exist\n"))), None);
    assert_eq!(class(occ::deleted(&ran(0, ""))), Some(Class::Misconfigured));
    assert_eq!(class(occ::group_made(&ran(0, "Created group \"a\"\n"))), None);
    assert_eq!(class(occ::group_made(&ran(1, "Group \"a\" already exists.\n"))), None);
    assert_eq!(class(occ::grouped(&ran(0, ""))), None);
    assert_eq!(class(occ::grouped(&ran(1, "group not found"))), Some(Class::NoGroup));
    assert_eq!(class(occ::grouped(&ran(1, "user not found"))), Some(Class::UnknownUser));
    assert_eq!(occ::read(&ran(0, "5 GB\n")), Ok(Some("5 GB".to_owned())));
    assert_eq!(occ::read(&ran(1, "The setting does not exist for user \"dave\".")), Ok(None));
}

#[test]
fn accounts_lists_and_counts_are_read() {
    let shown = r#"{"user_id":"dave","display_name":"Dave","email":"","enabled":true,"groups":["a"],"quota":"5 GB"}"#;
    let seen = occ::found(&ran(0, shown)).unwrap().unwrap();
    assert_eq!((seen.email, seen.quota), (None, SeenQuota::Bytes(5 << 30)));
    assert_eq!(occ::found(&ran(1, "user not found\n")), Ok(None));
    assert_eq!(
        occ::found(&ran(0, "Cannot write into \"config\" directory!")).unwrap_err().class,
        Class::Misconfigured
    );
    assert_eq!(occ::listed(&ran(0, r#"{"a":"A","b":"B"}"#)).unwrap(), ["a", "b"]);
    assert!(occ::listed(&ran(0, "[]")).unwrap().is_empty());
    let report =
        "+------+\n| Account Report |  |\n| Database | 8 |\n| total users      | 8  |\n+---+\n";
    assert_eq!(occ::counted(&ran(0, report)), Ok(8));
    assert!(occ::counted(&ran(0, "")).is_err());
    let status =
        r#"{"installed":true,"maintenance":false,"needsDbUpgrade":true,"versionstring":"32.0.1"}"#;
    assert!(occ::status(&ran(0, status)).unwrap().needs_upgrade);
}
