//! The other systems: which are called, with what, and how they are.

use serde_json::Value;
use zelador_actors::drive::rules::preflight;
use zelador_actors::mode::Mode;

use super::Scene;
use super::daemon::Told;
use super::finding::{Family, Finding};
use super::network::{Speech, Target};
use crate::cli::client::Client;
use crate::cli::drive;
use crate::config::Config;

const FAMILY: Family = Family("upstreams");

/// Everything that the configuration has the daemon call.
pub(super) fn targets(scene: &Scene) -> Vec<Target> {
    scene.config.as_ref().map_or_else(Vec::new, of)
}

fn of(config: &Config) -> Vec<Target> {
    let mut found = Vec::new();
    let mut call = |about: &str, url: &str, speech| {
        if !url.is_empty() {
            found.extend(Target::of(about, url, speech));
        }
    };
    if config.wispro.mode == Mode::Live {
        call("wispro", &config.wispro.base_url, Speech::Http);
    }
    if config.drive.mode == Mode::Live {
        call("drive", &config.drive.api_base_url, Speech::Http);
        call("drive.callback", &config.drive.callback.url, Speech::Http);
    }
    let smtp = &config.notifications.smtp;
    if !smtp.host.is_empty() {
        // Under TLS from the first byte, a server greets nobody who does not begin.
        let implicit = smtp.port == 465;
        let speech = if implicit { Speech::Plain } else { Speech::Smtp };
        call("notifications.smtp", &format!("smtp://{}:{}", smtp.host, smtp.port), speech);
    }
    call("notifications.http", &config.notifications.http.url, Speech::Http);
    call("alerts", &config.alerts.url, Speech::Http);
    if let Some(url) = &config.redis.url {
        let speech = if url.expose().starts_with("rediss") { Speech::Plain } else { Speech::Redis };
        // Without a port it is the usual one, which the scheme does not tell.
        let with_port = Target::of("redis", url.expose(), speech).map(|mut target| {
            if target.url.port().is_none() {
                let _ = target.url.set_port(Some(6379));
            }
            target
        });
        found.extend(with_port);
    }
    found
}

/// What is known of each concern.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    /// The modes: nextcloud, wispro, drive.
    modes: Option<[(&'static str, &'static str); 3]>,
    /// The instances, if the pool is live and the daemon told.
    instances: Option<Vec<Value>>,
    /// What stands in the way on Drive, if it is live.
    drive: Vec<preflight::Finding>,
}

/// Looks at each.
pub(super) async fn gather(scene: &Scene, told: &Told) -> Facts {
    let Some(config) = &scene.config else {
        return Facts { modes: None, instances: None, drive: Vec::new() };
    };
    let modes = [config.nextcloud.mode, config.wispro.mode, config.drive.mode].map(Mode::word);
    let [cloud, sync, folders] = modes;
    let mut instances = None;
    if cloud == "live"
        && told.is_there()
        && let Ok(client) = Client::find(&scene.common)
    {
        instances = client.list("admin/instances", 500).await.ok();
    }
    let drive = if folders == "live" {
        drive::live(&config.drive.in_force(None, 600)).await
    } else {
        Vec::new()
    };
    let modes = Some([("nextcloud", cloud), ("wispro", sync), ("drive", folders)]);
    Facts { modes, instances, drive }
}

