//! Account ids from what is known of a person.
//!
//! An id is proposed by a template, made legal, and where it is taken, numbered.
//! Whoever asks remembers what was chosen: ids are never derived twice for one
//! account.

use super::account::{AccountId, MOST_CHARS, NotAnAccountId, is_legal};

/// Names that stand for something else in a data folder, or for the admin.
const RESERVED: [&str; 12] = [
    "admin",
    "root",
    "avatar",
    "appdata",
    "files_external",
    "__groupfolders",
    "updater",
    "owncloud.log",
    "nextcloud.log",
    ".htaccess",
    ".ocdata",
    "index.html",
];

/// Room that is left for a number.
const ROOM: usize = 6;

/// What a template may use.
#[derive(Debug, Clone, Copy)]
pub struct Person<'a> {
    /// The address, if there is one.
    pub email: Option<&'a str>,
    /// The person's name.
    pub name: &'a str,
    /// The client's code.
    pub code: Option<&'a str>,
    /// The user's id, a UUID.
    pub id: &'a str,
}

/// The template names something that there is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{{{0}}}` is none of {{local}}, {{domain}}, {{email}}, {{name}}, {{code}}, {{id}}")]
pub struct UnknownPlace(pub String);

/// What a template says of a person, before it is made legal.
pub fn fill(template: &str, person: Person<'_>) -> Result<String, UnknownPlace> {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let Some((place, after)) = after.split_once('}') else {
            return Err(UnknownPlace(after.to_owned()));
        };
        text.push_str(value(place, person).ok_or_else(|| UnknownPlace(place.to_owned()))?);
        rest = after;
    }
    text.push_str(rest);
    Ok(text)
}

fn value<'a>(place: &str, person: Person<'a>) -> Option<&'a str> {
    let parts = person.email.and_then(|email| email.rsplit_once('@'));
    Some(match place {
        "local" => parts.map_or("", |(local, _)| local),
        "domain" => parts.map_or("", |(_, domain)| domain),
        "email" => person.email.unwrap_or_default(),
        "name" => person.name,
        "code" => person.code.unwrap_or_default(),
        "id" => person.id,
        _ => return None,
    })
}

/// A letter of the languages here without its marks.
fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        'á' | 'à' | 'â' | 'ã' | 'ä' | 'å' => "a",
        'é' | 'è' | 'ê' | 'ë' => "e",
        'í' | 'ì' | 'î' | 'ï' => "i",
        'ó' | 'ò' | 'ô' | 'õ' | 'ö' | 'ø' => "o",
        'ú' | 'ù' | 'û' | 'ü' => "u",
        'ç' => "c",
        'ñ' => "n",
        'ý' | 'ÿ' => "y",
        'æ' => "ae",
        'œ' => "oe",
        'ß' => "ss",
        _ => return None,
    })
}

/// A text made of what ids are made of, in small letters; it may be empty.
fn legalised(text: &str) -> String {
    let mut legal = String::new();
    for c in text.to_lowercase().chars() {
        match plain(c) {
            Some(plain) => legal.push_str(plain),
            None if is_legal(c) && c != ' ' => legal.push(c),
            None if c.is_alphanumeric() || c.is_whitespace() || c.is_control() => legal.push('_'),
            None => {}
        }
    }
    let trimmed = legal.trim_start_matches(['-', '.', '\'']).trim_end_matches('.');
    trimmed.chars().take(MOST_CHARS - ROOM).collect()
}

/// The id that is tried at the `nth` go, the first being 0: the proposal itself,
/// then numbered. A proposal that leaves nothing legal is replaced by the user's id.
pub fn candidate(proposal: &str, fallback: &str, nth: u32) -> Result<AccountId, NotAnAccountId> {
    let mut base = legalised(proposal);
    if !base.chars().any(|c| c.is_ascii_alphanumeric()) {
        base = legalised(fallback);
    }
    if RESERVED.contains(&base.as_str()) || base.starts_with("appdata_") {
        base.insert_str(0, "user-");
        base = base.chars().take(MOST_CHARS - ROOM).collect();
    }
    let text = if nth == 0 { base } else { format!("{base}-{}", nth.saturating_add(1)) };
    AccountId::new(text)
}
