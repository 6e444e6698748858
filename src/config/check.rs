//! What makes a readable configuration wrong all the same: ranges, names,
//! cron lines, zones. Pure; every problem at once.

use std::net::Ipv6Addr;
use std::ops::RangeInclusive;

use zelador_actors::engine::events::redis::is_url;
use zelador_actors::engine::settings::{self, KINDS, QUEUES};
use zelador_actors::engine::webhooks::WebhookSettings;
use zelador_actors::users::lifecycle::{ACTIONS, LifecycleSettings, Transition};
use zelador_actors::wispro::Mode;
use zelador_actors::wispro::rules::client::{FieldPaths, SECRET_MEMBERS};

mod cloud;
mod drive;
mod notices;

use super::decode::nearest;
use super::problem::Problem;
use super::{
    ApiSettings, AuthSettings, BackupSettings, Config, RedisSection, StoreSettings,
    TelemetrySettings, WisproSection,
};

/// Everything that is wrong with a configuration.
pub fn check(config: &Config) -> Vec<Problem> {
    let mut to = Checker::default();
    to.range("service.drain_seconds", config.service.drain_seconds, 0..=3600);
    backup(&mut to, &config.backup);
    api(&mut to, &config.api);
    auth(&mut to, &config.auth);
    store(&mut to, &config.store);
    queues(&mut to, config);
    kinds(&mut to, config);
    schedules(&mut to, config);
    to.range("events.retention_days", config.events.retention_days, 1..=36_500);
    let audit_days = config.events.audit_retention_days;
    to.range("events.audit_retention_days", audit_days, 0..=36_500);
    to.range("events.max_lag", config.events.max_lag, 1000..=1_000_000_000);
    to.range("events.max_consumers", config.events.max_consumers, 0..=1000);
    to.range("events.max_deliveries", config.events.max_deliveries, 1..=1000);
    redis(&mut to, &config.redis);
    webhooks(&mut to, &config.webhooks);
    to.range("booking.idle_seconds", config.booking.idle_seconds, 1..=86_400);
    let offer = config.booking.waitlist_offer_seconds;
    to.range("booking.waitlist_offer_seconds", offer, 30..=86_400);
    to.range("users.test_ban_delay_seconds", config.users.test_ban_delay_seconds, 0..=86_400);
    to.range("resources.keep_deleted_days", config.resources.keep_deleted_days, 0..=36_500);
    lifecycle(&mut to, &config.lifecycle);
    notices::check(&mut to, config);
    cloud::check(&mut to, &config.nextcloud);
    wispro(&mut to, &config.wispro);
    drive::check(&mut to, &config.drive);
    telemetry(&mut to, &config.telemetry);
    to.problems
}

#[derive(Default)]
struct Checker {
    problems: Vec<Problem>,
}

impl Checker {
    fn problem(&mut self, key: &[&str], message: String, remedy: &str) {
        let key = key.iter().map(|part| (*part).to_owned()).collect();
        self.problems.push(Problem::at(key, message, remedy));
    }

    fn range<T: PartialOrd + std::fmt::Display + Copy>(
        &mut self,
        key: &str,
        value: T,
        range: RangeInclusive<T>,
    ) {
        let key: Vec<_> = key.split('.').collect();
        self.range_at(&key, value, range);
    }

    fn range_at<T: PartialOrd + std::fmt::Display + Copy>(
        &mut self,
        key: &[&str],
        value: T,
        range: RangeInclusive<T>,
    ) {
        if !range.contains(&value) {
            let remedy = format!("from {} to {}", range.start(), range.end());
            self.problem(key, format!("{value} is out of range"), &remedy);
        }
    }

    fn cron(&mut self, key: &[&str], line: &str) {
        let fields = line.split_whitespace().count();
        let why = match settings::read_cron(line) {
            Ok(_) => return,
            Err(_) if !(5..=6).contains(&fields) => format!("it has {fields} fields"),
            Err(why) => why.to_string(),
        };
        let remedy = "minute hour day month weekday, e.g. \"30 3 * * *\"; seconds may stand first";
        self.problem(key, format!("`{line}` is no cron line: {why}"), remedy);
    }

    fn timezone(&mut self, key: &[&str], name: &str) {
        if settings::read_timezone(name).is_err() {
            let remedy = "an IANA name such as America/Sao_Paulo";
            self.problem(key, format!("there is no time zone `{name}`"), remedy);
        }
    }

    /// Whether a name of the program's own exists.
    fn name(&mut self, key: &[&str], what: &str, name: &str, known: &[&str]) {
        if known.contains(&name) {
            return;
        }
        let remedy = match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("one of {}", known.join(", ")),
        };
        self.problem(key, format!("there is no {what} `{name}`"), &remedy);
    }
}

fn backup(to: &mut Checker, backup: &BackupSettings) {
    if !backup.cron.is_empty() {
        to.cron(&["backup", "cron"], &backup.cron);
    }
    to.timezone(&["backup", "timezone"], &backup.timezone);
    to.range("backup.keep", backup.keep, 1..=10_000);
}

