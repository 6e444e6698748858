//! Every decision about categories and resources. Pure: no clock, no store.
//!
//! [`category`] and [`resource`] say what each may be, [`schedule`] what hours are,
//! [`inheritance`] which rules are in force.

pub mod category;
pub mod inheritance;
pub mod resource;
pub mod schedule;

#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::checks::Checks;

pub use category::CategoryDraft;
pub use inheritance::in_force;
pub use resource::ResourceDraft;

/// Characters of a description.
const DESCRIPTION: usize = 2000;
/// Characters of a line of text, such as a place.
const LINE: usize = 500;
/// Characters of the name of an icon.
const ICON: usize = 100;

/// A description may have many lines.
fn check_description(text: Option<&str>, checks: &mut Checks) {
    if let Some(text) = text {
        let one_line = text.replace(['\n', '\r', '\t'], " ");
        checks.text("description", &one_line, 0, DESCRIPTION);
    }
}

/// Working days as they are kept: ascending.
fn in_order(days: Option<Vec<u8>>) -> Option<Vec<u8>> {
    days.map(|mut days| {
        days.sort_unstable();
        days
    })
}

/// The names of the members in which two drafts differ; `None`: in none.
fn changed(before: &Value, after: &Value) -> Option<Vec<String>> {
    let names = crate::tenants::rules::changed_members(before, after);
    (!names.is_empty()).then_some(names)
}
