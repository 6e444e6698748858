//! Is everything what it should be: rows readable, indexes and rows in step, logs
//! without gaps, numbers numbers. What the rows mean is checked by their nouns.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::Pairs;
use super::places::{Place, Places, counter, number};
use crate::kv::engine::EngineError;
use crate::kv::table::{Shape, TableDef};

/// More of one kind are counted, not listed.
const LISTED: usize = 100;

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The table, index, log or tally.
    pub place: String,
    /// What is wrong there.
    pub problem: String,
}

impl Finding {
    /// A finding of a noun's own check.
    pub fn new(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { place: place.into(), problem: problem.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.problem)
    }
}

/// Everything that is wrong with a store as a store; nothing: it is sound.
///
/// At most a hundred findings are listed for each place.
pub fn check(pairs: &dyn Pairs, tables: &[TableDef]) -> Result<Vec<Finding>, EngineError> {
    let places = Places::of(tables);
    let mut walk = Walk { places: &places, found: BTreeMap::new(), logs: BTreeMap::new() };
    let mut belonging: BTreeMap<&'static str, u64> = BTreeMap::new();
    let mut standing: BTreeMap<&'static str, u64> = BTreeMap::new();
    pairs.walk(&mut |key, value| {
        match places.find(key) {
            Place::Row(table, rest) => {
                for (entry, owner) in walk.row(table, rest, value) {
                    if let Place::Entry(index) = places.find(&entry) {
                        *belonging.entry(index).or_default() += 1;
                        walk.entry(pairs, index, table, rest, (&entry, &owner))?;
                    }
                }
            }
            Place::Entry(index) => *standing.entry(index).or_default() += 1,
            Place::Counter(log) if places.log(log).is_none() => {
                walk.tell("counters", format!("no log has the tag {log:04x}"));
            }
            Place::Counter(_) | Place::Versions => {}
            Place::Unknown => {
                walk.tell("store", format!("no table holds the key {}", hex::encode(key)));
            }
        }
        Ok(())
    })?;
    walk.counters(pairs)?;
    let strays = standing.iter().filter(|(index, n)| belonging.get(*index) != Some(n));
    let strays: BTreeSet<&'static str> = strays.map(|(index, _)| *index).collect();
    if !strays.is_empty() {
        walk.strays(pairs, &strays)?;
    }
    Ok(walk.findings())
}

struct Walk<'a> {
    places: &'a Places<'a>,
    found: BTreeMap<String, (Vec<String>, usize)>,
    /// The last number seen of each log.
    logs: BTreeMap<u16, u64>,
}

impl Walk<'_> {
    fn tell(&mut self, place: &str, problem: String) {
        let (listed, more) = self.found.entry(place.to_owned()).or_default();
        if listed.len() < LISTED { listed.push(problem) } else { *more += 1 }
    }

    /// Checks a pair of a table by itself; answers the entries it should have.
    fn row(&mut self, table: &TableDef, key: &[u8], value: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
        if let (Shape::Log, Ok(bytes)) = (table.shape, key.try_into()) {
            let entry = u64::from_be_bytes(bytes);
            let last = self.logs.insert(table.tag, entry);
            if last.is_some_and(|last| last + 1 != entry) {
                self.tell(table.name, format!("there is a gap before entry {entry}"));
            }
        }
        if let Err(damage) = (table.to_json)(key, value) {
            self.tell(table.name, format!("{}: {damage}", hex::encode(key)));
            return Vec::new();
        }
        if table.shape == Shape::Tally && number(value) == Some(0) {
            self.tell(table.name, format!("{} counts nothing and is there", hex::encode(key)));
        }
        (table.entries)(key, value).unwrap_or_default()
    }

    fn entry(
        &mut self,
        pairs: &dyn Pairs,
        index: &'static str,
        table: &TableDef,
        row: &[u8],
        (entry, owner): (&[u8], &[u8]),
    ) -> Result<(), EngineError> {
        match pairs.look(entry)? {
            Some(stands) if stands == owner => {}
            Some(_) => {
                let problem =
                    format!("the entry of {} {} names another row", table.name, hex::encode(row));
                self.tell(index, problem);
            }
            None => self.tell(index, format!("{} {} has no entry", table.name, hex::encode(row))),
        }
        Ok(())
    }

    /// The number of a log's last entry is the number it counts.
    fn counters(&mut self, pairs: &dyn Pairs) -> Result<(), EngineError> {
        for (tag, last) in self.logs.clone() {
            let name = self.places.log(tag).map_or("log", |log| log.name);
            let counted = pairs.look(&counter(tag))?.and_then(|value| number(&value));
            if counted.and_then(|n| u64::try_from(n).ok()) != Some(last) {
                let counted = counted.map_or("nothing".to_owned(), |n| n.to_string());
                self.tell(name, format!("the last entry is {last}, and {counted} is counted"));
            }
        }
        Ok(())
    }

    /// Names the entries of these indexes that belong to no row.
    fn strays(
        &mut self,
        pairs: &dyn Pairs,
        indexes: &BTreeSet<&'static str>,
    ) -> Result<(), EngineError> {
        let (places, mut belonging) = (self.places, BTreeSet::new());
        pairs.walk(&mut |key, value| {
            if let Place::Row(table, rest) = places.find(key) {
                let entries = (table.entries)(rest, value).unwrap_or_default();
                belonging.extend(entries.into_iter().map(|(entry, _)| entry));
            }
            Ok(())
        })?;
        pairs.walk(&mut |key, _| {
            if let Place::Entry(index) = places.find(key)
                && indexes.contains(index)
                && !belonging.contains(key)
            {
                self.tell(index, format!("the entry {} belongs to no row", hex::encode(key)));
            }
            Ok(())
        })
    }

    fn findings(self) -> Vec<Finding> {
        let mut all = Vec::new();
        for (place, (listed, more)) in self.found {
            all.extend(listed.into_iter().map(|problem| Finding::new(&place, problem)));
            if more > 0 {
                all.push(Finding::new(&place, format!("and {more} more")));
            }
        }
        all
    }
}
