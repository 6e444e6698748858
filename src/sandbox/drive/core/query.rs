//! `q`: what files are searched by. What is not understood is refused, as the real
//! one does; nothing is ever ignored.

use zelador_store::Timestamp;

use super::access::{Caller, same};
use super::file::File;
use super::permissions::Role;
use super::refusal::Refused;
use super::world::World;

/// A condition on files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Query {
    And(Box<Query>, Box<Query>),
    Or(Box<Query>, Box<Query>),
    Not(Box<Query>),
    /// A field, an operator, a value.
    Is(Field, Op, String),
    Trashed(bool),
    In(String, Of),
    /// `appProperties` (else `properties`), key, value.
    Has(bool, String, String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    Name,
    Mime,
    Created,
    Modified,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    Equal,
    Unequal,
    Contains,
    Less,
    AtMost,
    More,
    AtLeast,
}

/// What a value may be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    Parents,
    Owners,
    Writers,
    Readers,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Word {
    Name(String),
    Text(String),
    Sign(&'static str),
}

const SIGNS: [&str; 10] = ["<=", ">=", "!=", "=", "<", ">", "(", ")", "{", "}"];

impl Query {
    /// Reads one.
    pub(crate) fn parse(text: &str) -> Result<Self, Refused> {
        let invalid = || Refused::invalid("q", "Invalid Value");
        let words = words(text).ok_or_else(invalid)?;
        let mut parser = Parser { words: words.into_iter().peekable() };
        let query = parser.either().ok_or_else(invalid)?;
        if parser.words.next().is_some() { Err(invalid()) } else { Ok(query) }
    }

    /// The folder that whatever fits must be in.
    pub(super) fn parent(&self) -> Option<&str> {
        match self {
            Self::And(one, other) => one.parent().or_else(|| other.parent()),
            Self::In(value, Of::Parents) => Some(value),
            _ => None,
        }
    }

    /// Whether a file fits.
    pub(super) fn fits(&self, world: &World, file: &File, caller: &Caller) -> bool {
        match self {
            Self::And(one, other) => {
                one.fits(world, file, caller) && other.fits(world, file, caller)
            }
            Self::Or(one, other) => {
                one.fits(world, file, caller) || other.fits(world, file, caller)
            }
            Self::Not(inner) => !inner.fits(world, file, caller),
            Self::Trashed(on) => world.is_trashed(file) == *on,
            Self::Is(field, op, value) => compare(file, *field, *op, value),
            Self::In(value, of) => is_in(file, value, *of, caller),
            Self::Has(true, key, value) => {
                let key = (caller.project.clone(), key.clone());
                file.app_properties.get(&key) == Some(value)
            }
            Self::Has(false, key, value) => file.properties.get(key) == Some(value),
        }
    }
}

fn compare(file: &File, field: Field, op: Op, value: &str) -> bool {
    let at = match field {
        Field::Name | Field::Mime => {
            let held = if field == Field::Name { &file.name } else { &file.mime };
            return match op {
                Op::Equal => held == value,
                Op::Unequal => held != value,
                // The real one matches beginnings of words.
                Op::Contains => held.to_lowercase().contains(&value.to_lowercase()),
                _ => false,
            };
        }
        Field::Created => file.created,
        Field::Modified => file.modified,
    };
    let Ok(value) = value.parse::<Timestamp>() else { return false };
    match op {
        Op::Equal => at == value,
        Op::Unequal => at != value,
        Op::Less => at < value,
        Op::AtMost => at <= value,
        Op::More => at > value,
        Op::AtLeast => at >= value,
        Op::Contains => false,
    }
}

fn is_in(file: &File, value: &str, of: Of, caller: &Caller) -> bool {
    let value = if value == "me" { caller.email.as_str() } else { value };
    let granted = |least: Role| {
        file.permissions.iter().any(|permission| {
            permission.role >= least && permission.email.as_deref().is_some_and(|e| same(e, value))
        })
    };
    let owns = file.owner.as_deref().is_some_and(|owner| same(owner, value));
    match of {
        Of::Parents => {
            let root = World::root_of(&caller.email);
            file.parent.as_deref() == Some(if value == "root" { &root } else { value })
        }
        Of::Owners => owns,
        Of::Writers => owns || granted(Role::Writer),
        Of::Readers => owns || granted(Role::Reader),
    }
}

struct Parser {
    words: std::iter::Peekable<std::vec::IntoIter<Word>>,
}

impl Parser {
    fn either(&mut self) -> Option<Query> {
        let mut left = self.both()?;
        while self.takes("or") {
            left = Query::Or(Box::new(left), Box::new(self.both()?));
        }
        Some(left)
    }

    fn both(&mut self) -> Option<Query> {
        let mut left = self.one()?;
        while self.takes("and") {
            left = Query::And(Box::new(left), Box::new(self.one()?));
        }
        Some(left)
    }

    fn one(&mut self) -> Option<Query> {
        if self.takes("not") {
            return Some(Query::Not(Box::new(self.one()?)));
        }
        match self.words.next()? {
            Word::Sign("(") => {
                let inner = self.either()?;
                (self.words.next()? == Word::Sign(")")).then_some(inner)
            }
            Word::Text(value) => {
                self.takes("in").then_some(())?;
                let of = match self.name()?.as_str() {
                    "parents" => Of::Parents,
                    "owners" => Of::Owners,
                    "writers" => Of::Writers,
                    "readers" => Of::Readers,
                    _ => return None,
                };
                Some(Query::In(value, of))
            }
            Word::Name(name) => self.about(&name),
            Word::Sign(_) => None,
        }
    }

    fn about(&mut self, name: &str) -> Option<Query> {
        match name {
            "trashed" => {
                let equal = match self.words.next()? {
                    Word::Sign("=") => true,
                    Word::Sign("!=") => false,
                    _ => return None,
                };
                let value = self.name()?.parse::<bool>().ok()?;
                Some(Query::Trashed(value == equal))
            }
            "appProperties" | "properties" => {
                self.takes("has").then_some(())?;
                let (key, value) = self.mark()?;
                Some(Query::Has(name == "appProperties", key, value))
            }
            _ => {
                let field = match name {
                    "name" => Field::Name,
                    "mimeType" => Field::Mime,
                    "createdTime" => Field::Created,
                    "modifiedTime" => Field::Modified,
                    _ => return None,
                };
                let op = self.op()?;
                let Word::Text(value) = self.words.next()? else { return None };
                allowed(field, op, &value).then_some(Query::Is(field, op, value))
            }
        }
    }

    /// `{ key='…' and value='…' }`
    fn mark(&mut self) -> Option<(String, String)> {
        self.sign("{")?;
        let key = self.member("key")?;
        self.takes("and").then_some(())?;
        let value = self.member("value")?;
        self.sign("}")?;
        Some((key, value))
    }

    fn member(&mut self, name: &str) -> Option<String> {
        (self.name()? == name).then_some(())?;
        self.sign("=")?;
        match self.words.next()? {
            Word::Text(text) => Some(text),
            _ => None,
        }
    }

    fn op(&mut self) -> Option<Op> {
        Some(match self.words.next()? {
            Word::Sign("=") => Op::Equal,
            Word::Sign("!=") => Op::Unequal,
            Word::Sign("<") => Op::Less,
            Word::Sign("<=") => Op::AtMost,
            Word::Sign(">") => Op::More,
            Word::Sign(">=") => Op::AtLeast,
            Word::Name(name) if name == "contains" => Op::Contains,
            _ => return None,
        })
    }

    fn name(&mut self) -> Option<String> {
        match self.words.next()? {
            Word::Name(name) => Some(name),
            _ => None,
        }
    }

    fn sign(&mut self, sign: &'static str) -> Option<()> {
        (self.words.next()? == Word::Sign(sign)).then_some(())
    }

    fn takes(&mut self, word: &str) -> bool {
        let found = matches!(self.words.peek(), Some(Word::Name(name)) if name == word);
        if found {
            self.words.next();
        }
        found
    }
}

/// Which operators a field takes, and what values.
fn allowed(field: Field, op: Op, value: &str) -> bool {
    match field {
        Field::Name | Field::Mime => matches!(op, Op::Equal | Op::Unequal | Op::Contains),
        Field::Created | Field::Modified => {
            op != Op::Contains && value.parse::<Timestamp>().is_ok()
        }
    }
}

fn words(text: &str) -> Option<Vec<Word>> {
    let (mut found, mut rest) = (Vec::new(), text.trim_start());
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            let (value, after) = quoted(rest.strip_prefix('\'')?)?;
            found.push(Word::Text(value));
            rest = after;
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            found.push(Word::Sign(sign));
            rest = rest.strip_prefix(sign)?;
        } else {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
            let (name, after) = rest.split_at_checked(end)?;
            (!name.is_empty()).then_some(())?;
            found.push(Word::Name(name.to_owned()));
            rest = after;
        }
        rest = rest.trim_start();
    }
    Some(found)
}

/// A text up to its closing quote: a backslash stands before a quote or itself.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\'' => return Some((value, text.get(at + 1..)?)),
            '\\' => value.push(chars.next().map(|(_, c)| c).filter(|c| ['\'', '\\'].contains(c))?),
            c => value.push(c),
        }
    }
    None
}
