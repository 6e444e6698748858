//! Words for a remote shell, and the first passwords.

use std::process::Command;

use proptest::prelude::*;
use secrecy::ExposeSecret as _;

use super::super::password::{LENGTH, password};
use super::super::quoting::{Unspeakable, one_line, option, quote};

#[test]
fn values_are_single_quoted() {
    for (value, quoted) in [
        ("plain", "'plain'"),
        ("", "''"),
        ("o'brien", r#"'o'"'"'brien'"#),
        ("$(id) `id` \"x\" \\ ; & | > # *", "'$(id) `id` \"x\" \\ ; & | > # *'"),
        ("João", "'João'"),
    ] {
        assert_eq!(quote(value).as_deref(), Ok(quoted));
    }
    assert_eq!(option("email", "a'b").as_deref(), Ok(r#"'--email=a'"'"'b'"#));
    for unspeakable in ["a\nb", "a\0b", "a\rb"] {
        assert_eq!(quote(unspeakable), Err(Unspeakable));
    }
    assert_eq!(one_line("a\nb\tc"), "a b c");
}

/// What a real shell makes of words; `None`: there is no shell here.
fn through_sh(words: &[String]) -> Option<Vec<u8>> {
    let script = format!("printf '%s\\n' {}", words.join(" "));
    Some(Command::new("sh").args(["-c", &script]).output().ok()?.stdout)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_shell_gives_back_what_was_quoted(
        values in proptest::collection::vec("[^\\x00\\n\\r]{0,40}", 1..8)
    ) {
        let words: Vec<_> = values.iter().map(|value| quote(value).unwrap()).collect();
        let wanted: String = values.iter().flat_map(|value| [value.as_str(), "\n"]).collect();
        if let Some(printed) = through_sh(&words) {
            prop_assert_eq!(printed, wanted.into_bytes());
        }
    }

    #[test]
    fn passwords_satisfy_policies(random: [u8; 32]) {
        let password = password(&random);
        let text = password.expose_secret();
        prop_assert_eq!(text.chars().count(), LENGTH);
        prop_assert!(text.chars().any(|c| c.is_ascii_lowercase()));
        prop_assert!(text.chars().any(|c| c.is_ascii_uppercase()));
        prop_assert!(text.chars().any(|c| c.is_ascii_digit()));
        prop_assert!(text.chars().any(|c| "-_.+=".contains(c)));
        prop_assert!(text.is_ascii() && !text.contains(['\'', '"', '\\', ' ', '\n', '$', '`']));
    }
}

/// Names that would do something to a shell that is not careful.
const HOSTILE: [&str; 14] = [
    "João'; rm -rf /tmp/canary; echo '",
    "$(touch /tmp/canary)",
    "`touch /tmp/canary`",
    "\"; touch /tmp/canary; \"",
    "a && touch /tmp/canary",
    "a | touch /tmp/canary",
    "a > /tmp/canary",
    "--help",
    "-dash",
    "'",
    "''\"''",
    "\\",
    "!$ !! ~ * ? [a] {a,b}",
    "日本 \u{202e} \u{7f} \t",
];

#[test]
fn hostile_names_come_through_as_they_are() {
    let words: Vec<_> = HOSTILE.iter().map(|value| quote(value).unwrap()).collect();
    let wanted: String = HOSTILE.iter().flat_map(|value| [value, "\n"]).collect();
    let Some(printed) = through_sh(&words) else { return };
    assert_eq!(String::from_utf8(printed).unwrap(), wanted);
}
