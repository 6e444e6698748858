//! The consumer `notifications`: from an event to jobs.

use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;
use zelador_store::booking::Bookings;
use zelador_store::event::Event;
use zelador_store::id::{BookingId, TenantId, UserId};
use zelador_store::job::{Job, JobState, Jobs, JobsByUnique};
use zelador_store::kv::Term;
use zelador_store::notice::{NoticeChoices, NoticeKind, SentNotices};
use zelador_store::tenant::Tenants;
use zelador_store::user::Users;
use zelador_store::{Stored, Timestamp, Write};

use super::desk::NoticeDesk;
use super::jobs::{Channel, Notice, REMIND, Reminder};
use super::rules::{news, remind};
use super::settings::NoticeSettings;
use crate::engine::Shell;
use crate::engine::events::{Begin, Consume, EventCx};
use crate::engine::jobs::{Failure, NewJob, call_off};

/// How long a notice waits for others of the same cause: a series is hundreds of
/// events, and one mail.
const GATHER: Duration = Duration::from_secs(5);
/// Bookings named in one notice.
const NAMED: usize = 50;
/// Events that go into one notice: more than a series can have.
const GATHERED: usize = 400;

/// Turns events into jobs.
pub struct Notices(pub(super) NoticeDesk);

#[async_trait]
impl Consume for Notices {
    fn name(&self) -> &'static str {
        "notifications"
    }

    fn wants(&self, event: &Event) -> bool {
        news::is_of_interest(&event.kind)
    }

    async fn consume(&self, cx: &EventCx, _: u64, event: &Event) -> Result<Write, Failure> {
        let (settings, shell) = (self.0.settings(), &cx.shell);
        let mut write = Write::new();
        if !settings.is_on() {
            return Ok(write);
        }
        let data: Value = serde_json::from_str(&event.data).map_err(Failure::permanent)?;
        if let (Some(news), Some(tenant)) = (news::news(event, &data, shell.now()), event.tenant) {
            let telling = Telling {
                kind: news.kind,
                tenant,
                to: &news.to,
                source: event.id.to_string(),
                booking: news.booking,
                facts: news.facts,
                group: news.cause.filter(|_| news.kind.is_of_booking()),
            };
            self.0.tell(shell, &settings, &telling, &mut write).await?;
        }
        if news::is_of_booking(&event.kind)
            && let Some(booking) = news::booking_of(&data)
        {
            remind_of(shell, &settings, booking, &mut write).await?;
        }
        Ok(write)
    }

    /// What happened before anybody could be told is no news.
    fn begins(&self) -> Begin {
        Begin::Now
    }
}

/// Something to tell some people.
pub(super) struct Telling<'a> {
    pub(super) kind: NoticeKind,
    pub(super) tenant: TenantId,
    pub(super) to: &'a [UserId],
    /// The same source tells the same person once.
    pub(super) source: String,
    pub(super) booking: Option<BookingId>,
    pub(super) facts: Value,
    /// What has the same group goes into one notice.
    pub(super) group: Option<String>,
}

impl NoticeDesk {
    /// Stages a job for each person and channel.
    pub(super) async fn tell(
        &self,
        shell: &Shell,
        settings: &NoticeSettings,
        telling: &Telling<'_>,
        write: &mut Write,
    ) -> Result<(), Failure> {
        let tenant = shell.store.get::<Tenants>(&telling.tenant).await?;
        let Some(tenant) = tenant.filter(|tenant| tenant.row.is_live()) else { return Ok(()) };
        let own = &tenant.row.settings.notifications;
        for user in telling.to {
            let found = shell.store.get::<Users>(user).await?;
            let Some(found) = found.filter(|found| found.row.is_live()) else { continue };
            let choice = shell.store.get::<NoticeChoices>(user).await?;
            if choice.is_some_and(|choice| choice.row.refused.contains(&telling.kind)) {
                continue;
            }
            let mail = own.email && settings.smtp.is_some() && found.row.email.is_some();
            let phone = own.gateway && settings.gateway.is_some() && found.row.phone.is_some();
            let channels = [(mail, Channel::Email), (phone, Channel::Gateway)];
            for (_, channel) in channels.into_iter().filter(|(usable, _)| *usable) {
                let notice = Notice {
                    kind: telling.kind,
                    channel,
                    user_id: *user,
                    tenant_id: telling.tenant,
                    sources: vec![telling.source.clone()],
                    bookings: telling.booking.into_iter().collect(),
                    more: 0,
                    facts: telling.facts.clone(),
                };
                enqueue(shell, &notice, telling.group.as_deref(), write).await?;
            }
        }
        Ok(())
    }
}

