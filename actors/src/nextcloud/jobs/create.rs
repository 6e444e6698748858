//! `nextcloud.create_user`: an account in the right instance, exactly once.
//!
//! ```text
//! no place ─▶ reserve ─▶ find ─▶ absent: noted durably ─▶ create ─▶ active
//!                 │        └▶ there: the next id
//!                 └▶ nothing fits: snooze, which costs no try
//! ```
//! The place is durable before the first call, and so is the fact that the call is
//! about to be made: a try after a crash looks before it creates.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::json;
use zelador_store::author::{Author, AuthorKind};
use zelador_store::id::{TenantId, UserId};
use zelador_store::nextcloud::{
    Account, AccountState, Accounts, Ailment, Breaker, Instance, Instances, Place,
};
use zelador_store::user::{User, Users};
use zelador_store::{Stored, Timestamp, Write};

use super::super::make::{Before, Outcome, make};
use super::super::pool::{PoolDesk, Renumber, Reserve, Reserved};
use super::super::rules::budget::WINDOW;
use super::super::rules::ids::{Person, fill};
use super::super::rules::{AccountId, Class, Quota, Trouble, Wanted};
use super::{Line, Lines};
use crate::engine::Shell;
use crate::engine::jobs::{Failure, Handler, JobCx, NewJob};
use crate::engine::seal::Seal;
use crate::facts::about_user;

/// The kind of job that makes an account.
pub const CREATE_USER: &str = "nextcloud.create_user";
/// The longest that a job waits before it looks again.
const SNOOZE: Duration = Duration::from_secs(60);
/// How many ids of other people are passed over in one try.
const FOREIGNERS: usize = 20;

#[derive(Debug, Serialize, Deserialize)]
struct Args {
    user_id: UserId,
}

/// The job that makes a user's account.
pub fn create_user(tenant: TenantId, user: UserId) -> NewJob {
    NewJob::new(CREATE_USER, &Args { user_id: user })
        .unique(format!("nextcloud:{user}"))
        .about(tenant, user)
}

/// Where a first password is sealed for.
pub fn sealed_for(user: UserId) -> String {
    format!("nextcloud-account/{user}")
}

/// Makes accounts.
pub struct CreateUser {
    /// Gives out places.
    pub pool: PoolDesk,
    /// Leads to instances.
    pub lines: Arc<dyn Lines>,
    /// Opens first passwords.
    pub seal: Seal,
    /// What ids are made of, such as `{local}`.
    pub template: String,
}

/// What a try works with.
struct Task<'a> {
    cx: &'a JobCx,
    user: UserId,
    person: User,
    proposal: String,
    password: SecretString,
}

#[async_trait]
impl Handler for CreateUser {
    async fn run(&self, cx: JobCx) -> Result<Write, Failure> {
        let Args { user_id } = cx.args()?;
        let Some((person, account)) = load(&cx.shell, user_id).await? else {
            tracing::info!(user_id = %user_id, "no account to make any more");
            return Ok(Write::new());
        };
        if matches!(account.state, AccountState::Active | AccountState::Disabled) {
            return Ok(Write::new());
        }
        let password = account.password.as_ref().ok_or_else(|| {
            Failure::permanent("the account has no first password: provision it again")
        })?;
        let password =
            self.seal.open(&sealed_for(user_id), password).map_err(Failure::permanent)?;
        let proposal = self.proposal(user_id, &person)?;
        let task = Task { cx: &cx, user: user_id, person, proposal, password };
        self.carry_out(&task).await
    }
}

async fn load(shell: &Shell, user: UserId) -> Result<Option<(User, Account)>, Failure> {
    let person = shell.store.get::<Users>(&user).await?.filter(|found| found.row.is_live());
    let account = shell.store.get::<Accounts>(&user).await?;
    Ok(person.zip(account).map(|(person, account)| (person.row, account.row)))
}

