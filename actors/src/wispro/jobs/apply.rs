//! The last phase: what was decided is done, one client, one commit.

use futures::{StreamExt as _, TryStreamExt as _, stream};
use zelador_store::kv::Clash;
use zelador_store::tenant::Tenants;
use zelador_store::user::{User, Users, UsersByEmail, UsersByWispro};
use zelador_store::wispro::{StagedClients, SyncLine, SyncVerdicts, Verdict};
use zelador_store::{Error as StoreError, Lookup as _, Query, Stored, Write};

use super::person::{self, Made};
use super::{Place, Run, said};
use crate::engine::Tries;
use crate::engine::jobs::Failure;
use crate::wispro::rules::matching::changed;
use crate::wispro::rules::report::{Code, Counter};

/// Clients that are being committed at once; the committer groups them.
const AT_ONCE: usize = 64;

/// A client about whom something is to be done, and what.
struct Due {
    client: Stored<StagedClients>,
    verdict: Stored<SyncVerdicts>,
}

impl Due {
    /// The client's id in Wispro.
    fn id(&self) -> &str {
        self.client.key.1.as_str()
    }
}

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
            let query = Query::under(&(self.id(),)).limit(per_page);
            let group = self.cx.shell.store.page::<SyncVerdicts>(&query).await?.rows;
            if group.is_empty() {
                self.told(pages_told).await?;
                return Ok(());
            }
            let work = group.into_iter().map(|verdict| self.apply_one(verdict));
            stream::iter(work).buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await?;
            self.cx.checkpoint(&Place::Apply).await?;
            pages_told = self.told(pages_told).await?;
        }
    }

    /// Deals with one client. What goes wrong with it is its own; only a store
    /// that does not answer ends the run.
    async fn apply_one(&self, verdict: Stored<SyncVerdicts>) -> Result<(), Failure> {
        let client = self.cx.shell.store.get::<StagedClients>(&verdict.key).await?;
        let Some(client) = client else {
            let mut write = Write::new();
            write.remove::<SyncVerdicts>(&verdict);
            self.cx.shell.store.commit(write).await?;
            return Ok(());
        };
        let due = Due { client, verdict };
        let mut tries = Tries::of("syncing a client");
        let mut address = Address::Decided;
        loop {
            let write = match due.verdict.row {
                Verdict::Create { email } => self.create(&due, email, address).await?,
                Verdict::Change { user, email } => {
                    let found = self.cx.shell.store.get::<Users>(&user).await?;
                    self.change(&due, found, email, address)
                }
            };
            let Err(error) = self.cx.shell.store.commit(write).await else { return Ok(()) };
            match &error {
                StoreError::Conflict(Clash::Taken(index)) if *index == UsersByEmail::NAME => {
                    address = Address::Taken;
                }
                StoreError::Conflict(Clash::Taken(index)) if *index == UsersByWispro::NAME => {
                    let detail = "another user has this Wispro id since";
                    return self.set_aside(&due, detail).await;
                }
                StoreError::Unfit(why) => {
                    return self.set_aside(&due, &why.to_string()).await;
                }
                _ => {}
            }
            tries.again(error)?;
        }
    }

    /// A new user, and all that goes with it.
    async fn create(&self, due: &Due, email: bool, address: Address) -> Result<Write, Failure> {
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
        let (mut write, user) = person::create(&self.cx.shell, &due.client, &made);
        write.expect(&owner);
        self.done(&mut write, due, Counter::Created);
        self.taken(&mut write, due, email, address, Some(user));
        Ok(write)
    }

    /// The user as the client has it.
    fn change(
        &self,
        due: &Due,
        found: Option<Stored<Users>>,
        email: bool,
        address: Address,
    ) -> Write {
        let mut write = Write::new();
        let Some(found) = found.filter(|found| found.row.is_live()) else {
            self.failed(&mut write, due, "the user was deleted meanwhile");
            return write;
        };
        let id = due.id();
        let with_email = email && address == Address::Decided;
        let next: Option<User> = changed(id, &due.client.row, with_email, &found.row);
        let counter = match &next {
            Some(next) => {
                person::change(&self.cx.shell, &mut write, &found, next, &self.author);
                Counter::Updated
            }
            // Somebody has done it meanwhile.
            None => Counter::Unchanged,
        };
        self.done(&mut write, due, counter);
        self.taken(&mut write, due, email, address, Some(found.key));
        write
    }

    /// Notes that the client's address went to somebody else since it was decided.
    fn taken(
        &self,
        write: &mut Write,
        due: &Due,
        email: bool,
        address: Address,
        user: Option<zelador_store::id::UserId>,
    ) {
        if email && address == Address::Taken {
            let id = due.id();
            let line = SyncLine { user, ..said(Code::EmailConflict, Some(id), 0) };
            self.line(write, id, Code::EmailConflict, &line);
        }
    }

    /// Counts the client, about whom nothing more is to be done.
    fn done(&self, write: &mut Write, due: &Due, counter: Counter) {
        write.remove::<StagedClients>(&due.client).remove::<SyncVerdicts>(&due.verdict);
        self.add(write, counter, 1);
        metrics::counter!("zelador_wispro_clients_total", "outcome" => match counter {
            Counter::Created => "created",
            Counter::Updated => "updated",
            Counter::Errors => "error",
            _ => "unchanged",
        })
        .increment(1);
    }

    fn failed(&self, write: &mut Write, due: &Due, detail: &str) {
        self.done(write, due, Counter::Errors);
        let id = due.id();
        let detail = Some(detail.chars().take(200).collect());
        let line = SyncLine { detail, ..said(Code::NotWritten, Some(id), 0) };
        self.line(write, id, Code::NotWritten, &line);
    }

    /// One bad client is a line of the report, never the end of the run.
    async fn set_aside(&self, due: &Due, detail: &str) -> Result<(), Failure> {
        let mut write = Write::new();
        self.failed(&mut write, due, detail);
        self.cx.shell.store.commit(write).await?;
        Ok(())
    }
}
