//! `nextcloud.create_user`: an account in the right instance, exactly once.
//!
//! ```text
//! no place ─▶ reserve ─▶ find ─▶ absent: noted durably ─▶ create ─▶ active
//!    ▲            │        └▶ there: the next id             │
//!    │            └▶ nothing fits: snooze, which costs no try │
//!    └── given back, where nothing can stand ◀── trouble ─────┴─▶ failed
//! ```
//! The place is durable before the first call, and so is the fact that the call is
//! about to be made: a try after a crash looks before it creates.

mod end;

use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use zelador_store::id::{JobId, UserId};
use zelador_store::job::Job;
use zelador_store::nextcloud::{Account, AccountState, Accounts, Place};
use zelador_store::tenant::{Tenant, Tenants};
use zelador_store::user::{User, Users};
use zelador_store::{Stored, Write};

use super::super::make::{Before, Outcome, make};
use super::super::pool::{Release, Renumber, Reserve, Reserved};
use super::super::rules::ids::{Person, fill};
use super::super::rules::profile::{Profile, profile};
use super::super::rules::{AccountId, Class, Quota, Trouble, Wanted};
use super::super::settings::{HandOver, NextcloudSettings};
use super::super::stage;
use super::site::{Site, Way, follows, wait, way};
use super::{Args, Tools, sealed_for};
use crate::engine::Shell;
use crate::engine::jobs::{Failure, Handler, JobCx};
use crate::error::Error;

/// How many ids of other people are passed over in one try.
const FOREIGNERS: usize = 20;
/// How many places are given back in one try because their instance was left alone
/// meanwhile.
const PLACES: usize = 20;

/// Makes accounts.
pub struct CreateUser(pub Tools);

/// What a try works with.
struct Task<'a> {
    cx: &'a JobCx,
    tools: &'a Tools,
    user: UserId,
    person: User,
    profile: Profile,
    hand_over: HandOver,
    /// How long a link to the first password is good.
    link_for: Duration,
    proposal: String,
    password: SecretString,
}

#[async_trait]
impl Handler for CreateUser {
    async fn run(&self, cx: JobCx) -> Result<Write, Failure> {
        let Args { user_id } = cx.args()?;
        let settings = self.0.gate(&cx.shell).await?;
        let Some((person, tenant)) = person(&cx.shell, user_id).await? else {
            tracing::info!(user_id = %user_id, "no account to make any more");
            return end::forgotten(&cx, user_id).await;
        };
        let account = self.account(&cx, user_id, &person).await?;
        if matches!(account.state, AccountState::Active | AccountState::Disabled) {
            return Ok(Write::new());
        }
        let password = account.password.as_ref().ok_or_else(|| {
            Failure::permanent("the account has no first password: provision it again")
        })?;
        let task = Task {
            password: self
                .0
                .seal
                .open(&sealed_for(user_id), password)
                .map_err(Failure::permanent)?,
            proposal: proposal(&settings, user_id, &person)?,
            profile: profile(&settings, &person, &tenant).map_err(Failure::permanent)?,
            hand_over: settings.hand_over,
            link_for: Duration::from_secs(u64::from(settings.link_hours) * 3600),
            user: user_id,
            tools: &self.0,
            cx: &cx,
            person,
        };
        carry_out(&task).await
    }

    async fn called_off(&self, shell: &Shell, id: JobId, job: &Job) -> Result<Write, Error> {
        end::called_off(shell, id, job).await
    }

    async fn fell_short(&self, shell: &Shell, id: JobId, next: &Job) -> Result<Write, Error> {
        if next.state.is_live() { Ok(Write::new()) } else { end::fell_short(shell, id, next).await }
    }
}

pub(super) async fn person(shell: &Shell, user: UserId) -> Result<Option<(User, Tenant)>, Failure> {
    let person = shell.store.get::<Users>(&user).await?.filter(|found| found.row.is_live());
    let Some(person) = person else { return Ok(None) };
    let tenant = shell.store.get::<Tenants>(&person.row.tenant).await?;
    let tenant = tenant.filter(|found| found.row.is_live());
    Ok(tenant.map(|tenant| (person.row, tenant.row)))
}

impl CreateUser {
    /// The account's row; one that was asked for by the job alone is made here, and a
    /// password where there is none.
    async fn account(&self, cx: &JobCx, id: UserId, person: &User) -> Result<Account, Failure> {
        let shell = &cx.shell;
        let mut tries = crate::engine::Tries::of("beginning an account");
        loop {
            let found = shell.store.get::<Accounts>(&id).await?;
            let mut write = Write::new();
            let row = if let Some(found) = found {
                let Some(row) = self.begun(cx, &found) else { return Ok(found.row) };
                write.update::<Accounts>(&found, &row);
                row
            } else {
                let first = stage::first_password(shell, &self.0.seal, id);
                let row = stage::pending(shell, person.tenant, first, cx.id);
                write.insert::<Accounts>(&id, &row);
                row
            };
            match shell.store.commit(write).await {
                Ok(_) => return Ok(row),
                Err(error) => tries.again(error)?,
            }
        }
    }

