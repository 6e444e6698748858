//! The booking concern through its desk, on a store in memory and a clock moved
//! by hand. It is Monday, 1 December 2025, 09:00 in São Paulo.

mod bookings;
mod changes;
mod ends;
mod holds;
mod lists;
mod model;
mod races;
mod series;
mod waitlists;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;
use zelador_store::author::{Author, AuthorKind};
use zelador_store::booking::{Booking, BookingStatus, Bookings};
use zelador_store::event::{Event, Events};
use zelador_store::id::{BookingId, ResourceId, TenantId, UserId};
use zelador_store::user::Status;
use zelador_store::{Query, Timestamp};

use super::jobs::{CANCEL_ALL, CancelAll, EXPIRE_HOLD, ExpireHold};
use super::messages::{
    Book, Booked, BookingRecord, Changed, Command, Decided, Recurring, Revision, Rights, Scope,
    Unbookable, What,
};
use super::rules::Rule;
use super::waitlist::{Join, Offers};
use super::{BookingDesk, BookingSettings, Cascades};
use crate::engine::events::{Consume, EventDesk};
use crate::engine::jobs::{Handlers, JobDesk, JobSettings};
use crate::engine::settings::{default_kinds, default_queues};
use crate::error::{Error, Refusal};
use crate::resources::{self, ResourceDesk, ResourceDraft};
use crate::tenants::{self, TenantDesk, TenantDraft};
use crate::testkit::{World, eventually};
use crate::users::lifecycle::{Follow, Lifecycle, told};
use crate::users::rules::UserDraft;
use crate::users::rules::guards::Standing;
use crate::users::{self, UserDesk};

/// A tenant with one resource and two people.
pub(super) struct House {
    pub(super) world: World,
    pub(super) desk: BookingDesk,
    pub(super) tenant: TenantId,
    pub(super) room: ResourceId,
    pub(super) ana: UserId,
    pub(super) rui: UserId,
    users: UserDesk,
    resources: ResourceDesk,
    jobs: JobDesk,
    events: EventDesk,
}

impl House {
    /// Open from 6 to 22 every day, by the hour, one seat.
    pub(super) async fn new() -> Self {
        Self::with(|_, _| {}).await
    }

    /// The same with other settings and another room.
    pub(super) async fn with(change: impl FnOnce(&mut TenantDraft, &mut ResourceDraft)) -> Self {
        let world = World::new();
        let shell = world.shell.clone();
        let mut tenant = academia();
        let mut room = ResourceDraft { name: "Sala 1".to_owned(), ..ResourceDraft::default() };
        change(&mut tenant, &mut room);
        let command = tenants::Register { draft: tenant, by: operator(), keep: None };
        let tenant = TenantDesk::new(shell.clone()).register(command).await.unwrap().id;
        let users = UserDesk::new(shell.clone(), watch::channel(Arc::default()).1);
        let resources = ResourceDesk::new(shell.clone());
        let (jobs, events) = engine(&world);
        let desk = BookingDesk::new(shell);
        let (ana, rui) = (person(&users, tenant, "Ana").await, person(&users, tenant, "Rui").await);
        let room = resource(&resources, tenant, room).await;
        Self { world, desk, tenant, room, ana, rui, users, resources, jobs, events }
    }

    /// Jobs and consumers run.
    pub(super) async fn work(&self) {
        let jobs = self.jobs.clone();
        tokio::spawn(async move { jobs.work().await.unwrap() });
        self.events.attach().await.unwrap();
        for name in self.events.names() {
            let events = self.events.clone();
            tokio::spawn(async move { events.work(name).await.unwrap() });
        }
    }

    pub(super) async fn another_room(&self) -> ResourceId {
        let draft = ResourceDraft { name: "Sala 2".to_owned(), ..ResourceDraft::default() };
        resource(&self.resources, self.tenant, draft).await
    }

    pub(super) async fn person(&self, name: &str) -> UserId {
        person(&self.users, self.tenant, name).await
    }

    /// What Ana asks for when she books, in the tenant's time.
    pub(super) fn wish(&self, start: &str, end: &str) -> Book {
        Book {
            tenant: self.tenant,
            resource: self.room,
            user: self.ana,
            client: None,
            start: start.parse().unwrap(),
            end: end.parse().unwrap(),
            notes: None,
            hold: None,
            recurring: None,
            by: operator(),
            keep: None,
        }
    }

    pub(super) async fn book(&self, start: &str, end: &str) -> BookingRecord {
        booked(self.desk.book(self.wish(start, end)).await.unwrap()).first
    }

    /// Why a wish is refused.
    pub(super) async fn refused(&self, wish: Book) -> Unbookable {
        *self.desk.book(wish).await.unwrap().unwrap_err()
    }

    /// The rule that refuses an interval of Ana's.
    pub(super) async fn rule(&self, start: &str, end: &str) -> Rule {
        self.refused(self.wish(start, end)).await.rule()
    }

    pub(super) async fn tell(&self, id: BookingId, what: What) -> Result<Decided<Changed>, Error> {
        self.desk.execute(command(id, what)).await
    }

