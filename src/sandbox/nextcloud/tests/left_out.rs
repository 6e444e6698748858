//! Rows of the notes that the stand-in does not act out, and why; and that no test
//! claims a row that another module has, too.

use std::collections::BTreeSet;

use super::{create, edits, faults, lists, occ, shells, throttles};

/// What was observed on the real server and is not acted out here.
const LEFT_OUT: [(&str, &str); 13] = [
    ("multi-value edits: 5 in 60 s", "zelador edits no values of that sort"),
    ("109: mail cannot be sent", "documented, and not seen on version 32"),
    (
        "allow-listed address",
        "the 51st edit is refused all the same; zelador changes no server's settings",
    ),
    (
        "throttle sleeps up to 30 s (older versions)",
        "the clients' time limits are above it by their constants",
    ),
    ("HTML pages with Retry-After: 120", "zelador asks for no pages"),
    ("SendEnv OC_PASS", "zelador sends no variables"),
    ("fish and csh as login shells", "the stand-in's shell is POSIX; the handbook asks for one"),
    ("ps shows arguments", "nothing secret is in an argument: the command tests show it"),
    ("speed in CPU seconds", "the stand-in waits instead; figures are the benches' affair"),
    ("LDAP and clustered databases", "issues of others, not tried"),
    ("Password confirmation is required (34)", "the rules' table has the answer"),
    ("third-party apps veto a new account", "an exception like any other: 996"),
    ("user:profile", "zelador does not call it"),
];

/// The rows of a module, and its text.
type Module = (&'static [&'static str], &'static str);

#[test]
fn every_row_has_a_test_that_names_it_or_a_reason() {
    let all: [Module; 7] = [
        (&create::NAMES, include_str!("create.rs")),
        (&edits::NAMES, include_str!("edits.rs")),
        (&faults::NAMES, include_str!("faults.rs")),
        (&lists::NAMES, include_str!("lists.rs")),
        (&occ::NAMES, include_str!("occ.rs")),
        (&shells::NAMES, include_str!("shells.rs")),
        (&throttles::NAMES, include_str!("throttles.rs")),
    ];
    for (names, text) in all {
        let unique: BTreeSet<_> = names.iter().collect();
        assert_eq!(unique.len(), names.len());
        // Once in the list, and again where it is tested.
        let untested: Vec<_> =
            names.iter().filter(|name| text.matches(**name).count() < 2).collect();
        assert!(untested.is_empty(), "{untested:?}");
    }
    assert!(LEFT_OUT.iter().all(|(_, why)| why.len() > 10));
}
