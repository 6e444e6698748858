//! The last phase: what was decided is done, one client, one commit.

use futures::{StreamExt as _, TryStreamExt as _, stream};
use zelador_store::kv::{Clash, Term};
use zelador_store::tenant::Tenants;
use zelador_store::user::{User, Users, UsersByEmail, UsersByWispro};
use zelador_store::wispro::{StagedClients, StagedToApply, SyncLine, Verdict};
use zelador_store::{Error as StoreError, Lookup as _, Query, Stored, Write};

use super::person::{self, Made};
use super::{Place, Run, said};
use crate::engine::Tries;
use crate::engine::jobs::Failure;
use crate::wispro::rules::matching::changed;
use crate::wispro::rules::report::{Code, Counter};

/// Clients that are being committed at once; the committer groups them.
const AT_ONCE: usize = 64;

/// What became of a client's address at the commit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Address {
    /// As was decided.
    Decided,
    /// Somebody else took it since.
    Taken,
}

impl Run {
    /// Does what is left to do, in groups of a page.
    pub(super) async fn apply(&self) -> Result<(), Failure> {
        let per_page = self.row().await.per_page as usize;
        let mut pages_told = 0;
        loop {
            let query = Query::under_key(&self.id()).limit(per_page);
            let group = self.cx.shell.store.entries::<StagedToApply>(&query).await?.rows;
            if group.is_empty() {
                self.told(pages_told).await?;
                return Ok(());
            }
            let work = group.into_iter().map(|(_, (_, id))| self.apply_one(id));
            stream::iter(work).buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await?;
            self.cx.checkpoint(&Place::Apply).await?;
            pages_told = self.told(pages_told).await?;
        }
    }

    /// Deals with one client. What goes wrong with it is its own; only a store
    /// that does not answer ends the run.
    async fn apply_one(&self, id: Term) -> Result<(), Failure> {
        let key = (self.id(), id);
        let mut tries = Tries::of("syncing a client");
        let mut address = Address::Decided;
        loop {
            let Some(staged) = self.cx.shell.store.get::<StagedClients>(&key).await? else {
                return Ok(());
            };
            let write = match staged.row.verdict {
                Verdict::Create { email } => self.create(&staged, email, address).await?,
                Verdict::Change { user, email } => {
                    let found = self.cx.shell.store.get::<Users>(&user).await?;
                    self.change(&staged, found, email, address)
                }
                Verdict::Open | Verdict::Done => return Ok(()),
            };
            let Err(error) = self.cx.shell.store.commit(write).await else { return Ok(()) };
            match &error {
                StoreError::Conflict(Clash::Taken(index)) if *index == UsersByEmail::NAME => {
                    address = Address::Taken;
                }
                StoreError::Conflict(Clash::Taken(index)) if *index == UsersByWispro::NAME => {
                    let detail = "another user has this Wispro id since";
                    return self.set_aside(&staged, detail).await;
                }
                StoreError::Unfit(why) => {
                    return self.set_aside(&staged, &why.to_string()).await;
                }
                _ => {}
            }
            tries.again(error)?;
        }
    }

    /// A new user, and all that goes with it.
    async fn create(
        &self,
        staged: &Stored<StagedClients>,
        email: bool,
        address: Address,
    ) -> Result<Write, Failure> {
        let run = self.row().await;
        let owner = self.cx.shell.store.get::<Tenants>(&run.tenant).await?;
        let owner = owner.filter(|owner| owner.row.is_live());
        let owner = owner.ok_or_else(|| Failure::permanent("the tenant was deleted"))?;
        let made = Made {
            tenant: run.tenant,
            sandbox: run.sandbox,
            email: email && address == Address::Decided,
            initial: self.settings.initial_password,
            inviter: &self.inviter,
            by: &self.author,
        };
        let (mut write, user) = person::create(&self.cx.shell, staged, &made);
        write.expect(&owner);
        self.done(&mut write, staged, Counter::Created);
        self.taken(&mut write, staged, email, address, Some(user));
        Ok(write)
    }

    /// The user as the client has it.
    fn change(
        &self,
        staged: &Stored<StagedClients>,
        found: Option<Stored<Users>>,
        email: bool,
        address: Address,
    ) -> Write {
        let mut write = Write::new();
        let Some(found) = found.filter(|found| found.row.is_live()) else {
            self.failed(&mut write, staged, "the user was deleted meanwhile");
            return write;
        };
        let id = staged.key.1.as_str();
        let with_email = email && address == Address::Decided;
        let next: Option<User> = changed(id, &staged.row, with_email, &found.row);
        let counter = match &next {
            Some(next) => {
                person::change(&self.cx.shell, &mut write, &found, next, &self.author);
                Counter::Updated
            }
            // Somebody has done it meanwhile.
            None => Counter::Unchanged,
        };
        self.done(&mut write, staged, counter);
        self.taken(&mut write, staged, email, address, Some(found.key));
        write
    }

    /// Notes that the client's address went to somebody else since it was decided.
    fn taken(
        &self,
        write: &mut Write,
        staged: &Stored<StagedClients>,
        email: bool,
        address: Address,
        user: Option<zelador_store::id::UserId>,
    ) {
        if email && address == Address::Taken {
            let id = staged.key.1.as_str();
            let line = SyncLine { user, ..said(Code::EmailConflict, Some(id), 0) };
            self.line(write, id, Code::EmailConflict, &line);
        }
    }

    /// Counts the client, about whom nothing more is to be done.
    fn done(&self, write: &mut Write, staged: &Stored<StagedClients>, counter: Counter) {
        write.remove::<StagedClients>(staged);
        self.add(write, counter, 1);
        metrics::counter!("zelador_wispro_clients_total", "outcome" => match counter {
            Counter::Created => "created",
            Counter::Updated => "updated",
            Counter::Errors => "error",
            _ => "unchanged",
        })
        .increment(1);
    }

    fn failed(&self, write: &mut Write, staged: &Stored<StagedClients>, detail: &str) {
        self.done(write, staged, Counter::Errors);
        let id = staged.key.1.as_str();
        let detail = Some(detail.chars().take(200).collect());
        let line = SyncLine { detail, ..said(Code::NotWritten, Some(id), 0) };
        self.line(write, id, Code::NotWritten, &line);
    }

    /// One bad client is a line of the report, never the end of the run.
    async fn set_aside(&self, staged: &Stored<StagedClients>, detail: &str) -> Result<(), Failure> {
        let mut write = Write::new();
        self.failed(&mut write, staged, detail);
        self.cx.shell.store.commit(write).await?;
        Ok(())
    }
}
