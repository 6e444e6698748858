//! The shell: load, weigh, commit.

use std::fmt;
use std::sync::Arc;

use tokio::sync::watch;
use zelador_store::id::{InstanceId, UserId};
use zelador_store::kv::Term;
use zelador_store::nextcloud::{
    Account, AccountState, Accounts, AccountsByPlace, Instance, Instances, Occupancy, Place, Taken,
};
use zelador_store::{Query, Stored, Write};

use super::super::rules::choice::{NoRoom, Weighed, choose};
use super::super::rules::ids;
use super::super::settings::{Mode, NextcloudSettings};
use crate::engine::supervisor::{Member, Serve};
use crate::engine::{Shell, Tries};
use crate::error::{During, Error, Refusal};

/// The most instances that a pool may have.
const MOST_INSTANCES: usize = 500;
/// The most ids that are tried for one account.
const MOST_IDS: u32 = 10_000;

/// The one pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Pool;

impl fmt::Display for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("pool")
    }
}

/// A place is wanted.
#[derive(Debug, Clone)]
pub struct Reserve {
    /// Whose account.
    pub user: UserId,
    /// What its id is to be made of.
    pub proposal: String,
}

/// What became of the wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reserved {
    /// The account's place.
    At(Place),
    /// There is none now.
    Nowhere(NoRoom),
}

/// The id was taken on the instance, by an account that is not ours.
#[derive(Debug, Clone)]
pub struct Renumber {
    /// Whose account.
    pub user: UserId,
    /// What its id is to be made of.
    pub proposal: String,
    /// The id that was taken.
    pub taken: String,
}

/// The place is not needed: nothing stands there.
#[derive(Debug, Clone)]
pub struct Release {
    /// Whose account.
    pub user: UserId,
}

/// Serves the pool, one message at a time.
#[derive(Clone)]
pub(super) struct Clerk {
    pub(super) shell: Shell,
    /// What holds now; `None`: every instance is weighed.
    pub(super) settings: Option<watch::Receiver<Arc<NextcloudSettings>>>,
}

impl Member for Clerk {
    type Key = Pool;
    const NAME: &'static str = "nextcloud pool";
    const CONCERN: &'static str = "nextcloud";
}

impl Serve<Reserve> for Clerk {
    type Answer = Reserved;

    async fn serve(&self, _: Pool, ask: &Reserve) -> Result<Reserved, Error> {
        reserve(self, ask).await
    }
}

impl Serve<Renumber> for Clerk {
    type Answer = Place;

    async fn serve(&self, _: Pool, ask: &Renumber) -> Result<Place, Error> {
        renumber(&self.shell, ask).await
    }
}

impl Serve<Release> for Clerk {
    type Answer = ();

    async fn serve(&self, _: Pool, ask: &Release) -> Result<(), Error> {
        release(&self.shell, ask).await
    }
}

async fn account(shell: &Shell, user: UserId) -> Result<Stored<Accounts>, Error> {
    let found = shell.store.get::<Accounts>(&user).await.during("reading an account")?;
    found.ok_or_else(|| Refusal::Absent { what: "nextcloud account" }.into())
}

/// The account with another place, as of now.
fn moved(shell: &Shell, account: &Account, place: Option<Place>) -> Account {
    let state = if place.is_some() { AccountState::Creating } else { AccountState::Pending };
    Account {
        state,
        place,
        version: account.version + 1,
        updated_at: shell.now(),
        ..account.clone()
    }
}

/// An id of the account that is free among ours, from a go on.
async fn free_id(
    shell: &Shell,
    user: UserId,
    instance: InstanceId,
    proposal: &str,
    from: u32,
) -> Result<(String, u32), Error> {
    for go in from..from.saturating_add(MOST_IDS) {
        let id = ids::candidate(proposal, &format!("user-{user}"), go)
            .map_err(|error| Error::fault("making an account id", error))?;
        let key = (instance, Term::new(&id.folded()));
        let owner = shell.store.find::<AccountsByPlace>(&key).await.during("looking for an id")?;
        if owner.is_none() {
            return Ok((id.text().to_owned(), go));
        }
    }
    Err(Refusal::conflict("no_free_account_id").into())
}

