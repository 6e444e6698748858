//! `status`, maintenance, and the brake for bad logins.

use super::accounts::written;
use super::{Cx, Output, lines};

pub(super) fn status(cx: &Cx<'_>) -> Output {
    let cloud = cx.stage.cloud();
    if !cx.given.has("exit-code") {
        return written(cx, &cloud.status());
    }
    let code = match (cloud.needs_upgrade, cloud.maintenance) {
        (true, _) => 2,
        (false, true) => 1,
        (false, false) => 0,
    };
    lines(code, &[])
}

pub(super) fn maintenance(cx: &Cx<'_>) -> Output {
    let mut cloud = cx.stage.cloud();
    if cx.given.has("on") {
        cloud.maintenance = true;
        return lines(0, &["Maintenance mode enabled"]);
    }
    if cx.given.has("off") {
        cloud.maintenance = false;
        return lines(0, &["Maintenance mode disabled"]);
    }
    let word = if cloud.maintenance { "enabled" } else { "disabled" };
    lines(0, &[&format!("Maintenance mode is currently {word}")])
}

pub(super) fn reset(cx: &Cx<'_>) -> Output {
    let address = cx.given.argument(0).unwrap_or_default();
    cx.stage.cloud().guard.reset(address);
    lines(0, &[&format!("Bruteforce attempts for {address} were reset")])
}
