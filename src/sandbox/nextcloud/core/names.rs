//! Which user ids Nextcloud takes.

use std::collections::BTreeSet;

/// The longest id, in characters.
const LONGEST: usize = 64;

/// The rule that an id breaks, in the server's words.
pub(crate) fn broken_rule(id: &str, folders: &BTreeSet<String>) -> Option<&'static str> {
    let legal = |c: char| c.is_ascii_alphanumeric() || " _.@-'".contains(c);
    if !id.chars().all(legal) {
        return Some(
            "Only the following characters are allowed in a username: \"a-z\", \"A-Z\", \"0-9\", spaces and \"_.@-'\"",
        );
    }
    if id.trim().is_empty() {
        return Some("A valid username must be provided");
    }
    if id.trim() != id {
        return Some("Username contains whitespace at the beginning or at the end");
    }
    if id.chars().all(|c| c == '.') {
        return Some("Username must not consist of dots only");
    }
    if id.chars().count() > LONGEST {
        return Some("Username is too long");
    }
    if folders.contains(&id.to_lowercase()) {
        return Some("Username is invalid because files already exist for this user");
    }
    None
}
