//! `user:…`, but for `user:add` and `user:setting`.

use serde_json::{Map, Value, json};

use super::super::super::core::policy::{self, Weak};
use super::{Cx, Output, add, lines};

fn id<'a>(cx: &'a Cx<'_>) -> &'a str {
    cx.given.argument(0).unwrap_or_default()
}

/// Anything as JSON, or as the list that people read.
pub(super) fn written(cx: &Cx<'_>, value: &Value) -> Output {
    if cx.given.value("output").is_some_and(|form| form.starts_with("json")) {
        return lines(0, &[&value.to_string()]);
    }
    let mut text = String::new();
    for (name, value) in value.as_object().into_iter().flatten() {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        text.extend(["  - ", name, ": ", &value, "\n"]);
    }
    Output::out(0, text)
}

pub(super) fn show(cx: &Cx<'_>) -> Output {
    match cx.stage.cloud().user(id(cx)) {
        Some(user) => written(cx, &user.listed()),
        None => lines(1, &["user not found"]),
    }
}

pub(super) fn switch(cx: &Cx<'_>, enabled: bool) -> Output {
    let mut cloud = cx.stage.cloud();
    let Some(user) = cloud.user_mut(id(cx)) else { return lines(1, &["User does not exist"]) };
    user.enabled = enabled;
    let word = if enabled { "enabled" } else { "disabled" };
    lines(0, &[&format!("The specified user is {word}")])
}

pub(super) fn delete(cx: &Cx<'_>) -> Output {
    let gone = cx.stage.cloud().delete(id(cx));
    lines(0, &[if gone { "The specified user was deleted" } else { "User does not exist" }])
}

pub(super) fn list(cx: &Cx<'_>) -> Output {
    let number = |name: &str| cx.given.value(name).and_then(|text| text.parse::<usize>().ok());
    let cloud = cx.stage.cloud();
    let page = cloud
        .users
        .values()
        .skip(number("offset").unwrap_or(0))
        .take(number("limit").unwrap_or(500));
    let all: Map<_, _> = page
        .map(|user| {
            let shown =
                if cx.given.has("info") { user.listed() } else { json!(user.display_name()) };
            (user.id.clone(), shown)
        })
        .collect();
    written(cx, &Value::Object(all))
}

pub(super) fn report(cx: &Cx<'_>) -> Output {
    let cloud = cx.stage.cloud();
    let disabled = cloud.users.values().filter(|user| !user.enabled).count();
    let (rule, all) = ("+------------------+----+", cloud.users.len());
    let row = |name: &str, count: usize| format!("| {name:<16} | {count:<2} |");
    let rows = [
        rule.to_owned(),
        format!("| {:<16} |    |", "Account Report"),
        rule.to_owned(),
        row("Database", all),
        row("total users", all),
        row("disabled users", disabled),
        rule.to_owned(),
    ];
    lines(0, &rows.iter().map(String::as_str).collect::<Vec<_>>())
}

pub(super) fn reset_password(cx: &Cx<'_>) -> Output {
    if cx.stage.cloud().user(id(cx)).is_none() {
        return lines(1, &["User does not exist"]);
    }
    let Some(password) = add::password(cx).filter(|_| cx.given.has("password-from-env")) else {
        return lines(1, &["--password-from-env given, but NC_PASS/OC_PASS is empty!"]);
    };
    match policy::check(&password) {
        Ok(()) => {}
        Err(Weak::TooLong) => return lines(1, &["Invalid password value"]),
        Err(Weak::Policy(words)) => return lines(1, &[&words]),
    }
    if let Some(user) = cx.stage.cloud().user_mut(id(cx)) {
        user.password = password;
    }
    lines(0, &[&format!("Successfully reset password for {}", id(cx))])
}
