//! What a run counts, and what it says about single clients.
//!
//! Each client is in exactly one of created, updated, unchanged, skipped and
//! errors; together they are the clients seen.

use std::collections::BTreeMap;

/// Something about one client that somebody should look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// A row without an id, or no object at all.
    NoId,
    /// No number of an identity card: skipped, as the seed does.
    NoNumber,
    /// A client with a lower id has the same number.
    Duplicate,
    /// A new client without a name.
    NameMissing,
    /// Several users may be meant.
    Ambiguous,
    /// The user with this number is another client of this run.
    NumberTaken,
    /// The address is somebody else's, or none: the old one is kept.
    EmailConflict,
    /// A user known by number alone got its Wispro id.
    IdGiven,
    /// The user with this number had another Wispro id, which it keeps.
    OtherId,
    /// The number cannot be read and is kept as it is.
    Unparsed,
    /// The number had no letter; it was taken for V.
    LetterGuessed,
    /// The user could not be written.
    NotWritten,
}

/// In which counter a client with a code is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Nothing was done.
    Error,
    /// It was left out.
    Skipped,
    /// It was synced all the same.
    Note,
}

impl Sort {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Skipped => "skipped",
            Self::Note => "note",
        }
    }
}

impl Code {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::NoId,
        Self::NoNumber,
        Self::Duplicate,
        Self::NameMissing,
        Self::Ambiguous,
        Self::NumberTaken,
        Self::EmailConflict,
        Self::IdGiven,
        Self::OtherId,
        Self::Unparsed,
        Self::LetterGuessed,
        Self::NotWritten,
    ];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::NoId => "no_id",
            Self::NoNumber => "no_number",
            Self::Duplicate => "duplicate",
            Self::NameMissing => "name_missing",
            Self::Ambiguous => "ambiguous",
            Self::NumberTaken => "number_taken",
            Self::EmailConflict => "email_conflict",
            Self::IdGiven => "id_given",
            Self::OtherId => "other_id",
            Self::Unparsed => "unparsed",
            Self::LetterGuessed => "letter_guessed",
            Self::NotWritten => "not_written",
        }
    }

    /// In which counter a client with it is.
    pub const fn sort(self) -> Sort {
        match self {
            Self::NoId
            | Self::NameMissing
            | Self::Ambiguous
            | Self::NumberTaken
            | Self::NotWritten => Sort::Error,
            Self::NoNumber | Self::Duplicate => Sort::Skipped,
            Self::EmailConflict
            | Self::IdGiven
            | Self::OtherId
            | Self::Unparsed
            | Self::LetterGuessed => Sort::Note,
        }
    }
}

/// A number of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Counter {
    /// Users made.
    Created,
    /// Users changed.
    Updated,
    /// Clients of whom nothing differs.
    Unchanged,
    /// Clients left out.
    Skipped,
    /// Clients that are wrong.
    Errors,
    /// Users to be made, as the comparison found.
    WouldCreate,
    /// Users to be changed, as the comparison found.
    WouldUpdate,
    /// Clients met a second time, because the order of the pages changed.
    Repeated,
    /// Clients fetched and kept for the comparison.
    Staged,
    /// How often each thing was said.
    Said(Code),
    /// In how many clients a field differs.
    Field(Field),
}

/// A field that the sync may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// What the client is called.
    Name,
    /// The address for mail.
    Email,
    /// The postal address.
    Address,
    /// The zone of service.
    Zone,
    /// The id in Wispro, of a user who had none.
    IdWispro,
}

impl Field {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Name, Self::Email, Self::Address, Self::Zone, Self::IdWispro];

    /// The member's name.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Email => "email",
            Self::Address => "address",
            Self::Zone => "zone",
            Self::IdWispro => "id_wispro",
        }
    }
}

/// The numbers that are no codes and no fields, in the order of their own numbers.
const PLAIN: [Counter; 9] = [
    Counter::Created,
    Counter::Updated,
    Counter::Unchanged,
    Counter::Skipped,
    Counter::Errors,
    Counter::WouldCreate,
    Counter::WouldUpdate,
    Counter::Repeated,
    Counter::Staged,
];

impl Counter {
    /// Its number in keys: never another one.
    pub fn number(self) -> u8 {
        let at = |found: Option<usize>| found.and_then(|at| u8::try_from(at).ok()).unwrap_or(0);
        match self {
            Self::Said(code) => 64 + at(Code::ALL.iter().position(|other| *other == code)),
            Self::Field(field) => 32 + at(Field::ALL.iter().position(|other| *other == field)),
            plain => at(PLAIN.iter().position(|other| *other == plain)),
        }
    }
}

/// What a run has counted so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts(BTreeMap<u8, u64>);

impl Counts {
    /// Of the numbers in the store.
    pub fn new(numbers: impl IntoIterator<Item = (u8, i64)>) -> Self {
        let whole = |count| u64::try_from(count).unwrap_or(0);
        Self(numbers.into_iter().map(|(number, count)| (number, whole(count))).collect())
    }

    /// One of them.
    pub fn get(&self, counter: Counter) -> u64 {
        self.0.get(&counter.number()).copied().unwrap_or(0)
    }

    /// Clients met so far, each once; those without an id too.
    pub fn met(&self) -> u64 {
        self.get(Counter::Staged) + self.get(Counter::Said(Code::NoId))
    }

    /// Clients seen: each is in one of the five counters once the run is done.
    pub fn seen(&self) -> u64 {
        let five = [
            Counter::Created,
            Counter::Updated,
            Counter::Unchanged,
            Counter::Skipped,
            Counter::Errors,
        ];
        five.into_iter().map(|counter| self.get(counter)).sum()
    }
}