fn api(to: &mut Checker, api: &ApiSettings) {
    for host in &api.allowed_hosts {
        if !is_host(host) {
            let message = format!("`{host}` is not a host name");
            to.problem(&["api", "allowed_hosts"], message, "without scheme, port or path");
        }
    }
    for origin in &api.cors.origins {
        if origin != "*" && !is_origin(origin) {
            let message = format!("`{origin}` is not an origin");
            to.problem(&["api", "cors", "origins"], message, "e.g. https://app.example.com");
        }
    }
    to.range("api.cors.max_age_seconds", api.cors.max_age_seconds, 0..=86_400);
    let limits = &api.limits;
    to.range("api.limits.connections", limits.connections, 1..=100_000);
    to.range("api.limits.streams", limits.streams, 1..=10_000);
    for (name, value) in [
        ("token_per_second", limits.token_per_second),
        ("token_burst", limits.token_burst),
        ("tenant_per_second", limits.tenant_per_second),
        ("tenant_burst", limits.tenant_burst),
        ("address_per_second", limits.address_per_second),
        ("address_burst", limits.address_burst),
    ] {
        to.range_at(&["api", "limits", name], value, 1..=1_000_000);
    }
}

/// A name or an address, an IPv6 one in brackets.
fn is_host(text: &str) -> bool {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    match bare {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => {
            !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c))
        }
    }
}

/// An origin is a scheme and an authority, nothing after it (RFC 6454).
fn is_origin(text: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(text) else { return false };
    matches!(url.scheme(), "http" | "https") && url.origin().ascii_serialization() == text
}

fn auth(to: &mut Checker, auth: &AuthSettings) {
    to.range("auth.access_token_hours", auth.access_token_hours, 1..=8760);
    to.range("auth.refresh_token_days", auth.refresh_token_days, 1..=3650);
    to.range("auth.invite_hours", auth.invite_hours, 1..=8760);
    to.range("auth.login_account_per_minute", auth.login_account_per_minute, 1..=100_000);
    to.range("auth.login_address_per_minute", auth.login_address_per_minute, 1..=100_000);
}

fn store(to: &mut Checker, store: &StoreSettings) {
    if store.data_dir.as_os_str().is_empty() {
        to.problem(&["store", "data_dir"], "is empty".to_owned(), "name a directory");
    }
    if store.archive_dir.as_ref() == Some(&store.data_dir) {
        let message = "is the data directory itself".to_owned();
        to.problem(&["store", "archive_dir"], message, "name another, best on another disk");
    }
    to.range("store.cache_mb", store.cache_mb, 1..=65_536);
    to.range("store.journal_segment_mb", store.journal_segment_mb, 1..=1024);
    to.range("store.overlay_mb", store.overlay_mb, 1..=4096);
    to.range("store.ballast_mb", store.ballast_mb, 1..=4096);
}

fn queues(to: &mut Checker, config: &Config) {
    let known: Vec<_> = QUEUES.iter().map(|row| row.name).collect();
    for (name, queue) in &config.queues {
        to.name(&["queues", name], "queue", name, &known);
        to.range_at(&["queues", name, "concurrency"], queue.concurrency, 1..=10_000);
        if let Some(rate) = queue.rate_per_second {
            to.range_at(&["queues", name, "rate_per_second"], rate, 0.001..=1_000_000.0);
        }
    }
}

fn kinds(to: &mut Checker, config: &Config) {
    let known: Vec<_> = KINDS.iter().map(|row| row.kind).collect();
    for (name, kind) in &config.jobs {
        to.name(&["jobs", name], "kind of job", name, &known);
        to.range_at(&["jobs", name, "timeout_seconds"], kind.timeout_seconds, 1..=604_800);
        to.range_at(&["jobs", name, "tries"], kind.tries, 1..=1000);
        let backoff = ["jobs", name, "backoff_seconds"];
        if kind.backoff_seconds.is_empty() {
            to.problem(&backoff, "is empty".to_owned(), "at least one wait, in seconds");
        }
        for wait in &kind.backoff_seconds {
            to.range_at(&backoff, *wait, 0..=2_592_000);
        }
    }
}

fn schedules(to: &mut Checker, config: &Config) {
    let known: Vec<_> = KINDS.iter().map(|row| row.kind).collect();
    for (name, schedule) in &config.schedules {
        let ok = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if name.is_empty() || name.len() > 64 || !name.chars().all(ok) {
            let message = "is not a name for a schedule".to_owned();
            to.problem(&["schedules", name], message, "up to 64 letters, digits, `-`, `_`, `.`");
        }
        to.name(&["schedules", name, "kind"], "kind of job", &schedule.kind, &known);
        to.cron(&["schedules", name, "cron"], &schedule.cron);
        to.timezone(&["schedules", name, "timezone"], &schedule.timezone);
        to.range_at(&["schedules", name, "jitter_seconds"], schedule.jitter_seconds, 0..=86_400);
    }
}

