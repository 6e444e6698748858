//! Cédulas and RIFs in all their spellings.

use proptest::prelude::*;
use zelador_store::fold::fold_number;

use super::*;

#[track_caller]
fn check(text: &str, canonical: &str) {
    let read = IdNumber::parse(text).map(|number| number.canonical());
    assert_eq!(read.as_deref(), Some(canonical), "{text}");
}

#[test]
fn cedulas_in_every_form_the_wild_has() {
    for text in [
        "V-12345678",
        "V12345678",
        "v-12.345.678",
        "V 12345678",
        "V-012345679",
        "V_12345678",
        "V–12345678",
        "v12.345.678",
        "  V-12,345,678 ",
        "C.I. V-12345678",
        "CI: V12345678",
        "Ｖ－１２３４５６７８",
        "V\u{2212}12345678",
        "V/12345678",
    ] {
        if text != "V-012345679" {
            check(text, "V-12345678");
        }
    }
    check("V-012345679", "V-12345679");
    check("12.345.678", "12345678");
    check("12345678", "12345678");
    check("CI: 123456", "123456");
    check("E-84123456", "E-84123456");
    check("V-123456789", "V-123456789");
    check("V-05123456", "V-5123456");
}

#[test]
fn check_digits_of_the_vectors() {
    for (letter, digits, digit) in [
        (Letter::V, "11470283", '4'),
        (Letter::J, "00020200", '1'),
        (Letter::V, "01849149", '0'),
        (Letter::V, "12345678", '1'),
        (Letter::E, "84123456", '4'),
        (Letter::J, "00002970", '9'),
        (Letter::G, "20000007", '4'),
        (Letter::P, "12345678", '0'),
        (Letter::V, "00012345", '1'),
    ] {
        assert_eq!(check_digit(letter, digits), Some(digit), "{letter:?} {digits}");
    }
    assert_ne!(check_digit(Letter::G, "20000000"), Some('0'));
    assert_eq!(check_digit(Letter::V, "1234567"), None);
    assert_eq!(check_digit(Letter::V, "1234567x"), None);
}

#[test]
fn rifs_with_the_right_check_digit() {
    check("V-12345678-1", "V-12345678-1");
    check("rif J 00020200 1", "J-00020200-1");
    check("J-00020200-1", "J-00020200-1");
    check("J000202001", "J-00020200-1");
    check("G-20000007-4", "G-20000007-4");
    check("P-12345678-0", "P-12345678-0");
}

#[test]
fn what_cannot_be_read_is_kept() {
    for text in [
        "G-20000000-0",
        "J-1",
        "1234",
        "1234567890",
        "SIN CEDULA",
        "PENDIENTE",
        "V-0123456789",
        "V-E-12345678",
        "C-12345678-9",
        "💥",
        "V",
        "--",
    ] {
        check(text, text);
    }
    check("P-AB123456", "P-AB123456");
    assert_eq!(IdNumber::parse("  "), None);
    assert_eq!(IdNumber::parse(""), None);
    let long = "x".repeat(10_000);
    assert_eq!(IdNumber::parse(&long).unwrap().canonical().len(), 100);
}

#[track_caller]
fn same(one: &str, other: &str, expected: bool) {
    let read = |text| IdNumber::parse(text).unwrap();
    assert_eq!(read(one).is_same(&read(other)), expected, "{one} and {other}");
    assert_eq!(read(other).is_same(&read(one)), expected, "{other} and {one}");
}

#[test]
fn v_and_e_are_different_people() {
    same("V-12345678", "E-12345678", false);
    same("V-12345678-1", "V12345678", true);
    same("E-84123456-4", "E84.123.456", true);
    same("V-12345678-1", "E-12345678", false);
    same("J-00020200-1", "V-20200", false);
    // Nobody wrote a letter: who compares says what it means.
    same("12345678", "V-12345678", false);
    let plain = IdNumber::parse("12345678").unwrap();
    assert!(plain.meaning(Letter::V).is_same(&IdNumber::parse("V-12345678").unwrap()));
    same("raro", "raro", true);
    same("raro", "Raro", false);
}

#[test]
fn the_code_is_the_number_without_its_letter() {
    for (text, bare) in [
        ("V-12.345.678", "12345678"),
        ("V-12345678-1", "12345678"),
        ("J-00020200-1", "000202001"),
        ("P-AB123456", "AB123456"),
    ] {
        assert_eq!(IdNumber::parse(text).unwrap().bare(), bare, "{text}");
    }
}

/// Digits of a cédula, spelled somehow.
fn spelled() -> impl Strategy<Value = (String, Vec<String>)> {
    (10_000_u32..=99_999_999, 0_usize..4).prop_map(|(number, zeros)| {
        let digits = number.to_string();
        let dotted: String = digits.chars().flat_map(|digit| [digit, '.']).collect();
        let padded = format!("{}{digits}", "0".repeat(zeros.min(8 - digits.len())));
        let spellings =
            vec![digits.clone(), dotted, padded, format!(" {digits} "), format!("-{digits}")];
        (digits, spellings)
    })
}

proptest! {
    #[test]
    fn reading_is_idempotent(text in "\\PC{0,40}") {
        if let Some(read) = IdNumber::parse(&text) {
            let again = IdNumber::parse(&read.canonical());
            prop_assert_eq!(again, Some(read));
        }
    }

    #[test]
    fn equal_numbers_are_equal((digits, spellings) in spelled(), letter in "[vVeE]") {
        let one = IdNumber::parse(&format!("{letter}{digits}")).unwrap();
        for spelling in spellings {
            let other = IdNumber::parse(&format!("{letter}{spelling}")).unwrap();
            prop_assert!(one.is_same(&other), "{} and {}", letter, spelling);
        }
    }

    #[test]
    fn different_people_are_different(
        (one, _) in spelled(), (other, _) in spelled(), a in "[VE]", b in "[VE]",
    ) {
        prop_assume!(one != other || a != b);
        let read = |letter: &str, digits: &str| IdNumber::parse(&format!("{letter}-{digits}")).unwrap();
        prop_assert!(!read(&a, &one).is_same(&read(&b, &other)));
    }

    /// Whatever spelling a user's record has, it is found.
    #[test]
    fn every_spelling_is_under_one_of_the_keys((digits, spellings) in spelled()) {
        let keys = IdNumber::parse(&format!("V{digits}")).unwrap().keys();
        for spelling in spellings {
            let key = fold_number(&format!("V-{spelling}"));
            prop_assert!(keys.contains(&key));
        }
        let padded = format!("{digits:0>8}");
        let check = check_digit(Letter::V, &padded).unwrap();
        let rif = IdNumber::parse(&format!("V-{padded}-{check}")).unwrap();
        let plain = IdNumber::parse(&format!("V{digits}")).unwrap();
        prop_assert!(rif.is_same(&plain));
        prop_assert!(rif.keys().contains(&fold_number(&digits)));
        prop_assert!(keys.contains(&fold_number(&rif.canonical())));
    }

    #[test]
    fn nothing_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let text = String::from_utf8_lossy(&bytes);
        let _ = IdNumber::parse(&text).map(|number| (number.keys(), number.bare()));
    }
}
