//! A row of the upstream as a client: read leniently, bounded, and nothing taken
//! that is not synced.
//!
//! Where each member stands is configuration (JSON pointers), for the reference of
//! the upstream names fields that its answers do not have.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use zelador_store::wispro::StagedClient;

use crate::checks::is_email;
use crate::id_number::{IdNumber, Letter};

/// Characters of a name.
const NAME: usize = 200;
/// Characters of an address or a zone.
const LINE: usize = 500;
/// Characters of an id, a telephone number or a code.
const CODE: usize = 100;
/// Bytes of one member that is looked at at all.
const MEMBER: usize = 16 * 1024;

/// `[wispro.fields]`: where each member of a client stands, as JSON pointers; the
/// first that holds something counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FieldPaths {
    /// The client's id.
    pub id: Vec<String>,
    /// What the client is called.
    pub name: Vec<String>,
    /// The address for mail.
    pub email: Vec<String>,
    /// The telephone number.
    pub phone: Vec<String>,
    /// The postal address; without one, street, number and city are put together.
    pub address: Vec<String>,
    /// The zone of service.
    pub zone: Vec<String>,
    /// The number of the identity card.
    pub id_number: Vec<String>,
    /// The letter of that number, where an ISP keeps it apart; usually nowhere.
    pub id_letter: Vec<String>,
}

impl Default for FieldPaths {
    fn default() -> Self {
        let paths = |list: &[&str]| list.iter().map(|path| (*path).to_owned()).collect();
        Self {
            id: paths(&["/id"]),
            name: paths(&["/name"]),
            email: paths(&["/email"]),
            phone: paths(&["/phone_mobile", "/phone"]),
            address: paths(&["/address"]),
            zone: paths(&[
                "/zone_name",
                "/zone",
                "/zone/name",
                "/neighborhood_name",
                "/neighborhood",
                "/neighborhood/name",
                "/neighbourhood",
            ]),
            id_number: paths(&["/national_identification_number"]),
            id_letter: Vec::new(),
        }
    }
}

/// Pointers that are refused: what stands there is a secret.
pub const SECRET_MEMBERS: [&str; 2] = ["link_mobile_login", "password"];

/// What a row is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// A client with its id.
    Client(String, Box<StagedClient>),
    /// No id, or not even an object.
    NoId,
}

/// Reads a row.
pub fn read(row: &Value, paths: &FieldPaths) -> Row {
    let Some(id) = text(row, &paths.id, CODE) else { return Row::NoId };
    let number = number(row, paths);
    let written = text(row, &paths.email, LINE);
    let email = written.as_deref().and_then(good_address);
    let letter_guessed = matches!(number, Some(IdNumber::Cedula { letter: None, .. }));
    let client = StagedClient {
        name: text(row, &paths.name, NAME),
        email_malformed: written.is_some() && email.is_none(),
        email,
        phone: text(row, &paths.phone, CODE),
        address: text(row, &paths.address, LINE).or_else(|| put_together(row)),
        zone: text(row, &paths.zone, LINE),
        id_number: number.as_ref().map(IdNumber::canonical),
        letter_guessed,
    };
    Row::Client(id, Box::new(client))
}

/// The number, with the letter that may stand elsewhere.
fn number(row: &Value, paths: &FieldPaths) -> Option<IdNumber> {
    let written = text(row, &paths.id_number, CODE)?;
    let number = IdNumber::parse(&written)?;
    let letter = text(row, &paths.id_letter, CODE);
    Some(match letter.as_deref().map(str::to_uppercase).as_deref() {
        Some("V") => number.meaning(Letter::V),
        Some("E") => number.meaning(Letter::E),
        _ => number,
    })
}

/// An address that is one; of several the first good one.
fn good_address(written: &str) -> Option<String> {
    let parts = written.split([',', ';', ' ', '/', '|']);
    parts.map(str::trim).find(|part| is_email(part)).map(str::to_owned)
}

fn put_together(row: &Value) -> Option<String> {
    let part = |name: &str| text(row, &[format!("/{name}")], LINE);
    let street = [part("street"), part("number")].into_iter().flatten().collect::<Vec<_>>();
    let whole = [Some(street.join(" ")).filter(|street| !street.is_empty()), part("city")];
    let whole = whole.into_iter().flatten().collect::<Vec<_>>().join(", ");
    Some(whole).filter(|whole| !whole.is_empty())
}

/// The first text under the paths: a string or a number, on one line, without
/// what does not print, and no longer than `most` characters.
fn text(row: &Value, paths: &[String], most: usize) -> Option<String> {
    paths.iter().filter_map(|path| row.pointer(path)).find_map(|value| lenient(value, most))
}

fn lenient(value: &Value, most: usize) -> Option<String> {
    let written = match value {
        Value::String(text) => text.get(..text.floor_char_boundary(MEMBER))?.to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let mut kept = String::new();
    for word in written.split(|c: char| c.is_whitespace() || c.is_control()) {
        let word: String = word.chars().filter(|c| !is_invisible(*c)).collect();
        if word.is_empty() {
            continue;
        }
        if !kept.is_empty() {
            kept.push(' ');
        }
        kept.push_str(&word);
    }
    let kept: String = kept.chars().take(most).collect();
    let kept = kept.trim().to_owned();
    (!kept.is_empty()).then_some(kept)
}

/// Marks that turn the direction of text, and others that nobody sees.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}
