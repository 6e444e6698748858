//! Names, however they come.

use proptest::prelude::*;

use crate::drive::rules::names::{is_unfinished, legal, note_of, numbered};

#[test]
fn a_name_leads_nowhere() {
    for (from, to) in [
        ("nota.pdf", "nota.pdf"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("..", "arquivo"),
        (".", "arquivo"),
        ("", "arquivo"),
        ("  ", "arquivo"),
        ("a/b\\c", "a_b_c"),
        ("a\0b\nc", "a_b_c"),
        (".bashrc", "bashrc"),
        ("Relatório São José.pdf", "Relatório São José.pdf"),
        ("fdp\u{202e}exe.pdf", "fdp_exe.pdf"),
    ] {
        assert_eq!(legal(from), to, "{from:?}");
    }
}

#[test]
fn one_that_is_taken_gets_a_number() {
    assert_eq!(numbered("nota.pdf", 1), "nota.pdf");
    assert_eq!(numbered("nota.pdf", 2), "nota (2).pdf");
    assert_eq!(numbered("nota", 3), "nota (3)");
    assert_eq!(numbered(".x", 2), ".x (2)");
}

#[test]
fn what_is_being_written_is_left_alone() {
    for name in [
        ".nota.pdf.swp",
        "a.part",
        "A.PART",
        "a.tmp",
        "a.crdownload",
        "a.partial",
        "~$nota.docx",
        "nota~",
        "Thumbs.db",
        "desktop.ini",
        ".work",
    ] {
        assert!(is_unfinished(name), "{name}");
    }
    for name in ["nota.pdf", "part", "a.parts", "thumbs.db.pdf"] {
        assert!(!is_unfinished(name), "{name}");
    }
}

proptest! {
    /// Whatever a name is, what is made of it stays in its folder and fits into it.
    #[test]
    fn every_name_becomes_legal(name in "\\PC{0,300}|[\\x00-\\x7f]{0,300}", number in 0_u32..100_000) {
        let made = legal(&name);
        for made in [made.clone(), numbered(&made, number), note_of(&made)] {
            prop_assert!(!made.is_empty() && made.len() <= 255, "{made:?}");
            prop_assert!(!made.contains('/') && !made.contains('\0') && !made.chars().any(char::is_control));
            prop_assert!(made != "." && made != ".." && !made.starts_with('.'));
        }
        prop_assert_eq!(legal(&made), made);
    }

    /// Two numbers make two names.
    #[test]
    fn numbers_differ(name in "[a-z.]{1,260}", one in 1_u32..5000, other in 1_u32..5000) {
        prop_assume!(one != other);
        let name = legal(&name);
        prop_assert_ne!(numbered(&name, one), numbered(&name, other));
    }
}
