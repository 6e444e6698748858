//! Routes.

use proptest::prelude::*;

use crate::drive::rules::routes::{Looked, Route, folder, glob};

fn route(pattern: &str, to: &str) -> Route {
    Route { pattern: pattern.to_owned(), to: to.to_owned(), ..Route::default() }
}

#[test]
fn the_first_that_fits_counts() {
    let routes = [
        Route { max_bytes: 10, ..route("*.PDF", "pequenos") },
        route("*.pdf", "notas"),
        Route { mime: "image/*".into(), to: "fotos".into(), ..Route::default() },
        Route { mime: "text/csv".into(), min_bytes: 5, to: "tabelas".into(), ..Route::default() },
        route("relat?rio*", "relatorios"),
    ];
    let to = |name, mime, size| folder(&routes, Looked { name, mime, size }).to_owned();
    assert_eq!(to("Nota.pdf", "application/pdf", 10), "pequenos");
    assert_eq!(to("Nota.pdf", "application/pdf", 11), "notas");
    assert_eq!(to("x.jpg", "image/jpeg", 1), "fotos");
    assert_eq!(to("x.csv", "text/csv", 5), "tabelas");
    assert_eq!(to("x.csv", "text/csv", 4), "processados");
    assert_eq!(to("Relatório de maio", "", 1), "relatorios");
    assert_eq!(to("outro", "", 1), "processados");
    assert_eq!(folder(&[], Looked { name: "a", mime: "", size: 0 }), "processados");
}

#[test]
fn stars_and_question_marks() {
    for (pattern, text, fits) in [
        ("*", "", true),
        ("", "", true),
        ("", "a", false),
        ("?", "é", true),
        ("?", "", false),
        ("a*b*c", "aXbYc", true),
        ("a*b*c", "aXbY", false),
        ("*.tar.gz", "x.tar.tar.gz", true),
        ("**a", "bba", true),
        ("a[b]", "ab", false),
    ] {
        assert_eq!(glob(pattern, text), fits, "{pattern} {text}");
    }
}

/// The same, slowly.
fn plain(pattern: &[char], text: &[char]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some(('*', rest)) => (0..=text.len()).any(|at| plain(rest, &text[at..])),
        Some(('?', rest)) => !text.is_empty() && plain(rest, &text[1..]),
        Some((c, rest)) => text.first() == Some(c) && plain(rest, &text[1..]),
    }
}

proptest! {
    #[test]
    fn it_is_as_the_plain_way(pattern in "[ab*?]{0,8}", text in "[ab]{0,8}") {
        let slow = plain(&pattern.chars().collect::<Vec<_>>(), &text.chars().collect::<Vec<_>>());
        prop_assert_eq!(glob(&pattern, &text), slow);
    }

    /// No pattern takes long.
    #[test]
    fn no_pattern_is_slow(stars in 1_usize..60) {
        prop_assert!(!glob(&"*a".repeat(stars), &"b".repeat(5000)));
    }
}
