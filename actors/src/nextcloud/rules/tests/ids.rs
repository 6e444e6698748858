//! Account ids from people.

use proptest::prelude::*;

use super::super::AccountId;
use super::super::ids::{Person, candidate, fill};

const UUID: &str = "01890000-0000-7000-8000-000000000001";

fn person(email: &str) -> Person<'_> {
    Person { email: Some(email), name: "Ana Souza", code: Some("C-7"), id: UUID }
}

#[test]
fn templates_are_filled() {
    for (template, filled) in [
        ("{local}", "ana"),
        ("{email}", "ana@example.org"),
        ("{local}.{domain}", "ana.example.org"),
        ("u-{id}", "u-01890000-0000-7000-8000-000000000001"),
        ("{code}_{name}", "C-7_Ana Souza"),
        ("fixed", "fixed"),
    ] {
        assert_eq!(fill(template, person("ana@example.org")).unwrap(), filled);
    }
    for wrong in ["{mail}", "{local", "{}"] {
        assert!(fill(wrong, person("ana@example.org")).is_err(), "{wrong}");
    }
}

#[test]
fn ids_are_made_legal() {
    let long = "x".repeat(100);
    for (proposal, id) in [
        ("Ana.Souza", "ana.souza"),
        ("joão.araújo", "joao.araujo"),
        ("peña+filtro", "penafiltro"),
        ("o'brien", "o'brien"),
        ("-dash", "dash"),
        ("--help", "help"),
        ("..", "user-1"),
        ("日本", "__x"),
        ("a/b;c$(d)", "abcd"),
        ("admin", "user-admin"),
        ("files_external", "user-files_external"),
        (&long, &long[..58]),
        (" a b ", "_a_b_"),
        ("", "user-1"),
    ] {
        let got = candidate(proposal, "user-1", 0).unwrap();
        if proposal == "日本" {
            // Nothing plain is left of it.
            assert_eq!(got.text(), "user-1");
        } else {
            assert_eq!(got.text(), id, "{proposal}");
        }
    }
}

#[test]
fn collisions_are_numbered() {
    let ids: Vec<_> = (0..3).map(|nth| candidate("ana", UUID, nth).unwrap()).collect();
    let ids: Vec<_> = ids.iter().map(AccountId::text).collect();
    assert_eq!(ids, ["ana", "ana-2", "ana-3"]);
}

#[test]
fn what_is_no_id() {
    for bad in ["", " ", "..", " a", "a ", "-a", "joão", "a\nb", &"x".repeat(65)] {
        assert!(AccountId::new(bad).is_err(), "{bad:?}");
    }
    let id = AccountId::new("Dave").unwrap();
    assert!(id.is("DAVE") && !id.is("dav"));
    assert_eq!(id.folded(), "dave");
}

proptest! {
    #[test]
    fn whatever_is_proposed_becomes_an_id(proposal in "\\PC{0,90}", nth in 0_u32..100_000) {
        let id = candidate(&proposal, UUID, nth).unwrap();
        prop_assert!(AccountId::new(id.text()).is_ok());
        prop_assert_eq!(id.folded(), id.text());
    }

    #[test]
    fn two_goes_never_propose_the_same(proposal in "\\PC{0,90}", a in 0_u32..9999, b in 0_u32..9999) {
        prop_assume!(a != b);
        prop_assert_ne!(candidate(&proposal, UUID, a), candidate(&proposal, UUID, b));
    }
}
