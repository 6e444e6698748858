//! The shell: load, decide, commit, tell.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use serde_json::json;
use tokio::sync::watch;
use zelador_store::id::{PlanId, TenantId, UserId};
use zelador_store::kv::Clash;
use zelador_store::leave::OpenLeave;
use zelador_store::plan::{PlanSort, PlanState};
use zelador_store::tenant::Tenants;
use zelador_store::user::{
    Planned, Status, StatusChange, StatusHistory, User, Users, UsersByEmail, UsersByWispro,
};
use zelador_store::{Error as StoreError, Lookup, Stored, Timestamp, Write};

use super::access;
use super::audit;
use super::erasure::{Erase, erase};
use super::leave;
use super::lifecycle::{Done, Lifecycle};
use super::messages::{Command, Register, UserRecord, What};
use super::queries;
use super::rules::turn::{Turn, check_future};
use super::rules::{self, guards, record, shown};
use super::settings::UserSettings;
use super::stage::{Stage, Told};
use crate::engine::supervisor::{Member, Serve};
use crate::engine::{Shell, Tries};
use crate::error::{During, Error, Refusal};
use crate::facts::about_user;
use crate::moment::{self, Spoken};
use crate::tenants;

/// Serves the commands of one user at a time, as the actor of that user. All it
/// knows, the store knows: any of its actors can be thrown away.
#[derive(Clone)]
pub(super) struct Clerk {
    pub(super) shell: Shell,
    settings: watch::Receiver<Arc<UserSettings>>,
    pub(super) lifecycle: Lifecycle,
}

impl Member for Clerk {
    type Key = UserId;
    const NAME: &'static str = "user";
    const CONCERN: &'static str = "users";
}

impl Serve<Command> for Clerk {
    type Answer = UserRecord;

    async fn serve(&self, _: UserId, command: &Command) -> Result<UserRecord, Error> {
        self.execute(command).await
    }
}

impl Serve<Erase> for Clerk {
    type Answer = ();

    async fn serve(&self, _: UserId, command: &Erase) -> Result<(), Error> {
        erase(self, command).await
    }
}

/// What a command adds, with rows of its own.
#[derive(Default)]
struct New {
    plan: Option<Planned>,
    leave: Option<OpenLeave>,
}

/// What a command came to, before it is committed.
pub(super) struct Decided {
    pub(super) write: Write,
    pub(super) user: User,
    told: Vec<Told>,
    pub(super) turn: Turn,
    pub(super) done: Vec<Done>,
}

impl Clerk {
    pub(super) fn new(shell: Shell, settings: watch::Receiver<Arc<UserSettings>>) -> Self {
        Self { shell, settings, lifecycle: Lifecycle::default() }
    }

    /// Registers a user. The tenant's row is expected unchanged, so that none is
    /// registered under a tenant that is being deleted.
    pub(super) async fn register(&self, command: Register) -> Result<UserRecord, Error> {
        let Register { tenant, draft, status, credential, standing, by, keep } = command;
        record::check(&draft)?;
        record::check_first_status(status)?;
        let shell = &self.shell;
        let mut tries = Tries::of("registering a user");
        loop {
            let owner = tenants::load(shell, tenant).await?;
            guards::may_register(&standing, &draft)?;
            let (id, now): (UserId, _) = (shell.id(), shell.now());
            let user = record::register(tenant, draft.clone(), status, now);
            let mut write = Write::new();
            write.expect(&owner);
            write.insert::<Users>(&id, &user);
            if let Some(new) = &credential {
                access::first(shell, &mut write, id, new);
            }
            let first = StatusChange {
                from: None,
                to: status,
                reason: None,
                plan: None,
                leave: None,
                by: Some(by.clone()),
                noted_at: now,
            };
            write.insert::<StatusHistory>(&(id, now, 0), &first);
            let data = record::payload(id, &user);
            write.event(&about_user(shell, "user.created", tenant, id, &by, data));
            audit::registered(shell, &mut write, &by, id, &user);
            let cloud = self.lifecycle.registered(shell, (id, &user), &by, &mut write).await;
            let cloud = cloud.during("registering a user")?;
            let record = UserRecord { id, user, tenant: owner.row, cloud, folder: None };
            if let Some(keep) = &keep {
                keep.stage(&mut write, &record);
            }
            match shell.store.commit(write).await {
                Ok(_) => {
                    tracing::info!(user = %id, tenant_id = %tenant, by = %by, "user registered");
                    return Ok(record);
                }
                Err(error) => tries.again(free_address(error)?)?,
            }
        }
    }