impl CreateUser {
    fn proposal(&self, id: UserId, person: &User) -> Result<String, Failure> {
        let id = id.to_string();
        let known = Person {
            email: person.email.as_deref(),
            name: &person.name,
            code: person.code.as_deref(),
            id: &id,
        };
        fill(&self.template, known).map_err(Failure::permanent)
    }

    async fn carry_out(&self, task: &Task<'_>) -> Result<Write, Failure> {
        let ask = Reserve { user: task.user, proposal: task.proposal.clone() };
        let mut place = match self.pool.reserve(ask).await? {
            Reserved::At(place) => place,
            Reserved::Nowhere(none) => {
                let until = Some(task.cx.shell.now() + SNOOZE);
                return Err(Failure::Snooze { until, reason: none.to_string() });
            }
        };
        for _ in 0..FOREIGNERS {
            if let Some(write) = self.at(task, &place).await? {
                return Ok(write);
            }
            let (user, proposal) = (task.user, task.proposal.clone());
            let ask = Renumber { user, proposal, taken: place.remote_id.clone() };
            place = self.pool.renumber(ask).await?;
        }
        Err(Failure::retry("every id that was tried is taken on the instance"))
    }

    /// At one place; `None`: it is somebody else's.
    async fn at(&self, task: &Task<'_>, place: &Place) -> Result<Option<Write>, Failure> {
        let shell = &task.cx.shell;
        let Some(instance) = shell.store.get::<Instances>(&place.instance).await? else {
            return Err(Failure::permanent("the account's instance is gone"));
        };
        if instance.row.breaker.is_some() {
            let until = Some(shell.now() + SNOOZE);
            let reason = format!("{} is left alone after trouble", instance.row.name);
            return Err(Failure::Snooze { until, reason });
        }
        let wanted = wanted(task, place).await?;
        let outcome = match self.lines.line(instance.key, &instance.row) {
            Ok(line) => call(task, place, &line, &wanted).await?,
            Err(trouble) => Err(trouble),
        };
        match outcome {
            Ok(Outcome::Whole) => active(task, &instance.row.name).await.map(Some),
            Ok(Outcome::Foreign) => Ok(None),
            Err(trouble) => Err(told(task, &instance, &trouble).await?),
        }
    }
}

async fn call(
    task: &Task<'_>,
    place: &Place,
    line: &Line,
    wanted: &Wanted,
) -> Result<Result<Outcome, Trouble>, Failure> {
    let port = line.port.as_ref();
    let before = if place.called { Before::Asked } else { Before::Absent };
    if before == Before::Absent {
        match port.find(&wanted.id).await {
            Ok(None) => about_to_call(task, place).await?,
            Ok(Some(_)) => return Ok(Ok(Outcome::Foreign)),
            Err(trouble) => return Ok(Err(trouble)),
        }
    }
    let at = task.cx.shell.now();
    Ok(make(port, wanted, &task.password, before, &line.budget, at).await)
}

/// From here on an account that is found is ours, whoever finds it.
async fn about_to_call(task: &Task<'_>, place: &Place) -> Result<(), Failure> {
    let account = stored(&task.cx.shell, task.user).await?;
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
    task.cx.checkpoint_with(&place.remote_id, write).await
}

async fn wanted(task: &Task<'_>, place: &Place) -> Result<Wanted, Failure> {
    let account = stored(&task.cx.shell, task.user).await?.row;
    Ok(Wanted {
        id: AccountId::new(place.remote_id.clone()).map_err(Failure::permanent)?,
        display_name: Some(task.person.name.clone()),
        email: task.person.email.clone(),
        quota: account.quota.map_or(Quota::Unlimited, Quota::Limit),
        groups: account.groups.into_iter().collect(),
        language: account.language,
        enabled: true,
    })
}

