//! Rows of the notes that the stand-in does not act out, and why; and that no test
//! claims a row that another module has, too.

use std::collections::BTreeSet;

use super::{changes, faults, files, push, sharing, storage, tokens, uploads};

/// What is known of the real service and is not acted out here.
const LEFT_OUT: [(&str, &str); 11] = [
    (
        "refresh tokens of apps in Testing die after 7 days",
        "they are revoked like any other: invalid_grant",
    ),
    ("clock skew", "the clock of the tests moves; a word of the future is refused"),
    (
        "permissionDetails of inherited shares in Google's exact form",
        "zelador reads only its own shares",
    ),
    ("quota units per minute", "a switch answers 403 and 429; nobody counts units here"),
    ("drives.create with requestId", "zelador makes no shared drives"),
    ("500,000 children", "a permanent refusal like the others, by a switch"),
    ("Google-native exports by format", "zelador moves such files and does not read them"),
    ("certificates of push addresses", "notifications go to plain http on this machine"),
    ("shortcuts", "zelador looks at no shortcut's target"),
    ("batch requests", "zelador sends none"),
    ("corpora=domain and user", "zelador searches one drive, or its own"),
];

/// The rows of a module, and its text.
type Module = (&'static [&'static str], &'static str);

#[test]
fn every_row_has_a_test_that_names_it_or_a_reason() {
    let all: [Module; 8] = [
        (&changes::NAMES, include_str!("changes.rs")),
        (&faults::NAMES, include_str!("faults.rs")),
        (&files::NAMES, include_str!("files.rs")),
        (&push::NAMES, include_str!("push.rs")),
        (&sharing::NAMES, include_str!("sharing.rs")),
        (&storage::NAMES, include_str!("storage.rs")),
        (&tokens::NAMES, include_str!("tokens.rs")),
        (&uploads::NAMES, include_str!("uploads.rs")),
    ];
    for (names, text) in all {
        let unique: BTreeSet<_> = names.iter().collect();
        assert_eq!(unique.len(), names.len());
        // Once in the list, and again where it is tested; comments break lines.
        let flat = text.replace("\n/// ", " ");
        let untested: Vec<_> =
            names.iter().filter(|name| flat.matches(**name).count() < 2).collect();
        assert!(untested.is_empty(), "{untested:?}");
    }
    assert!(LEFT_OUT.iter().all(|(_, why)| why.len() > 10));
}
