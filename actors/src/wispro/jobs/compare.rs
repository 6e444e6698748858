//! The second phase: each client with what is known, before anything is changed.
//!
//! What is to be done about a client is written down here, all of it before the
//! first change: so it does not depend on which of two clients came first, nor on
//! where a run was cut off.

use zelador_store::fold::fold_address;
use zelador_store::kv::Term;
use zelador_store::user::{UsersByEmail, UsersByNumber, UsersByWispro};
use zelador_store::wispro::{
    CompletedSyncs, StagedClient, StagedClients, SyncRun, SyncState, SyncVerdicts, Verdict,
};
use zelador_store::{Cursor, Query, Stored, Write};

use super::{Place, Run, said};
use crate::engine::jobs::Failure;
use crate::id_number::IdNumber;
use crate::wispro::queries;
use crate::wispro::rules::alike::{self, Alike, Sieve};
use crate::wispro::rules::brakes::{Found, check};
use crate::wispro::rules::matching::{Candidate, Decision, Facts, Judged, judge};
use crate::wispro::rules::report::{Counter, Field, Sort};

/// Clients compared in one commit.
const STEP: usize = 200;
/// Clients looked at in one go for what they have in common.
const SWEEP: usize = 1000;

impl Run {
    /// Compares clients after this one to the last.
    pub(super) async fn compare(&self, after: Option<String>) -> Result<Place, Failure> {
        let cursor = after.map(|id| Cursor::after(&(self.id(), Term::new(&id))));
        let query = Query::under(&(self.id(),)).after(cursor).limit(STEP);
        let page = self.cx.shell.store.page::<StagedClients>(&query).await?;
        let last = page.rows.last().map(|row| row.key.1.as_str().to_owned());
        let row = self.row().await;
        let mut write = Write::new();
        for client in &page.rows {
            self.compare_one(&mut write, client, &row).await?;
        }
        let place = match (page.next, last) {
            (Some(_), Some(last)) => Place::Compare { after: Some(last) },
            _ => Place::Brakes,
        };
        self.move_on(&place, write, |row| row.state = SyncState::Comparing).await?;
        let (counts, met) = (queries::counts(&self.cx.shell, self.id()).await?, self.met().await?);
        let done =
            counts.seen() + counts.get(Counter::WouldCreate) + counts.get(Counter::WouldUpdate);
        self.cx.progress(done, met, "comparing with what is known");
        Ok(place)
    }

    async fn compare_one(
        &self,
        write: &mut Write,
        client: &Stored<StagedClients>,
        run: &SyncRun,
    ) -> Result<(), Failure> {
        let id = client.key.1.as_str();
        let facts = self.facts(id, &client.row, run).await?;
        let Judged { decision, notes } = judge(id, &client.row, &facts);
        let mut user = None;
        let (counter, verdict) = match decision {
            Decision::Create { email } => (Counter::WouldCreate, Some(Verdict::Create { email })),
            Decision::Change { user: who, email, fields } => {
                user = Some(who);
                for field in Field::ALL.into_iter().filter(|f| fields.contains(&f.word())) {
                    self.add(write, Counter::Field(field), 1);
                }
                (Counter::WouldUpdate, Some(Verdict::Change { user: who, email }))
            }
            Decision::Unchanged { user: who } => {
                user = Some(who);
                (Counter::Unchanged, None)
            }
            Decision::Skip(code) | Decision::Error(code) => {
                self.line(write, id, code, &said(code, Some(id), 0));
                let skipped = code.sort() == Sort::Skipped;
                (if skipped { Counter::Skipped } else { Counter::Errors }, None)
            }
        };
        self.add(write, counter, 1);
        for code in notes {
            let line = zelador_store::wispro::SyncLine { user, ..said(code, Some(id), 0) };
            self.line(write, id, code, &line);
        }
        if let Some(verdict) = verdict {
            write.insert::<SyncVerdicts>(&client.key, &verdict);
        }
        Ok(())
    }

