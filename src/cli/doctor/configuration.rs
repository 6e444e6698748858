//! The configuration, as `check-config` reads it.

use super::finding::{Family, Finding};
use crate::config::{Loaded, Refused};

const FAMILY: Family = Family("configuration");

/// Every problem is a finding of its own, with its place.
pub(super) fn judge(loaded: &Result<Loaded, Refused>) -> Vec<Finding> {
    match loaded {
        Ok(loaded) => {
            let environment =
                if loaded.config.is_production() { "production" } else { "development" };
            let mut found = vec![FAMILY.fine("file", format!("good, {environment}"))];
            found.extend(loaded.notices.iter().map(|notice| {
                FAMILY.odd("notice", notice.as_str(), "see the comments of this key in config.toml")
            }));
            found
        }
        Err(refused) => {
            let tell = |problem: &crate::config::Problem| {
                let usual = "mend the file; `zelador check-config` checks it again";
                let remedy = &problem.remedy;
                let key = problem.key.join(".");
                let about = if key.is_empty() { "file".to_owned() } else { key };
                let words = format!("{} ({})", problem.message, problem.place);
                FAMILY.wrong(about, words, if remedy.is_empty() { usual } else { remedy })
            };
            refused.problems.iter().map(tell).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use zelador_actors::drive::rules::preflight::Weight;

    use super::*;
    use crate::config::{Sources, load};

    #[test]
    fn each_problem_is_told_with_its_place() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("config.toml");
        std::fs::write(&file, "[api]\nlistn = 1\n[jobs.diagnostic]\ntries = 0\n").unwrap();
        let sources = Sources { file: Some(file.clone()), ..Sources::default() };
        let found = judge(&load(&sources));
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found.iter().all(|one| one.weight == Weight::Wrong && !one.remedy.is_empty()));
        std::fs::write(&file, "").unwrap();
        assert_eq!(judge(&load(&sources))[0].weight, Weight::Fine);
    }
}
