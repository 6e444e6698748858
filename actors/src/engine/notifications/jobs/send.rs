//! `notification.send`: tells one person one thing, by one channel.

use std::time::Duration;

use async_trait::async_trait;
use secrecy::{ExposeSecret as _, SecretString};
use zelador_store::booking::{Booking, BookingStatus, Bookings};
use zelador_store::id::UserId;
use zelador_store::notice::{NoticeChoices, NoticeKind, SentNotice, SentNotices};
use zelador_store::resource::Resources;
use zelador_store::session::Credentials;
use zelador_store::tenant::Tenants;
use zelador_store::user::Users;
use zelador_store::{Timestamp, Write};

use super::{Channel, Notice, done};
use crate::engine::Shell;
use crate::engine::jobs::{Failure, Handler, JobCx};
use crate::engine::notifications::desk::NoticeDesk;
use crate::engine::notifications::links::OptOut;
use crate::engine::notifications::rules::facts::{Booked, Rows};
use crate::engine::notifications::rules::remind;
use crate::engine::notifications::rules::tongue::Tongue;
use crate::engine::notifications::send::{Invite, Letter, Message, Undelivered, bare, compose};
use crate::engine::notifications::settings::{GatewaySettings, NoticeSettings, SmtpSettings};
use crate::engine::notifications::templates::Written;

/// What has waited longer is no news any more.
const TOO_OLD: Duration = Duration::from_hours(7 * 24);

/// Does the work of `notification.send`.
pub(in crate::engine::notifications) struct Send(pub(in crate::engine::notifications) NoticeDesk);

#[async_trait]
impl Handler for Send {
    async fn run(&self, cx: JobCx) -> Result<Write, Failure> {
        let notice: Notice = cx.args()?;
        let (desk, now) = (&self.0, cx.shell.now());
        let settings = desk.settings();
        if let Some(why) = self.pointless(&cx, &notice).await? {
            return Ok(done(&cx, &why));
        }
        let Some(mut rows) = rows(desk, &settings, &notice).await? else {
            return Ok(done(&cx, "nothing to tell: it is not so any more"));
        };
        if now.since(cx.job.created_at) > TOO_OLD {
            return Err(Failure::permanent("it has waited for more than seven days"));
        }
        desk.show_once(&settings, &notice, &mut rows);
        let sent = desk.deliver(&settings, &notice, &rows, now).await;
        count(&notice, sent.as_ref().err());
        match sent {
            Ok(true) => {}
            Ok(false) => return Ok(done(&cx, "there is no way to reach the person")),
            Err(undelivered) => return Err(undelivered.failure(now)),
        }
        tracing::info!(user = %notice.user_id, tenant_id = %notice.tenant_id,
            notice = notice.kind.word(), channel = notice.channel.word(), "notice sent");
        let mut write = Write::new();
        for digest in untold(&cx.shell, &notice).await? {
            write.insert::<SentNotices>(&digest, &SentNotice { at: now });
        }
        Ok(write)
    }
}

impl Send {
    /// Why nothing is to be told, if so.
    async fn pointless(&self, cx: &JobCx, notice: &Notice) -> Result<Option<String>, Failure> {
        let store = &cx.shell.store;
        if untold(&cx.shell, notice).await?.is_empty() {
            return Ok(Some("it was told before".to_owned()));
        }
        let choice = store.get::<NoticeChoices>(&notice.user_id).await?;
        if choice.is_some_and(|choice| choice.row.refused.contains(&notice.kind)) {
            return Ok(Some("the person does not want to be told".to_owned()));
        }
        Ok(None)
    }
}

/// The causes that the person has not been told of.
async fn untold(shell: &Shell, notice: &Notice) -> Result<Vec<[u8; 32]>, Failure> {
    let mut untold = Vec::new();
    for digest in notice.sources.iter().map(|source| notice.digest(source)) {
        if shell.store.get::<SentNotices>(&digest).await?.is_none() {
            untold.push(digest);
        }
    }
    Ok(untold)
}

