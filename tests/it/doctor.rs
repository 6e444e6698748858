//! `zelador doctor` on a machine where all is well, and on one where it is not.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::harness::Home;

/// What it found, and the exit code.
async fn examine(home: &Home) -> (i32, Vec<Value>) {
    let (code, out, wrong) = home.run(["doctor", "--json"]).await;
    let told: Value =
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{wrong}"));
    assert_eq!(told["well"], json!(code == 0), "{out}");
    let found = told["findings"].as_array().unwrap().clone();
    for one in &found {
        let fine = one["weight"] == "ok";
        assert_eq!(one["remedy"].as_str().unwrap().is_empty(), fine, "{one}");
    }
    (code, found)
}

/// The weight of what was found about something of a family.
fn weight(found: &[Value], family: &str, about: &str) -> Value {
    let of = |one: &&Value| one["family"] == family && one["about"] == about;
    let one = found.iter().find(of);
    one.unwrap_or_else(|| panic!("nothing about {about} of {family}: {found:#?}"))["weight"].clone()
}

fn chmod(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[tokio::test]
async fn all_is_well_with_the_daemon_up_and_down() {
    let home = Home::new("").await;
    let daemon = home.start().await;
    let (code, found) = examine(&home).await;
    assert_eq!(code, 0, "{found:#?}");
    for (family, about) in [
        ("configuration", "file"),
        ("daemon", "answer"),
        ("daemon", "checks"),
        ("store", "soundness"),
        ("disk", "data"),
        ("files and secrets", "data directory"),
        ("files and secrets", "operator.token"),
        ("files and secrets", "secret.key"),
        ("upstreams", "nextcloud"),
        ("upstreams", "wispro"),
        ("upstreams", "drive"),
    ] {
        let weight = weight(&found, family, about);
        assert!(weight == "ok" || about == "data", "{family}: {about}: {weight}");
    }
    daemon.stop().await;
    let (code, found) = examine(&home).await;
    assert_eq!(code, 0, "{found:#?}");
    assert_eq!(weight(&found, "daemon", "answer"), "warning");
    let walked = found.iter().any(|one| one["words"] == "walked, and sound");
    assert!(walked, "{found:#?}");
    // It was left as it was.
    home.start().await.stop().await;
}

#[tokio::test]
async fn what_is_wrong_is_named_with_what_to_do() {
    let config = "[notifications.smtp]\nhost = \"127.0.0.1\"\nport = 1\nfrom = \"z@sol.example\"\n\
         [alerts]\nurl = \"http://nobody.invalid/hook\"\n";
    let home = Home::new(config).await;
    let daemon = home.start().await;
    chmod(&home.data().join("operator.token"), 0o644);
    let paused = daemon.client().post("/queues/default/pause", &json!({})).await;
    paused.is(200);
    let (code, found) = examine(&home).await;
    assert_eq!(code, 1, "{found:#?}");
    for (family, about, expected) in [
        ("files and secrets", "operator.token", "wrong"),
        ("network", "notifications.smtp", "wrong"),
        ("network", "alerts", "wrong"),
        ("daemon", "queue default", "warning"),
    ] {
        assert_eq!(weight(&found, family, about), expected, "{about}");
    }
    let (code, text, _) = home.run(["doctor"]).await;
    assert_eq!(code, 1);
    assert!(text.contains("-> sudo chmod 600") && text.contains("zelador queues resume"), "{text}");
    daemon.stop().await;

    // A file that says nothing sensible, and a store that does not open.
    home.configure("[api]\nlistn = 1\n");
    let (code, found) = examine(&home).await;
    assert_eq!((code, weight(&found, "configuration", "api.listn")), (1, json!("wrong")));
}
