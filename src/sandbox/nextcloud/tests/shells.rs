//! How passwords travel and how values are quoted, in the stand-in's shell.

use super::super::ssh::shell::lex::parse;
use super::super::{Faults, Sudo};
use super::{PASSWORD, Rig};

pub(super) const NAMES: [&str; 10] = [
    "OC_PASS in the command",
    "read from standard input",
    "IFS= keeps outer spaces",
    "sudo strips it",
    "sudo --preserve-env",
    "sudo with a variable",
    "sudo without SETENV",
    "sudo asks for a password",
    "unquoted values are executed",
    "quoted values are not",
];

const ADD: &str = "php occ user:add --password-from-env eve";

/// Rows: `read from standard input`; `IFS= keeps outer spaces`.
#[tokio::test]
async fn a_password_from_standard_input() {
    let rig = Rig::new().await;
    let script = format!("read -r OC_PASS; export OC_PASS; {ADD}");
    assert_eq!(rig.occ_with(&format!("{PASSWORD}\n"), &script).await.code, 0);
    assert!(rig.sandbox.opens("eve", PASSWORD));
    rig.sandbox.lose("nobody");
    for (ifs, kept) in [("IFS= ", "  outer spaces \\ kept  "), ("", "outer spaces \\ kept")] {
        rig.occ("php occ user:delete eve").await;
        let script = format!("{ifs}read -r OC_PASS; export OC_PASS; {ADD}");
        rig.occ_with("  outer spaces \\ kept  \n", &script).await;
        assert!(rig.sandbox.opens("eve", kept), "{ifs:?}");
    }
}

#[tokio::test]
async fn an_unexported_variable_is_not_seen() {
    let rig = Rig::new().await;
    let script = format!("read -r OC_PASS; {ADD}");
    assert_eq!(rig.occ_with(&format!("{PASSWORD}\n"), &script).await.code, 1);
}

/// Rows: `sudo strips it`; `sudo with a variable`; `sudo without SETENV`; `sudo asks for a password`.
#[tokio::test]
async fn sudo_strips_what_it_is_not_told_to_keep() {
    let rig = Rig::new().await;
    let run = async |script: &str| rig.occ_with(&format!("{PASSWORD}\n"), script).await;
    let before = "IFS= read -r OC_PASS; export OC_PASS;";
    let stripped = run(&format!("{before} sudo -u www-data {ADD}")).await;
    assert_eq!(stripped.code, 1);
    assert!(stripped.stdout.contains("OC_PASS is empty"));
    let kept = run(&format!("{before} sudo -n --preserve-env=OC_PASS -u www-data -- {ADD}")).await;
    assert_eq!(kept.code, 0, "{kept:?}");
    let set = format!("sudo -u www-data OC_PASS='{PASSWORD}' {}", ADD.replace("eve", "bob"));
    assert_eq!(run(&set).await.code, 0);
    rig.sandbox.set(|faults| faults.sudo = Sudo::KeepsNothing);
    let refused = run(&format!("{before} sudo --preserve-env=OC_PASS -u www-data {ADD}")).await;
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("not allowed to set"));
    rig.sandbox.set(|faults| faults.sudo = Sudo::AsksPassword);
    let asked = run(&format!("{before} sudo --preserve-env=OC_PASS -u www-data {ADD}")).await;
    assert_eq!(asked.code, 1);
    assert!(asked.stderr.contains("a password is required"));
    assert_eq!(rig.sandbox.faults(), Faults { sudo: Sudo::AsksPassword, ..Faults::quick() });
}

/// Rows: `unquoted values are executed`.
#[tokio::test]
async fn what_is_unquoted_is_executed() {
    let rig = Rig::new().await;
    let open = "php occ user:add --display-name='João'; echo INJECTED-$(id -un); echo ''";
    let got = rig.occ(open).await;
    assert_eq!(got.code, 0);
    assert!(got.stdout.contains("INJECTED-www-data"), "{got:?}");
    assert_eq!(rig.sandbox.ran().get("id"), Some(&1));
}

/// Rows: `quoted values are not`; `OC_PASS in the command`.
#[tokio::test]
async fn what_is_quoted_is_a_name() {
    let rig = Rig::new().await;
    let name = "João'; rm -rf /tmp/canary; echo '";
    let quoted = name.replace('\'', r#"'"'"'"#);
    let line = format!(
        "OC_PASS='{PASSWORD}' php occ user:add --password-from-env '--display-name={quoted}' -- '-dashuser'"
    );
    assert_eq!(rig.occ(&line).await.code, 0);
    assert_eq!(rig.sandbox.account("-dashuser").unwrap()["displayname"], serde_json::json!(name));
    assert_eq!(rig.sandbox.ran().get("rm"), None);
}

#[test]
fn lines_fall_into_commands() {
    let count = |line: &str| parse(line).map(|commands| commands.len());
    for (line, commands) in [
        ("a", 1),
        ("a; b && c || d", 4),
        ("a 'b; c' \"d; e\" f\\;g", 1),
        ("a\nb # c; d", 2),
        ("a | b & c", 3),
        ("a 2>/dev/null; b 2>&1", 2),
        ("", 0),
    ] {
        assert_eq!(count(line), Ok(commands), "{line}");
    }
    for damaged in ["a 'b", "a \"b", "a $(b", "a `b", "a > ", "(a)"] {
        assert!(parse(damaged).is_err(), "{damaged}");
    }
}

#[tokio::test]
async fn words_expand_as_in_a_shell() {
    let rig = Rig::new().await;
    for (line, wanted) in [
        ("echo a'b'\"c\"\\d", "abcd\n"),
        ("X='a  b'; echo $X; echo \"$X\"", "a b\na  b\n"),
        ("echo \"$(echo 'a;b')\" `echo c`", "a;b c\n"),
        ("X=1 Y=2; echo ${X}-$Y-$Z.", "1-2-.\n"),
        ("false || echo no && echo yes", "no\nyes\n"),
        ("echo '$X `id`'", "$X `id`\n"),
        ("exit 3; echo never", ""),
    ] {
        assert_eq!(rig.occ(line).await.stdout, wanted, "{line}");
    }
}
