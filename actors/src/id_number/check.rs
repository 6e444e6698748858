//! The check digit of a RIF.

use super::Letter;

/// What each of the eight digits counts.
const WEIGHTS: [u32; 8] = [3, 2, 7, 6, 5, 4, 3, 2];
/// The check digit of each remainder of the sum by eleven.
const DIGITS: [char; 11] = ['0', '0', '9', '8', '7', '6', '5', '4', '3', '2', '1'];

/// The check digit of eight digits; `None` if they are not eight.
pub fn check_digit(letter: Letter, digits: &str) -> Option<char> {
    if digits.len() != WEIGHTS.len() {
        return None;
    }
    let start = match letter {
        Letter::V => 4,
        Letter::E => 8,
        Letter::J => 12,
        Letter::P => 16,
        Letter::G => 20,
    };
    let sum = digits
        .chars()
        .zip(WEIGHTS)
        .try_fold(start, |sum, (digit, weight)| Some(sum + digit.to_digit(10)? * weight))?;
    DIGITS.get(usize::try_from(sum % 11).ok()?).copied()
}
