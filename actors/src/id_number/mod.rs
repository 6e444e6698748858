//! Numbers of identity cards as they are typed in Venezuela: one person, many
//! spellings.
//!
//! ```text
//! V-12.345.678   v12345678   V 012345678   12345678 ─┐
//! V-12345678-1 (the RIF of the same person) ─────────┴─▶ one person
//! E-12345678                                          ─▶ another one
//! J-00020200-1                                        ─▶ a company
//! ```
//! Invariants:
//! - Equal numbers are equal however they are written; V and E are different
//!   people, always.
//! - A letter that is not written is not made up: who compares says what it means.
//! - What cannot be read is kept as it is, and is equal to itself alone.

mod check;

#[cfg(test)]
mod tests;

pub use check::check_digit;

use zelador_store::fold::plain_digit;

/// Characters of a number that is kept though it cannot be read.
const RAW: usize = 100;
/// Digits of a cédula.
const CEDULA: std::ops::RangeInclusive<usize> = 5..=9;
/// Characters of a passport's number.
const PASSPORT: std::ops::RangeInclusive<usize> = 5..=12;

/// Whose number it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Letter {
    /// A Venezuelan person.
    V,
    /// A foreign resident.
    E,
    /// A company.
    J,
    /// The government.
    G,
    /// A passport.
    P,
}

impl Letter {
    /// As it is written.
    pub const fn char(self) -> char {
        match self {
            Self::V => 'V',
            Self::E => 'E',
            Self::J => 'J',
            Self::G => 'G',
            Self::P => 'P',
        }
    }

    fn of(letter: char) -> Option<Self> {
        [Self::V, Self::E, Self::J, Self::G, Self::P].into_iter().find(|l| l.char() == letter)
    }
}

/// A number, read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum IdNumber {
    /// A person's: V, E, or nobody wrote which; without zeros in front.
    Cedula {
        /// As written.
        letter: Option<Letter>,
        /// 5 to 9 digits.
        digits: String,
    },
    /// A taxpayer's, with the right check digit.
    Rif {
        /// As written.
        letter: Letter,
        /// 8 digits, zeros in front included.
        digits: String,
        /// The check digit.
        check: char,
    },
    /// A passport's, which is no RIF.
    Passport(String),
    /// Anything else, as it is.
    Raw(String),
}

impl IdNumber {
    /// Reads a number; `None` if there is nothing to read.
    pub fn parse(text: &str) -> Option<Self> {
        let raw = text.trim();
        if raw.is_empty() {
            return None;
        }
        Some(read(&compact(raw)).unwrap_or_else(|| Self::Raw(cut(raw))))
    }

    /// The one way to write it: `V-12345678`, `J-00020200-1`, `12345678` where
    /// nobody wrote a letter.
    pub fn canonical(&self) -> String {
        match self {
            Self::Cedula { letter: Some(letter), digits } => format!("{}-{digits}", letter.char()),
            Self::Cedula { letter: None, digits } => digits.clone(),
            Self::Rif { letter, digits, check } => format!("{}-{digits}-{check}", letter.char()),
            Self::Passport(number) => format!("P-{number}"),
            Self::Raw(text) => text.clone(),
        }
    }

    /// The number without its letter: what the client's code is.
    pub fn bare(&self) -> String {
        match self {
            Self::Cedula { digits, .. } => digits.clone(),
            Self::Rif { digits, check, .. } => {
                self.cedula().map_or_else(|| format!("{digits}{check}"), str::to_owned)
            }
            Self::Passport(number) | Self::Raw(number) => number.clone(),
        }
    }

    /// Who it is, as far as it says: V, E, or not said. `None`: not a person's.
    pub fn person(&self) -> Option<(Option<Letter>, &str)> {
        match self {
            Self::Cedula { letter, digits } => Some((*letter, digits)),
            Self::Rif { letter, .. } => Some((Some(*letter), self.cedula()?)),
            Self::Passport(_) | Self::Raw(_) => None,
        }
    }

    /// The same number with a letter, where it has none.
    pub fn meaning(&self, letter: Letter) -> Self {
        match self {
            Self::Cedula { letter: None, digits } => {
                let digits = digits.clone();
                // With its letter it may turn out to be a RIF.
                read(&format!("{}{digits}", letter.char()))
                    .unwrap_or(Self::Cedula { letter: Some(letter), digits })
            }
            other => other.clone(),
        }
    }

