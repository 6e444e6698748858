//! Folders as an operator and a backend meet them: the daemon, its sandbox, the command
//! line, a script in Python, the backend's callback.
//!
//! Where each trap and each promise has its test:
//!
//! | trap or promise | test |
//! |---|---|
//! | the seed's flow, by push and by polling, over Python | `seed::the_seeds_flow_over_python_by_push`, `seed::the_seeds_flow_over_python_by_polling` |
//! | killed, told twice or not at all, tokens, channels, limits, a full disk | `storm::whatever_happens_each_file_is_processed_once` |
//! | a full disk on the VM | `vm::a_full_disk_on_the_vm_side_loses_nothing`, `tests::vm::what_the_disk_refuses_waits_and_says_why` |
//! | a channel is renewed without a gap | `tests::push::a_channel_is_renewed_without_a_gap`, `push::what_google_tells_of_is_looked_at_at_once` |
//! | a Drive that others wrote | `mock::the_client_gets_along_with_a_drive_that_others_wrote` |
//! | a channel dies | `tests::push::a_channel_that_dies_is_noticed` |
//! | a notification is forged | `tests::push::who_cannot_show_the_token_is_not_heard` |
//! | events of the VM are hints | `tests::vm::an_event_leads_there_at_once`, `hints::tests::whatever_is_missed_has_everything_looked_at` |
//! | no more watches | `tests::vm::without_watches_somebody_polls` |
//! | half-written files | `tests::vm::what_is_not_whole_is_waited_for` |
//! | the same on both sides | `tests::vm::the_same_content_on_both_sides_is_handled_once` |
//! | a file changes meanwhile | `tests::vm::what_changes_meanwhile_is_another_version` |
//! | a move is cut off, or goes to another disk | `vm::tests::a_move_that_was_cut_off_is_finished`, `vm::tests::a_move_across_file_systems_is_a_copy` |
//! | a script hangs | `programs::tests::one_that_hangs_is_asked_to_end_and_may_say_a_last_word` |
//! | a script ignores SIGTERM | `programs::tests::one_that_ignores_being_asked_is_ended` |
//! | a script forks | `programs::tests::one_that_forks_and_forks_is_ended_with_all_of_it` |
//! | a script leaves children | `programs::tests::children_that_it_leaves_behind_go_with_it` |
//! | a script floods | `programs::tests::a_flood_is_read_and_let_go_and_the_last_word_is_heard` |
//! | a script exits early | `programs::tests::one_that_does_not_read_its_input_is_none_the_worse` |
//! | a script prints rubbish | `programs::tests::rubbish_is_text_all_the_same` |
//! | a script needs a retry | `script::a_script_in_python_makes_the_folders` |
//! | a script during a stop | `script::a_script_that_will_not_end_holds_up_no_stop` |
//! | a script that a killed daemon left | `programs::tests::what_a_killed_daemon_left_is_found_by_its_mark_and_ended` |

mod files;
mod keys;
mod mock;
mod outside;
mod push;
mod script;
mod seed;
mod storm;
mod vm;

use std::time::Duration;

use serde_json::{Value, json};
use zelador_actors::engine::webhooks::rules::sign;
use zelador_actors::engine::webhooks::sink::{Got, Say, Sink};

use crate::harness::{Client, Home, PATIENCE, eventually};

/// A user of a new tenant.
async fn user(client: &Client, email: Option<&str>) -> String {
    let tenant = client.post("/tenants", &json!({"name": "Sol", "domain": "sol.example"})).await;
    let tenant = tenant.is(201)["id"].as_str().unwrap().to_owned();
    let draft = json!({"tenant_id": tenant, "name": "Ana Souza", "email": email});
    client.post("/users", &draft).await.is(201)["id"].as_str().unwrap().to_owned()
}

/// The stand-in's own address, as a daemon's log tells it: that of the last start.
pub(crate) fn stand_in(log: &str) -> String {
    let line = log.lines().rfind(|line| line.contains("drive is a sandbox")).unwrap();
    let at = line.find("127.0.0.1:").unwrap();
    let port: String = line[at + 10..].chars().take_while(char::is_ascii_digit).collect();
    format!("http://127.0.0.1:{port}/sandbox")
}

