//! Room on the disks that the daemon writes to.

use std::path::{Path, PathBuf};

use super::Scene;
use super::finding::{Family, Finding};
use crate::daemon::place_of_backups;

const FAMILY: Family = Family("disk");
const GIB: u64 = 1 << 30;
/// Below it the daemon says of itself that room is low.
const LEAST: u64 = 64 << 20;
/// A share of the disk, in percent, below which it is soon full.
const FEW_PERCENT: u64 = 5;

/// A place that is written to.
#[derive(Debug, Clone, Default)]
pub(super) struct Place {
    /// What is written there.
    what: &'static str,
    /// Where.
    path: PathBuf,
    /// Bytes for us, and of all; `None`: nobody could say.
    bytes: Option<(u64, u64)>,
    /// The same of files; a file system without a limit has 0 of 0.
    files: (u64, u64),
    /// Whether it can only be read.
    read_only: bool,
}

/// Looks at each.
pub(super) fn gather(scene: &Scene) -> Vec<Place> {
    let mut places = Vec::new();
    if let Some(location) = &scene.location {
        places.push(look("data", &location.data_dir));
    }
    if let Some(config) = &scene.config {
        if !config.backup.cron.is_empty() {
            places.push(look("backups", &place_of_backups(config)));
        }
        places.extend(config.store.archive_dir.iter().map(|dir| look("archive", dir)));
        places.extend(config.telemetry.file.iter().map(|file| look("log", file)));
    }
    places
}

/// The nearest that is there decides: the daemon makes the rest.
fn look(what: &'static str, path: &Path) -> Place {
    let place = Place { what, path: path.to_owned(), ..Place::default() };
    let Some(there) = path.ancestors().find(|part| part.exists()) else { return place };
    let Ok(seen) = rustix::fs::statvfs(there) else { return place };
    Place {
        bytes: Some((seen.f_bavail * seen.f_frsize, seen.f_blocks * seen.f_frsize)),
        files: (seen.f_favail, seen.f_files),
        read_only: seen.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY),
        ..place
    }
}

/// Judges them.
pub(super) fn judge(places: &[Place]) -> Vec<Finding> {
    places.iter().map(judge_one).collect()
}

fn judge_one(place: &Place) -> Finding {
    let path = place.path.display();
    let room = format!(
        "see what fills it: du -xh --max-depth=2 {path} | sort -h | tail\n\
         old backups ([backup] keep), the archive and logs can go; the store cannot"
    );
    let Some((free, all)) = place.bytes else {
        let words = format!("{path} cannot be looked at");
        return FAMILY.wrong(place.what, words, "see whether the path exists and is mounted");
    };
    let words = format!("{} of {} free ({path})", gib(free), gib(all));
    let few_files = place.files.1 > 0 && place.files.0 < 1000;
    if place.read_only {
        return FAMILY.wrong(
            place.what,
            format!("{path} is mounted read-only"),
            "see `dmesg` for why; a file system with errors is mounted like that",
        );
    }
    if free < LEAST {
        return FAMILY.wrong(place.what, words, room);
    }
    if few_files {
        let words = format!("{words}, but only {} more files", place.files.0);
        return FAMILY.wrong(place.what, words, room);
    }
    if free < GIB || free / FEW_PERCENT < all / 100 {
        return FAMILY.odd(place.what, words, room);
    }
    FAMILY.fine(place.what, words)
}

fn gib(bytes: u64) -> String {
    format!("{}.{} GiB", bytes / GIB, bytes % GIB * 10 / GIB)
}

#[cfg(test)]
mod tests {
    use zelador_actors::drive::rules::preflight::Weight;

    use super::*;

    #[test]
    fn room_is_judged_by_amount_and_share() {
        let roomy = (1_000_000, 2_000_000);
        for (bytes, files, read_only, weight) in [
            (Some((50 * GIB, 100 * GIB)), roomy, false, Weight::Fine),
            (Some((50 * GIB, 100 * GIB)), (0, 0), false, Weight::Fine),
            (Some((4 * GIB, 100 * GIB)), roomy, false, Weight::Warning),
            (Some((GIB / 2, GIB)), roomy, false, Weight::Warning),
            (Some((LEAST - 1, GIB)), roomy, false, Weight::Wrong),
            (Some((50 * GIB, 100 * GIB)), (10, 2_000_000), false, Weight::Wrong),
            (Some((50 * GIB, 100 * GIB)), roomy, true, Weight::Wrong),
            (None, (0, 0), false, Weight::Wrong),
        ] {
            let place = Place { what: "data", path: "/x".into(), bytes, files, read_only };
            let found = judge_one(&place);
            assert_eq!(found.weight, weight, "{place:?}");
            assert_eq!(found.remedy.is_empty(), weight == Weight::Fine);
        }
    }

    #[test]
    fn a_place_that_is_still_to_be_made_is_judged_by_where_it_will_be() {
        let dir = tempfile::tempdir().unwrap();
        let there = look("data", &dir.path().join("a/b/c"));
        assert!(there.bytes.is_some_and(|(free, all)| free > 0 && all >= free));
    }
}
