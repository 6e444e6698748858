//! `/cloud/users`: accounts.

use hyper::Method;
use serde_json::{Map, Value, json};

use super::super::core::create::NotCreated;
use super::super::core::policy::Weak;
use super::super::core::{EditFlaw, NewUser, StepFlaw, edit};
use super::super::stage::{Made, Stage};
use super::envelope::{Ocs, plain};
use super::request::Asked;
use super::routes::{Outcome, admins_only, bad_method};
use super::{HTML, groups};

pub(super) async fn answer(stage: &Stage, asked: &Asked, by: &str, path: &[&str]) -> Outcome {
    let method = &asked.method;
    match path {
        [] if *method == Method::POST => match admins_only(stage, by) {
            Ok(()) => create(stage, asked).await,
            Err(refused) => refused.into(),
        },
        [] if *method == Method::GET => with_admin(stage, by, || list(stage, asked)),
        ["details"] if *method == Method::GET => with_admin(stage, by, || details(stage, asked)),
        [id] if *method == Method::GET => show(stage, by, id).into(),
        [id] if *method == Method::PUT => change(stage, asked, by, id),
        [id] if *method == Method::DELETE => with_admin(stage, by, || delete(stage, by, id)),
        [id, "enable"] if *method == Method::PUT => {
            with_admin(stage, by, || switch(stage, id, true))
        }
        [id, "disable"] if *method == Method::PUT => {
            with_admin(stage, by, || switch(stage, id, false))
        }
        [id, "groups"] => groups::of_user(stage, asked, by, id),
        [] | [_] | [_, "enable" | "disable"] => bad_method(),
        _ => Ocs::fail(998, "Invalid query, please check the syntax.").into(),
    }
}

fn with_admin(stage: &Stage, by: &str, call: impl FnOnce() -> Ocs) -> Outcome {
    admins_only(stage, by).map_or_else(Outcome::Ocs, |()| call().into())
}

async fn create(stage: &Stage, asked: &Asked) -> Outcome {
    let (Some(id), Ok(groups)) = (asked.text("userid"), asked.list("groups")) else {
        return Ocs::stumbled().into();
    };
    let new = NewUser {
        id: id.clone(),
        password: asked.filled("password"),
        display_name: asked.filled("displayName"),
        email: asked.filled("email"),
        quota: asked.filled("quota"),
        groups,
        language: asked.filled("language"),
    };
    let quota = new.quota.clone().unwrap_or_default();
    match stage.make(new).await {
        Made::Whole => Ocs::data(json!({"id": id})).into(),
        Made::Not(refused) => not_created(refused).into(),
        Made::Flawed(StepFlaw::Quota(_)) => {
            Ocs::fail(101, format!("Invalid quota value: {quota}")).into()
        }
        Made::Flawed(StepFlaw::Language) => Ocs::fail(101, "Invalid language").into(),
        Made::Flawed(StepFlaw::Stumbled) | Made::Bare => Ocs::stumbled().into(),
        Made::Locked(_) => Ocs::fail(101, "Bad request").into(),
        Made::WholeButError => {
            let page = "<html><head><title>502 Bad Gateway</title></head></html>";
            Outcome::Bare(plain(502, HTML, page))
        }
        Made::Cut => Outcome::Cut,
    }
}

fn not_created(refused: NotCreated) -> Ocs {
    match refused {
        NotCreated::Exists => Ocs::fail(102, "User already exists"),
        NotCreated::Name(rule) => Ocs::fail(101, rule),
        NotCreated::Password(Weak::TooLong) => Ocs::fail(101, "Invalid password value"),
        NotCreated::Password(Weak::Policy(words)) => Ocs::fail(107, words),
        NotCreated::NoEmail => {
            Ocs::fail(108, "An email address is required, to send a password link to the user.")
        }
        NotCreated::NoGroup(group) => Ocs::fail(104, format!("Group {group} does not exist")),
        NotCreated::Race => Ocs::fail(101, "Bad request"),
    }
}

fn missing() -> Ocs {
    Ocs::fail(998, "")
}

fn show(stage: &Stage, by: &str, id: &str) -> Ocs {
    let cloud = stage.cloud();
    match cloud.user(id) {
        Some(user) if cloud.is_admin(by) || user.id == by => Ocs::data(user.shown()),
        Some(_) => missing(),
        None => Ocs::fail(404, "User does not exist"),
    }
}

fn change(stage: &Stage, asked: &Asked, by: &str, id: &str) -> Outcome {
    let now = stage.now();
    let mut cloud = stage.cloud();
    if !cloud.guard.may_edit(by, now) {
        return Outcome::Bare(plain(429, HTML, ""));
    }
    if !cloud.is_admin(by) && !by.eq_ignore_ascii_case(id) {
        return missing().into();
    }
    let (key, value) = (asked.text("key"), asked.text("value"));
    let Some(user) = cloud.user_mut(id) else { return missing().into() };
    let (Some(key), Some(value)) = (key, value) else { return Ocs::stumbled().into() };
    match edit::edit(user, &key, &value) {
        Ok(()) => Ocs::done(),
        Err(EditFlaw::UnknownKey) => Ocs::fail(113, ""),
        Err(EditFlaw::Value(words)) => Ocs::fail(101, words),
        Err(EditFlaw::Password(words)) => Ocs::fail(107, words),
        Err(EditFlaw::Stumbled) => Ocs::stumbled(),
    }
    .into()
}

fn delete(stage: &Stage, by: &str, id: &str) -> Ocs {
    if by.eq_ignore_ascii_case(id) {
        return Ocs::fail(101, "");
    }
    if stage.cloud().delete(id) { Ocs::done() } else { missing() }
}

fn switch(stage: &Stage, id: &str, enabled: bool) -> Ocs {
    match stage.cloud().user_mut(id) {
        Some(user) => {
            user.enabled = enabled;
            Ocs::done()
        }
        None => Ocs::fail(101, ""),
    }
}

/// The page that was asked for: `limit` and `offset`, where no limit is all and
/// one that is no number is none.
pub(super) fn page<T>(asked: &Asked, all: Vec<T>) -> Vec<T> {
    let number = |name: &str| asked.query.get(name).map(|text| text.parse().unwrap_or(0_i64));
    let limit = match number("limit") {
        None => usize::MAX,
        Some(limit) if limit < 0 => usize::MAX,
        Some(limit) => usize::try_from(limit).unwrap_or(0),
    };
    let offset = usize::try_from(number("offset").unwrap_or(0)).unwrap_or(0);
    all.into_iter().skip(offset).take(limit).collect()
}

fn search(asked: &Asked) -> &str {
    asked.query.get("search").map_or("", String::as_str)
}

fn list(stage: &Stage, asked: &Asked) -> Ocs {
    let cloud = stage.cloud();
    let ids = cloud.search(search(asked)).into_iter().map(|user| json!(user.id)).collect();
    Ocs::data(json!({"users": page::<Value>(asked, ids)}))
}

fn details(stage: &Stage, asked: &Asked) -> Ocs {
    let cloud = stage.cloud();
    let users = page(asked, cloud.search(search(asked)));
    let users: Map<_, _> = users.into_iter().map(|user| (user.id.clone(), user.shown())).collect();
    Ocs::data(json!({"users": users}))
}
