//! What becomes of a user of a Laravel system.
//!
//! - The row of the user decides about its ban, not the job: there, calling a
//!   ban off clears the row and leaves the job in the queue.
//! - Whoever is suspended or banned is never let in, not for a moment: such a
//!   user is made inactive first.

use jiff::Timestamp;

use super::{Ban, Given, Planned};
use crate::cli::import::plan::{After, Draft, Find, Plan, address, is_hash};
use crate::cli::import::row::{Row, Wrong};

/// Columns that have the same names and meanings here.
const SAME: [&str; 7] = ["name", "email", "phone", "address", "zone", "code", "id_number"];
const PLANS: [&str; 4] = ["trial", "basico", "profissional", "empresarial"];
/// The reason of a ban that the old system gave none for.
const NO_REASON: &str = "import";

/// What becomes of a user.
pub(super) fn user(row: &Row, ban: Option<&Ban>, cloud: bool, given: &Given) -> Planned {
    if row.text("deleted_at").is_some() {
        let left = (ban.is_some() || cloud).then_some("of a user who is deleted");
        return Planned::of(row, Plan::Leave("deleted in the old system".to_owned()), left);
    }
    match bring(row, ban, cloud, given) {
        Ok((draft, left)) => Planned::of(row, Plan::Bring(Box::new(draft)), left),
        Err(wrong) => Planned::of(row, Plan::Refuse(wrong), None),
    }
}

fn bring(
    row: &Row,
    ban: Option<&Ban>,
    cloud: bool,
    given: &Given,
) -> Result<(Draft, Option<&'static str>), Wrong> {
    let mut draft = Draft::new("/users", Find::Clash("email"));
    draft.refer("tenant_id", "tenants", "");
    row.copy(&SAME, &mut draft.body);
    if draft.body.get("name").is_none() {
        return Err(Wrong::new("name", "is missing"));
    }
    address(row)?;
    draft.set("id_wispro", row.text("id_wispro"));
    draft.set("role", row.integer("role").ok().flatten());
    draft.set("plan_id", row.integer("plan_id")?);
    plan_word(row, &mut draft);
    password(row, &mut draft);
    let status = status(row.text("status"), "status")?.unwrap_or("ACTIVE");
    let held = matches!(status, "SUSPENDED" | "BANNED");
    draft.set("status", Some(if held { "INACTIVE" } else { status }));
    draft.after.extend(held.then_some(After::Status(status)));
    let left = if status == "BANNED" {
        ban.map(|_| "the user is banned already")
    } else {
        planned(row, ban, given, &mut draft)
    };
    let pending = matches!(row.text("nextcloud_status"), Some("pending" | "creating"));
    draft.after.extend((cloud || pending).then_some(After::Cloud));
    if row.text("nextcloud_status") == Some("failed") {
        let why = "was `failed`: zelador users provision USER_ID tries it here";
        draft.told.push(Wrong::new("nextcloud_status", why));
    }
    Ok((draft, left))
}

fn plan_word(row: &Row, draft: &mut Draft) {
    let Some(plan) = row.text("plan") else { return };
    let word = plan.to_lowercase().replace('á', "a");
    if PLANS.contains(&word.as_str()) {
        draft.set("plan", Some(word));
    } else {
        draft.told.push(Wrong::new("plan", format!("`{plan}` is none of {}", PLANS.join(", "))));
    }
}

fn password(row: &Row, draft: &mut Draft) {
    match row.text("password") {
        Some(hash) if is_hash(hash) => draft.set("password_hash", Some(hash)),
        Some(_) => {
            let why = "is no bcrypt or argon2 hash: the user came without one, invite them";
            draft.told.push(Wrong::new("password", why));
        }
        None => {}
    }
}

/// The change that is planned for a user; why its job is not taken over.
fn planned(row: &Row, ban: Option<&Ban>, given: &Given, draft: &mut Draft) -> Option<&'static str> {
    let column = "scheduled_status_change_at";
    if !row.has(column) {
        let ban = ban?;
        schedule("BANNED", ban.at, ban.reason.as_deref(), given, draft);
        return None;
    }
    let at = match row.moment(column, &given.zone) {
        Ok(None) => return ban.map(|_| "the user's row says that the ban was called off"),
        Ok(Some(at)) => at,
        Err(wrong) => {
            draft.told.push(wrong);
            return ban.map(|_| "the user's row and the job do not agree");
        }
    };
    match status(row.text("next_status"), "next_status") {
        Ok(to) => {
            let job = ban.and_then(|ban| ban.reason.as_deref());
            let reason = row.text("scheduled_ban_reason").or(job);
            schedule(to.unwrap_or("BANNED"), at, reason, given, draft);
        }
        Err(wrong) => draft.told.push(wrong),
    }
    None
}

fn schedule(
    to: &'static str,
    at: Timestamp,
    reason: Option<&str>,
    given: &Given,
    draft: &mut Draft,
) {
    if at <= given.now {
        let why = format!("{to} was due {at}, and is over: decide by hand");
        draft.told.push(Wrong::new("scheduled_status_change_at", why));
        return;
    }
    let reason = || reason.unwrap_or(NO_REASON).chars().take(500).collect();
    draft.after.push(match to {
        "BANNED" => After::Ban(at.to_string(), reason()),
        other => After::Change(other, at.to_string()),
    });
}

/// A status by its number, its name, or `true` (the sync's).
fn status(text: Option<&str>, column: &str) -> Result<Option<&'static str>, Wrong> {
    let Some(text) = text else { return Ok(None) };
    Ok(Some(match text.to_uppercase().as_str() {
        "0" | "INACTIVE" | "FALSE" => "INACTIVE",
        "1" | "ACTIVE" | "TRUE" => "ACTIVE",
        "2" | "SUSPENDED" => "SUSPENDED",
        "3" | "PENDING" => "PENDING",
        "4" | "BANNED" => "BANNED",
        _ => return Err(Wrong::new(column, format!("`{text}` is no status from 0 to 4"))),
    }))
}
