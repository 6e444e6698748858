//! Trouble, gathered and told to operators.
//!
//! - Consumer `alerts`: notes trouble in the row of its cause, and has it told.
//! - `alert.send`: gathers what is due into one text, and starts a delivery for
//!   each address; rows and deliveries are one commit.
//! - `alert.deliver`: one text to one address.
//! - `alert.watch`: looks at the disk, and at what was noted and not told.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use zelador_store::event::Event;
use zelador_store::job::JobsByUnique;
use zelador_store::kv::Term;
use zelador_store::notice::{Alert, Alerts};
use zelador_store::{Query, Stored, Timestamp, Write};

use super::desk::NoticeDesk;
use super::rules::alerts::{self as rules, Trouble};
use super::send::{Letter, Undelivered, compose};
use super::settings::NoticeSettings;
use super::templates::{ALERT, Written};
use crate::engine::Shell;
use crate::engine::events::{Begin, Consume, EventCx};
use crate::engine::jobs::{Failure, Handler, JobCx, NewJob};

/// The kind of job that gathers.
pub(super) const SEND: &str = "alert.send";
/// The kind of job that delivers.
pub(super) const DELIVER: &str = "alert.deliver";
/// The kind of job that looks.
pub(super) const WATCH: &str = "alert.watch";

/// Causes that are kept at once.
const CAUSES: usize = 1000;
/// Causes told in one text; the rest waits for the next.
const TOLD: usize = 30;
/// Hours after which a cause is forgotten that did not come again.
const FORGOTTEN_HOURS: u64 = 30 * 24;

/// The consumer `alerts`.
pub struct Alarms(pub(super) NoticeDesk);

#[async_trait]
impl Consume for Alarms {
    fn name(&self) -> &'static str {
        "alerts"
    }

    fn wants(&self, event: &Event) -> bool {
        rules::EVENTS.contains(&event.kind.as_str())
    }

    async fn consume(&self, cx: &EventCx, _: u64, event: &Event) -> Result<Write, Failure> {
        let (settings, mut write) = (self.0.settings(), Write::new());
        if !settings.alerts_on() {
            return Ok(write);
        }
        let data: Value = serde_json::from_str(&event.data).map_err(Failure::permanent)?;
        if let Some(trouble) = rules::trouble(&event.kind, &data) {
            note(&cx.shell, &settings, &trouble, event.at, &mut write).await?;
        }
        Ok(write)
    }

    fn begins(&self) -> Begin {
        Begin::Now
    }
}

/// Stages a trouble, and the job that tells of it where it is due.
async fn note(
    shell: &Shell,
    settings: &NoticeSettings,
    trouble: &Trouble,
    at: Timestamp,
    write: &mut Write,
) -> Result<(), Failure> {
    let rows = rows(shell).await?;
    let cause = trouble.cause();
    let known = shell.store.get::<Alerts>(&cause).await?;
    let row = rules::noted(known.as_ref().map(|known| &known.row), trouble, at);
    match &known {
        Some(known) => write.update::<Alerts>(known, &row),
        // Causes that nobody could read through any more.
        None if rows.len() >= CAUSES => return Ok(()),
        None => write.insert::<Alerts>(&cause, &row),
    };
    if rules::is_due(&row, shell.now(), settings.alerts.repeat) {
        tell(shell, settings, &rows, write).await?;
    }
    Ok(())
}

/// Stages the job that tells, unless one waits.
async fn tell(
    shell: &Shell,
    settings: &NoticeSettings,
    rows: &[Stored<Alerts>],
    write: &mut Write,
) -> Result<(), Failure> {
    if shell.store.find::<JobsByUnique>(&Term::new(SEND)).await?.is_some() {
        return Ok(());
    }
    let last = rows.iter().filter_map(|row| row.row.told_at).max();
    let at = rules::tell_at(last, shell.now(), settings.alerts.window);
    let job = NewJob::new(SEND, &json!({})).unique(SEND).at(at);
    write.enqueue(shell.id(), &job.build(shell.now()));
    Ok(())
}

async fn rows(shell: &Shell) -> Result<Vec<Stored<Alerts>>, Failure> {
    Ok(shell.store.page::<Alerts>(&Query::all().limit(CAUSES)).await?.rows)
}

/// Does the work of `alert.send`.
pub(super) struct SendAlerts(pub(super) NoticeDesk);

/// One text for one address.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Delivery {
    /// An address of mail; `None`: it is posted.
    email: Option<String>,
    subject: String,
    text: String,
    html: String,
    alerts: Value,
}

