//! Who may read what: the data directory, the keys in it, the configuration.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::Scene;
use super::finding::{Family, Finding};
use crate::config::Reference;

const FAMILY: Family = Family("files and secrets");
/// Anybody but the owner.
const OTHERS: u32 = 0o077;
/// Anybody at all.
const WORLD: u32 = 0o007;

/// What a file is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// The directory that holds everything.
    Data,
    /// A key: for its owner alone.
    Key,
    /// Holds a secret among other things: not for everybody.
    Secret,
    /// Holds none.
    Open,
}

/// A file, as it is.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    what: String,
    path: PathBuf,
    sort: Sort,
    /// Mode and owner; why not, if nobody could look.
    found: Result<(u32, u32), std::io::ErrorKind>,
}

/// All of them, and who looks.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    me: u32,
    /// The owner of the data directory.
    owner: Option<u32>,
    seen: Vec<Seen>,
}

/// Looks at them.
pub(super) fn gather(scene: &Scene) -> Facts {
    let me = rustix::process::geteuid().as_raw();
    let mut seen = Vec::new();
    if let Some(location) = &scene.location {
        let dir = &location.data_dir;
        seen.push(look("data directory", dir, Sort::Data));
        seen.push(look("operator.token", &dir.join("operator.token"), Sort::Key));
        seen.push(look("secret.key", &dir.join("secret.key"), Sort::Key));
    }
    let secrets = scene.config.iter().flat_map(|config| config.secrets()).collect::<Vec<_>>();
    let inline = secrets.iter().any(|(_, secret)| *secret.reference() == Reference::Inline);
    if let Some(file) = &scene.sources.file {
        let sort = if inline { Sort::Secret } else { Sort::Open };
        seen.push(look("configuration", file, sort));
    }
    for (key, secret) in secrets {
        if let Reference::File(path) = secret.reference() {
            seen.push(look(key, path, Sort::Secret));
        }
    }
    let owner = seen.first().and_then(|dir| dir.found.ok()).map(|(_, owner)| owner);
    Facts { me, owner, seen }
}

fn look(what: impl Into<String>, path: &Path, sort: Sort) -> Seen {
    let found = std::fs::metadata(path).map(|meta| (meta.mode(), meta.uid()));
    Seen { what: what.into(), path: path.to_owned(), sort, found: found.map_err(|e| e.kind()) }
}

/// Judges them.
pub(super) fn judge(facts: &Facts) -> Vec<Finding> {
    facts.seen.iter().map(|seen| judge_one(facts, seen)).collect()
}

fn judge_one(facts: &Facts, seen: &Seen) -> Finding {
    let path = seen.path.display();
    let (mode, owner) = match seen.found {
        Ok(found) => found,
        Err(std::io::ErrorKind::NotFound) if matches!(seen.sort, Sort::Data | Sort::Key) => {
            let words = format!("not there yet ({path}); the first start makes it");
            return FAMILY.fine(seen.what.as_str(), words);
        }
        Err(kind) => {
            let words = format!("{path}: {kind}");
            let remedy = "look as the one who runs the daemon: sudo -u zelador zelador doctor";
            return FAMILY.odd(seen.what.as_str(), words, remedy);
        }
    };
    let mode = mode & 0o7777;
    let words = format!("{path}, mode {mode:04o}");
    let chmod = |to: &str| format!("sudo chmod {to} {path}");
    let foreign = facts.owner.filter(|_| seen.sort == Sort::Key).filter(|of| *of != owner);
    if let Some(of) = foreign {
        let words = format!("{words}, is of another user than the data directory");
        return FAMILY.wrong(seen.what.as_str(), words, format!("sudo chown {of} {path}"));
    }
    match seen.sort {
        Sort::Key if mode & OTHERS != 0 => {
            let words = format!("{words}: others can read it; treat it as known to them");
            FAMILY.wrong(seen.what.as_str(), words, chmod("600"))
        }
        Sort::Data if mode & 0o300 != 0o300 => {
            let words = format!("{words}: its owner cannot write there, and no daemon starts");
            FAMILY.wrong(seen.what.as_str(), words, chmod("700"))
        }
        Sort::Data if mode & OTHERS != 0 => {
            let words = format!("{words}: others can look into it");
            FAMILY.odd(seen.what.as_str(), words, chmod("700"))
        }
        Sort::Data if facts.me != owner && facts.me != 0 => {
            let words = format!("{words}, is another user's");
            FAMILY.odd(seen.what.as_str(), words, "sudo -u zelador zelador doctor sees more")
        }
        Sort::Secret if mode & WORLD != 0 => {
            let words = format!("{words}: holds a secret, and everybody can read it");
            FAMILY.wrong(seen.what.as_str(), words, chmod("640"))
        }
        _ => FAMILY.fine(seen.what.as_str(), words),
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use zelador_actors::drive::rules::preflight::Weight;

    use super::*;

    #[test]
    fn keys_are_for_their_owner_alone() {
        for (sort, found, me, weight) in [
            (Sort::Key, Ok((0o100_600, 7)), 7, Weight::Fine),
            (Sort::Key, Ok((0o100_640, 7)), 7, Weight::Wrong),
            (Sort::Key, Ok((0o100_600, 0)), 0, Weight::Wrong),
            (Sort::Key, Err(ErrorKind::NotFound), 7, Weight::Fine),
            (Sort::Key, Err(ErrorKind::PermissionDenied), 8, Weight::Warning),
            (Sort::Data, Ok((0o040_700, 7)), 7, Weight::Fine),
            (Sort::Data, Ok((0o040_755, 7)), 7, Weight::Warning),
            (Sort::Data, Ok((0o040_500, 7)), 7, Weight::Wrong),
            (Sort::Data, Ok((0o040_700, 7)), 8, Weight::Warning),
            (Sort::Data, Ok((0o040_700, 7)), 0, Weight::Fine),
            (Sort::Secret, Ok((0o100_640, 0)), 7, Weight::Fine),
            (Sort::Secret, Ok((0o100_644, 0)), 7, Weight::Wrong),
            (Sort::Secret, Err(ErrorKind::NotFound), 7, Weight::Warning),
            (Sort::Open, Ok((0o100_644, 0)), 7, Weight::Fine),
        ] {
            let one = Seen { what: "x".to_owned(), path: "/x".into(), sort, found };
            let facts = Facts { me, owner: Some(7), seen: vec![one] };
            let finding = judge(&facts).remove(0);
            assert_eq!(finding.weight, weight, "{facts:?}");
            assert_eq!(finding.remedy.is_empty(), weight == Weight::Fine, "{finding:?}");
        }
    }
}
