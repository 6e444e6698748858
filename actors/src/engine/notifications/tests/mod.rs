//! From events to mails: the consumers and the jobs through the real desks, on a
//! store in memory and a clock moved by hand.

mod alerting;
mod inviting;
mod reminding;
pub(in crate::engine::notifications) mod stub;
mod telling;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;
use zelador_store::booking::{Booking, BookingStatus, Bookings};
use zelador_store::event::Event;
use zelador_store::id::{BookingId, ResourceId, TenantId, UserId};
use zelador_store::job::{Job, JobState, Jobs};
use zelador_store::resource::Resources;
use zelador_store::tenant::Tenants;
use zelador_store::user::Users;
use zelador_store::{Query, Timestamp, Write};

use self::stub::Stub;
use super::settings::{AlertSettings, NoticeSettings, SmtpSettings};
use super::{Links, NoticeDesk};
use crate::engine::events::EventDesk;
use crate::engine::jobs::{Handlers, JobDesk, JobSettings};
use crate::engine::settings::{default_kinds, default_queues};
use crate::testkit::{World, eventually};

/// A booking of nobody's.
pub(super) fn booking() -> Booking {
    let id = "019ab6c2-7f10-7c3e-9d55-0d0f2f8f6a01";
    serde_json::from_value(json!({
        "tenant": id, "resource": id, "user": id, "client": id,
        "start": "2025-12-03T17:00:00Z", "end": "2025-12-03T18:00:00Z",
        "start_local": "2025-12-03T14:00:00", "zone": "America/Sao_Paulo", "notes": null,
        "status": "confirmado", "hold": null, "occurrence": null, "cancellation": null,
        "sequence": 0, "by": {"kind": "operator", "id": "x", "request": null}, "version": 1,
        "created_at": "2025-12-01T12:00:00Z", "updated_at": "2025-12-01T12:00:00Z",
    }))
    .unwrap()
}

/// A world with a tenant, a person, a room, a mail server, and the engine at work.
struct Bench {
    world: World,
    stub: Stub,
    notices: NoticeDesk,
    events: EventDesk,
    jobs: JobDesk,
    settings: watch::Sender<Arc<NoticeSettings>>,
    tenant: TenantId,
    user: UserId,
    room: ResourceId,
}

impl Bench {
    async fn new() -> Self {
        let (world, stub) = (World::new(), Stub::start().await);
        let smtp = super::send::tests_settings(stub.port);
        let on = NoticeSettings {
            reminders: vec![1440, 60],
            public_url: Some("https://agenda.example".into()),
            smtp: Some(smtp),
            alerts: AlertSettings { emails: vec!["op@sol.example".into()], ..Default::default() },
            ..NoticeSettings::default()
        };
        let (settings, receiver) = watch::channel(Arc::new(on));
        let shell = world.shell.clone();
        let links = Links::new(&"a key for tests".to_owned().into(), []);
        let notices = NoticeDesk::new(shell.clone(), receiver, links);
        let handlers: Handlers = notices.handlers().into_iter().collect::<HashMap<_, _>>();
        let known = JobSettings { queues: default_queues(), kinds: default_kinds() };
        let jobs = JobDesk::new(shell.clone(), handlers, watch::channel(Arc::new(known)).1);
        let events = EventDesk::new(shell.clone(), notices.consumers());
        let (tenant, user, room) = (shell.id(), shell.id(), shell.id());
        let bench = Self { world, stub, notices, events, jobs, settings, tenant, user, room };
        bench.people().await;
        bench.events.attach().await.unwrap();
        bench.work();
        bench
    }

    async fn people(&self) {
        let tenant = json!({
            "name": "Academia Sol", "domain": "sol.example", "logo_url": null,
            "theme_primary_color": null, "plan": "trial", "locale": "es", "is_active": true,
            "settings": {"timezone": "America/Santiago"}, "version": 1,
            "created_at": "2025-12-01T12:00:00Z", "updated_at": "2025-12-01T12:00:00Z",
            "deleted_at": null,
        });
        let room = json!({
            "tenant": self.tenant, "category": null, "name": "Sala 1", "description": null,
            "capacity": null, "location": "Segundo piso", "attributes": "{}", "is_active": true,
            "concurrent_bookings": 1, "availability_schedule": null, "settings": {},
            "calendar_token": null, "version": 1, "created_at": "2025-12-01T12:00:00Z",
            "updated_at": "2025-12-01T12:00:00Z", "deleted_at": null,
        });
        let mut write = Write::new();
        write.insert::<Tenants>(&self.tenant, &serde_json::from_value(tenant).unwrap());
        write.insert::<Resources>(&self.room, &serde_json::from_value(room).unwrap());
        self.commit(write).await;
        self.person(self.user, "Ana Rojas").await;
    }

    async fn person(&self, id: UserId, name: &str) {
        let mail = format!("{}@sol.example", name.split(' ').next().unwrap().to_lowercase());
        let user = json!({
            "tenant": self.tenant, "name": name, "email": mail, "user_type": "user",
            "permissions": {}, "profile": "{}", "phone": "+56 9 1234", "address": null,
            "zone": null, "code": null, "id_number": null, "id_wispro": null, "plan_id": null,
            "plan": null, "role": 0, "status": "ACTIVE", "status_since": "2025-12-01T12:00:00Z",
            "status_reason": null, "status_changes": 0, "planned": [], "leaves": [], "version": 1,
            "created_at": "2025-12-01T12:00:00Z", "updated_at": "2025-12-01T12:00:00Z",
            "deleted_at": null,
        });
        let mut write = Write::new();
        write.insert::<Users>(&id, &serde_json::from_value(user).unwrap());
        self.commit(write).await;
    }

