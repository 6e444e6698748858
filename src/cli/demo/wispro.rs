//! A sync that can be trusted every night.

use reqwest::Method;
use serde_json::{Value, json};

use super::guide::{Guide, Stop};
use super::scene::of;

const SYNC: &str = "users/sync-wispro-all";

/// Tells it.
pub(super) async fn tell(guide: &mut Guide) -> Result<(), Stop> {
    guide.chapter("Wispro", "the clients of the CRM become users, and stay in step");
    let tried =
        run(guide, "a trial run, which changes nothing", json!({ "dry_run": true })).await?;
    guide.check("it says how many it would make", number(&tried, "seen") > 0)?;
    let made = run(guide, "the run itself", json!({})).await?;
    let parts = ["created", "updated", "unchanged", "skipped", "errors"];
    let sum: u64 = parts.iter().map(|name| number(&made, name)).sum();
    guide.check("every client counts once", sum == number(&made, "seen") && sum > 0)?;
    let again = run(guide, "the next night", json!({})).await?;
    let changed = number(&again, "created") + number(&again, "updated");
    guide.check("nothing is new, so nothing is done", changed == 0)?;
    let runs = guide.ask("all runs are kept", Method::GET, "wispro/syncs", None, 200).await?;
    guide.check("with their counts", runs.as_array().is_some_and(|all| all.len() >= 3))
}

async fn run(guide: &mut Guide, what: &str, body: Value) -> Result<Value, Stop> {
    let begun = guide.ask(what, Method::POST, SYNC, Some(body), 202).await?;
    let path = format!("wispro/syncs/{}", of(&begun, "job_id").as_str().unwrap_or_default());
    guide.until("it is done", &path, |run| run["state"] == "completed").await
}

fn number(run: &Value, name: &str) -> u64 {
    run[name].as_u64().unwrap_or(0)
}