/// The account stands.
async fn active(task: &Task<'_>, instance: &str) -> Result<Write, Failure> {
    let shell = &task.cx.shell;
    let account = stored(shell, task.user).await?;
    let now = shell.now();
    let mut row = account.row.clone();
    if let Some(place) = &mut row.place {
        place.made = true;
    }
    row.state = AccountState::Active;
    row.error = None;
    row.created_at = Some(now);
    row.job = None;
    row.version += 1;
    row.updated_at = now;
    let mut write = Write::new();
    write.update::<Accounts>(&account, &row);
    let place = row.place.as_ref();
    let data = json!({
        "user_id": task.user, "instance_id": place.map(|place| place.instance),
        "account_id": place.map(|place| &place.remote_id),
    });
    let by = author(task.cx);
    write.event(&about_user(shell, "nextcloud.user_created", row.tenant, task.user, &by, data));
    let tries = task.cx.job.tries;
    tracing::info!(user = %task.user, instance, tries, "nextcloud user created");
    Ok(write)
}

fn author(cx: &JobCx) -> Author {
    Author { kind: AuthorKind::Job, id: cx.id.to_string(), request: None, address: None }
}

async fn stored(shell: &Shell, user: UserId) -> Result<Stored<Accounts>, Failure> {
    let found = shell.store.get::<Accounts>(&user).await?;
    found.ok_or_else(|| Failure::permanent("the account's row is gone"))
}

fn ailment(trouble: &Trouble) -> Ailment {
    Ailment { class: trouble.class.word().to_owned(), message: trouble.words.clone() }
}

/// Writes down what went wrong, and says what follows.
async fn told(
    task: &Task<'_>,
    instance: &Stored<Instances>,
    trouble: &Trouble,
) -> Result<Failure, Failure> {
    let shell = &task.cx.shell;
    let now = shell.now();
    let failure = follows(task.cx, now, trouble);
    let last = task.cx.job.tries >= task.cx.job.max_tries;
    let over = matches!(failure, Failure::Permanent { .. })
        || (last && matches!(failure, Failure::Retry { .. }));
    let account = stored(shell, task.user).await?;
    let mut row = account.row.clone();
    row.error = Some(ailment(trouble));
    row.tries = u32::from(task.cx.job.tries);
    row.version += 1;
    row.updated_at = now;
    let mut write = Write::new();
    if over {
        row.state = AccountState::Failed;
        let data = json!({
            "user_id": task.user, "instance_id": instance.key,
            "class": trouble.class.word(), "error": trouble.words,
        });
        let by = author(task.cx);
        write.event(&about_user(shell, "nextcloud.user_failed", row.tenant, task.user, &by, data));
    }
    write.update::<Accounts>(&account, &row);
    if trouble.class.opens_breaker() || is_locked_out(trouble) {
        write.update::<Instances>(instance, &left_alone(&instance.row, now, trouble));
    }
    // Who changed the account or the instance meanwhile knows better.
    match shell.store.commit(write).await {
        Ok(_) => {}
        Err(error) if error.is_conflict() => {}
        Err(error) => return Err(error.into()),
    }
    Ok(failure)
}

/// The address is locked out for its bad logins. Too many edits are no such thing:
/// accounts can be made all the same.
fn is_locked_out(trouble: &Trouble) -> bool {
    trouble.class == Class::Throttled && trouble.after.is_some_and(|after| after > WINDOW)
}

fn left_alone(instance: &Instance, now: Timestamp, trouble: &Trouble) -> Instance {
    let until = trouble.after.map(|after| now + after);
    Instance {
        breaker: Some(Breaker { since: now, until, cause: ailment(trouble) }),
        ..instance.clone()
    }
}

/// What a try's trouble means for the job.
fn follows(cx: &JobCx, now: Timestamp, trouble: &Trouble) -> Failure {
    let error = trouble.to_string();
    if trouble.class.snoozes() {
        let wait = trouble.after.unwrap_or(SNOOZE).min(SNOOZE);
        tracing::info!(job_id = %cx.id, class = trouble.class.word(), "an account waits");
        return Failure::Snooze { until: Some(now + wait), reason: error };
    }
    if trouble.class.passes() || trouble.class.opens_breaker() {
        return Failure::Retry { error, after: None };
    }
    Failure::Permanent { error }
}
