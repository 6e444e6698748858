//! One tree of values, laid over each other from all sources, that remembers
//! where each was given.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Map, Value};
use toml::de::{DeTable, DeValue};

use super::problem::{Place, Problem};

/// The parts of a key.
pub(super) type Key = Vec<String>;

/// Where a key and its value stand.
#[derive(Clone, Debug)]
struct Marks {
    key: Place,
    value: Place,
}

/// Values with their places.
#[derive(Clone, Debug, Default)]
pub(super) struct Tree {
    root: Map<String, Value>,
    marks: BTreeMap<Key, Marks>,
}

impl Tree {
    /// A tree of defaults.
    pub(super) fn of_defaults(root: Map<String, Value>) -> Self {
        Self { root, marks: BTreeMap::new() }
    }

    /// The values, as one.
    pub(super) fn value(&self) -> Value {
        Value::Object(self.root.clone())
    }

    /// The value at a key.
    pub(super) fn get(&self, key: &[String]) -> Option<&Value> {
        let (first, rest) = key.split_first()?;
        rest.iter().try_fold(self.root.get(first)?, |value, part| value.get(part))
    }

    /// Where the value at a key was given; that of the nearest table around it
    /// where it was not given itself.
    pub(super) fn place(&self, key: &[String]) -> Place {
        self.nearest(key).map_or(Place::Default, |marks| marks.value.clone())
    }

    /// As [`Tree::place`], of the key itself.
    pub(super) fn place_of_key(&self, key: &[String]) -> Place {
        self.nearest(key).map_or(Place::Default, |marks| marks.key.clone())
    }

    fn nearest(&self, key: &[String]) -> Option<&Marks> {
        if key.is_empty() {
            return None;
        }
        let around = |length| self.marks.get(key.get(..length)?);
        // What stands in a key's way was given by one of the keys below it.
        let below = || self.marks.iter().find(|(other, _)| other.starts_with(key));
        let outermost = || below().map(|(_, marks)| marks);
        self.marks.get(key).or_else(outermost).or_else(|| (1..key.len()).rev().find_map(around))
    }

    /// Puts one value, in the way of whatever stood there.
    pub(super) fn set(&mut self, key: Key, value: Value, place: Place) {
        put(&mut self.root, &key, value);
        self.marks.insert(key, Marks { key: place.clone(), value: place });
    }

    /// Takes one value away.
    pub(super) fn remove(&mut self, key: &[String]) -> bool {
        let Some((last, path)) = key.split_last() else { return false };
        self.marks.remove(key);
        let mut table = &mut self.root;
        for part in path {
            let Some(Value::Object(inner)) = table.get_mut(part) else { return false };
            table = inner;
        }
        table.shift_remove(last).is_some()
    }

    /// Lays the text of a file over this tree: tables are merged, everything
    /// else is replaced.
    pub(super) fn lay_file(&mut self, path: &Arc<PathBuf>, text: &str) -> Result<(), Problem> {
        let file = File { path, text };
        let table = DeTable::parse(text).map_err(|error| file.syntax(&error))?;
        file.lay(self, &mut Vec::new(), table.get_ref())
    }
}

fn put(table: &mut Map<String, Value>, key: &[String], value: Value) {
    match key {
        [] => {}
        [last] => {
            table.insert(last.clone(), value);
        }
        [first, rest @ ..] => {
            let slot = table.entry(first.clone()).or_insert(Value::Null);
            if !slot.is_object() {
                *slot = Value::Object(Map::new());
            }
            if let Value::Object(inner) = slot {
                put(inner, rest, value);
            }
        }
    }
}

/// A file being read.
struct File<'a> {
    path: &'a Arc<PathBuf>,
    text: &'a str,
}

impl File<'_> {
    fn lay(&self, tree: &mut Tree, at: &mut Key, table: &DeTable<'_>) -> Result<(), Problem> {
        for (name, value) in table {
            at.push(name.get_ref().clone().into_owned());
            match value.get_ref() {
                DeValue::Table(inner) => {
                    if !tree.get(at).is_some_and(Value::is_object) {
                        put(&mut tree.root, at, Value::Object(Map::new()));
                    }
                    self.lay(tree, at, inner)?;
                }
                other => put(&mut tree.root, at, self.convert(at, other, &value.span())?),
            }
            let marks = Marks { key: self.place(&name.span()), value: self.place(&value.span()) };
            tree.marks.insert(at.clone(), marks);
            at.pop();
        }
        Ok(())
    }

    fn convert(
        &self,
        at: &Key,
        value: &DeValue<'_>,
        span: &Range<usize>,
    ) -> Result<Value, Problem> {
        let mut items = Vec::new();
        match value {
            DeValue::Array(array) => {
                for item in array {
                    items.push(self.convert(at, item.get_ref(), &item.span())?);
                }
                Ok(Value::Array(items))
            }
            DeValue::Table(table) => {
                let mut inner = Tree::default();
                self.lay(&mut inner, &mut Vec::new(), table)?;
                Ok(Value::Object(inner.root))
            }
            plain => scalar(plain).ok_or_else(|| {
                Problem::at(at.clone(), "the number is out of range", "").placed(self.place(span))
            }),
        }
    }

    /// The parser's error quotes nothing of the file: a secret may stand there.
    fn syntax(&self, error: &toml::de::Error) -> Problem {
        let span = error.span().unwrap_or_default();
        let place = self.place(&span);
        // What is there twice is a key's own name.
        let key = self.text.get(span).filter(|_| error.message() == "duplicate key");
        let plain = |c: char| c.is_ascii_alphanumeric() || "_-.\"".contains(c);
        let message = match key.filter(|key| key.chars().all(plain)) {
            Some(key) => format!("`{key}` is there twice"),
            None => error.message().to_owned(),
        };
        Problem::at(Vec::new(), message, "").placed(place)
    }

    fn place(&self, span: &Range<usize>) -> Place {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        Place::File { path: Arc::clone(self.path), line, column }
    }
}

/// A value that holds no other. Dates become text: no key is one.
fn scalar(value: &DeValue<'_>) -> Option<Value> {
    match value {
        DeValue::String(text) => Some(Value::from(text.as_ref())),
        DeValue::Integer(digits) => {
            i64::from_str_radix(digits.as_str(), digits.radix()).ok().map(Value::from)
        }
        DeValue::Float(digits) => {
            let number = digits.as_str().parse::<f64>().ok()?;
            serde_json::Number::from_f64(number).map(Value::Number)
        }
        DeValue::Boolean(truth) => Some(Value::from(*truth)),
        DeValue::Datetime(date) => Some(Value::from(date.to_string())),
        DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

/// Reads a single TOML value, as an environment variable may hold it.
pub(super) fn read_value(text: &str) -> Option<Value> {
    match DeValue::parse(text).ok()?.get_ref() {
        DeValue::Array(array) => {
            array.iter().map(|item| scalar(item.get_ref())).collect::<Option<_>>().map(Value::Array)
        }
        plain => scalar(plain),
    }
}