fn count(notice: &Notice, error: Option<&Undelivered>) {
    let outcome = match error {
        None => "ok",
        Some(Undelivered::Refused(_)) => "refused",
        Some(Undelivered::Login(_)) => "login",
        Some(Undelivered::Later { .. }) => "later",
    };
    metrics::counter!("zelador_notifications_total", "channel" => notice.channel.word(),
        "kind" => notice.kind.word(), "outcome" => outcome)
    .increment(1);
}

/// The rows of a notice; `None`: the person or the tenant is gone, or what was to
/// be told is not so any more.
async fn rows(
    desk: &NoticeDesk,
    settings: &NoticeSettings,
    notice: &Notice,
) -> Result<Option<Rows>, Failure> {
    let (shell, store) = (&desk.shell, &desk.shell.store);
    let tenant = store.get::<Tenants>(&notice.tenant_id).await?.filter(|t| t.row.is_live());
    let user = store.get::<Users>(&notice.user_id).await?.filter(|u| u.row.is_live());
    let (Some(tenant), Some(user)) = (tenant, user) else { return Ok(None) };
    let mut booked = Vec::new();
    for id in &notice.bookings {
        let Some(booking) = store.get::<Bookings>(id).await? else { continue };
        let resource = store.get::<Resources>(&booking.row.resource).await?;
        let Some(resource) = resource.filter(|_| holds(notice.kind, &booking.row, shell)) else {
            continue;
        };
        booked.push(Booked { id: *id, booking: booking.row, resource: resource.row });
    }
    if notice.kind.is_of_booking() && booked.is_empty() {
        return Ok(None);
    }
    booked.sort_by_key(|booked| booked.booking.start);
    let (more, facts) = (notice.more, notice.facts.clone());
    let invitation = match notice.kind {
        NoticeKind::AccountInvited => {
            match open_invitation(desk, settings, notice.user_id).await? {
                None => return Ok(None),
                open => open,
            }
        }
        _ => None,
    };
    Ok(Some(Rows { tenant: tenant.row, user: user.row, booked, more, facts, invitation }))
}

/// The link of a person's open invitation, and until when it is good.
async fn open_invitation(
    desk: &NoticeDesk,
    settings: &NoticeSettings,
    user: UserId,
) -> Result<Option<(SecretString, Timestamp)>, Failure> {
    let Some(url) = settings.invite_url.as_deref() else { return Ok(None) };
    let found = desk.shell.store.get::<Credentials>(&user).await?;
    let invite = found.and_then(|found| found.row.invite);
    let Some(invite) = invite.filter(|invite| desk.shell.now() < invite.expires_at) else {
        return Ok(None);
    };
    let text = desk.links.text(user, &invite);
    let link = text.map(|text| url.replace("{token}", text.expose_secret()));
    Ok(link.map(|link| (link.into(), invite.expires_at)))
}

/// Whether a booking still is what it was when the notice was due: whoever booked
/// and called off at once is told of the end only.
fn holds(kind: NoticeKind, booking: &Booking, shell: &Shell) -> bool {
    let status = booking.status;
    match kind {
        NoticeKind::BookingMade | NoticeKind::BookingConfirmed | NoticeKind::BookingChanged => {
            matches!(status, BookingStatus::Pendente | BookingStatus::Confirmado)
        }
        NoticeKind::BookingReminder => remind::is_reminded(status) && booking.start > shell.now(),
        NoticeKind::BookingOffered => status == BookingStatus::Reservado,
        NoticeKind::BookingCancelled => status == BookingStatus::Cancelado,
        NoticeKind::BookingRejected => status == BookingStatus::Rejeitado,
        _ => true,
    }
}

