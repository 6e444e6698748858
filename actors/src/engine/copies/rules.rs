//! What scheduled backups are called, and which of them are too many.

use zelador_store::Timestamp;

/// What the name of every scheduled backup begins with.
const PREFIX: &str = "zelador-";
/// What it ends with.
const SUFFIX: &str = ".backup";

/// The name of the scheduled backup that was asked for at this instant:
/// `zelador-20261122T033000Z.backup`. Names sort by age.
pub fn file_name(at: Timestamp) -> String {
    let plain = at.to_seconds_string().replace(['-', ':'], "");
    format!("{PREFIX}{plain}{SUFFIX}")
}

/// Which of these files are scheduled backups beyond the `keep` newest. Others
/// are nobody's business.
pub fn surplus(mut names: Vec<String>, keep: usize) -> Vec<String> {
    names.retain(|name| is_scheduled(name));
    names.sort_unstable();
    names.truncate(names.len().saturating_sub(keep.max(1)));
    names
}

/// The scheduled backups among these files that may have been taken by `at`, the
/// newest first.
pub fn by(mut names: Vec<String>, at: Timestamp) -> Vec<String> {
    let latest = file_name(at);
    names.retain(|name| is_scheduled(name) && *name <= latest);
    names.sort_unstable_by(|one, other| other.cmp(one));
    names
}

/// The oldest scheduled backup among these files.
pub fn oldest(names: Vec<String>) -> Option<String> {
    names.into_iter().filter(|name| is_scheduled(name)).min()
}

fn is_scheduled(name: &str) -> bool {
    let date = name.strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix(SUFFIX));
    date.is_some_and(|date| {
        date.len() == 16 && date.bytes().all(|c| c.is_ascii_digit() || matches!(c, b'T' | b'Z'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_by_age() {
        let at = |text: &str| file_name(text.parse().unwrap());
        assert_eq!(at("2026-11-22T03:30:00.9Z"), "zelador-20261122T033000Z.backup");
        assert!(at("2026-09-30T23:59:59Z") < at("2026-10-01T00:00:00Z"));
    }

    #[test]
    fn a_moment_is_gone_back_to_from_the_newest_backup_before_it() {
        let names = [
            "notes.txt",
            "zelador-20260101T000000Z.backup",
            "zelador-20260102T000000Z.backup",
            "zelador-20260103T000000Z.backup",
        ];
        let found = by(names.map(str::to_owned).to_vec(), "2026-01-02T12:00:00Z".parse().unwrap());
        assert_eq!(found, [names[2], names[1]]);
    }

    #[test]
    fn only_the_oldest_of_its_own_are_too_many() {
        let names = [
            "zelador-20260103T000000Z.backup",
            "zelador-20260101T000000Z.backup",
            "zelador-20260102T000000Z.backup",
            "zelador-before-update.backup",
            "notes.txt",
        ];
        let surplus = |keep| surplus(names.map(str::to_owned).to_vec(), keep);
        assert_eq!(surplus(2), ["zelador-20260101T000000Z.backup"]);
        assert_eq!(surplus(0).len(), 2, "the newest always stays");
        assert!(surplus(3).is_empty());
        assert_eq!(oldest(names.map(str::to_owned).to_vec()).as_deref(), Some(names[1]));
        assert_eq!(oldest(vec!["notes.txt".to_owned()]), None);
    }
}
