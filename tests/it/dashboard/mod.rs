//! The dashboard as a browser meets it: over HTTP by hand, and in a real Chromium.

mod deeds;
mod doors;
mod folders;
mod hostile;
mod invitation;
mod keys;
mod pages;
mod pilot;
mod reader;
mod scene;
mod walk;

/// Some of everything, and nothing that happens by itself.
const CONFIG: &str = r#"
[api]
locale = "en"
[jobs.diagnostic]
tries = 1
[wispro]
request_gap_ms = 0
per_page = 25
[drive]
poll_seconds = 1
[drive.processor]
command = ["/bin/sh", "-c", """
read -r order
case "$order" in *broken*) exit 65;; esac
echo '{"type":"result","ok":true,"to":"processados"}'"""]
[schedules.nightly]
kind = "diagnostic"
cron = "0 3 * * *"
timezone = "America/Sao_Paulo"
"#;

/// Every page that needs no id.
const PAGES: [&str; 16] = [
    "/",
    "/dashboard/calendar",
    "/dashboard/calendar?view=week",
    "/dashboard/users",
    "/dashboard/users?q=zzz",
    "/dashboard/jobs",
    "/dashboard/jobs?state=failed",
    "/dashboard/jobs/sweep?do=retry",
    "/dashboard/agenda",
    "/dashboard/pool",
    "/dashboard/sync",
    "/dashboard/folders",
    "/dashboard/events",
    "/dashboard/webhooks",
    "/dashboard/audit",
    "/dashboard/configuration",
];