    /// Carries out a command about one user; answers the user as it then is.
    pub(super) async fn execute(&self, command: &Command) -> Result<UserRecord, Error> {
        check(&command.what, self.shell.now())?;
        let mut tries = Tries::of("changing a user");
        loop {
            let (found, owner) = load(&self.shell, command.id, command.within).await?;
            let mut decided = self.decide(command, &found, &owner).await?;
            self.guard(command, &found, &mut decided).await?;
            let (id, tenant) = (command.id, owner.row.clone());
            let record = queries::record(&self.shell, id, decided.user, tenant).await?;
            let mut write = decided.write;
            if let Some(keep) = &command.keep {
                keep.stage(&mut write, &record);
            }
            if write.is_empty() {
                return Ok(record);
            }
            match self.shell.store.commit(write).await {
                Ok(_) => {
                    for told in &decided.told {
                        told.log(record.id, &record.user);
                    }
                    log(command, &record.user);
                    return Ok(record);
                }
                Err(error) => tries.again(free_address(error)?)?,
            }
        }
    }

    /// What goes with the decided: the credential, and that an admin stays.
    pub(super) async fn guard(
        &self,
        command: &Command,
        found: &Stored<Users>,
        decided: &mut Decided,
    ) -> Result<(), Error> {
        let Decided { write, user, .. } = decided;
        let before = shown::in_force(&found.row, self.shell.now());
        if guards::loses_admin(&before, user) {
            access::expect_other_admin(&self.shell, write, user.tenant, command.id).await?;
        }
        let Some(new) = &command.credential else { return Ok(()) };
        if write.is_empty() {
            write.expect(found);
            audit::password(&self.shell, write, command, user);
        }
        access::replace(&self.shell, write, command.id, new).await
    }

    pub(super) async fn decide(
        &self,
        command: &Command,
        found: &Stored<Users>,
        owner: &Stored<Tenants>,
    ) -> Result<Decided, Error> {
        let now = self.shell.now();
        let mut turn = Turn::open(&found.row, now);
        guards::may(&command.standing, command.id, &turn.user, &command.what)?;
        tenants::rules::expect_version(turn.user.version, command.if_version)?;
        let mut new = New::default();
        let mut news = None;
        match &command.what {
            What::Revise(draft) => {
                let revised = record::revise(&turn.user, (**draft).clone(), now);
                if let Some((user, mut changed)) = revised {
                    turn.user = user;
                    if command.credential.is_some() {
                        changed.push(audit::PASSWORD.to_owned());
                    }
                    news = Some(("user.updated", json!({ "changed": changed })));
                }
            }
            What::Delete => {
                turn.delete();
                news = Some(("user.deleted", json!({})));
            }
            What::SetStatus { to, reason } => {
                turn.set_status(*to, reason.clone());
            }
            What::PlanBan { date, reason } => {
                let at = self.ban_at(*date, owner, now)?;
                let plan = self.planned(PlanSort::Ban, Status::Banned, at, reason.clone(), now);
                turn.plan(plan.clone())?;
                new.plan = Some(plan);
            }
            What::PlanChange { to, at, reason } => {
                let at = resolve("at", *at, owner, now)?;
                let plan = self.planned(PlanSort::Change, *to, at, reason.clone(), now);
                turn.plan(plan.clone())?;
                new.plan = Some(plan);
            }
            What::CallOff(sort) => turn.call_off(*sort)?,
            What::Leave { id, date_in, date_out, reason } => {
                let days = (*date_in, *date_out);
                let leave = leave::planned(*id, days, reason.clone(), &owner.row, now)?;
                turn.leave(leave.clone())?;
                new.leave = Some(leave);
            }
            What::CallOffLeave(id) => {
                leave::of(&self.shell, command.id, *id).await?;
                turn.call_off_leave(*id)?;
            }
        }
        self.stage(command, found, turn, new, news).await.during("staging a change of a user")
    }

