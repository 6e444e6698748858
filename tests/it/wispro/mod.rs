//! The Wispro sync as its operator meets it: the daemon, its sandbox over real
//! HTTP, the command line, and SIGKILL.
//!
//! Where each trap of the upstream and each statement of the seed has its test:
//!
//! | trap or statement | test |
//! |---|---|
//! | errors arrive as HTTP 200 | `rules::tests::envelope::errors_arrive_as_http_200` |
//! | both layers of errors | `…envelope::errors_of_http_itself_are_told_apart_too` |
//! | a 200 that is not JSON | `…envelope::a_200_that_is_not_json_may_be_tried_again` |
//! | 401 and 402 stop the run | `tests::stops::a_bad_token_and_an_expired_licence_stop_the_run_and_say_so` |
//! | `Retry-After`, waits | `tests::stops::a_long_retry_after_puts_the_job_off`, `passing_trouble_is_sat_out_with_waits_between` |
//! | the token goes bare | `sandbox::wispro::tests::the_token_goes_bare` |
//! | redirects drop the token | `sandbox::wispro::tests::a_redirect_is_not_followed_with_the_token` |
//! | the order of pages is undefined | `tests::runs::shifting_pages_lose_nobody_and_double_nobody` |
//! | the total is read again on every page | `…envelope::pages_end_where_they_end` |
//! | pagination may be missing; `page` may be ignored | `…envelope::pages_end_where_they_end`, `tests::stops::a_server_that_ignores_the_page_is_found_out` |
//! | filters may be ignored | none is sent; `sandbox::wispro::tests::pages_are_as_documented` |
//! | strings and numbers alike, zones nested | `rules::tests::client::*` |
//! | the login link is a secret | `…client::no_login_link_and_no_password_is_kept`, `tests::runs::no_canary_is_anywhere` |
//! | cédulas in every form, V and E | `id_number::tests::*`, `…matching::v_and_e_are_never_taken_for_each_other` |
//! | the check digits | `id_number::tests::check_digits_of_the_vectors` |
//! | fewer than promised, too much changed | `rules::tests::brakes::*`, `tests::stops::*` |
//! | the seed: only name, email, address, zone | `tests::runs::only_four_fields_are_updated_and_local_ones_stay` |
//! | the seed: new users and their fields | `tests::runs::a_first_run_creates_everybody_with_the_fields_of_the_seed` |
//! | the seed: a few pages | `tests::runs::a_few_pages_may_be_tried_as_the_seed_does` |
//! | the seed: its message, its counts, its log | `the_seeds_flow_with_its_answer_and_its_log` |
//! | the seed: password = cédula | `a_client_comes_in_with_the_cedula_once_and_can_only_choose_a_password` |
//! | killed at any moment | `tests::kills::*`, `kills::killed_again_and_again_each_client_is_created_once` |

mod kills;
mod login;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Client, Daemon, Home, PATIENCE, eventually};

/// Quick pages; nothing else differs from the defaults.
const CONFIG: &str = "[wispro]\nrequest_gap_ms = 0\nper_page = 25\n";

/// Begins a run; its id.
async fn begin(client: &Client, body: &Value) -> String {
    let begun = client.post("/api/users/sync-wispro-all", body).await.is(202);
    assert_eq!(begun["success"], true);
    begun["job_id"].as_str().unwrap().to_owned()
}

async fn completed(client: &Client, id: &str) -> Value {
    eventually("the sync is done", PATIENCE, || async {
        let run = client.get(&format!("/wispro/syncs/{id}")).await.is(200);
        assert_ne!(run["state"], "failed", "{run}");
        (run["state"] == "completed").then_some(run)
    })
    .await
}

async fn synced(daemon: &Daemon) -> Value {
    let id = begin(daemon.client(), &json!({})).await;
    completed(daemon.client(), &id).await
}

/// All users, as far as they do not depend on when they were made.
async fn users(client: &Client) -> Vec<Value> {
    let mut all = Vec::new();
    let mut path = "/users?limit=500".to_owned();
    loop {
        let answer = client.get(&path).await;
        all.extend(answer.is(200).as_array().unwrap().clone());
        let link = answer.headers.get("link").map(|link| link.to_str().unwrap().to_owned());
        let Some(link) = link else { break };
        let (from, to) = (link.find('<').unwrap() + 1, link.find('>').unwrap());
        link[from..to].clone_into(&mut path);
    }
    for user in &mut all {
        let members = user.as_object_mut().unwrap();
        for name in ["id", "tenant_id", "created_at", "updated_at", "status_since"] {
            members.remove(name);
        }
    }
    all.sort_by_key(|user| user["id_wispro"].to_string());
    all
}

fn sum(run: &Value) -> u64 {
    ["created", "updated", "unchanged", "skipped", "errors"]
        .iter()
        .map(|name| run[name].as_u64().unwrap())
        .sum()
}

#[tokio::test]
async fn the_seeds_flow_with_its_answer_and_its_log() {
    let home = Home::new(CONFIG).await;
    let daemon = home.start().await;
    let client = daemon.client();
    let request = client.request(Method::POST, "/api/users/sync-wispro-all");
    let answer =
        client.send(request.header("accept-language", "es").json(&json!({}))).await.unwrap();
    let begun = answer.is(202);
    let message = "Sincronización iniciada en segundo plano. Revisa los logs para ver el progreso.";
    assert_eq!((&begun["success"], &begun["message"]), (&json!(true), &json!(message)));
    let id = begun["job_id"].as_str().unwrap();
    let run = completed(client, id).await;
    assert_eq!(sum(&run), 250, "{run}");
    assert_eq!(run["seen"], 250);
    assert_eq!(run["sandbox"], true);
    let log = home.log();
    for part in ["wispro sync started", "wispro sync done", "\"page\":\"10/10\""] {
        assert!(log.contains(part), "{part}");
    }
    for canary in ["canary-link", "cliente1.1@example.com", "6000007"] {
        assert!(!log.contains(canary), "{canary} is in the log");
    }
    // All of it again: nothing to do.
    let again = synced(&daemon).await;
    assert_eq!((&again["created"], &again["updated"]), (&json!(0), &json!(0)), "{again}");
    let runs = client.get("/wispro/syncs").await.is(200);
    assert_eq!(runs.as_array().unwrap().len(), 2);
    let csv = client.get(&format!("/wispro/syncs/{id}?format=csv")).await;
    assert!(csv.header("content-type").starts_with("text/csv"));
    let lines = csv.text.lines().count() as u64;
    let said: u64 = run["said"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum();
    assert_eq!(lines, said + 1, "{}", csv.text);
    assert!(!csv.text.contains("example.com"), "no personal data: {}", csv.text);
}

#[tokio::test]
async fn the_command_line_begins_watches_and_lists() {
    let home = Home::new(CONFIG).await;
    let _daemon = home.start().await;
    let (code, out, err) = home.run(["--json", "sync", "wispro", "--wait", "--dry-run"]).await;
    assert_eq!(code, 0, "{out}{err}");
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&told["state"], &told["dry_run"]), (&json!("completed"), &json!(true)));
    let (code, out, err) = home.run(["--json", "wispro", "runs"]).await;
    assert_eq!(code, 0, "{out}{err}");
    let runs: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(runs.as_array().unwrap().len(), 1);
    let id = told["job_id"].as_str().unwrap();
    let (code, _, err) = home.run(["wispro", "approve", id]).await;
    assert_eq!(code, 1, "nothing is to be decided: {err}");
}