    /// Whether both are one person, company or passport. A letter that only one
    /// of them has is a difference: see [`IdNumber::meaning`].
    pub fn is_same(&self, other: &Self) -> bool {
        match (self.person(), other.person()) {
            (Some(one), Some(other)) => one == other,
            (None, None) => self == other,
            _ => false,
        }
    }

    /// Every key that a spelling of it may stand under
    /// ([`fold_number`](zelador_store::fold::fold_number)).
    pub fn keys(&self) -> Vec<String> {
        use zelador_store::fold::fold_number;
        let mut keys = vec![fold_number(&self.canonical())];
        if let Some((_, digits)) = self.person() {
            keys.push(fold_number(digits));
            for letter in [Letter::V, Letter::E] {
                let padded = format!("{digits:0>8}");
                if let Some(check) = check_digit(letter, &padded) {
                    keys.push(fold_number(&format!("{padded}{check}")));
                }
            }
        }
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// The cédula in a person's RIF.
    fn cedula(&self) -> Option<&str> {
        match self {
            Self::Rif { letter: Letter::V | Letter::E, digits, .. } => {
                Some(digits.trim_start_matches('0')).filter(|digits| !digits.is_empty())
            }
            _ => None,
        }
    }
}

fn cut(raw: &str) -> String {
    raw.chars().take(RAW).collect::<String>().trim_end().to_owned()
}

/// Letters and digits alone, in upper case and of plain width.
fn compact(text: &str) -> String {
    let plain = text.chars().filter_map(|letter| match letter {
        // Letters of full width, as they are pasted from elsewhere.
        'Ａ'..='Ｚ' | 'ａ'..='ｚ' => char::from_u32(u32::from(letter) - 0xfee0),
        _ => plain_digit(letter).or_else(|| (!is_separator(letter)).then_some(letter)),
    });
    plain.flat_map(char::to_uppercase).collect()
}

/// What stands between the parts: spaces, dots, commas, slashes, and everything
/// that looks like a dash.
fn is_separator(letter: char) -> bool {
    letter.is_whitespace()
        || matches!(
            letter,
            '.' | ','
                | '/'
                | '-'
                | '_'
                | ':'
                | '\''
                | '·'
                | '\u{ad}'
                | '\u{200b}'
                | '\u{feff}'
                | '\u{2010}'
                ..='\u{2015}'
                    | '\u{2212}'
                    | '\u{fe58}'
                    | '\u{fe63}'
                    | '．'
                    | '，'
                    | '／'
                    | '＿'
                    | '－'
                    | '：'
        )
}

fn read(text: &str) -> Option<IdNumber> {
    let text = ["CI", "RIF", "NIT"].iter().find_map(|p| text.strip_prefix(p)).unwrap_or(text);
    let first = text.chars().next()?;
    let (letter, rest) = match Letter::of(first) {
        Some(letter) => (Some(letter), text.get(1..)?),
        None => (None, text),
    };
    let all_digits = !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit());
    match letter {
        Some(letter) if all_digits => rif(letter, rest).or_else(|| other(letter, rest)),
        Some(Letter::P) => passport(rest),
        None if all_digits => cedula(None, rest),
        _ => None,
    }
}

fn rif(letter: Letter, digits: &str) -> Option<IdNumber> {
    let (front, check) = digits.split_at_checked(8)?;
    let check = check.chars().next().filter(|_| digits.len() == 9)?;
    let right = check_digit(letter, front)? == check;
    // Nobody has the number zero.
    let right = right && front.bytes().any(|byte| byte != b'0');
    right.then(|| IdNumber::Rif { letter, digits: front.to_owned(), check })
}

fn other(letter: Letter, digits: &str) -> Option<IdNumber> {
    match letter {
        Letter::V | Letter::E => cedula(Some(letter), digits),
        Letter::P => passport(digits),
        Letter::J | Letter::G => None,
    }
}

fn cedula(letter: Option<Letter>, digits: &str) -> Option<IdNumber> {
    let significant = digits.trim_start_matches('0');
    let fits = digits.len() <= *CEDULA.end() && CEDULA.contains(&significant.len());
    fits.then(|| IdNumber::Cedula { letter, digits: significant.to_owned() })
}

fn passport(number: &str) -> Option<IdNumber> {
    let plain = number.bytes().all(|byte| byte.is_ascii_alphanumeric());
    // A word is none.
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    (plain && digits >= 4 && PASSPORT.contains(&number.len()))
        .then(|| IdNumber::Passport(number.to_owned()))
}