impl NoticeDesk {
    /// Adds the link to what is shown once, where the event says that there is any.
    /// It is made here, when it is sent: no job and no event holds one.
    fn show_once(&self, settings: &NoticeSettings, notice: &Notice, rows: &mut Rows) {
        let at = |name: &str| -> Option<Timestamp> {
            rows.facts.get(name).and_then(serde_json::Value::as_str)?.parse().ok()
        };
        let (made, until) = (at("created_at"), at("link_until"));
        let base = settings.public_url.as_deref().map(|base| base.trim_end_matches('/'));
        let (Some(made), Some(until), Some(base)) = (made, until, base) else { return };
        let token = self.links.once((notice.user_id, made), until);
        if let Some(facts) = rows.facts.as_object_mut() {
            let link = format!("{base}/nextcloud/password?token={token}");
            facts.insert("link".to_owned(), link.into());
        }
    }

    /// Hands a notice over; `false`: the person cannot be reached this way.
    async fn deliver(
        &self,
        settings: &NoticeSettings,
        notice: &Notice,
        rows: &Rows,
        now: Timestamp,
    ) -> Result<bool, Undelivered> {
        let tongue = rows.tongue(settings.tongue);
        let id = notice.id();
        match (notice.channel, &settings.smtp, &settings.gateway) {
            (Channel::Email, Some(smtp), _) => {
                let link = self.link(settings, notice, now);
                let written = self.written(notice.kind, tongue, rows, link.as_deref())?;
                self.mail(smtp, (notice.kind, &id), rows, (&written, link.as_deref()), now).await
            }
            (Channel::Gateway, _, Some(gateway)) => {
                let written = self.written(notice.kind, tongue, rows, None)?;
                self.message(gateway, (notice.kind, &id), rows, (&written, tongue)).await
            }
            _ => Ok(false),
        }
    }

    async fn mail(
        &self,
        smtp: &SmtpSettings,
        (kind, id): (NoticeKind, &str),
        rows: &Rows,
        (written, link): (&Written, Option<&str>),
        now: Timestamp,
    ) -> Result<bool, Undelivered> {
        let Some(to) = rows.user.email.as_deref() else { return Ok(false) };
        let invite = rows.invite(kind, &bare(&smtp.from), to);
        let invite = invite.map(|(method, text)| Invite { method, text });
        let own = &rows.tenant.settings.notifications;
        let letter = Letter {
            from: &smtp.from,
            sender: Some(own.sender_name.as_deref().unwrap_or(&rows.tenant.name)),
            reply_to: own.reply_to.as_deref(),
            name: Some(&rows.user.name),
            to,
            id,
            at: now,
            written,
            opt_out_url: link,
            invite: invite.as_ref(),
        };
        self.post.send(smtp, &compose(&letter)?, now).await.map(|()| true)
    }

    async fn message(
        &self,
        gateway: &GatewaySettings,
        (kind, id): (NoticeKind, &str),
        rows: &Rows,
        (written, tongue): (&Written, Tongue),
    ) -> Result<bool, Undelivered> {
        let Some(to) = rows.user.phone.as_deref() else { return Ok(false) };
        let message = Message {
            id,
            channel: &gateway.channel,
            to,
            kind: kind.word(),
            language: tongue.tag(),
            text: &written.short,
            tenant: &rows.tenant.name,
        };
        self.gateway.send(gateway, &message).await.map(|()| true)
    }

    fn written(
        &self,
        kind: NoticeKind,
        tongue: Tongue,
        rows: &Rows,
        link: Option<&str>,
    ) -> Result<Written, Undelivered> {
        let written = self.templates.book().write(kind.word(), tongue, &rows.facts(tongue, link));
        // A text can be mended while the job waits.
        written.map_err(Undelivered::later)
    }

    /// Where the person says that no more of the kind is wanted.
    fn link(&self, settings: &NoticeSettings, notice: &Notice, now: Timestamp) -> Option<String> {
        let base = settings.public_url.as_deref()?.trim_end_matches('/');
        let of = OptOut { user: notice.user_id, kind: notice.kind };
        Some(format!("{base}/notifications/opt-out?token={}", self.links.token(of, now)))
    }
}
