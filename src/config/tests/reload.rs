//! Differences, and the running daemon's view of them.

use std::time::Duration;

use tokio::time::timeout;
use zelador_store::time::Timestamp;

use super::super::{Config, Secret, Watch, change};
use super::Bench;

/// Generous: the machine may be busy. What is promised is 2 s.
const DEADLINE: Duration = Duration::from_secs(20);

fn changed(edit: impl FnOnce(&mut Config)) -> (Vec<String>, Vec<&'static str>) {
    let old = Config::default();
    let mut new = old.clone();
    edit(&mut new);
    let change = change(&old, &new);
    let shown = change.applied.iter().map(|c| format!("{}: {} -> {}", c.key, c.old, c.new));
    (shown.collect(), change.needs_restart)
}

#[track_caller]
fn live(edit: impl FnOnce(&mut Config), expected: &[&str]) {
    assert_eq!(changed(edit), (expected.iter().map(|s| (*s).to_owned()).collect(), Vec::new()));
}

#[track_caller]
fn restart(edit: impl FnOnce(&mut Config), expected: &[&'static str]) {
    assert_eq!(changed(edit), (Vec::new(), expected.to_vec()));
}

#[test]
fn differences_by_key() {
    live(|_| (), &[]);
    live(|c| c.telemetry.level = "debug".into(), &["telemetry.level: \"info\" -> \"debug\""]);
    live(
        |c| c.api.cors.origins = vec!["https://a.example".into()],
        &["api.cors.origins: [\"*\"] -> [\"https://a.example\"]"],
    );
    live(
        |c| c.jobs.get_mut("user.scheduled_ban").unwrap().tries = 5,
        &["jobs.\"user.scheduled_ban\".tries: 3 -> 5"],
    );
    live(
        |c| _ = c.queues.remove("default"),
        &["queues.default.concurrency: 4 -> ", "queues.default.rate_per_second: 0.0 -> "],
    );
    restart(|c| c.api.listen.set_port(1), &["api.listen"]);
    restart(|c| c.store.data_dir = "x".into(), &["store.data_dir"]);
    live(|c| c.auth.secret_key = Some(Secret::inline("a")), &["auth.secret_key: \"\" -> \"***\""]);
}

#[test]
fn a_secret_that_changes_is_noticed_and_masked() {
    let with = |key: &str| {
        let mut config = Config::default();
        config.auth.secret_key = Some(Secret::inline(key));
        config
    };
    let change = change(&with("first"), &with("other"));
    let keys: Vec<_> = change.applied.iter().map(|change| change.key.as_str()).collect();
    assert_eq!(keys, ["auth.secret_key"]);
    assert!(!format!("{change:?}").contains("other"));
}

/// A watch on a bench, with the text of its file replaced as asked.
fn watched(text: &str) -> (Bench, Watch) {
    let bench = Bench::new(text);
    let watch = Watch::start(bench.sources.clone(), bench.config(), || Timestamp::from_seconds(7));
    (bench, watch)
}

impl Bench {
    fn write(&self, text: &str) {
        std::fs::write(self.path().join("config.toml"), text).unwrap();
    }

    /// As editors do: a new file in the old one's place.
    fn replace(&self, text: &str) {
        std::fs::write(self.path().join("new"), text).unwrap();
        std::fs::rename(self.path().join("new"), self.path().join("config.toml")).unwrap();
    }
}

async fn until(watch: &Watch, met: impl Fn(&Config) -> bool) {
    let mut config = watch.config();
    timeout(DEADLINE, config.wait_for(|config| met(config))).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_valid_change_takes_effect_by_itself() {
    let (bench, watch) = watched("");
    bench.write("[queues.default]\nconcurrency = 9\n");
    until(&watch, |config| config.queues["default"].concurrency == 9).await;
    bench.replace("[queues.default]\nconcurrency = 10\n");
    until(&watch, |config| config.queues["default"].concurrency == 10).await;
    let state = watch.state().borrow().clone();
    assert_eq!((state.generation, state.loaded_at), (3, Timestamp::from_seconds(7)));
    assert_eq!(state.error, None);
}

#[tokio::test]
async fn a_broken_file_changes_nothing_and_is_shown() {
    let (bench, watch) = watched("[telemetry]\nlevel = \"warn\"\n");
    bench.write("[telemetry]\nlevel = \"debug\"\n[api]\nlisten = nonsense\n");
    let mut state = watch.state();
    let seen = timeout(DEADLINE, state.wait_for(|state| state.error.is_some())).await;
    let error = seen.unwrap().unwrap().error.clone().unwrap();
    assert!(error.contains("config.toml:4:10"), "{error}");
    assert_eq!(watch.config().borrow().telemetry.level, "warn");
    bench.write("[telemetry]\nlevel = \"debug\"\n");
    until(&watch, |config| config.telemetry.level == "debug").await;
    assert_eq!(watch.state().borrow().error, None);
}

#[tokio::test]
async fn all_or_nothing() {
    let (bench, watch) = watched("");
    bench.write("[telemetry]\nlevel = \"debug\"\n[queues.default]\nconcurrency = 0\n");
    watch.reload().await.unwrap_err();
    assert_eq!(**watch.config().borrow(), bench_default(&bench));
}

fn bench_default(bench: &Bench) -> Config {
    let mut config = Config::default();
    config.store.data_dir = bench.path().join("data");
    config.drive.root = bench.path().join("data/drive");
    config
}

#[tokio::test]
async fn what_needs_a_restart_is_named_and_not_in_force() {
    let (bench, watch) = watched("");
    bench.write("[api]\nlisten = \"127.0.0.1:9\"\nlocale = \"es\"\n");
    until(&watch, |config| config.api.locale.tag() == "es").await;
    assert_eq!(watch.config().borrow().api.listen.port(), 8000);
    assert_eq!(watch.state().borrow().needs_restart, ["api.listen"]);
    let again = watch.reload().await.unwrap();
    assert_eq!((again.applied, again.needs_restart), (Vec::new(), vec!["api.listen"]));
}

#[tokio::test]
async fn a_vanished_or_emptied_file_changes_nothing() {
    let (bench, watch) = watched("[backup]\nkeep = 3\n");
    bench.write("");
    let refused = watch.reload().await.unwrap_err().to_string();
    assert!(refused.contains("is empty"), "{refused}");
    std::fs::remove_file(bench.path().join("config.toml")).unwrap();
    let refused = watch.reload().await.unwrap_err().to_string();
    assert!(refused.contains("cannot read"), "{refused}");
    assert_eq!(watch.config().borrow().backup.keep, 3);
}

#[tokio::test]
async fn links_are_followed_as_configuration_managers_swap_them() {
    use std::os::unix::fs::symlink;
    let bench = Bench::new("");
    let (dir, file) = (bench.path(), bench.path().join("config.toml"));
    for (version, keep) in [("v1", 1), ("v2", 2)] {
        std::fs::create_dir(dir.join(version)).unwrap();
        let text = format!("[backup]\nkeep = {keep}\n");
        std::fs::write(dir.join(version).join("config.toml"), text).unwrap();
    }
    std::fs::remove_file(&file).unwrap();
    symlink("v1", dir.join("..data")).unwrap();
    symlink("..data/config.toml", &file).unwrap();
    let watch = Watch::start(bench.sources.clone(), bench.config(), || Timestamp::EPOCH);
    until(&watch, |config| config.backup.keep == 1).await;
    symlink("v2", dir.join("..tmp")).unwrap();
    std::fs::rename(dir.join("..tmp"), dir.join("..data")).unwrap();
    until(&watch, |config| config.backup.keep == 2).await;
    std::fs::write(dir.join("v2/config.toml"), "[backup]\nkeep = 5\n").unwrap();
    until(&watch, |config| config.backup.keep == 5).await;
}
