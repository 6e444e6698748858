//! Status, now and planned, and everything that follows from it.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::guide::{Guide, Stop};
use super::scene::{Scene, day, now, of};

/// The ban is due so soon.
const AHEAD: Duration = Duration::from_secs(2);

/// Tells it.
pub(super) async fn tell(guide: &mut Guide, scene: &Scene) -> Result<(), Stop> {
    guide.chapter("Users", "a ban that takes effect on the minute, and can be undone");
    let Some(ana) = &scene.ana else { return guide.check("Ana is there", false) };
    let user = format!("users/{ana}");
    let date = (now() + AHEAD).to_string();
    let plan = json!({ "user_id": ana, "date": date, "reason": "mensalidade em aberto" });
    let path = "admin/scheduled-bans";
    let trial = format!("{path}?dry_run=true");
    let would =
        guide.ask("what would a ban do?", Method::POST, &trial, Some(plan.clone()), 200).await?;
    guide.check("it says so, and changes nothing", would.get("would").is_some())?;
    guide.ask("it is planned, two seconds ahead", Method::POST, path, Some(plan), 201).await?;
    let seen = guide.ask("she is as she was, and it shows", Method::GET, &user, None, 200).await?;
    guide.check(
        "next comes BANNED",
        of(&seen, "next_status") == "BANNED" || of(&seen, "status") == "BANNED",
    )?;
    guide.until("two seconds later", &user, |seen| seen["status"] == "BANNED").await?;
    let jobs = "jobs?kind=user.scheduled_ban&limit=20";
    guide
        .until("by a job that outlives any crash", jobs, |all| {
            rows(all).iter().any(|job| job["user_id"] == json!(ana) && job["state"] == "succeeded")
        })
        .await?;
    let bookings = format!("bookings?user_id={ana}");
    guide
        .until("her upcoming bookings are called off", &bookings, |all| {
            rows(all).iter().any(|one| one["cancellation_reason"] == "user_banned")
        })
        .await?;
    back(guide, &user).await
}

async fn back(guide: &mut Guide, user: &str) -> Result<(), Stop> {
    let path = format!("{user}/timeline");
    let told =
        guide.ask("everything that ever happened to her", Method::GET, &path, None, 200).await?;
    let changes = rows(&told).iter().filter(|one| one["type"] == "user.status_changed").count();
    guide.check("the ban is there, once", changes == 1)?;
    let body = json!({ "status": "ACTIVE", "reason": "mensalidade paga" });
    let path = format!("{user}/status");
    let seen = guide.ask("she has paid", Method::PUT, &path, Some(body), 200).await?;
    guide.check("and is back", of(&seen, "status") == "ACTIVE")?;
    let body = json!({ "date_in": day(20), "date_out": day(27), "reason": "férias" });
    let path = format!("{user}/leave");
    guide.ask("she plans a week of leave", Method::POST, &path, Some(body), 201).await?;
    let path = format!("{user}/status?at={}T12:00", day(22));
    let then =
        guide.ask("what will she be in the middle of it?", Method::GET, &path, None, 200).await?;
    guide.check("suspended, and it is known today", of(&then, "status") == "SUSPENDED")
}

fn rows(body: &Value) -> &[Value] {
    body.as_array().map_or(&[], Vec::as_slice)
}