/// Waits until a user's folders stand like this.
async fn folders(client: &Client, user: &str, status: &str) -> Value {
    eventually("the folders get there", PATIENCE, || async {
        let seen = client.get(&format!("/folders/{user}")).await.is(200);
        (seen["status"] == status).then_some(seen)
    })
    .await
}

/// What the backend was told, once it was.
async fn told(sink: &Sink) -> Got {
    eventually("the backend is told", PATIENCE, || async { sink.got().last().cloned() }).await
}

fn config(sink: &Sink, more: &str) -> String {
    format!(
        "[drive.callback]\nurl = \"{}\"\napi_key = \"backend-key\"\n[jobs.\"drive.callback\"]\n\
         backoff_seconds = [1]\n{more}",
        sink.url()
    )
}

/// The seed: request, 202, folders on the VM and on Drive, share, callback.
#[tokio::test]
async fn the_seeds_flow() {
    let answers = std::sync::atomic::AtomicUsize::new(0);
    let sink = Sink::start(move |_| {
        let first = answers.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0;
        Say::Status(if first { 503 } else { 204 })
    });
    let sink = sink.await.unwrap();
    let home = Home::new(&config(&sink, "")).await;
    let daemon = home.start().await;
    let client = daemon.client();
    let user = user(client, Some("ana@elsewhere.example")).await;
    assert_eq!(client.get(&format!("/folders/{user}")).await.is(200)["status"], "none");
    let asked = client.post("/folders", &json!({"user_id": user})).await.is(202);
    assert_eq!(asked["status"], "pending");
    let made = folders(client, &user, "ready").await;
    assert_eq!((&made["job_id"], &made["sandbox"]), (&asked["job_id"], &json!(true)));
    // No account at Google has this address: it is invited by mail.
    assert_eq!(made["shared_with"], "ana@elsewhere.example");
    let path = std::path::PathBuf::from(made["local_path"].as_str().unwrap());
    for name in ["novos", "processados", "erros"] {
        assert!(path.join(name).is_dir(), "{name}");
    }
    assert_eq!(
        made["watch"],
        json!({"channel_id": null, "expires_at": null, "mode": "poll", "vm": "watch"})
    );
    let link = made["web_view_link"].as_str().unwrap();
    assert!(link.ends_with(made["drive_folder_id"].as_str().unwrap()));
    eventually("the backend takes it", PATIENCE, || async { (sink.count() == 2).then_some(()) })
        .await;
    callback_is_signed(&sink, &made, &user);
    // Asked again, nothing happens; and nothing is doubled by looking again.
    let again = client.post("/folders", &json!({"user_id": user})).await.is(202);
    assert_eq!((&again["job_id"], &again["status"]), (&asked["job_id"], &json!("ready")));
    std::fs::remove_dir(path.join("erros")).unwrap();
    let recreated = client.post(&format!("/folders/{user}/recreate"), &json!({})).await.is(202);
    assert_ne!(recreated["job_id"], asked["job_id"]);
    let seen = folders(client, &user, "ready").await;
    for same in ["drive_folder_id", "novos_folder_id", "local_path", "shared_with"] {
        assert_eq!(seen[same], made[same], "{same}");
    }
    assert!(path.join("erros").is_dir());
    let timeline = client.get(&format!("/users/{user}/timeline")).await.is(200);
    let created =
        timeline.as_array().unwrap().iter().filter(|e| e["type"] == "drive.folder_created");
    assert_eq!(created.count(), 2);
    the_command_line(&home, &user).await;
}

fn callback_is_signed(sink: &Sink, made: &Value, user: &str) {
    let got = sink.got();
    let (first, last) = (&got[0], &got[1]);
    assert_eq!(first.header("webhook-id"), last.header("webhook-id"), "the same at every try");
    assert_eq!(last.header("idempotency-key"), last.header("webhook-id"));
    assert_eq!(last.header("x-api-key"), "backend-key");
    let secret = secrecy_of("backend-key");
    assert_eq!(last.header("x-webhook-signature"), sign::plain(&secret, &last.body));
    let seconds = last.header("webhook-timestamp").parse().unwrap();
    let standard = sign::standard(&secret, last.header("webhook-id"), seconds, &last.body);
    assert_eq!(last.header("webhook-signature"), standard);
    let body: Value = serde_json::from_str(&last.body).unwrap();
    assert_eq!(body["event"], "folder.ready");
    let data = &body["data"];
    assert_eq!((&data["user_id"], &data["status"]), (&json!(user), &json!("ready")));
    assert_eq!(data["email"], "ana@elsewhere.example");
    for same in ["job_id", "local_path", "drive_folder_id", "novos_folder_id", "web_view_link"] {
        assert_eq!(data[same], made[same], "{same}");
    }
}

