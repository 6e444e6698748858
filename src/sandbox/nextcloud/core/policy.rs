//! The password policy of a fresh Nextcloud.

/// The longest password there may be.
const LONGEST: usize = 469;
const SHORTEST: usize = 10;
/// A few of the million.
const COMMON: [&str; 8] = [
    "password",
    "123456",
    "12345678",
    "1234567890",
    "qwertyuiop",
    "password123",
    "letmein",
    "iloveyou",
];

/// Why a password is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Weak {
    /// Too long to be hashed.
    TooLong,
    /// By the policy, in its words.
    Policy(String),
}

/// What speaks against a password.
pub(crate) fn check(password: &str) -> Result<(), Weak> {
    let length = password.chars().count();
    if length > LONGEST {
        return Err(Weak::TooLong);
    }
    let mut words = Vec::new();
    if COMMON.contains(&password.to_lowercase().as_str()) {
        words.push(
            "Password is among the 1,000,000 most common ones. Please make it unique.".to_owned(),
        );
    }
    if length < SHORTEST {
        words.push(format!("Password needs to be at least {SHORTEST} characters long."));
    }
    if words.is_empty() { Ok(()) } else { Err(Weak::Policy(words.join(" "))) }
}
