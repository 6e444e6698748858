//! The store of a daemon that does not run; one that runs looks after its own.

use std::os::unix::fs::MetadataExt as _;

use zelador_actors::engine::Clock;
use zelador_actors::error::chain;
use zelador_store::kv::EngineError;
use zelador_store::kv::embedded::Embedded;
use zelador_store::soundness;

use super::Scene;
use super::daemon::Told;
use super::finding::{Family, Finding};
use crate::daemon::{end_the_process, options};

const FAMILY: Family = Family("store");

/// What was seen of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seen {
    /// A daemon has it, and speaks for it.
    Served,
    /// There is none yet.
    Missing,
    /// It is another user's: opening it would leave files that the daemon cannot
    /// write.
    Foreign,
    /// Somebody holds it who does not answer.
    Held,
    /// Nobody knows where it is.
    Nowhere,
    /// It does not open.
    Damaged(String),
    /// It was walked; what is wrong with it.
    Walked(Vec<String>),
}

/// Walks it, if nobody else has it.
pub(super) fn gather(scene: &Scene, told: &Told) -> Seen {
    if told.is_there() {
        return Seen::Served;
    }
    let Some(config) = &scene.config else { return Seen::Nowhere };
    let dir = &config.store.data_dir;
    let Ok(meta) = std::fs::metadata(dir) else { return Seen::Missing };
    if meta.uid() != rustix::process::geteuid().as_raw() {
        return Seen::Foreign;
    }
    let empty = std::fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_none());
    if empty {
        return Seen::Missing;
    }
    let options = options(&config.store, &Clock::system(), end_the_process());
    let engine = match Embedded::open(options) {
        Ok((engine, _)) => engine,
        Err(EngineError::Held { .. }) => return Seen::Held,
        Err(error) => return Seen::Damaged(chain(&error)),
    };
    let walked = engine.snapshot().and_then(|snapshot| soundness::check(&snapshot));
    let closed = engine.close();
    match (walked, closed) {
        (Ok(findings), Ok(())) => Seen::Walked(findings.iter().map(ToString::to_string).collect()),
        (Err(error), _) | (_, Err(error)) => Seen::Damaged(chain(&error)),
    }
}

/// Judges it.
pub(super) fn judge(seen: &Seen) -> Vec<Finding> {
    vec![match seen {
        Seen::Served => FAMILY.fine("soundness", "in the hands of the daemon; see its checks"),
        Seen::Missing => FAMILY.fine("soundness", "there is none yet; the first start makes it"),
        Seen::Nowhere => FAMILY.odd(
            "soundness",
            "not looked at: the configuration does not say where it is",
            "mend the configuration first",
        ),
        Seen::Foreign => FAMILY.odd(
            "soundness",
            "not looked at: it is another user's",
            "sudo -u zelador zelador doctor looks into it",
        ),
        Seen::Held => FAMILY.wrong(
            "soundness",
            "a process holds it that does not answer",
            "find it (pgrep -a zelador) and end it with SIGTERM; nothing acknowledged is lost",
        ),
        Seen::Damaged(why) => FAMILY.wrong(
            "soundness",
            why.as_str(),
            "zelador repair makes it anew from its base and its journal; \
             the handbook: backup-and-recover.md",
        ),
        Seen::Walked(wrong) if wrong.is_empty() => FAMILY.fine("soundness", "walked, and sound"),
        Seen::Walked(wrong) => FAMILY.wrong(
            "soundness",
            format!(
                "{} things are wrong; the first: {}",
                wrong.len(),
                wrong.first().map_or("", String::as_str)
            ),
            "zelador check-store lists them; then zelador repair",
        ),
    }]
}

#[cfg(test)]
mod tests {
    use zelador_actors::drive::rules::preflight::Weight;

    use super::*;

    #[test]
    fn a_store_is_judged_by_what_was_seen_of_it() {
        for (seen, weight) in [
            (Seen::Served, Weight::Fine),
            (Seen::Missing, Weight::Fine),
            (Seen::Walked(Vec::new()), Weight::Fine),
            (Seen::Nowhere, Weight::Warning),
            (Seen::Foreign, Weight::Warning),
            (Seen::Held, Weight::Wrong),
            (Seen::Damaged("a checksum".to_owned()), Weight::Wrong),
            (Seen::Walked(vec!["users 1: no index".to_owned()]), Weight::Wrong),
        ] {
            let found = judge(&seen).remove(0);
            assert_eq!(found.weight, weight, "{seen:?}");
            assert_eq!(found.remedy.is_empty(), weight == Weight::Fine);
        }
    }
}
