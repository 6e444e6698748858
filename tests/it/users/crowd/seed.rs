//! The crowd, put into the store of a daemon that is down: by the concern's own
//! desk, so that every row is as a request would have made it.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use serde_json::json;
use tokio::sync::watch;
use zelador_actors::engine::{Clock, Dice, Shell};
use zelador_actors::moment::Spoken;
use zelador_actors::users::rules::guards::Standing;
use zelador_actors::users::settings::UserSettings;
use zelador_actors::users::{Command, Register, UserDesk, UserDraft, What};
use zelador_store::author::{Author, AuthorKind};
use zelador_store::id::{SessionId, TenantId, UserId};
use zelador_store::kv::embedded::{Embedded, Options};
use zelador_store::session::Sessions;
use zelador_store::user::Status;
use zelador_store::{Store, Timestamp, Write};

use super::{AHEAD, PEOPLE, PLANNING, Planned};
use crate::harness::Home;

/// How many people are registered at once: their commits share a sync.
const AT_ONCE: usize = 256;

/// A person, the one session, and what is planned.
pub(super) struct Person {
    pub(super) user: UserId,
    pub(super) session: SessionId,
    pub(super) planned: Planned,
}

/// Opens the store of a daemon that is down.
pub(super) fn open(home: &Home) -> Arc<Embedded> {
    let clock = Clock::system();
    let boot_id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let options = Options::new(home.data(), boot_id.trim(), Arc::new(move || clock.now()));
    Embedded::open(options).unwrap().0
}

/// Registers everybody, and plans for them from a time that is this machine's own:
/// as far ahead as it needs to plan for all. Gives that time too. The clock stands
/// still meanwhile: however long it takes, what is planned is to come.
pub(super) async fn people(home: &Home, tenant: TenantId) -> (Vec<Person>, Timestamp) {
    let engine = open(home);
    let system = Clock::system();
    let began = system.now();
    let (clock, _hand) = Clock::manual(began);
    let shell = Shell { store: Store::new(engine.clone()), clock, dice: Dice::system() };
    let settings = watch::channel(Arc::new(UserSettings::default())).1;
    let desk = UserDesk::new(shell.clone(), settings);
    let users: Vec<_> = futures::stream::iter(0..PEOPLE)
        .map(|_| register(&desk, tenant))
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let registered = system.now();
    let begin = registered + registered.since(began) * PLANNING + AHEAD;
    let people = futures::stream::iter(users.into_iter().enumerate())
        .map(|(number, user)| planned(&shell, &desk, tenant, user, Planned::of(number, begin)))
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    drop((shell, desk));
    engine.close().unwrap();
    (people, begin)
}

fn by() -> Author {
    Author::new(AuthorKind::Operator, "crowd")
}

async fn register(desk: &UserDesk, tenant: TenantId) -> UserId {
    let register = Register {
        tenant,
        draft: UserDraft { name: "One of many".to_owned(), ..UserDraft::default() },
        status: Status::Active,
        credential: None,
        standing: Standing::Above,
        by: by(),
        keep: None,
    };
    desk.register(register).await.unwrap().id
}

async fn planned(
    shell: &Shell,
    desk: &UserDesk,
    tenant: TenantId,
    user: UserId,
    planned: Planned,
) -> Person {
    let reason = Some("crowd".to_owned());
    let at = Spoken::Instant(planned.suspended);
    let change = What::PlanChange { to: Status::Suspended, at, reason: reason.clone() };
    let ban = What::PlanBan { date: Spoken::Instant(planned.banned), reason };
    for what in [change, ban] {
        let command = Command {
            id: user,
            within: None,
            if_version: None,
            what,
            credential: None,
            standing: Standing::Above,
            by: by(),
            keep: None,
        };
        desk.execute(command).await.unwrap();
    }
    Person { user, session: session(shell, tenant, user).await, planned }
}

async fn session(shell: &Shell, tenant: TenantId, user: UserId) -> SessionId {
    let (id, now) = (shell.id(), shell.now());
    let row = json!({
        "tenant": tenant, "user": user, "family": vec![0; 32], "refresh": vec![0; 32],
        "created_at": now, "refreshed_at": now, "expires_at": now + Duration::from_hours(24),
        "must_change": false, "address": null, "agent": null,
        "revoked_at": null, "revoked_for": null,
    });
    let mut write = Write::new();
    write.insert::<Sessions>(&id, &serde_json::from_value(row).unwrap());
    shell.store.commit(write).await.unwrap();
    id
}
