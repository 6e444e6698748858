//! What becomes of each row of the `FastAPI` services.
//!
//! - Their databases keep UTC: a time without an offset is one of UTC.
//! - Each occurrence of a series is a row of its own there, and comes as a
//!   booking of its own. A row that has its pattern to itself stands for the
//!   whole series, and is made one here.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use crate::cli::import::plan::{After, Draft, Find, Plan, address, is_hash};
use crate::cli::import::row::{Row, Wrong};

const TEXT_SETTINGS: [&str; 4] =
    ["business_type", "timezone", "working_hours_start", "working_hours_end"];
const NUMBER_SETTINGS: [&str; 5] = [
    "booking_interval",
    "advance_booking_days",
    "cancellation_hours",
    "min_notice_minutes",
    "buffer_minutes",
];
const JSON_SETTINGS: [&str; 3] = ["working_days", "closures", "custom_labels"];
const PERMISSIONS: [&str; 5] = [
    "can_book",
    "can_view_all_bookings",
    "can_manage_bookings",
    "can_manage_resources",
    "can_manage_users",
];
const HASHES: [&str; 3] = ["hashed_password", "password_hash", "password"];
const PROFILES: [&str; 4] = ["profile", "profile_data", "profile_metadata", "metadata"];

/// A tenant; its settings stand in its row, or in one of their own.
pub(super) fn tenant(row: &Row, settings: Option<&Map<String, Value>>) -> Plan {
    let plan = || {
        let mut draft = Draft::new("/tenants", Find::Clash("domain"));
        let texts = ["name", "domain", "logo_url", "theme_primary_color", "plan", "locale"];
        row.copy(&texts, &mut draft.body);
        draft.set("is_active", row.flag("is_active")?);
        let mut all = settings_of(row)?;
        all.extend(settings.cloned().unwrap_or_default());
        draft.set("settings", (!all.is_empty()).then_some(all));
        Ok(bring(draft))
    };
    plan().into()
}

/// The settings in a tenant's own row: as columns, or in one of JSON.
fn settings_of(row: &Row) -> Result<Map<String, Value>, Wrong> {
    let mut all = settings(row)?;
    let known = [&TEXT_SETTINGS[..], &NUMBER_SETTINGS, &JSON_SETTINGS].concat();
    let document = row.object("settings")?.unwrap_or_default();
    all.extend(document.into_iter().filter(|(name, _)| known.contains(&name.as_str())));
    all.retain(|_, value| !value.is_null());
    Ok(all)
}

/// The settings in a row's columns.
pub(super) fn settings(row: &Row) -> Result<Map<String, Value>, Wrong> {
    let mut all = Map::new();
    row.copy(&TEXT_SETTINGS, &mut all);
    for name in NUMBER_SETTINGS {
        all.extend(row.integer(name)?.map(|number| (name.to_owned(), number.into())));
    }
    for name in JSON_SETTINGS {
        all.extend(row.json(name)?.map(|value| (name.to_owned(), value)));
    }
    Ok(all)
}

/// A user. Without a hash that can be checked it comes without a password.
pub(super) fn user(row: &Row) -> Plan {
    let plan = || {
        let mut draft = Draft::new("/users", Find::Clash("email"));
        of_tenant(row, &mut draft)?;
        address(row)?;
        row.copy(&["name", "email", "phone", "address"], &mut draft.body);
        draft.set("user_type", row.text("user_type").map(str::to_lowercase));
        let permissions = row.object("permissions")?.map(|all| {
            let known = |name: &String| PERMISSIONS.contains(&name.as_str());
            all.into_iter().filter(|(name, _)| known(name)).collect::<Map<_, _>>()
        });
        draft.set("permissions", permissions);
        let profile = PROFILES.iter().find(|column| row.text(column).is_some());
        if let Some(column) = profile {
            draft.set("profile", row.object(column)?);
        }
        match row.first(&HASHES) {
            Some(hash) if is_hash(hash) => draft.set("password_hash", Some(hash)),
            Some(_) => {
                let why = "is no bcrypt or argon2 hash: the user came without one, invite them";
                draft.told.push(Wrong::new("password", why));
            }
            None => {}
        }
        let inactive = row.flag("is_active")? == Some(false);
        draft.set("status", inactive.then_some("INACTIVE"));
        Ok(bring(draft))
    };
    plan().into()
}

/// A category.
pub(super) fn category(row: &Row) -> Plan {
    let plan = || {
        if row.flag("is_active")? == Some(false) {
            return Ok(Plan::Leave("switched off in the old system".to_owned()));
        }
        let mut draft = Draft::new("/categories", Find::First("name"));
        of_tenant(row, &mut draft)?;
        row.copy(&["name", "description", "icon", "color"], &mut draft.body);
        draft.set("type", row.text("type").map(str::to_lowercase));
        Ok(bring(draft))
    };
    plan().into()
}

