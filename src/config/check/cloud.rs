//! What can be wrong with `[nextcloud]`.

use zelador_actors::nextcloud::NextcloudSettings;
use zelador_actors::nextcloud::rules::Quota;
use zelador_actors::nextcloud::rules::ids::{Person, fill};
use zelador_actors::nextcloud::rules::profile::is_group;

use super::Checker;

/// Everything that is wrong.
pub(super) fn check(to: &mut Checker, nextcloud: &NextcloudSettings) {
    let nobody = Person { email: None, name: "", code: None, id: "" };
    if let Err(error) = fill(&nextcloud.user_id, nobody) {
        let remedy = "{local}, {domain}, {email}, {name}, {code}, {id}";
        to.problem(&["nextcloud", "user_id"], error.to_string(), remedy);
    }
    for group in nextcloud.groups.iter().filter(|group| !is_group(group)) {
        let remedy = "up to 64 characters; {tenant} and {plan} may stand in it";
        to.problem(&["nextcloud", "groups"], format!("`{group}` is no group"), remedy);
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if nextcloud.language.len() > 16 || !nextcloud.language.chars().all(plain) {
        let message = format!("`{}` is no language", nextcloud.language);
        to.problem(&["nextcloud", "language"], message, "such as pt_BR, es, en");
    }
    let quotas = &nextcloud.quotas;
    for (plan, text) in [
        ("trial", &quotas.trial),
        ("basico", &quotas.basico),
        ("profissional", &quotas.profissional),
        ("empresarial", &quotas.empresarial),
    ] {
        if let Err(error) = Quota::parse(text) {
            let key = ["nextcloud", "quotas", plan];
            to.problem(&key, format!("`{text}` is no quota"), &error.to_string());
        }
    }
    for (name, value, range) in [
        ("link_hours", nextcloud.link_hours, 1..=8760),
        ("per_instance", nextcloud.per_instance, 1..=100),
        ("create_timeout_seconds", nextcloud.create_timeout_seconds, 1..=600),
        ("request_timeout_seconds", nextcloud.request_timeout_seconds, 1..=600),
        ("health_seconds", nextcloud.health_seconds, 1..=86_400),
        ("unwell_seconds", nextcloud.unwell_seconds, 1..=3600),
        ("breaker_failures", nextcloud.breaker_failures, 1..=1000),
        ("reconcile_hours", nextcloud.reconcile_hours, 0..=8760),
    ] {
        to.range_at(&["nextcloud", name], value, range);
    }
}