    /// The row as this job goes on with it; `None`: as it is.
    fn begun(&self, cx: &JobCx, found: &Stored<Accounts>) -> Option<Account> {
        let row = &found.row;
        let over = matches!(row.state, AccountState::Active | AccountState::Disabled);
        let ready = row.password.is_some() && row.state != AccountState::Failed;
        if over || (ready && row.job == Some(cx.id)) {
            return None;
        }
        let placed = row.place.is_some();
        let first = || stage::first_password(&cx.shell, &self.0.seal, found.key);
        Some(Account {
            state: if placed { AccountState::Creating } else { AccountState::Pending },
            password: Some(row.password.clone().unwrap_or_else(first)),
            job: Some(cx.id),
            version: row.version + 1,
            updated_at: cx.shell.now(),
            ..row.clone()
        })
    }
}

fn proposal(settings: &NextcloudSettings, id: UserId, person: &User) -> Result<String, Failure> {
    let id = id.to_string();
    let known = Person {
        email: person.email.as_deref(),
        name: &person.name,
        code: person.code.as_deref(),
        id: &id,
    };
    fill(&settings.user_id, known).map_err(Failure::permanent)
}

async fn carry_out(task: &Task<'_>) -> Result<Write, Failure> {
    let pool = &task.tools.pool;
    for _ in 0..PLACES {
        let ask = Reserve { user: task.user, proposal: task.proposal.clone() };
        let place = match pool.reserve(ask).await? {
            Reserved::At(place) => place,
            Reserved::Nowhere(none) => return Err(end::nowhere(task, &none).await?),
        };
        match way(task.tools, &task.cx.shell, place.instance).await? {
            Way::Open(site) => return at(task, &site, place).await,
            // Nothing was asked for there: another place will do.
            Way::Closed(..) if !place.called => {
                pool.release(Release { user: task.user }).await?;
            }
            // What may stand there cannot be looked at, and who knows for how long.
            Way::Closed(why, true) => {
                let trouble = Trouble::new(Class::Unreachable, why).in_doubt();
                let failure = follows(task.cx, &trouble);
                return Err(end::noted(task, place.instance, &trouble, failure).await?);
            }
            Way::Closed(why, false) => return Err(wait(task.cx, why)),
            Way::Blocked(trouble) => {
                let trouble = if place.called { trouble.in_doubt() } else { trouble };
                return Err(end::told(task, place.instance, &trouble).await?);
            }
        }
    }
    Err(wait(task.cx, "instances come and go"))
}

/// On one instance, with one id after the other.
async fn at(task: &Task<'_>, site: &Site, mut place: Place) -> Result<Write, Failure> {
    for _ in 0..FOREIGNERS {
        let wanted = wanted(task, &place).await?;
        match call(task, &place, site, &wanted).await? {
            Ok(Outcome::Whole) => return end::active(task, site).await,
            Ok(Outcome::Foreign) => {}
            Err(trouble) => return Err(end::told(task, site.id, &trouble).await?),
        }
        let (user, proposal) = (task.user, task.proposal.clone());
        let ask = Renumber { user, proposal, taken: place.remote_id.clone() };
        place = task.tools.pool.renumber(ask).await?;
    }
    Err(Failure::retry("every id that was tried is taken on the instance"))
}

async fn call(
    task: &Task<'_>,
    place: &Place,
    site: &Site,
    wanted: &Wanted,
) -> Result<Result<Outcome, Trouble>, Failure> {
    let port = site.line.port.as_ref();
    let before = if place.called { Before::Asked } else { Before::Absent };
    if before == Before::Absent {
        match port.find(&wanted.id).await {
            Ok(None) => about_to_call(task, place).await?,
            Ok(Some(_)) => return Ok(Ok(Outcome::Foreign)),
            Err(trouble) => return Ok(Err(trouble)),
        }
    }
    let at = task.cx.shell.now();
    Ok(make(port, wanted, &task.password, before, &site.line.budget, at).await)
}

/// From here on an account that is found is ours, whoever finds it.
async fn about_to_call(task: &Task<'_>, place: &Place) -> Result<(), Failure> {
    let account = super::stored(&task.cx.shell, task.user).await?;
    let called = Place { called: true, ..place.clone() };
    if account.row.place.as_ref() != Some(place) {
        return Err(Failure::retry("the account got another place meanwhile"));
    }
    let row = Account {
        place: Some(called),
        version: account.row.version + 1,
        updated_at: task.cx.shell.now(),
        ..account.row.clone()
    };
    let mut write = Write::new();
    write.update::<Accounts>(&account, &row);
    task.cx.checkpoint_with(&place.instance, write).await
}

async fn wanted(task: &Task<'_>, place: &Place) -> Result<Wanted, Failure> {
    let account = super::stored(&task.cx.shell, task.user).await?.row;
    let Profile { quota, groups, language, locked_out } = task.profile.clone();
    Ok(Wanted {
        id: AccountId::new(place.remote_id.clone()).map_err(Failure::permanent)?,
        display_name: Some(task.person.name.clone()),
        email: task.person.email.clone(),
        quota: quota.map_or(Quota::Unlimited, Quota::Limit),
        groups: groups.into_iter().collect(),
        language,
        enabled: !(account.locked_out || locked_out),
        invite: task.hand_over == HandOver::WelcomeMail,
    })
}
