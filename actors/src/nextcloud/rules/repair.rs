//! Wanted against seen: the least edits that make one of the other.

use super::account::{Edit, Seen, Wanted};

/// The edits that are missing, those that cost nothing first. None: it is as it
/// should be.
///
/// Groups beside the wanted ones stay: somebody put the account there.
pub fn edits(wanted: &Wanted, seen: &Seen) -> Vec<Edit> {
    let mut edits = Vec::new();
    let missing = wanted.groups.difference(&seen.groups);
    edits.extend(missing.cloned().map(Edit::Join));
    if wanted.enabled != seen.enabled {
        edits.push(Edit::Enabled(wanted.enabled));
    }
    if !wanted.quota.is_shown_as(seen.quota) {
        edits.push(Edit::Quota(wanted.quota));
    }
    if let Some(email) = wanted.email.as_ref().filter(|email| !is_email(email, seen)) {
        edits.push(Edit::Email(email.clone()));
    }
    if let Some(name) = wanted.display_name.as_ref().filter(|name| **name != seen.display_name) {
        edits.push(Edit::DisplayName(name.clone()));
    }
    if let Some(language) = &wanted.language
        && seen.language.as_ref() != Some(language)
    {
        edits.push(Edit::Language(language.clone()));
    }
    edits
}

/// Servers keep addresses in small letters.
fn is_email(wanted: &str, seen: &Seen) -> bool {
    seen.email.as_ref().is_some_and(|seen| seen.eq_ignore_ascii_case(wanted))
}

/// How many of the edits HTTP counts.
pub fn scarce(edits: &[Edit]) -> usize {
    edits.iter().filter(|edit| edit.is_scarce()).count()
}

/// What an account becomes by an edit: what the server would show then.
pub fn after(seen: &Seen, edit: &Edit) -> Seen {
    use super::quota::{Quota, SeenQuota};
    let mut seen = seen.clone();
    match edit {
        Edit::Enabled(enabled) => seen.enabled = *enabled,
        Edit::Quota(Quota::Unlimited) => seen.quota = SeenQuota::Unlimited,
        Edit::Quota(Quota::Limit(bytes)) => seen.quota = SeenQuota::Bytes(*bytes),
        Edit::DisplayName(name) => seen.display_name.clone_from(name),
        Edit::Email(email) => seen.email = Some(email.clone()),
        Edit::Language(language) => seen.language = Some(language.clone()),
        Edit::Join(group) => {
            seen.groups.insert(group.clone());
        }
        Edit::Leave(group) => {
            seen.groups.remove(group);
        }
    }
    seen
}
