//! `/cloud/groups`, and the groups of an account.

use hyper::Method;
use serde_json::{Value, json};

use super::super::core::cloud::ADMINS;
use super::super::stage::Stage;
use super::envelope::Ocs;
use super::request::Asked;
use super::routes::{Outcome, admins_only, bad_method};
use super::users::page;

pub(super) fn answer(stage: &Stage, asked: &Asked, by: &str, path: &[&str]) -> Outcome {
    if let Err(refused) = admins_only(stage, by) {
        return refused.into();
    }
    match path {
        [] if asked.method == Method::GET => {
            let names = stage.cloud().groups.iter().map(|name| json!(name)).collect();
            Ocs::data(json!({"groups": page::<Value>(asked, names)})).into()
        }
        [] if asked.method == Method::POST => add(stage, asked).into(),
        [group] if asked.method == Method::DELETE => remove(stage, group).into(),
        [group] | [group, "users"] if asked.method == Method::GET => members(stage, group).into(),
        [] | [_] | [_, "users"] => bad_method(),
        _ => Ocs::fail(998, "Invalid query, please check the syntax.").into(),
    }
}

fn add(stage: &Stage, asked: &Asked) -> Ocs {
    let Some(group) = asked.filled("groupid") else { return Ocs::fail(101, "Invalid group name") };
    if stage.cloud().groups.insert(group) { Ocs::done() } else { Ocs::fail(102, "group exists") }
}

fn remove(stage: &Stage, group: &str) -> Ocs {
    if group == ADMINS {
        return Ocs::fail(102, "");
    }
    let mut cloud = stage.cloud();
    if !cloud.groups.remove(group) {
        return Ocs::fail(101, "");
    }
    for user in cloud.users.values_mut() {
        user.groups.remove(group);
    }
    Ocs::done()
}

fn members(stage: &Stage, group: &str) -> Ocs {
    let cloud = stage.cloud();
    if !cloud.groups.contains(group) {
        return Ocs::fail(404, "The requested group could not be found");
    }
    let inside = cloud.users.values().filter(|user| user.groups.contains(group));
    Ocs::data(json!({"users": inside.map(|user| &user.id).collect::<Vec<_>>()}))
}

/// `/cloud/users/{id}/groups`.
pub(super) fn of_user(stage: &Stage, asked: &Asked, by: &str, id: &str) -> Outcome {
    if let Err(refused) = admins_only(stage, by) {
        return refused.into();
    }
    match asked.method {
        Method::GET => match stage.cloud().user(id) {
            Some(user) => Ocs::data(json!({"groups": user.groups})),
            None => Ocs::fail(404, "User does not exist"),
        },
        Method::POST => change(stage, asked, id, true),
        Method::DELETE => change(stage, asked, id, false),
        _ => return bad_method(),
    }
    .into()
}

fn change(stage: &Stage, asked: &Asked, id: &str, inside: bool) -> Ocs {
    let named = asked.filled("groupid").or_else(|| asked.query.get("groupid").cloned());
    let Some(group) = named.filter(|group| !group.is_empty()) else { return Ocs::fail(101, "") };
    let mut cloud = stage.cloud();
    if !cloud.groups.contains(&group) {
        return Ocs::fail(102, "");
    }
    let Some(user) = cloud.user_mut(id) else { return Ocs::fail(103, "") };
    if inside {
        user.groups.insert(group);
    } else {
        user.groups.remove(&group);
    }
    Ocs::done()
}
