//! Passwords that a policy takes: made of random bytes that are handed in.

use secrecy::SecretString;

const SMALL: &[u8] = b"abcdefghijkmnopqrstuvwxyz";
const LARGE: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";
const DIGITS: &[u8] = b"23456789";
const SIGNS: &[u8] = b"-_.+=";
/// What is easily mistaken for something else is left out.
const ALL: &[u8] = b"abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789-_.+=";

/// Characters of a password.
pub const LENGTH: usize = 24;

/// A password of [`LENGTH`] characters with small and large letters, digits and
/// signs, all of which pass through a shell and a form unharmed. One of random
/// bytes is used up for each character: about 136 bits of them matter.
pub fn password(random: &[u8; 32]) -> SecretString {
    let classes = [SMALL, LARGE, DIGITS, SIGNS];
    let mut chosen: Vec<u8> = Vec::with_capacity(LENGTH);
    for (at, byte) in random.iter().take(LENGTH).enumerate() {
        let from = classes.get(at).copied().unwrap_or(ALL);
        chosen.extend(pick(from, *byte));
    }
    // The four of known class go to places that the rest of the bytes name.
    for (at, byte) in random.iter().skip(LENGTH).take(classes.len()).enumerate() {
        chosen.swap(at, usize::from(*byte) % LENGTH);
    }
    let text: String = chosen.into_iter().map(char::from).collect();
    SecretString::from(text)
}

fn pick(from: &[u8], byte: u8) -> Option<u8> {
    from.get(usize::from(byte) % from.len().max(1)).copied()
}