    async fn stage(
        &self,
        command: &Command,
        found: &Stored<Users>,
        turn: Turn,
        new: New,
        news: Option<(&'static str, serde_json::Value)>,
    ) -> Result<Decided, StoreError> {
        let mut stage = Stage::new(&self.shell, &self.lifecycle, command.id, &command.by);
        if turn.user == found.row {
            let (told, done) = (Vec::new(), Vec::new());
            let user = turn.user.clone();
            return Ok(Decided { write: stage.write, user, told, turn, done });
        }
        let told = stage.turn(found, &turn, new.leave.as_ref()).await?;
        if let Some(plan) = &new.plan {
            let same = turn.ended.iter().find(|end| end.state == PlanState::Replaced);
            stage.plan(&turn.user, plan, same.map(|end| end.plan.id));
        }
        if let Some((kind, extra)) = news {
            let mut data = record::payload(command.id, &turn.user);
            if let (Some(data), Some(extra)) = (data.as_object_mut(), extra.as_object()) {
                data.extend(extra.clone());
            }
            stage.tell(kind, &turn.user, data);
        }
        audit::commanded(&self.shell, &mut stage.write, command, &found.row, &turn.user);
        let (write, done, user) = (stage.write, stage.done, turn.user.clone());
        Ok(Decided { write, user, told, turn, done })
    }

    /// When a ban asked for is to be: at its date, or soon, where bans are tried.
    fn ban_at(
        &self,
        date: Spoken,
        owner: &Stored<Tenants>,
        now: Timestamp,
    ) -> Result<Timestamp, Refusal> {
        let at = resolve("date", date, owner, now)?;
        Ok(match self.settings.borrow().test_ban_delay_seconds {
            0 => at,
            seconds => now + Duration::from_secs(seconds.into()),
        })
    }

    fn planned(
        &self,
        sort: PlanSort,
        to: Status,
        at: Timestamp,
        reason: Option<String>,
        made_at: Timestamp,
    ) -> Planned {
        let (id, job): (PlanId, _) = (self.shell.id(), self.shell.id());
        Planned { id, sort, to, at, reason, made_at, job }
    }
}

/// What was asked for, for those who follow the log; changes of status have
/// lines of their own.
fn log(command: &Command, user: &User) {
    let planned = |sort| user.planned.iter().find(|plan: &&Planned| plan.sort == sort);
    let (user_id, tenant_id, by) = (command.id, user.tenant, &command.by);
    match &command.what {
        What::PlanBan { .. } => {
            let at = planned(PlanSort::Ban).map(|plan| tracing::field::display(plan.at));
            tracing::info!(user = %user_id, %tenant_id, %by, at, "ban planned");
        }
        What::PlanChange { to, .. } => {
            let at = planned(PlanSort::Change).map(|plan| tracing::field::display(plan.at));
            tracing::info!(user = %user_id, %tenant_id, %by, at, to = to.word(),
                "status change planned");
        }
        What::CallOff(sort) => {
            tracing::info!(user = %user_id, %tenant_id, %by, sort = sort.word(), "plan called off");
        }
        What::Leave { id, date_in, date_out, .. } => {
            tracing::info!(user = %user_id, %tenant_id, %by, leave_id = %id, %date_in, %date_out,
                "leave planned");
        }
        What::CallOffLeave(id) => {
            tracing::info!(user = %user_id, %tenant_id, %by, leave_id = %id, "leave called off");
        }
        What::Delete => tracing::info!(user = %user_id, %tenant_id, %by, "user deleted"),
        What::Revise(_) | What::SetStatus { .. } => {}
    }
}

/// What can be seen to be wrong before the user is looked at.
pub(super) fn check(what: &What, now: Timestamp) -> Result<(), Refusal> {
    match what {
        What::Revise(draft) => record::check(draft),
        What::SetStatus { reason, .. } => record::check_reason(reason.as_deref()),
        What::PlanBan { date, reason } => {
            record::check_reason(reason.as_deref())?;
            check_spoken("date", *date, now)
        }
        What::PlanChange { at, reason, .. } => {
            record::check_reason(reason.as_deref())?;
            check_spoken("at", *at, now)
        }
        What::Leave { reason, .. } => rules::leave::check(reason.as_deref()),
        What::Delete | What::CallOff(_) | What::CallOffLeave(_) => Ok(()),
    }
}

fn check_spoken(field: &str, at: Spoken, now: Timestamp) -> Result<(), Refusal> {
    match at {
        Spoken::Instant(at) => check_future(field, at, now),
        Spoken::Local(_) | Spoken::Day(_) => Ok(()),
    }
}

/// The instant that is meant, which must be to come.
fn resolve(
    field: &str,
    spoken: Spoken,
    owner: &Stored<Tenants>,
    now: Timestamp,
) -> Result<Timestamp, Refusal> {
    let zone = moment::zone(&owner.row.settings.timezone).map_or(TimeZone::UTC, |(zone, _)| zone);
    let at = spoken.resolve(&zone).map_err(|_| Refusal::field(field, "nonexistent_local_time"))?;
    check_future(field, at, now)?;
    Ok(at)
}

/// A living user of a living tenant that the caller may see.
pub(super) async fn load(
    shell: &Shell,
    id: UserId,
    within: Option<TenantId>,
) -> Result<(Stored<Users>, Stored<Tenants>), Error> {
    let absent = Refusal::Absent { what: "user" };
    let found = shell.store.get::<Users>(&id).await.during("reading a user")?;
    let visible = |found: &Stored<Users>| {
        found.row.is_live() && within.is_none_or(|tenant| tenant == found.row.tenant)
    };
    let Some(found) = found.filter(visible) else { return Err(absent.into()) };
    let owner = shell.store.get::<Tenants>(&found.row.tenant).await.during("reading a tenant")?;
    let owner = owner.filter(|owner| owner.row.is_live()).ok_or(absent)?;
    Ok((found, owner))
}

/// A refusal if the write failed because the address, or the id in Wispro, is taken.
fn free_address(error: StoreError) -> Result<StoreError, Refusal> {
    match error {
        StoreError::Conflict(Clash::Taken(index)) if index == UsersByEmail::NAME => {
            Err(record::email_taken())
        }
        StoreError::Conflict(Clash::Taken(index)) if index == UsersByWispro::NAME => {
            Err(record::id_wispro_taken())
        }
        other => Ok(other),
    }
}
