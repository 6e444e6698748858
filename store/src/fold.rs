//! Text as it is searched: without case and without the accents of Latin
//! letters.
//!
//! Indexes are made of folded text, so what a text folds to may never change
//! without rebuilding them. That is why the letters are listed here instead of
//! taken from tables that grow with every release of Unicode.

/// The text for search by its beginning: `José  ÑANDÚ` becomes `jose nandu`.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        for letter in word.chars().flat_map(char::to_lowercase) {
            push_plain(&mut folded, letter);
        }
    }
    folded
}

fn push_plain(out: &mut String, letter: char) {
    let plain = match letter {
        // Combining accents of decomposed text.
        '\u{300}'..='\u{36f}' => return,
        'à'..='å' | 'ā' | 'ă' | 'ą' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => "e",
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => "i",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => "o",
        'œ' => "oe",
        'ś' | 'ŝ' | 'ş' | 'š' => "s",
        'ß' => "ss",
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => "u",
        'ý' | 'ÿ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        'ł' => "l",
        other => return out.push(other),
    };
    out.push_str(plain);
}

/// An e-mail address or a domain as it is compared: without case.
pub fn fold_address(text: &str) -> String {
    text.to_lowercase()
}

/// The number of an identity card as it is looked up: its digits without the
/// zeros in front, whatever stands around them; without a digit, the folded text.
///
/// Coarse on purpose: `V-12.345.678`, `E12345678` and `012345678` fold alike, and
/// who looks up must tell them apart.
pub fn fold_number(text: &str) -> String {
    let digits: String = text.chars().filter_map(plain_digit).collect();
    if digits.is_empty() {
        return fold(text);
    }
    let significant = digits.trim_start_matches('0');
    if significant.is_empty() { "0".to_owned() } else { significant.to_owned() }
}

/// A digit, also one of full width, as they are pasted from elsewhere.
pub fn plain_digit(letter: char) -> Option<char> {
    match letter {
        '0'..='9' => Some(letter),
        '０'..='９' => char::from_digit(u32::from(letter) - u32::from('０'), 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn accents_and_case_do_not_matter() {
        for (text, folded) in [
            ("João Silva", "joao silva"),
            ("  MUÑOZ\tPeña ", "munoz pena"),
            ("Jose\u{301}", "jose"),
            ("Øystein Æsæ", "oystein aesae"),
            ("Straße", "strasse"),
            ("李 雷", "李 雷"),
            ("", ""),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
        assert_eq!(fold_address("João@Academia.COM"), "joão@academia.com");
    }

    #[test]
    fn numbers_are_their_digits() {
        for (text, folded) in [
            ("V-12.345.678", "12345678"),
            ("e 012345678", "12345678"),
            ("１２３", "123"),
            ("000", "0"),
            ("PASAPORTE", "pasaporte"),
            ("", ""),
        ] {
            assert_eq!(fold_number(text), folded, "{text}");
        }
    }

    proptest! {
        #[test]
        fn folding_a_number_is_idempotent(text in "\\PC{0,40}") {
            let once = fold_number(&text);
            prop_assert_eq!(fold_number(&once), once);
        }

        /// Searching folds both sides, so folding twice must change nothing.
        #[test]
        fn folding_is_idempotent(text in "\\PC{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }
    }
}