/// A resource.
pub(super) fn resource(row: &Row) -> Plan {
    let plan = || {
        let mut draft = Draft::new("/resources", Find::First("name"));
        of_tenant(row, &mut draft)?;
        if let Some(category) = row.text("category_id") {
            draft.refer("category_id", "categories", category);
        }
        row.copy(&["name", "description", "location"], &mut draft.body);
        draft.set("capacity", row.integer("capacity")?);
        draft.set("concurrent_bookings", row.integer("concurrent_bookings")?);
        draft.set("is_active", row.flag("is_active")?);
        draft.set("attributes", row.object("attributes")?);
        let week = row.object("availability_schedule")?;
        draft.set("availability_schedule", week.filter(|week| !week.is_empty()));
        Ok(bring(draft))
    };
    plan().into()
}

/// A booking that is still to come.
pub(super) fn booking(row: &Row, series: &HashMap<String, u32>, now: Timestamp) -> Plan {
    let plan = || {
        let status = row.text("status").unwrap_or("pendente").to_lowercase();
        let confirmed = match status.as_str() {
            "pendente" | "pending" => false,
            "confirmado" | "confirmed" | "aprovado" | "approved" => true,
            _ => return Ok(Plan::Leave(format!("{status}: they hold no place any more"))),
        };
        let moment = |column| {
            let at = row.moment(column, &TimeZone::UTC)?;
            at.ok_or_else(|| Wrong::new(column, "is missing"))
        };
        let (start, end) = (moment("start_time")?, moment("end_time")?);
        if start <= now {
            return Ok(Plan::Leave("in the past: zelador books nothing there".to_owned()));
        }
        let mut draft = Draft::new("/bookings", Find::Booked);
        let needed = |column| row.text(column).ok_or_else(|| Wrong::new(column, "is missing"));
        draft.refer("resource_id", "resources", needed("resource_id")?);
        draft.refer("user_id", "users", needed("user_id")?);
        if let Some(client) = row.text("client_id").filter(|id| row.text("user_id") != Some(id)) {
            draft.refer("client_id", "users", client);
        }
        draft.set("start_time", Some(start.to_string()));
        draft.set("end_time", Some(end.to_string()));
        row.copy(&["notes"], &mut draft.body);
        if self::series(row).is_some_and(|key| series.get(&key) == Some(&1)) {
            draft.set("recurring_enabled", Some(true));
            draft.set("recurring_pattern", row.object("recurring_pattern")?);
        }
        draft.after.extend(confirmed.then_some(After::Confirm));
        Ok(bring(draft))
    };
    plan().into()
}

/// What the rows of one series have in common.
pub(super) fn series(row: &Row) -> Option<String> {
    let recurs = row.flag("recurring_enabled") == Ok(Some(true));
    let pattern = row.text("recurring_pattern").filter(|_| recurs)?;
    let who = ["resource_id", "user_id", "client_id"].map(|part| row.text(part).unwrap_or(""));
    Some(format!("{}\n{pattern}", who.join("\n")))
}

/// A webhook.
pub(super) fn webhook(row: &Row) -> Plan {
    let plan = || {
        let mut draft = Draft::new("/tenants/{tenant_id}/webhooks", Find::First("url"));
        of_tenant(row, &mut draft)?;
        row.copy(&["url", "secret"], &mut draft.body);
        draft.set("events", Some(list(row, "events")?));
        draft.set("is_active", row.flag("is_active")?);
        Ok(bring(draft))
    };
    plan().into()
}

/// A list of words, of JSON or of `PostgreSQL`: `["a"]`, `{a,b}`.
fn list(row: &Row, column: &str) -> Result<Value, Wrong> {
    let text = row.text(column).ok_or_else(|| Wrong::new(column, "is missing"))?;
    let Some(array) = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
        return Ok(row.json(column)?.unwrap_or_default());
    };
    let words = array.split(',').map(|word| word.trim().trim_matches('"'));
    Ok(words.filter(|word| !word.is_empty()).collect())
}

fn of_tenant(row: &Row, draft: &mut Draft) -> Result<(), Wrong> {
    let tenant = row.text("tenant_id").ok_or_else(|| Wrong::new("tenant_id", "is missing"))?;
    draft.refer("tenant_id", "tenants", tenant);
    Ok(())
}

fn bring(draft: Draft) -> Plan {
    Plan::Bring(Box::new(draft))
}
