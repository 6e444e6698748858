//! `group:…`.

use super::{Cx, Output, lines};

pub(super) fn add(cx: &Cx<'_>) -> Output {
    let group = cx.given.argument(0).unwrap_or_default();
    if cx.stage.cloud().groups.insert(group.to_owned()) {
        return lines(0, &[&format!("Created group \"{group}\"")]);
    }
    lines(1, &[&format!("Group \"{group}\" already exists.")])
}

pub(super) fn member(cx: &Cx<'_>, inside: bool) -> Output {
    let of = |at| cx.given.argument(at).unwrap_or_default();
    let (group, id) = (of(0), of(1));
    let mut cloud = cx.stage.cloud();
    if !cloud.groups.contains(group) {
        return lines(1, &["group not found"]);
    }
    let Some(user) = cloud.user_mut(id) else { return lines(1, &["user not found"]) };
    if inside {
        user.groups.insert(group.to_owned());
    } else {
        user.groups.remove(group);
    }
    lines(0, &[])
}