fn redis(to: &mut Checker, redis: &RedisSection) {
    if redis.url.as_ref().is_some_and(|url| !is_url(url.expose())) {
        let remedy = "redis://[user:password@]host[:port][/database], rediss:// or unix://";
        to.problem(&["redis", "url"], "is no address of a Redis server".to_owned(), remedy);
    }
    to.range("redis.max_len", redis.max_len, 1..=1_000_000_000);
    for (key, name) in
        [("booking_stream", &redis.booking_stream), ("deletion_stream", &redis.deletion_stream)]
    {
        if name.is_empty() || name.len() > 512 {
            to.problem(&["redis", key], "is no name".to_owned(), "1 to 512 bytes");
        }
    }
}

fn webhooks(to: &mut Checker, webhooks: &WebhookSettings) {
    for (name, value, range) in [
        ("per_tenant", webhooks.per_tenant, 1..=1000),
        ("timeout_seconds", webhooks.timeout_seconds, 1..=60),
        ("disable_after_hours", webhooks.disable_after_hours, 1..=8760),
        ("concurrency", webhooks.concurrency, 1..=1000),
        ("tenant_concurrency", webhooks.tenant_concurrency, 1..=1000),
        ("webhook_concurrency", webhooks.webhook_concurrency, 1..=1000),
        ("keep_deliveries_days", webhooks.keep_deliveries_days, 1..=36_500),
        ("keep_failed_days", webhooks.keep_failed_days, 1..=36_500),
    ] {
        to.range_at(&["webhooks", name], value, range);
    }
    if webhooks.allowed_ports.is_empty() {
        let message = "is empty".to_owned();
        to.problem(&["webhooks", "allowed_ports"], message, "at least one, e.g. 443");
    }
    if webhooks.backoff_seconds.len() > 20 {
        let message = "has more than 20 waits".to_owned();
        to.problem(&["webhooks", "backoff_seconds"], message, "at most 20");
    }
    for wait in &webhooks.backoff_seconds {
        to.range_at(&["webhooks", "backoff_seconds"], *wait, 0..=2_592_000);
    }
}

fn lifecycle(to: &mut Checker, lifecycle: &LifecycleSettings) {
    let known: Vec<_> = ACTIONS.iter().map(|action| action.name).collect();
    for transition in Transition::ALL {
        for name in lifecycle.of(transition) {
            to.name(&["lifecycle", transition.word()], "action", name, &known);
        }
    }
}

fn wispro(to: &mut Checker, wispro: &WisproSection) {
    to.range("wispro.per_page", wispro.per_page, 1..=1000);
    to.range("wispro.max_pages", wispro.max_pages, 0..=100_000);
    to.range("wispro.request_gap_ms", wispro.request_gap_ms, 0..=60_000);
    to.range("wispro.request_timeout_seconds", wispro.request_timeout_seconds, 1..=600);
    to.range("wispro.brake_changed_percent", wispro.brake_changed_percent, 0..=100_000);
    to.range("wispro.brake_created_percent", wispro.brake_created_percent, 0..=100_000);
    let sound = reqwest::Url::parse(&wispro.base_url)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if !sound {
        let message = format!("`{}` is no address", wispro.base_url);
        to.problem(&["wispro", "base_url"], message, "https://www.cloud.wispro.co/api/v1");
    }
    if wispro.mode == Mode::Live {
        if wispro.token.is_none() {
            let remedy = "set it, or the variable WISPRO_TOKEN";
            to.problem(&["wispro", "token"], "is needed to go live".to_owned(), remedy);
        }
        if wispro.tenant.is_empty() {
            let message = "is needed to go live".to_owned();
            to.problem(&["wispro", "tenant"], message, "the domain of the clients' tenant");
        }
    }
    pointers(to, &wispro.fields);
}

/// Where the members of a client stand: JSON pointers, and none to a secret.
fn pointers(to: &mut Checker, fields: &FieldPaths) {
    let all = [
        ("id", &fields.id),
        ("name", &fields.name),
        ("email", &fields.email),
        ("phone", &fields.phone),
        ("address", &fields.address),
        ("zone", &fields.zone),
        ("id_number", &fields.id_number),
        ("id_letter", &fields.id_letter),
    ];
    for (name, paths) in all {
        for path in paths {
            let key = ["wispro", "fields", name];
            if !path.starts_with('/') {
                to.problem(&key, format!("`{path}` is no JSON pointer"), "e.g. /zone/name");
            }
            if SECRET_MEMBERS.iter().any(|secret| path.contains(secret)) {
                let message = format!("`{path}` is a secret of the client's");
                to.problem(&key, message, "it is never read");
            }
        }
    }
}

fn telemetry(to: &mut Checker, telemetry: &TelemetrySettings) {
    if let Err(why) = tracing_subscriber::EnvFilter::try_new(&telemetry.level) {
        let remedy = "error, warn, info, debug, trace, or module=level";
        to.problem(&["telemetry", "level"], format!("{why}"), remedy);
    }
    to.range("telemetry.file_keep", telemetry.file_keep, 1..=10_000);
}