    /// What is known about a client.
    async fn facts(
        &self,
        id: &str,
        client: &StagedClient,
        run: &SyncRun,
    ) -> Result<Facts, Failure> {
        let store = &self.cx.shell.store;
        let mut facts = Facts::default();
        let candidate =
            |user: Stored<zelador_store::user::Users>| Candidate { id: user.key, user: user.row };
        let own = store.find::<UsersByWispro>(&(run.tenant, Term::new(id))).await?;
        facts.by_id = own.map(candidate);
        let number = client.id_number.as_deref().and_then(IdNumber::parse);
        for key in number.iter().flat_map(IdNumber::keys) {
            let query = Query::under_key(&(run.tenant, Term::new(&key))).limit(alike::MOST);
            let users = store.page_by::<UsersByNumber>(&query).await?.rows;
            facts.by_number.extend(users.into_iter().map(candidate));
        }
        let alike = self.alike().await?;
        if let (Some(number), Some(alike)) = (&number, alike) {
            facts.siblings = alike.siblings(id, number);
        }
        for user in &facts.by_number {
            let Some(other) = user.user.id_wispro.as_deref().filter(|other| *other != id) else {
                continue;
            };
            let key = (self.id(), Term::new(other));
            if store.get::<StagedClients>(&key).await?.is_some() {
                facts.staged.push(other.to_owned());
            }
        }
        if let Some(email) = &client.email {
            let key = (run.tenant, Term::new(&fold_address(email)));
            let holder = store.find::<UsersByEmail>(&key).await?;
            facts.email_holder = holder.map(|holder| holder.key);
            let first = alike.and_then(|alike| alike.first_at(email));
            facts.email_first = Some(first.unwrap_or(id).to_owned());
        }
        Ok(facts)
    }

    /// Which clients have something in common; `None`: none has. Found out once for
    /// each try: until all are compared they do not change.
    async fn alike(&self) -> Result<Option<&Alike>, Failure> {
        let found = self.alike.get_or_try_init(async || {
            let mut sieve = Sieve::default();
            self.sweep(|_, client| sieve.meet(client)).await?;
            let Some(mut alike) = sieve.collect() else { return Ok(None) };
            self.sweep(|id, client| alike.meet(id, client)).await?;
            Ok(Some(alike))
        });
        found.await.map(Option::as_ref)
    }

    /// Shows every staged client, in the order of their ids.
    async fn sweep(&self, mut meet: impl FnMut(&str, &StagedClient) + Send) -> Result<(), Failure> {
        let mut query = Query::under(&(self.id(),)).limit(SWEEP);
        loop {
            let page = self.cx.shell.store.page::<StagedClients>(&query).await?;
            page.rows.iter().for_each(|row| meet(row.key.1.as_str(), &row.row));
            let Some(next) = page.next else { return Ok(()) };
            query = query.after(Some(next));
        }
    }

    /// Looks at the brakes; `None`: nothing is to be applied.
    pub(super) async fn brakes(&self) -> Result<Option<Place>, Failure> {
        let row = self.row().await;
        let counts = queries::counts(&self.cx.shell, self.id()).await?;
        let (create, change) = (counts.get(Counter::WouldCreate), counts.get(Counter::WouldUpdate));
        let query = Query::under_key(&row.tenant).limit(1);
        let completed = self.cx.shell.store.entries::<CompletedSyncs>(&query).await?;
        let found = Found {
            met: self.met().await?,
            promised: (row.max_pages == 0).then_some(row.promised),
            create,
            change,
            unchanged: counts.get(Counter::Unchanged),
            first: completed.rows.is_empty(),
        };
        let brake = check(&found, &self.settings.limits());
        if row.dry_run {
            let mut write = Write::new();
            // A run that changes nothing counts what it would.
            self.add(&mut write, Counter::Created, create);
            self.add(&mut write, Counter::Updated, change);
            self.move_on(&Place::Apply, write, |row| {
                row.brake = brake;
                row.state = SyncState::Applying;
            })
            .await?;
            return Ok(None);
        }
        let Some(brake) = brake.filter(|_| !row.approved) else {
            self.move_on(&Place::Apply, Write::new(), |row| row.state = SyncState::Applying)
                .await?;
            return Ok(Some(Place::Apply));
        };
        let reason = format!(
            "stopped before any change: {} ({} found, limit {}); \
             `zelador wispro approve` or `discard`",
            brake.rule, brake.found, brake.limit
        );
        // That it asks is committed together with its job's being parked.
        self.move_on(&Place::Brakes, Write::new(), |row| row.brake = Some(brake)).await?;
        Err(Failure::Snooze { until: None, reason })
    }
}
