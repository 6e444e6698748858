//! Files: what is wrong is named with its place, all of it, and no secret is.

use super::super::{Config, Place, Reference};
use super::Bench;

#[track_caller]
fn refused(text: &str, problems: &[&str]) {
    assert_eq!(Bench::new(text).problems().lines().collect::<Vec<_>>(), problems);
}

#[test]
fn an_empty_file_is_the_defaults() {
    let bench = Bench::new("");
    let mut expected = Config::default();
    expected.store.data_dir = bench.path().join("data");
    expected.drive.root = bench.path().join("data/drive");
    assert_eq!(bench.config(), expected);
}

#[test]
fn a_misspelt_key_is_refused_with_a_suggestion() {
    refused(
        "[api]\nlistn = \"127.0.0.1:1\"\n",
        &["config.toml:2:1: api.listn: unknown key (did you mean `listen`?)"],
    );
    refused("[stroe]\n", &["config.toml:1:2: stroe: unknown key (did you mean `store`?)"]);
    refused("listen = 1\n", &["config.toml:1:1: listen: unknown key (`listen` belongs in [api])"]);
    refused("[clouds]\nmode = 1\n", &["config.toml:1:2: clouds: unknown key"]);
}

#[test]
fn a_misspelt_queue_kind_or_schedule_is_refused() {
    refused(
        "[queues.defualt]\nconcurrency = 2\n[jobs.\"user.scheduled_bam\"]\ntries = 1\n",
        &[
            "config.toml:1:1: queues.defualt: there is no queue `defualt` (did you mean `default`?)",
            "config.toml:3:1: jobs.\"user.scheduled_bam\": there is no kind of job \
             `user.scheduled_bam` (did you mean `user.scheduled_ban`?)",
        ],
    );
    refused(
        "[schedules.x]\nkind = \"diagnostik\"\ncron = \"0 3 * *\"\n  timezone = \"Brasil\"\n",
        &[
            "config.toml:2:8: schedules.x.kind: there is no kind of job `diagnostik` \
             (did you mean `diagnostic`?)",
            "config.toml:3:8: schedules.x.cron: `0 3 * *` is no cron line: it has 4 fields (minute \
             hour day month weekday, e.g. \"30 3 * * *\"; seconds may stand first)",
            "config.toml:4:14: schedules.x.timezone: there is no time zone `Brasil` \
             (an IANA name such as America/Sao_Paulo)",
        ],
    );
}

#[test]
fn wrong_types_and_ranges_are_all_named_at_once() {
    refused(
        "environment = \"prod\"\n[api]\nlisten = 8000\nlocale = \"fr\"\nbehind_proxy = \"yes\"\n\
         [queues.default]\nconcurrency = -1\n[backup]\nkeep = 0\n\
         [jobs.diagnostic]\nbackoff_seconds = [5, \"x\"]\n[extra]\n",
        &[
            "config.toml:1:15: environment: unknown variant `prod` \
             (expected `development` or `production`)",
            "config.toml:3:10: api.listen: invalid type: integer `8000` \
             (expected an address and port, e.g. \"127.0.0.1:8000\")",
            "config.toml:4:10: api.locale: unknown variant `fr` (expected one of `pt-BR`, `es`, `en`)",
            "config.toml:5:16: api.behind_proxy: invalid type: string \"yes\" (expected true or false)",
            "config.toml:7:15: queues.default.concurrency: invalid value: integer `-1` \
             (expected a whole number, not negative)",
            "config.toml:9:8: backup.keep: 0 is out of range (from 1 to 10000)",
            "config.toml:11:19: jobs.diagnostic.backoff_seconds: invalid type: string \"x\" \
             (expected a whole number, not negative)",
            "config.toml:12:2: extra: unknown key",
        ],
    );
}

#[test]
fn broken_syntax_is_named_with_line_and_column_and_no_text() {
    let problems = Bench::new("[auth]\nsecret_key = \"hunter2\n[api]\n").problems();
    assert!(problems.starts_with("config.toml:2:"), "{problems}");
    assert!(!problems.contains("hunter2"), "{problems}");
}

#[test]
fn what_is_there_twice_is_named() {
    refused(
        "[api]\nlocale = \"es\"\nlocale = \"en\"\n",
        &["config.toml:3:1: `locale` is there twice"],
    );
    refused(
        "[auth]\nsecret_key = \"hunter2\"\n[auth]\n",
        &["config.toml:3:2: `auth` is there twice"],
    );
}

#[test]
fn columns_count_characters() {
    refused(
        "[api]\nlocale = \"ção\"; x\n",
        &["config.toml:2:15: unexpected key or value, expected newline, `#`"],
    );
}

#[test]
fn an_absent_file_is_refused() {
    let mut bench = Bench::new("");
    bench.sources.file = Some(bench.path().join("none.toml"));
    assert!(bench.problems().contains("cannot read none.toml"), "{}", bench.problems());
}