/// Judges them.
pub(super) fn judge(facts: &Facts) -> Vec<Finding> {
    let modes = facts.modes.iter().flatten();
    let mut found: Vec<Finding> = modes.map(|(name, mode)| FAMILY.fine(*name, *mode)).collect();
    let pool_is_live = facts.modes.iter().flatten().any(|mode| *mode == ("nextcloud", "live"));
    match &facts.instances {
        Some(instances) if instances.is_empty() => found.push(FAMILY.odd(
            "nextcloud",
            "live, and no instance is registered",
            "zelador instances add; the handbook: nextcloud.md",
        )),
        Some(instances) => found.extend(instances.iter().map(instance)),
        None if pool_is_live => found.push(FAMILY.odd(
            "nextcloud",
            "the instances are known to the running daemon alone",
            "start it, then look again",
        )),
        None => {}
    }
    found.extend(facts.drive.iter().map(|one| {
        let remedy = match one.weight {
            preflight::Weight::Fine => "",
            _ => "the handbook: drive.md; `zelador drive doctor` looks at this alone",
        };
        Finding {
            family: FAMILY.0,
            weight: one.weight,
            about: format!("drive {}", one.about),
            words: one.words.clone(),
            remedy: remedy.to_owned(),
        }
    }));
    found
}

fn instance(row: &Value) -> Finding {
    let text = |member: &str| row.get(member).and_then(Value::as_str).unwrap_or_default();
    let about = format!("nextcloud {}", text("name"));
    let check = format!("zelador instances check {}", text("id"));
    let error = row.pointer("/error/message").and_then(Value::as_str);
    let error = error.unwrap_or("no reason given");
    let full =
        row["max_users"].as_u64().is_some_and(|most| row["current_users"].as_u64() >= Some(most));
    match (text("status"), text("health"), text("breaker")) {
        ("disabled", _, _) => FAMILY.fine(about, "disabled"),
        (_, "unhealthy", _) => FAMILY.wrong(about, format!("unhealthy: {error}"), check),
        (_, _, "open") => FAMILY.wrong(about, format!("left alone for now: {error}"), check),
        (_, "unknown", _) => FAMILY.odd(about, "not looked at yet", check),
        _ if full => FAMILY.odd(about, "full", "raise max_users, or add another instance"),
        (status, health, _) => FAMILY.fine(about, format!("{status}, {health}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use zelador_actors::drive::rules::preflight::Weight;

    use super::*;
    use crate::config::Secret;

    #[test]
    fn only_what_is_used_is_called() {
        assert_eq!(of(&Config::default()), []);
        let mut config = Config::default();
        config.wispro.mode = Mode::Live;
        config.redis.url = Some(Secret::inline("redis://:pw@cache"));
        config.notifications.smtp.host = "mail.example".to_owned();
        let found = of(&config);
        let urls: Vec<_> = found.iter().map(|target| target.url.to_string()).collect();
        assert_eq!(urls.len(), 3, "{urls:?}");
        assert!(urls[0].starts_with("https://www.cloud.wispro.co"));
        assert_eq!(urls[1..], ["smtp://mail.example:587/", "redis://cache:6379/"]);
    }

    #[test]
    fn instances_are_judged_by_what_the_daemon_knows() {
        let row = |status: &str, health: &str, breaker: &str, users: u64| {
            json!({ "id": "i", "name": "nc-1", "status": status, "health": health,
                "breaker": breaker, "max_users": 10, "current_users": users, "error": null })
        };
        for (row, weight) in [
            (row("active", "healthy", "closed", 3), Weight::Fine),
            (row("active", "healthy", "closed", 10), Weight::Warning),
            (row("active", "unknown", "closed", 3), Weight::Warning),
            (row("active", "unhealthy", "closed", 3), Weight::Wrong),
            (row("active", "healthy", "open", 3), Weight::Wrong),
            (row("disabled", "unhealthy", "open", 3), Weight::Fine),
        ] {
            assert_eq!(instance(&row).weight, weight, "{row}");
        }
        let live = Some([("nextcloud", "live"), ("wispro", "off"), ("drive", "off")]);
        let facts = |instances| Facts { modes: live, instances, drive: Vec::new() };
        let worst = |facts: &Facts| judge(facts).iter().map(|one| one.weight).max().unwrap();
        assert_eq!(worst(&facts(None)), Weight::Warning);
        assert_eq!(worst(&facts(Some(Vec::new()))), Weight::Warning);
    }
}
