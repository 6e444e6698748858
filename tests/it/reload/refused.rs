//! Configurations that are wrong.

use serde_json::{Value, json};

use super::SOON;
use crate::harness::{Home, eventually};

#[tokio::test]
async fn a_broken_file_changes_nothing_and_is_told_with_its_place() {
    let home = Home::alone("[service]\ndrain_seconds = 5\n").await;
    let daemon = home.start().await;
    for (text, place) in [
        ("[service]\ndrain_seconds = 5\n\n[api.cors]\norigins = [\"x\"\n", "5:15"),
        ("[service]\n  drain_secods = 5\n", "2:3"),
        ("[telemetry]\nlevel = \"warn\"\n[service]\ndrain_seconds = \"soon\"\n", "4:17"),
    ] {
        home.configure(text);
        let ready = daemon
            .answers("/ready", SOON, "the mistake is told", |ready| {
                reason(ready).contains(&format!("config.toml:{place}"))
            })
            .await;
        assert_eq!(ready["status"], "ready", "a mistake in a file keeps nobody from work");
        assert_eq!(ready["checks"]["config"], false);
        let status = daemon.client().get("/status").await.is(200);
        assert_eq!(status["config_generation"], 1, "{status}");
        assert!(status["config_error"].as_str().unwrap().contains(place), "{status}");
        assert!(home.log().contains("the old one stays in force"));
    }
    // Nothing of the last one was taken, though its first half was right.
    assert!(!home.log().contains("telemetry.level"));
    home.configure("[service]\ndrain_seconds = 6\n");
    daemon
        .answers("/ready", SOON, "the mended file is taken", |ready| {
            ready["checks"]["config"] == true && reason(ready).is_empty()
        })
        .await;
    assert_eq!(daemon.client().get("/status").await.is(200)["config_generation"], 2);
    assert!(home.log().contains("configuration good again"));
}

fn reason(ready: &Value) -> &str {
    ready["reasons"]["config"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn an_empty_file_that_was_started_with_is_no_mistake() {
    let home = Home::alone("").await;
    let daemon = home.start().await;
    daemon.signal(rustix::process::Signal::HUP);
    // What follows is read after that.
    home.configure("[service]\ndrain_seconds = 7\n");
    let taken = |status: &Value| status["config_generation"] == 2;
    daemon.answers("/status", SOON, "the file is taken", taken).await;
    assert!(!home.log().contains("is empty"), "{}", home.log());
}

#[tokio::test]
async fn an_empty_or_missing_file_is_no_wish_for_defaults() {
    let home = Home::alone("[api.cors]\nenabled = false\n").await;
    let daemon = home.start().await;
    std::fs::write(home.config(), "").unwrap();
    daemon
        .answers("/ready", SOON, "an empty file is refused", |ready| !reason(ready).is_empty())
        .await;
    std::fs::remove_file(home.config()).unwrap();
    let gone = |ready: &Value| reason(ready).contains("No such file");
    daemon.answers("/ready", SOON, "a missing file is refused", gone).await;
    assert_eq!(daemon.client().get("/status").await.is(200)["config_generation"], 1);
}

/// Everything that production refuses, in one file.
const UNFIT: &str = r#"environment = "production"
[api]
listen = "0.0.0.0:8000"
[api.cors]
origins = ["*"]
allow_credentials = true
[auth]
secret_key = "change-me"
[wispro]
mode = "off"
[nextcloud]
mode = "off"
[drive]
mode = "off"
"#;

#[tokio::test]
async fn production_names_all_that_it_refuses_at_once() {
    let home = Home::new(UNFIT).await;
    let mut serve = home.command(["serve"]);
    let output = serve.env_remove("ZELADOR__API__LISTEN").output().await.unwrap();
    assert_eq!(output.status.code(), Some(78));
    let told = String::from_utf8(output.stderr).unwrap();
    for part in [
        "config.toml:3:10",
        "reached from beyond this machine",
        "lets every web page call",
        "credentials cannot be allowed",
        "placeholder",
        "everybody may read the secret file",
    ] {
        assert!(told.contains(part), "`{part}` is not in:\n{told}");
    }
    let mut check = home.command(["check-config", "--json"]);
    let output = check.env_remove("ZELADOR__API__LISTEN").output().await.unwrap();
    assert_eq!(output.status.code(), Some(78));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["problems"].as_array().unwrap().len(), 5, "{report}");
    assert!(!home.data().exists(), "a refused start leaves nothing behind");
}

#[tokio::test]
async fn a_check_says_what_a_start_would_say() {
    let home = Home::new("").await;
    for config in [
        UNFIT,
        "[queues.defalt]\nconcurrency = 1\n",
        "[queues.default]\nconcurrency = 0\n[jobs.diagnostic]\ntries = 0\n",
        "[schedules.x]\nkind = \"diagnostc\"\ncron = \"61 * * * *\"\ntimezone = \"Mars/Base\"\n",
        "this is no toml",
        "environment = \"prodution\"\n",
        "[telemetry]\nlevel = \"loud=very\"\n",
    ] {
        home.configure(config);
        let (served, _, start) = home.run(["serve"]).await;
        let (checked, _, check) = home.run(["check-config"]).await;
        assert_eq!((served, checked), (78, 78), "{config}\n{start}\n{check}");
        assert_eq!(start, check, "{config}");
        let named = home.config().to_str().unwrap().to_owned();
        let (code, out, _) = home.run(["check-config", &named, "--json"]).await;
        assert_eq!(code, 78);
        let report: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(report["ok"], false);
        for problem in report["problems"].as_array().unwrap() {
            let message = problem["message"].as_str().unwrap();
            assert!(start.contains(message), "{message} is not in {start}");
        }
    }
    home.configure("[service]\ndrain_seconds = 1\n");
    let (code, out, _) = home.run(["check-config", "--json"]).await;
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, report), (0, json!({"ok": true, "notices": [], "problems": []})));
}

#[tokio::test]
async fn what_is_taken_is_named() {
    let home = Home::alone("").await;
    let daemon = home.start().await;
    let (code, _, told) = home.run(["serve"]).await;
    assert_eq!(code, 75, "{told}");
    assert!(told.contains(home.data().to_str().unwrap()), "{told}");
    let address = std::fs::read_to_string(home.data().join("address")).unwrap();
    let mut other = home.command(["serve"]);
    other.env("ZELADOR__API__LISTEN", address.trim());
    other.env("ZELADOR__STORE__DATA_DIR", home.path().join("other"));
    let output = other.output().await.unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(75), "{told}");
    assert!(told.contains(address.trim()), "{told}");
    // The one that was there first did not notice.
    eventually("the first one is ready", SOON, || async {
        (daemon.client().get("/ready").await.status == 200).then_some(())
    })
    .await;
}