#[async_trait]
impl Handler for SendAlerts {
    async fn run(&self, cx: JobCx) -> Result<Write, Failure> {
        let (settings, now) = (self.0.settings(), cx.shell.now());
        let rows = rows(&cx.shell).await?;
        let due = |row: &&Stored<Alerts>| rules::is_due(&row.row, now, settings.alerts.repeat);
        let due: Vec<_> = rows.iter().filter(due).take(TOLD).collect();
        let mut write = Write::new();
        if due.is_empty() {
            return Ok(write);
        }
        let alerts: Vec<_> = due.iter().map(|row| shown(&row.row)).collect();
        let hours = settings.alerts.repeat.as_secs() / 3600;
        let facts = json!({
            "lang": settings.tongue.tag(), "tenant": { "name": "zelador", "color": null },
            "alerts": alerts, "repeat_hours": hours, "opt_out_url": null,
        });
        let written = self.0.templates.book().write(ALERT, settings.tongue, &facts);
        let Written { subject, text, html, .. } = written.map_err(Failure::retry)?;
        let mails = settings.alerts.emails.iter().filter(|_| settings.smtp.is_some());
        let posts = settings.alerts.url.iter().map(|_| None);
        for email in mails.cloned().map(Some).chain(posts) {
            let (html, alerts) = match &email {
                Some(_) => (html.clone(), Value::Null),
                None => (String::new(), json!(alerts)),
            };
            let delivery =
                Delivery { email, subject: subject.clone(), text: text.clone(), html, alerts };
            write.enqueue(cx.shell.id(), &NewJob::new(DELIVER, &delivery).build(now));
        }
        for row in &due {
            write.update::<Alerts>(row, &rules::told(&row.row, now));
        }
        tracing::info!(causes = due.len(), "operators are told of trouble");
        Ok(write)
    }
}

fn shown(alert: &Alert) -> Value {
    let minute = |at: Timestamp| at.to_jiff().strftime("%Y-%m-%d %H:%M UTC").to_string();
    json!({
        "sort": alert.sort, "about": alert.about, "detail": alert.detail,
        "count": alert.untold, "first": minute(alert.first_at), "last": minute(alert.last_at),
        "command": rules::command(&alert.sort, &alert.about),
    })
}

/// Does the work of `alert.deliver`.
pub(super) struct Deliver(pub(super) NoticeDesk);

#[async_trait]
impl Handler for Deliver {
    async fn run(&self, cx: JobCx) -> Result<Write, Failure> {
        let delivery: Delivery = cx.args()?;
        let (settings, now) = (self.0.settings(), cx.shell.now());
        let sent = self.deliver(&settings, &delivery, &cx.id.to_string(), now).await;
        sent.map_err(|undelivered| undelivered.failure(now))?;
        Ok(Write::new())
    }
}

impl Deliver {
    async fn deliver(
        &self,
        settings: &NoticeSettings,
        delivery: &Delivery,
        id: &str,
        now: Timestamp,
    ) -> Result<(), Undelivered> {
        match (&delivery.email, &settings.smtp, &settings.alerts.url) {
            (Some(to), Some(smtp), _) => {
                let Delivery { subject, text, html, .. } = delivery.clone();
                let written = Written { subject, short: String::new(), text, html };
                let letter = Letter {
                    from: &smtp.from,
                    sender: None,
                    reply_to: None,
                    name: None,
                    to,
                    id,
                    at: now,
                    written: &written,
                    opt_out_url: None,
                    invite: None,
                };
                self.0.post.send(smtp, &compose(&letter)?, now).await
            }
            (None, _, Some(url)) => {
                let body = json!({
                    "service": "zelador", "subject": delivery.subject, "text": delivery.text,
                    "alerts": delivery.alerts,
                });
                let limit = std::time::Duration::from_secs(10);
                self.0.gateway.post(url, None, limit, id, &body).await
            }
            _ => Err(Undelivered::Refused("it is not configured any more".to_owned())),
        }
    }
}

/// Does the work of `alert.watch`.
pub(super) struct Watch(pub(super) NoticeDesk);

#[async_trait]
impl Handler for Watch {
    async fn run(&self, cx: JobCx) -> Result<Write, Failure> {
        let (settings, now, mut write) = (self.0.settings(), cx.shell.now(), Write::new());
        if !settings.alerts_on() {
            return Ok(write);
        }
        let rows = rows(&cx.shell).await?;
        let health = cx.shell.store.health();
        let low = settings.alerts.low_disk;
        let trouble = rules::of_disk(health.free_bytes, health.read_only.as_deref(), low);
        if let Some(trouble) = &trouble {
            note(&cx.shell, &settings, trouble, now, &mut write).await?;
        } else if rows.iter().any(|row| rules::is_due(&row.row, now, settings.alerts.repeat)) {
            // It came again while nobody was to hear of it.
            tell(&cx.shell, &settings, &rows, &mut write).await?;
        }
        let noted = trouble.map(|trouble| trouble.cause());
        for row in &rows {
            let hours = now.since(row.row.last_at).as_secs() / 3600;
            if hours >= FORGOTTEN_HOURS && noted.as_ref() != Some(&row.key) {
                write.remove::<Alerts>(row);
            }
        }
        Ok(write)
    }
}
