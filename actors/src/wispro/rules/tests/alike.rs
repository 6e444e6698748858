//! What clients have in common, beside looking at every pair of them.

use proptest::collection::vec;
use proptest::prelude::*;
use zelador_store::fold::{fold_address, fold_number};
use zelador_store::wispro::StagedClient;

use crate::id_number::IdNumber;
use crate::wispro::rules::alike::{Alike, MOST, Sieve};

fn client(number: Option<String>, email: Option<String>) -> StagedClient {
    StagedClient {
        name: None,
        email,
        email_malformed: false,
        phone: None,
        address: None,
        zone: None,
        id_number: number,
        letter_guessed: false,
    }
}

/// Few enough digits for the same ones to come again, in every form.
fn numbers() -> impl Strategy<Value = Option<String>> {
    let forms = ["V-", "v", "E-", "E", "J-", "", "00", "x"];
    let number = (0..forms.len(), 1_000_000_u32..1_000_006, 0..3_u8).prop_map(
        move |(form, digits, check)| match check {
            0 => format!("{}{digits}", forms[form]),
            1 => format!("{}0{digits}{check}", forms[form]),
            _ => format!("{}{digits:0>8}", forms[form]),
        },
    );
    prop::option::of(number)
}

fn emails() -> impl Strategy<Value = Option<String>> {
    prop::option::of("[abAB]{1,2}@example\\.com")
}

/// Each with its id, in the order of ids.
fn alike(clients: &[StagedClient]) -> Option<Alike> {
    let mut sieve = Sieve::default();
    for client in clients {
        sieve.meet(client);
    }
    let mut alike = sieve.collect()?;
    let ids = clients.iter().enumerate();
    ids.for_each(|(at, client)| alike.meet(&format!("{at:03}"), client));
    Some(alike)
}

#[test]
fn where_nothing_is_shared_nothing_is_kept() {
    let one = client(Some("V-1000000".to_owned()), Some("a@example.com".to_owned()));
    let two = client(Some("V-1000001".to_owned()), Some("b@example.com".to_owned()));
    assert!(alike(&[one.clone(), two]).is_none());
    assert!(alike(&[one.clone(), one]).is_some());
}

#[test]
fn a_number_that_everybody_has_is_kept_a_few_times() {
    let everybody = vec![client(Some("V-1000000".to_owned()), None); 5 * MOST];
    let found = alike(&everybody).unwrap();
    let number = IdNumber::parse("V-1000000").unwrap();
    assert_eq!(found.siblings("none", &number).len(), MOST);
}

proptest! {
    #[test]
    fn it_finds_what_looking_at_every_pair_finds(drawn in vec((numbers(), emails()), 0..12)) {
        let clients: Vec<_> = drawn.into_iter().map(|(n, e)| client(n, e)).collect();
        let found = alike(&clients).unwrap_or_default();
        for (at, one) in clients.iter().enumerate() {
            let id = format!("{at:03}");
            let number = one.id_number.as_deref().and_then(IdNumber::parse);
            if let Some(number) = number {
                let keys = number.keys();
                let same = |other: &&(usize, &StagedClient)| {
                    let text = other.1.id_number.as_deref();
                    other.0 != at
                        && text.is_some_and(|text| {
                            keys.contains(&fold_number(text)) && IdNumber::parse(text).is_some()
                        })
                };
                let expected = clients.iter().enumerate().collect::<Vec<_>>();
                let mut expected: Vec<_> =
                    expected.iter().filter(same).map(|(at, _)| format!("{at:03}")).collect();
                let mut siblings: Vec<_> =
                    found.siblings(&id, &number).into_iter().map(|other| other.id).collect();
                expected.sort();
                siblings.sort();
                prop_assert_eq!(siblings, expected, "{}", id);
            }
            if let Some(email) = &one.email {
                let same = |other: &StagedClient| {
                    other.email.as_deref().map(fold_address) == Some(fold_address(email))
                };
                let first = clients.iter().position(same).unwrap();
                let said = found.first_at(email).unwrap_or(&id).to_owned();
                prop_assert_eq!(said, format!("{first:03}"));
            }
        }
    }
}
