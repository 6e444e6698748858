//! What makes `[notifications]` and `[alerts]` wrong.

use zelador_actors::checks::is_email;

use super::Checker;
use crate::config::{AlertSettings, Config, HttpSettings, NotificationSettings, SmtpSettings};

pub(super) fn check(to: &mut Checker, config: &Config) {
    notifications(to, &config.notifications);
    smtp(to, &config.notifications.smtp);
    http(to, &config.notifications.http);
    alerts(to, &config.alerts, &config.notifications.smtp);
}

fn notifications(to: &mut Checker, own: &NotificationSettings) {
    let hours = ["notifications", "reminders_hours"];
    for lead in &own.reminders_hours {
        to.range_at(&hours, *lead, 1.0 / 60.0..=8784.0);
    }
    if own.reminders_hours.len() > 8 {
        to.problem(&hours, "names too many reminders".to_owned(), "at most 8");
    }
    address(to, &["notifications", "public_url"], &own.public_url);
    let invite = ["notifications", "invite_url"];
    address(to, &invite, &own.invite_url.replace("{token}", "zli_0"));
    if !own.invite_url.is_empty() && !own.invite_url.contains("{token}") {
        let message = "has no place for the invitation".to_owned();
        to.problem(&invite, message, "put {token} where its text goes");
    }
}

fn smtp(to: &mut Checker, smtp: &SmtpSettings) {
    to.range("notifications.smtp.port", smtp.port, 1..=u16::MAX);
    to.range("notifications.smtp.timeout_seconds", smtp.timeout_seconds, 1..=110);
    to.range("notifications.smtp.pool", smtp.pool, 0..=100);
    if smtp.host.is_empty() {
        return;
    }
    if !super::is_host(&smtp.host) {
        let message = format!("`{}` is not a host name", smtp.host);
        to.problem(&["notifications", "smtp", "host"], message, "without scheme, port or path");
    }
    let bare = match smtp.from.trim().strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
        Some((_, bare)) => bare,
        None => smtp.from.trim(),
    };
    if !is_email(bare) {
        let message = format!("`{}` is no mail address", smtp.from);
        to.problem(&["notifications", "smtp", "from"], message, "e.g. Sol <avisos@sol.example>");
    }
    if smtp.password.is_some() && smtp.username.is_empty() {
        let remedy = "a login is a username and a password";
        to.problem(&["notifications", "smtp", "username"], "is empty".to_owned(), remedy);
    }
}

fn http(to: &mut Checker, http: &HttpSettings) {
    address(to, &["notifications", "http", "url"], &http.url);
    to.range("notifications.http.timeout_seconds", http.timeout_seconds, 1..=110);
    let is_name = !http.header.is_empty()
        && http.header.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if !is_name {
        let message = format!("`{}` is no name of a header", http.header);
        to.problem(&["notifications", "http", "header"], message, "e.g. Authorization");
    }
    if http.header_value.as_ref().is_some_and(|value| !value.expose().is_ascii()) {
        let message = "holds more than ASCII".to_owned();
        to.problem(&["notifications", "http", "header_value"], message, "a header is ASCII");
    }
}

fn alerts(to: &mut Checker, alerts: &AlertSettings, smtp: &SmtpSettings) {
    let emails = ["alerts", "emails"];
    for address in alerts.emails.iter().filter(|address| !is_email(address)) {
        to.problem(&emails, format!("`{address}` is no mail address"), "e.g. eu@sol.example");
    }
    if !alerts.emails.is_empty() && smtp.host.is_empty() {
        let message = "cannot be told by mail without a mail server".to_owned();
        to.problem(&emails, message, "set notifications.smtp.host, or alerts.url");
    }
    address(to, &["alerts", "url"], &alerts.url);
    to.range("alerts.group_seconds", alerts.group_seconds, 0..=86_400);
    to.range("alerts.repeat_hours", alerts.repeat_hours, 1..=8784);
    to.range("alerts.low_disk_mb", alerts.low_disk_mb, 0..=10_000_000);
}

/// An address of the web, or nothing.
fn address(to: &mut Checker, key: &[&str], text: &str) {
    if text.is_empty() {
        return;
    }
    let good = reqwest::Url::parse(text)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if !good {
        to.problem(key, "is no address of the web".to_owned(), "e.g. https://agenda.example");
    }
}
