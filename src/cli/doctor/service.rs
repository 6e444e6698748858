//! The service manager: whether it looks after the daemon.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use super::finding::{Family, Finding};

const FAMILY: Family = Family("service");
/// A tool that is asked something answers within it, or is left alone.
const PATIENCE: Duration = Duration::from_secs(5);
/// Where systemd runs the machine.
const RUNS: &str = "/run/systemd/system";
const ASKED: &str =
    "--property=LoadState,ActiveState,SubState,UnitFileState,NRestarts,Result,NeedDaemonReload";

/// What it says of the unit; `None`: systemd does not run this machine.
pub(super) type Unit = Option<BTreeMap<String, String>>;

/// What a program prints; `None`: it is not there, fails, or takes too long.
pub(super) async fn said(program: &str, words: &[&str]) -> Option<String> {
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(PATIENCE, command.output()).await.ok()?.ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Asks it.
pub(super) async fn gather() -> Unit {
    if !Path::new(RUNS).exists() {
        return None;
    }
    let text = said("systemctl", &["show", "zelador.service", ASKED]).await?;
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    Some(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

/// Judges the unit.
pub(super) fn judge(unit: &Unit) -> Vec<Finding> {
    let Some(unit) = unit else {
        return vec![FAMILY.fine("unit", "systemd does not run this machine")];
    };
    let of = |name: &str| unit.get(name).map_or("", String::as_str);
    if of("LoadState") != "loaded" {
        return vec![FAMILY.fine("unit", "not installed: the daemon is started by hand")];
    }
    let mut found = vec![state(of("ActiveState"), of("SubState"), of("Result"))];
    if !["enabled", "enabled-runtime"].contains(&of("UnitFileState")) {
        let words = format!("{}: a reboot does not start it", of("UnitFileState"));
        found.push(FAMILY.odd("at boot", words, "sudo systemctl enable zelador"));
    }
    if of("NeedDaemonReload") == "yes" {
        let remedy = "sudo systemctl daemon-reload && sudo systemctl restart zelador";
        found.push(FAMILY.odd("unit", "changed since it was read", remedy));
    }
    let restarts: u64 = of("NRestarts").parse().unwrap_or(0);
    if restarts > 0 {
        let remedy = "journalctl -u zelador -p err: the first error after the last good day";
        found.push(FAMILY.odd("restarts", format!("{restarts} since it was started"), remedy));
    }
    found
}

fn state(active: &str, sub: &str, result: &str) -> Finding {
    let words = format!("{active} ({sub})");
    match active {
        "active" => FAMILY.fine("unit", words),
        "failed" => FAMILY.wrong(
            "unit",
            format!("{words}, {result}"),
            "journalctl -u zelador -n 50 says why; exit 78: zelador check-config",
        ),
        _ => FAMILY.odd("unit", words, "sudo systemctl start zelador"),
    }
}

#[cfg(test)]
mod tests {
    use zelador_actors::drive::rules::preflight::Weight;

    use super::*;

    fn worst(pairs: &[(&str, &str)]) -> Weight {
        let usual =
            [("LoadState", "loaded"), ("ActiveState", "active"), ("UnitFileState", "enabled")];
        let all = usual.iter().chain(pairs).map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
        judge(&Some(all.collect())).iter().map(|one| one.weight).max().unwrap()
    }

    #[test]
    fn a_unit_is_judged_by_what_systemd_says() {
        assert_eq!(judge(&None)[0].weight, Weight::Fine);
        for (pairs, weight) in [
            (&[][..], Weight::Fine),
            (&[("LoadState", "not-found")], Weight::Fine),
            (&[("ActiveState", "failed")], Weight::Wrong),
            (&[("ActiveState", "inactive")], Weight::Warning),
            (&[("UnitFileState", "disabled")], Weight::Warning),
            (&[("NeedDaemonReload", "yes")], Weight::Warning),
            (&[("NRestarts", "3")], Weight::Warning),
            (&[("NRestarts", "0")], Weight::Fine),
        ] {
            assert_eq!(worst(pairs), weight, "{pairs:?}");
        }
    }
}