/// Everything that is weighed.
async fn pool(
    clerk: &Clerk,
    only: Option<InstanceId>,
) -> Result<Vec<(Stored<Instances>, Option<Stored<Occupancy>>)>, Error> {
    let shell = &clerk.shell;
    let mode = clerk.settings.as_ref().map(|settings| settings.borrow().mode);
    let ours = |row: &Instance| mode.is_none_or(|mode| row.sandbox == (mode == Mode::Sandbox));
    let query = Query::all().limit(MOST_INSTANCES);
    let page = shell.store.page::<Instances>(&query).await.during("reading the instances")?;
    let mut pool = Vec::with_capacity(page.rows.len());
    let wanted = |id: &InstanceId| only.is_none_or(|only| only == *id);
    for instance in page.rows.into_iter().filter(|one| ours(&one.row) && wanted(&one.key)) {
        let taken =
            shell.store.get::<Occupancy>(&instance.key).await.during("reading the occupancy")?;
        pool.push((instance, taken));
    }
    Ok(pool)
}

/// One place more, or less.
fn count(write: &mut Write, id: InstanceId, stored: Option<&Stored<Occupancy>>, more: bool) {
    let Some(stored) = stored else {
        let (places, turns) = (u32::from(more), u64::from(more));
        write.insert::<Occupancy>(&id, &Taken { places, turns });
        return;
    };
    let places = stored.row.places.saturating_add_signed(if more { 1 } else { -1 });
    let turns = stored.row.turns + u64::from(more);
    write.update::<Occupancy>(stored, &Taken { places, turns });
}

/// A place for an account that has none.
pub(super) async fn reserve(clerk: &Clerk, ask: &Reserve) -> Result<Reserved, Error> {
    let shell = &clerk.shell;
    let mut tries = Tries::of("taking a place");
    let empty = Taken::default();
    loop {
        let account = account(shell, ask.user).await?;
        if let Some(place) = account.row.place {
            return Ok(Reserved::At(place));
        }
        // Who is being moved goes there, or nowhere.
        let only = account.row.moving.as_ref().map(|moving| moving.to);
        let pool = pool(clerk, only).await?;
        let weighed: Vec<_> = pool
            .iter()
            .map(|(instance, taken)| Weighed {
                id: instance.key,
                instance: &instance.row,
                taken: taken.as_ref().map_or(&empty, |taken| &taken.row),
            })
            .collect();
        let instance = match choose(&weighed, account.row.tenant) {
            Ok(instance) => instance,
            Err(none) => return Ok(Reserved::Nowhere(none)),
        };
        let (remote_id, go) = free_id(shell, ask.user, instance, &ask.proposal, 0).await?;
        let place =
            Place { instance, remote_id, go, taken_at: shell.now(), called: false, made: false };
        let mut write = Write::new();
        write.update::<Accounts>(&account, &moved(shell, &account.row, Some(place.clone())));
        let of = pool.iter().find(|(stored, _)| stored.key == instance);
        if let Some((stored, taken)) = of {
            // Whoever changes the instance meanwhile is weighed anew.
            write.expect::<Instances>(stored);
            count(&mut write, instance, taken.as_ref(), true);
        }
        match shell.store.commit(write).await {
            Ok(_) => return Ok(Reserved::At(place)),
            Err(error) => tries.again(error)?,
        }
    }
}

/// Another id on the same instance.
pub(super) async fn renumber(shell: &Shell, ask: &Renumber) -> Result<Place, Error> {
    let mut tries = Tries::of("choosing another account id");
    loop {
        let account = account(shell, ask.user).await?;
        let Some(place) = account.row.place.clone() else {
            return Err(Refusal::conflict("account_has_no_place").into());
        };
        if place.made || place.remote_id != ask.taken {
            return Ok(place);
        }
        let from = place.go.saturating_add(1);
        let (remote_id, go) = free_id(shell, ask.user, place.instance, &ask.proposal, from).await?;
        let place = Place { remote_id, go, called: false, ..place };
        let mut write = Write::new();
        write.update::<Accounts>(&account, &moved(shell, &account.row, Some(place.clone())));
        match shell.store.commit(write).await {
            Ok(_) => return Ok(place),
            Err(error) => tries.again(error)?,
        }
    }
}

/// Gives up a place where nothing stands.
pub(super) async fn release(shell: &Shell, ask: &Release) -> Result<(), Error> {
    let mut tries = Tries::of("giving up a place");
    loop {
        let account = account(shell, ask.user).await?;
        let Some(place) = &account.row.place else { return Ok(()) };
        if place.made {
            return Err(Refusal::conflict("account_was_made").into());
        }
        let key = place.instance;
        let taken = shell.store.get::<Occupancy>(&key).await.during("reading the occupancy")?;
        let mut write = Write::new();
        write.update::<Accounts>(&account, &moved(shell, &account.row, None));
        if let Some(taken) = &taken {
            count(&mut write, key, Some(taken), false);
        }
        match shell.store.commit(write).await {
            Ok(_) => return Ok(()),
            Err(error) => tries.again(error)?,
        }
    }
}