fn secrecy_of(text: &str) -> secrecy::SecretString {
    secrecy::SecretString::from(text.to_owned())
}

async fn the_command_line(home: &Home, user: &str) {
    let (code, out, err) = home.run(["--json", "folders", "show", user]).await;
    assert_eq!((code, out.contains("\"ready\"")), (0, true), "{out}{err}");
    let (code, out, _) = home.run(["folders", "create", user]).await;
    assert!(code == 0 && out.contains("ready"), "{out}");
    let (code, out, _) = home.run(["--json", "folders", "files", user]).await;
    assert_eq!((code, out.trim()), (0, "[]"));
    let (code, _, err) =
        home.run(["folders", "recreate", "01890000-0000-7000-8000-000000000001"]).await;
    assert_eq!(code, 1, "{err}");
    let (code, out, _) = home.run(["drive", "doctor"]).await;
    assert!(code == 0 && out.contains("sandbox"), "{out}");
}

/// Killed while the folders are being made, each is there once.
#[tokio::test]
async fn killed_in_the_middle_each_folder_is_there_once() {
    let home = Home::new("[jobs.\"drive.create_folder\"]\nbackoff_seconds = [1]\n").await;
    let mut daemon = home.start().await;
    let user = user(daemon.client(), None).await;
    daemon.client().post("/folders", &json!({"user_id": user})).await.is(202);
    for pause in [5, 20, 50] {
        tokio::time::sleep(Duration::from_millis(pause)).await;
        daemon.kill().await;
        daemon = home.start().await;
    }
    // The stand-in went with the daemon, and what it held; that it is found gone, and
    // made again under new ids, is what is seen here.
    let client = daemon.client();
    let asked = client.post(&format!("/folders/{user}/recreate"), &json!({})).await.is(202);
    let made = eventually("the folders are ready", PATIENCE, || async {
        let seen = client.get(&format!("/folders/{user}")).await.is(200);
        (seen["status"] == "ready" && seen["job_id"] == asked["job_id"]).then_some(seen)
    })
    .await;
    assert_eq!(made["shared_with"], Value::Null, "there is no address");
    let path = std::path::PathBuf::from(made["local_path"].as_str().unwrap());
    assert_eq!(std::fs::read_dir(path).unwrap().count(), 3);
}

#[tokio::test]
async fn switched_off_it_says_so_and_what_cannot_be_made_is_told() {
    let sink = Sink::start(|_| Say::Status(200)).await.unwrap();
    let more = "[drive]\nroot = \"/proc/zelador\"\n[jobs.\"drive.create_folder\"]\ntries = 1\n";
    let home = Home::new(&config(&sink, more)).await;
    let daemon = home.start().await;
    let client = daemon.client();
    let user = user(client, None).await;
    client.post("/folders", &json!({"user_id": user})).await.is(202);
    let failed = folders(client, &user, "failed").await;
    assert!(failed["error"].as_str().unwrap().contains("/proc/zelador"), "{failed}");
    let got = told(&sink).await;
    let body: Value = serde_json::from_str(&got.body).unwrap();
    assert_eq!(
        (&body["event"], &body["data"]["status"]),
        (&json!("folder.failed"), &json!("failed"))
    );
    assert_eq!(body["data"]["error"], failed["error"]);
    home.configure(&config(&sink, "[drive]\nmode = \"off\"\n"));
    eventually("it is switched off", PATIENCE, || async {
        let answer = client.post("/folders", &json!({"user_id": user})).await;
        (answer.status == 409 && answer.json()["error"] == "concern_off").then_some(())
    })
    .await;
    client.get(&format!("/folders/{user}")).await.is(200);
}