    pub(super) async fn row(&self, id: BookingId) -> Booking {
        self.world.shell.store.get::<Bookings>(&id).await.unwrap().unwrap().row
    }

    pub(super) async fn becomes(&self, id: BookingId, status: BookingStatus) -> Booking {
        eventually(status.word(), async || {
            Some(self.row(id).await).filter(|row| row.status == status)
        })
        .await
    }

    pub(super) async fn events(&self, kind: &str) -> Vec<(Event, Value)> {
        let page = self.world.shell.store.page::<Events>(&Query::all().limit(5000)).await.unwrap();
        let of_kind = page.rows.into_iter().map(|row| row.row).filter(|event| event.kind == kind);
        of_kind.map(|event| (event.clone(), serde_json::from_str(&event.data).unwrap())).collect()
    }

    pub(super) async fn set_status(&self, user: UserId, to: Status) {
        let what = users::What::SetStatus { to, reason: None };
        self.users.execute(person_command(user, what)).await.unwrap();
    }

    pub(super) async fn delete_person(&self, user: UserId) {
        self.users.execute(person_command(user, users::What::Delete)).await.unwrap();
    }

    pub(super) async fn delete_room(&self) {
        let command =
            resources::Delete { id: self.room, within: None, if_version: None, by: operator() };
        self.resources.delete_resource(command).await.unwrap();
    }
}

fn academia() -> TenantDraft {
    let mut draft = TenantDraft {
        name: "Academia".to_owned(),
        domain: "academia.example".to_owned(),
        logo_url: None,
        theme_primary_color: None,
        plan: zelador_store::tenant::ServicePlan::Trial,
        locale: None,
        is_active: true,
        settings: zelador_store::tenant::Settings::default(),
    };
    draft.settings.working_hours_start = jiff::civil::time(6, 0, 0, 0);
    draft.settings.working_hours_end = jiff::civil::time(22, 0, 0, 0);
    draft.settings.booking_interval = 60;
    draft
}

fn engine(world: &World) -> (JobDesk, EventDesk) {
    let shell = world.shell.clone();
    let mut handlers: Handlers = HashMap::new();
    handlers.insert(EXPIRE_HOLD, Arc::new(ExpireHold));
    handlers.insert(CANCEL_ALL, told(Arc::new(CancelAll)));
    let known = JobSettings { queues: default_queues(), kinds: default_kinds() };
    let jobs = JobDesk::new(shell.clone(), handlers, watch::channel(Arc::new(known)).1);
    let settings = watch::channel(Arc::new(BookingSettings::default())).1;
    let consumers: Vec<Arc<dyn Consume>> = vec![
        Arc::new(Cascades),
        Arc::new(Offers::new(settings)),
        Arc::new(Follow::new(Lifecycle::default())),
    ];
    (jobs, EventDesk::new(shell, consumers))
}

async fn person(users: &UserDesk, tenant: TenantId, name: &str) -> UserId {
    let draft = UserDraft { name: name.to_owned(), ..UserDraft::default() };
    let register = users::Register {
        tenant,
        draft,
        status: Status::Active,
        credential: None,
        standing: Standing::Above,
        by: operator(),
        keep: None,
    };
    users.register(register).await.unwrap().id
}

async fn resource(desk: &ResourceDesk, tenant: TenantId, draft: ResourceDraft) -> ResourceId {
    let command = resources::Register { tenant, draft, by: operator(), keep: None };
    desk.register_resource(command).await.unwrap().id
}

fn person_command(id: UserId, what: users::What) -> users::Command {
    users::Command {
        id,
        within: None,
        if_version: None,
        what,
        credential: None,
        standing: Standing::Above,
        by: operator(),
        keep: None,
    }
}

pub(super) fn operator() -> Author {
    Author::new(AuthorKind::Operator, "tests")
}

pub(super) fn command(id: BookingId, what: What) -> Command {
    Command {
        id,
        within: None,
        if_version: None,
        what,
        scope: Scope::This,
        rights: ALL,
        by: operator(),
        keep: None,
    }
}

/// Those of an operator.
pub(super) const ALL: Rights = Rights { person: None, manages: true, spared: true };

/// Those of a plain user.
pub(super) fn of_user(id: UserId) -> Rights {
    Rights { person: Some(id), manages: false, spared: false }
}

pub(super) fn cancel() -> What {
    What::Cancel { reason: None }
}

#[track_caller]
pub(super) fn booked(decided: Decided<Booked>) -> Booked {
    decided.unwrap_or_else(|why| panic!("{:?}", why.judgement))
}

pub(super) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(super) fn code(refused: Result<impl std::fmt::Debug, Error>) -> &'static str {
    match refused {
        Err(Error::Refused(
            Refusal::Rule { code, .. }
            | Refusal::Conflict { code, .. }
            | Refusal::Forbidden { code },
        )) => code,
        Err(Error::Refused(Refusal::Absent { what })) => what,
        other => panic!("{other:?}"),
    }
}

pub(super) const HOUR: Duration = Duration::from_secs(3600);
