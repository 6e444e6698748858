//! Which user a client is, and what differs.
//!
//! ```text
//! a lower id has the same number ─▶ skipped: duplicate
//! known by its Wispro id ──┐
//! known by its number ─────┴─▶ name, email, address, zone: changed if they differ
//! two people may be meant ───▶ error: ambiguous
//! nobody ────────────────────▶ created; without a name: error
//! ```
//! Nothing else of a user is ever changed, but an id that it had not.

use zelador_store::fold::fold_address;
use zelador_store::id::UserId;
use zelador_store::user::User;
use zelador_store::wispro::StagedClient;

use super::report::Code;
use crate::id_number::{IdNumber, Letter};

/// A user who may be the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub id: UserId,
    /// The record.
    pub user: User,
}

/// Another client of the run with a number that may be the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sibling {
    /// Its id in Wispro.
    pub id: String,
    /// Its number.
    pub number: IdNumber,
}

/// What is known about a client, as it was before the run changed anything.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The user with its Wispro id.
    pub by_id: Option<Candidate>,
    /// Users with a number that may be the same.
    pub by_number: Vec<Candidate>,
    /// Other clients of the run with a number that may be the same.
    pub siblings: Vec<Sibling>,
    /// Wispro ids of `by_number` that this run has met, too.
    pub staged: Vec<String>,
    /// Who has the client's address.
    pub email_holder: Option<UserId>,
    /// The lowest Wispro id of the run with the client's address.
    pub email_first: Option<String>,
}

/// What is to be done about a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// A user is made; without an address if that is somebody else's or none.
    Create {
        /// Whether with the address.
        email: bool,
    },
    /// A user is changed.
    Change {
        /// Which.
        user: UserId,
        /// Whether its address, too.
        email: bool,
        /// The fields that differ.
        fields: Vec<&'static str>,
    },
    /// Nothing differs.
    Unchanged {
        /// The user.
        user: UserId,
    },
    /// Left out.
    Skip(Code),
    /// Wrong.
    Error(Code),
}

/// A decision, and what somebody should look at all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// What is to be done.
    pub decision: Decision,
    /// Notes.
    pub notes: Vec<Code>,
}

/// Decides about the client of this Wispro id.
pub fn judge(id: &str, client: &StagedClient, facts: &Facts) -> Judged {
    let mut notes = Vec::new();
    let decision = decide(id, client, facts, &mut notes);
    if matches!(decision, Decision::Skip(_) | Decision::Error(_)) {
        notes.clear();
    }
    Judged { decision, notes }
}

fn decide(id: &str, client: &StagedClient, facts: &Facts, notes: &mut Vec<Code>) -> Decision {
    // A staged client always has one.
    let Some(number) = client.id_number.as_deref().and_then(IdNumber::parse) else {
        return Decision::Skip(Code::NoNumber);
    };
    let meant = meant(&number, &facts.by_number);
    let is_twin = |other: &&Sibling| self::meant(&other.number, &facts.by_number).is_same(&meant);
    let twins: Vec<&Sibling> = facts.siblings.iter().filter(is_twin).collect();
    if twins.iter().any(|twin| twin.id.as_str() < id) {
        return Decision::Skip(Code::Duplicate);
    }
    if matches!(meant, IdNumber::Raw(_)) {
        notes.push(Code::Unparsed);
    }
    let found = match &facts.by_id {
        Some(found) => Some(found),
        None => match by_number(&number, &meant, &facts.by_number) {
            Ok(found) => found,
            Err(code) => return Decision::Error(code),
        },
    };
    let Some(found) = found else { return create(id, client, facts, notes) };
    if let Some(other) = found.user.id_wispro.as_deref().filter(|other| *other != id) {
        if facts.staged.iter().any(|staged| staged == other)
            && !twins.iter().any(|twin| twin.id == other)
        {
            return Decision::Error(Code::NumberTaken);
        }
        notes.push(Code::OtherId);
    }
    change(id, client, facts, found, notes)
}

/// The number with its letter: one that is not written means V, unless only an E
/// user has the number.
fn meant(number: &IdNumber, users: &[Candidate]) -> IdNumber {
    let has = |letter| {
        let meaning = number.meaning(letter);
        users.iter().any(|user| number_of(user).is_some_and(|theirs| theirs.is_same(&meaning)))
    };
    let letter = if !has(Letter::V) && has(Letter::E) { Letter::E } else { Letter::V };
    number.meaning(letter)
}

