//! Which source wins, and how variables are read.

use std::path::PathBuf;

use super::super::{Environment, Variables};
use super::Bench;

#[track_caller]
fn problems(variables: impl Into<Variables>, expected: &[&str]) {
    let bench = Bench::new("").with(variables);
    assert_eq!(bench.problems().lines().collect::<Vec<_>>(), expected);
}

#[test]
fn flags_win_over_variables_and_variables_over_the_file() {
    let file = "[api]\nlisten = \"127.0.0.1:1\"\n[store]\ndata_dir = \"f\"\n";
    let mut bench = Bench::new(file);
    assert_eq!(bench.config().api.listen.port(), 1);
    bench =
        bench.with([("ZELADOR__API__LISTEN", "127.0.0.1:2"), ("ZELADOR__STORE__DATA_DIR", "v")]);
    assert_eq!(bench.config().api.listen.port(), 2);
    assert_eq!(bench.config().store.data_dir, PathBuf::from("/elsewhere/v"));
    bench.sources.listen = Some("127.0.0.1:3".to_owned());
    bench.sources.data_dir = Some(PathBuf::from("/flag"));
    assert_eq!(bench.config().api.listen.port(), 3);
    assert_eq!(bench.config().store.data_dir, PathBuf::from("/flag"));
}

#[test]
fn a_wrong_flag_is_named() {
    let mut bench = Bench::new("");
    bench.sources.listen = Some("here".to_owned());
    assert_eq!(bench.problems(), "--listen: api.listen: no address and port (e.g. 127.0.0.1:8000)");
}

#[test]
fn variables_are_read_as_what_they_set() {
    let bench = Bench::new("").with([
        ("ZELADOR__QUEUES__USER_STATUS__CONCURRENCY", "2"),
        ("ZELADOR__QUEUES__USER_STATUS_QUEUE__RATE_PER_SECOND", "0.5"),
        ("ZELADOR__JOBS__USER_SCHEDULED_BAN__BACKOFF_SECONDS", "[1, 2]"),
        ("ZELADOR__JOBS__DIAGNOSTIC__BACKOFF_SECONDS", "7"),
        ("ZELADOR__API__ALLOWED_HOSTS", "a.example, b.example"),
        ("ZELADOR__API__BEHIND_PROXY", "true"),
        ("ZELADOR__AUTH__SECRET_KEY", "12345678901234567890123456789012"),
        ("ZELADOR__SCHEDULES__NIGHTLY__KIND", "diagnostic"),
        ("ZELADOR__SCHEDULES__NIGHTLY__CRON", "0 3 * * *"),
        ("ZELADOR__SCHEDULES__NIGHTLY__TIMEZONE", "America/Bogota"),
        ("ZELADOR_CONFIG", "not a key"),
    ]);
    let config = bench.config();
    assert_eq!(config.queues["user-status"].concurrency, 2);
    assert_eq!(config.queues["user-status-queue"].rate_per_second, Some(0.5));
    assert_eq!(config.jobs["user.scheduled_ban"].backoff_seconds, [1, 2]);
    assert_eq!(config.jobs["diagnostic"].backoff_seconds, [7]);
    assert_eq!(config.api.allowed_hosts, ["a.example", "b.example"]);
    assert!(config.api.behind_proxy);
    assert_eq!(config.auth.secret_key.unwrap().expose().len(), 32);
    assert_eq!(config.schedules["nightly"].timezone, "America/Bogota");
}

#[test]
fn a_secret_in_a_variable_replaces_a_reference() {
    let bench = Bench::new("[auth]\nsecret_key = { env = \"UNSET\" }\n")
        .with([("ZELADOR__AUTH__SECRET_KEY", "123")]);
    assert_eq!(bench.config().auth.secret_key.unwrap().expose(), "123");
}

#[test]
fn wrong_variables_are_refused_with_a_suggestion() {
    problems(
        [("ZELADOR__API__LISTN", "x")],
        &["ZELADOR__API__LISTN: api.listn: unknown key (did you mean `ZELADOR__API__LISTEN`?)"],
    );
    problems(
        [("ZELADOR__BACKUP__KEEP", "many")],
        &["ZELADOR__BACKUP__KEEP: backup.keep: invalid type: string \"many\" \
           (expected a whole number, not negative)"],
    );
    problems(
        [("ZELADOR__ENVIRONMENT__X", "1")],
        &["ZELADOR__ENVIRONMENT__X: environment: unknown variant `x` \
           (expected `development` or `production`)"],
    );
}

#[test]
fn the_original_names_are_honoured() {
    let bench = Bench::new("").with([
        ("ENVIRONMENT", "development"),
        ("CORS_ORIGINS", "https://app.example.com,https://admin.example.com"),
        ("CORS_ALLOW_CREDENTIALS", "true"),
        ("CORS_MAX_AGE", "3600"),
        ("SECRET_KEY", "k"),
    ]);
    let config = bench.config();
    assert_eq!(config.environment, Environment::Development);
    assert_eq!(config.api.cors.origins, ["https://app.example.com", "https://admin.example.com"]);
    assert!(config.api.cors.allow_credentials);
    assert_eq!(config.api.cors.max_age_seconds, 3600);
    assert_eq!(config.auth.secret_key.unwrap().expose(), "k");
}

#[test]
fn original_names_without_effect_are_noticed() {
    let bench =
        Bench::new("").with([("CACHE_TTL_SETTINGS", "300"), ("CACHE_TTL_AVAILABILITY", "x")]);
    let notices = bench.load().unwrap().notices;
    assert_eq!(notices.len(), 2);
    assert!(notices[0].starts_with("CACHE_TTL_SETTINGS is set but has no effect"), "{notices:?}");
}

#[test]
fn our_own_names_win_over_the_original_ones() {
    let bench = Bench::new("").with([
        ("CORS_MAX_AGE", "1"),
        ("ZELADOR__API__CORS__MAX_AGE_SECONDS", "2"),
        ("SECRET_KEY", ""),
    ]);
    assert_eq!(bench.config().api.cors.max_age_seconds, 2);
    assert!(bench.config().auth.secret_key.is_none());
}