    /// The loops of the engine.
    fn work(&self) {
        let jobs = self.jobs.clone();
        tokio::spawn(async move { jobs.work().await.unwrap() });
        for name in self.events.names() {
            let events = self.events.clone();
            tokio::spawn(async move { events.work(name).await.unwrap() });
        }
    }

    async fn commit(&self, write: Write) {
        self.world.shell.store.commit(write).await.unwrap();
    }

    fn set(&self, change: impl FnOnce(&mut NoticeSettings)) {
        self.settings.send_modify(|settings| change(Arc::make_mut(settings)));
    }

    fn smtp(&self) -> SmtpSettings {
        self.settings.borrow().smtp.clone().unwrap()
    }

    /// A booking of the person that starts after so many minutes, without a word.
    fn draft(&self, minutes: u64) -> Booking {
        let start = self.world.shell.now() + Duration::from_secs(minutes * 60);
        Booking {
            tenant: self.tenant,
            resource: self.room,
            user: self.user,
            client: self.user,
            start,
            end: start + Duration::from_secs(3600),
            ..booking()
        }
    }

    /// Puts a booking in its place and tells of it.
    async fn tell_of(&self, id: BookingId, booking: &Booking, kind: &str, more: &Value) -> Event {
        let mut data = json!({
            "booking_id": id, "tenant_id": booking.tenant, "user_id": booking.user,
            "client_id": booking.client, "resource_id": booking.resource,
            "status": booking.status.word(), "start_time": booking.start.to_seconds_string(),
            "end_time": booking.end.to_seconds_string(),
        });
        for (name, value) in more.as_object().unwrap() {
            data[name] = value.clone();
        }
        let event = Event { user: Some(booking.user), ..self.event(kind, &data) };
        let mut write = Write::new();
        match self.world.shell.store.get::<Bookings>(&id).await.unwrap() {
            Some(found) => write.update::<Bookings>(&found, booking),
            None => write.insert::<Bookings>(&id, booking),
        };
        write.event(&event);
        self.commit(write).await;
        event
    }

    fn event(&self, kind: &str, data: &Value) -> Event {
        let shell = &self.world.shell;
        Event {
            id: shell.id(),
            kind: kind.to_owned(),
            tenant: Some(self.tenant),
            user: None,
            key: "k".into(),
            at: shell.now(),
            data: data.to_string(),
        }
    }

    async fn tell(&self, kind: &str, data: &Value) {
        let mut write = Write::new();
        write.event(&self.event(kind, data));
        self.commit(write).await;
    }

    async fn book(&self, minutes: u64) -> (BookingId, Booking) {
        let (id, booking) = (self.world.shell.id(), self.draft(minutes));
        self.tell_of(id, &booking, "booking.created", &json!({})).await;
        (id, booking)
    }

    async fn cancel(&self, id: BookingId, booking: &Booking) {
        let off = Booking { status: BookingStatus::Cancelado, sequence: 1, ..booking.clone() };
        self.tell_of(id, &off, "booking.cancelled", &json!({"old_status": "confirmado"})).await;
    }

    /// Waits until the consumers are through and no job has work.
    async fn settled(&self) {
        eventually("nothing is left to do", async || {
            let consumers = self.events.consumers().await.unwrap();
            let behind = consumers.iter().any(|consumer| consumer.pending > 0);
            let busy = self.live().await.iter().any(|job| job.state != JobState::Scheduled);
            (!busy && !behind && consumers.len() == 2).then_some(())
        })
        .await;
    }

    async fn all(&self) -> Vec<Job> {
        let page = self.world.shell.store.page::<Jobs>(&Query::all().limit(5000)).await;
        page.unwrap().rows.into_iter().map(|row| row.row).collect()
    }

    async fn live(&self) -> Vec<Job> {
        self.all().await.into_iter().filter(|job| job.state.is_live()).collect()
    }

    /// When reminders are to fire.
    async fn reminders(&self) -> Vec<Timestamp> {
        let live = self.live().await.into_iter().filter(|job| job.kind == "notification.remind");
        let mut at: Vec<_> = live.filter_map(|job| job.run_at).collect();
        at.sort_unstable();
        at
    }

    /// Subjects of what arrived, decoded.
    fn subjects(&self) -> Vec<String> {
        self.stub.mails().iter().map(|mail| header(mail, "Subject")).collect()
    }

    async fn arrived(&self, count: usize) -> Vec<String> {
        eventually("mails", async || {
            let subjects = self.subjects();
            (subjects.len() >= count).then_some(subjects)
        })
        .await
    }

    fn forward(&self, minutes: u64) {
        self.world.hand.advance(Duration::from_secs(minutes * 60));
    }
}

/// A header of a mail, its folds undone and its words decoded.
fn header(mail: &str, name: &str) -> String {
    let unfolded = mail.replace("\r\n ", " ");
    let line = unfolded.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
    let mut text = String::new();
    for word in line.unwrap_or_default().split(' ').filter(|word| !word.is_empty()) {
        let coded = word.strip_prefix("=?utf-8?b?").and_then(|word| word.strip_suffix("?="));
        if let Some(coded) = coded {
            text.push_str(&base64(coded));
            continue;
        }
        if !text.is_empty() && !text.ends_with(' ') {
            text.push(' ');
        }
        text.push_str(word);
        text.push(' ');
    }
    text.trim().to_owned()
}

fn base64(text: &str) -> String {
    const SIGNS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for sign in text.bytes().filter(|sign| *sign != b'=') {
        held = held << 6 | u32::try_from(SIGNS.iter().position(|of| *of == sign).unwrap()).unwrap();
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).unwrap());
        }
    }
    String::from_utf8(bytes).unwrap()
}