/// The number of a user's record.
fn number_of(user: &Candidate) -> Option<IdNumber> {
    Some(IdNumber::parse(user.user.id_number.as_deref()?)?.meaning(Letter::V))
}

/// The one user of a number; several are not chosen among.
fn by_number<'a>(
    number: &IdNumber,
    meant: &IdNumber,
    users: &'a [Candidate],
) -> Result<Option<&'a Candidate>, Code> {
    let same = |wanted: &IdNumber| {
        let is_same =
            |user: &&Candidate| number_of(user).is_some_and(|theirs| theirs.is_same(wanted));
        users.iter().filter(is_same).collect::<Vec<_>>()
    };
    let found = same(meant);
    let both = number.meaning(Letter::V) != number.meaning(Letter::E)
        && !same(&number.meaning(Letter::V)).is_empty()
        && !same(&number.meaning(Letter::E)).is_empty();
    match found.as_slice() {
        _ if both => Err(Code::Ambiguous),
        [] => Ok(None),
        [only] => Ok(Some(only)),
        _ => Err(Code::Ambiguous),
    }
}

fn create(id: &str, client: &StagedClient, facts: &Facts, notes: &mut Vec<Code>) -> Decision {
    if client.name.is_none() {
        return Decision::Error(Code::NameMissing);
    }
    let email = match &client.email {
        Some(_) if facts.email_holder.is_none() && is_first(id, facts) => true,
        Some(_) => {
            notes.push(Code::EmailConflict);
            false
        }
        None => {
            if client.email_malformed {
                notes.push(Code::EmailConflict);
            }
            false
        }
    };
    if client.letter_guessed {
        notes.push(Code::LetterGuessed);
    }
    Decision::Create { email }
}

fn change(
    id: &str,
    client: &StagedClient,
    facts: &Facts,
    found: &Candidate,
    notes: &mut Vec<Code>,
) -> Decision {
    let user = &found.user;
    let differs =
        |theirs: &Option<String>, ours: &Option<String>| theirs.is_some() && theirs != ours;
    let mut fields = Vec::new();
    if client.name.as_deref().is_some_and(|name| name != user.name) {
        fields.push("name");
    }
    let mut email = false;
    if client.email_malformed {
        notes.push(Code::EmailConflict);
    } else if differs(&client.email, &user.email) {
        let same = |theirs: &str, ours: &str| fold_address(theirs) == fold_address(ours);
        let only_case =
            client.email.as_deref().zip(user.email.as_deref()).is_some_and(|(a, b)| same(a, b));
        let free = facts.email_holder.is_none_or(|holder| holder == found.id);
        email = free && (only_case || is_first(id, facts));
        if email {
            fields.push("email");
        } else {
            notes.push(Code::EmailConflict);
        }
    }
    if differs(&client.address, &user.address) {
        fields.push("address");
    }
    if differs(&client.zone, &user.zone) {
        fields.push("zone");
    }
    if user.id_wispro.is_none() {
        fields.push("id_wispro");
        notes.push(Code::IdGiven);
    }
    if fields.is_empty() {
        return Decision::Unchanged { user: found.id };
    }
    Decision::Change { user: found.id, email, fields }
}

/// Whether no client with a lower id has the same address.
fn is_first(id: &str, facts: &Facts) -> bool {
    facts.email_first.as_deref().is_none_or(|first| first >= id)
}

/// The user with what the client brings; `None`: it is so already.
pub fn changed(id: &str, client: &StagedClient, email: bool, user: &User) -> Option<User> {
    let or =
        |theirs: &Option<String>, ours: &Option<String>| theirs.clone().or_else(|| ours.clone());
    let next = User {
        name: client.name.clone().unwrap_or_else(|| user.name.clone()),
        email: if email { or(&client.email, &user.email) } else { user.email.clone() },
        address: or(&client.address, &user.address),
        zone: or(&client.zone, &user.zone),
        id_wispro: user.id_wispro.clone().or_else(|| Some(id.to_owned())),
        ..user.clone()
    };
    (next != *user).then_some(next)
}