/// Stages the job of a notice, or adds what it is about to one that waits.
async fn enqueue(
    shell: &Shell,
    notice: &Notice,
    group: Option<&str>,
    write: &mut Write,
) -> Result<(), Failure> {
    let store = &shell.store;
    let source = notice.sources.first().map(String::as_str).unwrap_or_default();
    if store.get::<SentNotices>(&notice.digest(source)).await?.is_some() {
        return Ok(());
    }
    let (kind, user, channel) = (notice.kind.word(), notice.user_id, notice.channel.word());
    let by = group.unwrap_or(source);
    let mut key = format!("notice:{kind}:{user}:{channel}:{by}");
    if let Some(live) = store.find::<JobsByUnique>(&Term::new(&key)).await? {
        if group.is_none() || !waits(&live) || !gather(&live, notice, write) {
            // It is being sent: what comes now goes into another.
            key = format!("notice:{kind}:{user}:{channel}:{source}");
            if store.find::<JobsByUnique>(&Term::new(&key)).await?.is_some() {
                return Ok(());
            }
        } else {
            return Ok(());
        }
    }
    let mut job = notice.job().unique(key);
    if group.is_some() {
        job = job.at(shell.now() + GATHER);
    }
    write.enqueue(shell.id(), &job.build(shell.now()));
    Ok(())
}

fn waits(job: &Stored<Jobs>) -> bool {
    matches!(job.row.state, JobState::Scheduled | JobState::Ready) && job.row.tries == 0
}

/// Adds what a notice is about to one that waits; `false`: it cannot be read.
fn gather(live: &Stored<Jobs>, notice: &Notice, write: &mut Write) -> bool {
    let Ok(mut waiting) = serde_json::from_str::<Notice>(&live.row.args) else { return false };
    if notice.sources.iter().all(|source| waiting.sources.contains(source)) {
        return true;
    }
    if waiting.sources.len() >= GATHERED {
        return false;
    }
    waiting.sources.extend(notice.sources.iter().cloned());
    for id in &notice.bookings {
        if waiting.bookings.len() < NAMED {
            waiting.bookings.push(*id);
        } else {
            waiting.more += 1;
        }
    }
    let Ok(args) = serde_json::to_string(&waiting) else { return false };
    write.move_job(live, &Job { args, ..live.row.clone() });
    true
}

/// Whether a reminder that is not due any more has not begun to be.
fn is_void(live: &Stored<Jobs>, booking: Option<&Stored<Bookings>>, now: Timestamp) -> bool {
    let stands = booking.is_some_and(|found| remind::is_reminded(found.row.status));
    !stands || live.row.run_at.is_none_or(|at| at > now)
}

/// Makes the reminders of a booking what they should be by its row.
async fn remind_of(
    shell: &Shell,
    settings: &NoticeSettings,
    id: BookingId,
    write: &mut Write,
) -> Result<(), Failure> {
    let booking = shell.store.get::<Bookings>(&id).await?;
    for minutes in &settings.reminders {
        let reminder = Reminder { booking_id: id, minutes: *minutes };
        let live = shell.store.find::<JobsByUnique>(&Term::new(&reminder.key())).await?;
        let due = booking.as_ref().and_then(|found| remind::due(&found.row, *minutes, shell.now()));
        match (live, due, &booking) {
            (None, Some(at), Some(found)) => {
                let job = NewJob::new(REMIND, &reminder).unique(reminder.key()).at(at);
                let job = job.about(found.row.tenant, found.row.client).build(shell.now());
                write.enqueue(shell.id(), &job);
            }
            (Some(live), _, _) if live.row.state == JobState::Running => {
                return Err(Failure::retry("a reminder of the booking is just being made"));
            }
            (Some(live), Some(at), _) if live.row.run_at != Some(at) => {
                let moved =
                    Job { run_at: Some(at), state: JobState::Scheduled, ..live.row.clone() };
                write.move_job(&live, &moved);
            }
            // One whose time has come looks for itself.
            (Some(live), None, found) if is_void(&live, found.as_ref(), shell.now()) => {
                let why = "there is nothing to be reminded of any more";
                call_off(shell, write, live.key, why, shell.now()).await?;
            }
            _ => {}
        }
    }
    Ok(())
}
