//! Every type of event there is, with the members of its payload.
//!
//! The table documents (`openapi.json` shows it under `webhooks`) and judges: in a
//! debug build the consumer `metrics` holds every event against it, so a payload
//! that nobody documented fails the suite that made it.
//!
//! Members may be added to a type, never taken away.

mod schema;
mod table;

#[cfg(test)]
mod tests;

use serde_json::Value;

pub use schema::schema;
pub use table::KINDS;

/// A type of event.
#[derive(Debug, Clone, Copy)]
pub struct EventKind {
    /// Its name: a noun and what happened to it.
    pub name: &'static str,
    /// When it happens.
    pub when: &'static str,
    /// The members of its payload, in groups that several types share.
    pub groups: &'static [&'static [Member]],
}

impl EventKind {
    /// All members of its payload.
    pub fn members(&self) -> impl Iterator<Item = &'static Member> + use<> {
        self.groups.iter().copied().flatten()
    }
}

/// A member of a payload.
#[derive(Debug, Clone, Copy)]
pub struct Member {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub holds: Holds,
    /// Whether every payload has it.
    pub required: bool,
    /// Whether it may be null.
    pub nullable: bool,
}

/// What a member holds.
#[derive(Debug, Clone, Copy)]
pub enum Holds {
    /// Text.
    Text,
    /// A UUID.
    Id,
    /// An instant, RFC 3339 in UTC.
    Instant,
    /// A date.
    Date,
    /// A whole number from 0.
    Number,
    /// True or false.
    Flag,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Names.
    Names,
    /// An object with these members, at most.
    Object(&'static [Member]),
}

impl Member {
    const fn new(name: &'static str, holds: Holds) -> Self {
        Self { name, holds, required: true, nullable: false }
    }

    /// It may be null.
    const fn or_null(self) -> Self {
        Self { nullable: true, ..self }
    }

    /// It may be absent.
    const fn maybe(self) -> Self {
        Self { required: false, ..self }
    }
}

const fn id(name: &'static str) -> Member {
    Member::new(name, Holds::Id)
}

const fn text(name: &'static str) -> Member {
    Member::new(name, Holds::Text)
}

const fn instant(name: &'static str) -> Member {
    Member::new(name, Holds::Instant)
}

const fn date(name: &'static str) -> Member {
    Member::new(name, Holds::Date)
}

const fn number(name: &'static str) -> Member {
    Member::new(name, Holds::Number)
}

const fn flag(name: &'static str) -> Member {
    Member::new(name, Holds::Flag)
}

const fn names(name: &'static str) -> Member {
    Member::new(name, Holds::Names)
}

const fn word(name: &'static str, words: &'static [&'static str]) -> Member {
    Member::new(name, Holds::Word(words))
}

const fn object(name: &'static str, members: &'static [Member]) -> Member {
    Member::new(name, Holds::Object(members))
}

/// A type by its name.
pub fn find(name: &str) -> Option<&'static EventKind> {
    KINDS.iter().find(|kind| kind.name == name)
}

/// What of an event nobody documented: an unknown type, a member that is missing,
/// unknown, or holds something else.
pub fn undocumented(kind: &str, data: &str) -> Option<String> {
    let Some(kind) = find(kind) else { return Some(format!("there is no type {kind}")) };
    let Ok(Value::Object(data)) = serde_json::from_str(data) else {
        return Some(format!("{}: the payload is no object", kind.name));
    };
    let members: Vec<_> = kind.members().copied().collect();
    flaw_of(&members, &data).map(|flaw| format!("{}: {flaw}", kind.name))
}

fn flaw_of(members: &[Member], data: &serde_json::Map<String, Value>) -> Option<String> {
    let unknown = data.keys().find(|name| members.iter().all(|member| member.name != **name));
    if let Some(name) = unknown {
        return Some(format!("nobody documented `{name}`"));
    }
    members.iter().find_map(|member| match data.get(member.name) {
        None if member.required => Some(format!("`{}` is missing", member.name)),
        None => None,
        Some(Value::Null) if member.nullable => None,
        Some(value) => {
            holds(member.holds, value).map(|why| format!("`{}` {why}: {value}", member.name))
        }
    })
}

/// Why a value is not what a member holds.
fn holds(what: Holds, value: &Value) -> Option<String> {
    let text = value.as_str();
    let good = match what {
        Holds::Text => text.is_some(),
        Holds::Id => text.is_some_and(|text| text.len() == 36),
        Holds::Instant => text.is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok()),
        Holds::Date => text.is_some_and(|text| text.parse::<jiff::civil::Date>().is_ok()),
        Holds::Number => value.is_u64(),
        Holds::Flag => value.is_boolean(),
        Holds::Word(words) => text.is_some_and(|text| words.contains(&text)),
        Holds::Names => {
            value.as_array().is_some_and(|names| names.iter().all(serde_json::Value::is_string))
        }
        Holds::Object(members) => match value.as_object() {
            Some(object) => return flaw_of(members, object),
            None => false,
        },
    };
    (!good).then(|| format!("is no {what:?}"))
}
