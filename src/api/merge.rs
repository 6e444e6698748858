//! Changing a record by saying what is new (RFC 7396), for PUT and PATCH alike.
//!
//! Absent stays, `null` goes back to the default, lists are replaced whole.
//! A member that may not be changed is accepted if it says what is there already.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use zelador_actors::Flaw;

/// What is special about a record.
#[derive(Debug, Clone, Copy, Default)]
pub struct Merge {
    /// Object members that are replaced whole, as lists are.
    pub whole: &'static [&'static str],
    /// Members that a creation takes and a change does not.
    pub fixed: &'static [&'static str],
}

/// The members of a creation after the change: `shown`, less what a creation does
/// not take (not in `members`), with `patch` merged in.
///
/// Returns a `read_only` flaw for each member that may not be changed and would be.
pub fn merge(
    shown: &Value,
    patch: &Value,
    members: &BTreeSet<String>,
    how: &Merge,
) -> Result<Value, Vec<Flaw>> {
    let nothing = Map::new();
    let shown = shown.as_object().unwrap_or(&nothing);
    let patch = patch.as_object().unwrap_or(&nothing);
    let mut result: Map<String, Value> = shown
        .iter()
        .filter(|(name, _)| members.contains(*name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let mut flaws = Vec::new();
    for (name, new) in patch {
        let fixed = !members.contains(name) || how.fixed.contains(&name.as_str());
        if fixed {
            if shown.get(name) != Some(new) {
                flaws.push(Flaw::new(name.clone(), "read_only"));
            }
        } else if new.is_null() {
            result.remove(name);
        } else if how.whole.contains(&name.as_str()) {
            result.insert(name.clone(), new.clone());
        } else {
            let old = result.remove(name).unwrap_or(Value::Null);
            result.insert(name.clone(), apply(old, new));
        }
    }
    if flaws.is_empty() { Ok(Value::Object(result)) } else { Err(flaws) }
}

/// RFC 7396, section 2.
fn apply(target: Value, patch: &Value) -> Value {
    let Value::Object(patch) = patch else { return patch.clone() };
    let mut target = match target {
        Value::Object(target) => target,
        _ => Map::new(),
    };
    for (name, new) in patch {
        if new.is_null() {
            target.remove(name);
        } else {
            let old = target.remove(name).unwrap_or(Value::Null);
            target.insert(name.clone(), apply(old, new));
        }
    }
    Value::Object(target)
}