#[test]
fn paths_are_relative_to_the_file() {
    let bench = Bench::new(
        "[store]\ndata_dir = \"./d\"\narchive_dir = \"/a\"\n[telemetry]\nfile = \"l/z.log\"\n",
    );
    let config = bench.config();
    assert_eq!(config.store.data_dir, bench.path().join("d"));
    assert_eq!(config.store.archive_dir.unwrap().to_str(), Some("/a"));
    assert_eq!(config.telemetry.file.unwrap(), bench.path().join("l/z.log"));
}

#[test]
fn a_setting_in_a_queue_leaves_its_other_settings() {
    let config = Bench::new("[queues.user-status]\nrate_per_second = 2\n").config();
    assert_eq!(config.queues["user-status"].rate_per_second, Some(2.0));
    assert_eq!(config.queues["user-status"].concurrency, 8);
    assert_eq!(config.queues["default"].concurrency, 4);
}

#[test]
fn secrets_come_by_reference() {
    let bench = Bench::new("[auth]\nsecret_key = { file = \"key\" }\n");
    std::fs::write(bench.path().join("key"), "s3cret\n").unwrap();
    let secret = bench.config().auth.secret_key.unwrap();
    assert_eq!(secret.expose(), "s3cret");
    assert_eq!(secret.reference(), &Reference::File(bench.path().join("key")));

    let bench = Bench::new("[auth]\nsecret_key = { env = \"KEY\" }\n").with([("KEY", "v")]);
    assert_eq!(bench.config().auth.secret_key.unwrap().expose(), "v");

    let bench = Bench::new("[auth]\nsecret_key = { credential = \"key\" }\n");
    std::fs::write(bench.path().join("key"), "c").unwrap();
    let dir = bench.path().display().to_string();
    let bench = bench.with([("CREDENTIALS_DIRECTORY", dir.as_str())]);
    assert_eq!(bench.config().auth.secret_key.unwrap().expose(), "c");
}

#[test]
fn secrets_that_lead_nowhere_are_refused() {
    refused(
        "[auth]\nsecret_key = { env = \"NOPE\" }\n",
        &["config.toml:2:14: auth.secret_key: the environment variable NOPE is not set"],
    );
    refused(
        "[auth]\nsecret_key = { credential = \"../x\" }\n",
        &["config.toml:2:14: auth.secret_key: a credential is named without a path"],
    );
    refused(
        "[auth]\nsecret_key = { fiel = \"x\" }\n",
        &["config.toml:2:14: auth.secret_key: expected text, or one of { file = \"…\" }, \
           { env = \"…\" }, { credential = \"…\" }"],
    );
}

#[test]
fn a_secret_is_never_printed() {
    let bench = Bench::new("[auth]\nsecret_key = \"hunter2\"\n");
    let config = bench.config();
    assert!(!format!("{config:?}").contains("hunter2"));
    assert!(!serde_json::to_string(&config).unwrap().contains("hunter2"));
    for wrong in
        ["12345", "[\"12345\"]", "true", "{ file = 12345 }", "{ file = \"12345\", env = \"x\" }"]
    {
        let problems = Bench::new(&format!("[auth]\nsecret_key = {wrong}\n")).problems();
        assert!(!problems.contains("12345"), "{problems}");
    }
}

#[test]
fn problems_know_their_place() {
    let refused = Bench::new("[api]\n\n  lisen = 1\n").load().unwrap_err();
    let Place::File { line, column, .. } = refused.problems[0].place else { panic!("{refused}") };
    assert_eq!((line, column), (3, 3));
}

#[test]
fn a_file_with_a_thousand_mistakes_ends() {
    let text = (0..1000).fold(String::new(), |all, n| format!("{all}key{n} = 1\n"));
    assert_eq!(Bench::new(&text).problems().lines().count(), 50);
}

#[test]
fn hosts_and_origins_are_checked() {
    let hosts = "[api]\nallowed_hosts = [\"a.example\", \"[::1]\", \"10.0.0.1\"]\n";
    assert_eq!(Bench::new(hosts).config().api.allowed_hosts.len(), 3);
    for host in ["", "a:80", "http://a", "a/b", "*", "::1", "a b"] {
        let problems = Bench::new(&format!("[api]\nallowed_hosts = [\"{host}\"]\n")).problems();
        assert!(problems.contains("is not a host name"), "{problems}");
    }
    for origin in [
        "a.example",
        "https://a.example/",
        "https://a.example/x",
        "ftp://a.example",
        "HTTPS://A.example",
    ] {
        let problems = Bench::new(&format!("[api.cors]\norigins = [\"{origin}\"]\n")).problems();
        assert!(problems.contains("is not an origin"), "{problems}");
    }
}

#[test]
fn a_secret_is_read_from_files_alone() {
    let bench = Bench::new("[auth]\nsecret_key = { file = \".\" }\n");
    assert!(bench.problems().contains("is not a file"), "{}", bench.problems());
}
