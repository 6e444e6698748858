//! The first phase: page after page into the staging table.

use std::collections::HashMap;
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::time::Instant;
use zelador_store::kv::Term;
use zelador_store::wispro::{StagedClient, StagedClients, SyncState};
use zelador_store::{Timestamp, Write};

use super::{Place, Run, begin, said};
use crate::engine::jobs::Failure;
use crate::facts::about_tenant;
use crate::wispro::port::{Port, Upstream};
use crate::wispro::queries;
use crate::wispro::rules::client::{Row, read};
use crate::wispro::rules::envelope::{self, Onward, Sheet, Trouble, onward, pause};
use crate::wispro::rules::report::{Code, Counter};

/// No upstream has more pages.
const CAP: u32 = 100_000;
/// Tries at one page within a try of the job.
const TRIES: u32 = 5;
/// A longer wait is not sat out: the job is put off.
const SIT_OUT: Duration = Duration::from_secs(60);
/// Passes over the pages, until as many clients were met as there are.
const PASSES: u32 = 3;

impl Run {
    /// Fetches from this page to the last.
    pub(super) async fn fetch(
        &self,
        page: u32,
        before: Option<String>,
        upstream: &dyn Upstream,
    ) -> Result<Place, Failure> {
        let port = upstream.open(&self.settings).map_err(Failure::permanent)?;
        let (mut page, mut before) = (page, before);
        let gap = Duration::from_millis(self.settings.request_gap_ms.into());
        loop {
            let began = Instant::now();
            let sheet = self.sheet(port.as_ref(), page).await?;
            match self.take(page, before.as_deref(), &sheet).await? {
                Place::Fetch { page: next, before: digest } => (page, before) = (next, digest),
                place => return Ok(place),
            }
            tokio::time::sleep_until(began + gap).await;
        }
    }

    /// One page, with tries and waits.
    async fn sheet(&self, port: &dyn Port, page: u32) -> Result<Sheet, Failure> {
        let per_page = self.row().await.per_page;
        let mut failed = 0;
        loop {
            let began = Instant::now();
            let answer = port.page(page, per_page).await;
            let now = self.cx.shell.now();
            let sheet = answer.and_then(|a| envelope::read(&a, now.as_millis() / 1000));
            let outcome = outcome(&sheet);
            metrics::histogram!("zelador_upstream_request_seconds", "upstream" => "wispro",
                "outcome" => outcome)
            .record(began.elapsed());
            let (why, after) = match sheet {
                Ok(sheet) => return Ok(sheet),
                Err(Trouble::Passing { why, after }) => (why, after),
                Err(trouble) => return Err(Failure::permanent(trouble)),
            };
            failed += 1;
            let wait = pause(failed, after, self.cx.shell.dice.fraction());
            tracing::warn!(page, failed, why, wait = wait.as_secs_f64(), "wispro did not answer");
            give_up(failed, after, now, format!("page {page}: {why}"))?;
            self.cx.progress(page.into(), 0, format!("page {page}: {why}"));
            tokio::time::sleep(wait).await;
        }
    }

    /// Takes a page in, in one commit with where to go on.
    async fn take(&self, page: u32, before: Option<&str>, sheet: &Sheet) -> Result<Place, Failure> {
        let row = self.row().await;
        let digest = digest(sheet, &self.settings.fields.id);
        let repeats = before == Some(digest.as_str());
        let cap = if row.max_pages == 0 { CAP } else { row.max_pages };
        let onward = onward(sheet, page, row.per_page, cap, repeats);
        if onward == Onward::Stuck {
            let why = "Wispro answers the same page whatever page is asked for";
            return Err(Failure::permanent(why));
        }
        let mut write = Write::new();
        let fresh = self.stage(&mut write, page, row.passes, sheet).await?;
        let told = sheet.pagination.unwrap_or_default();
        let pages = told.total_pages.and_then(|pages| u32::try_from(pages).ok());
        let pages = pages.unwrap_or(row.pages.max(page)).min(cap);
        let promised = told.total_records.unwrap_or(0);
        let first = page == 1 && row.passes == 1;
        let last = onward == Onward::Last;
        let missed = last && row.max_pages == 0 && self.met().await? + fresh < promised;
        let place = match onward {
            Onward::Next => Place::Fetch { page: page + 1, before: Some(digest) },
            _ if missed && row.passes < PASSES => Place::Fetch { page: 1, before: None },
            _ => Place::Compare { after: None },
        };
        let again = missed && row.passes < PASSES;
        let mut next = row.clone();
        (next.page, next.pages, next.promised) = (page, pages, promised);
        if first {
            let data = begin::started(&next, self.id());
            write.event(&about_tenant(
                &self.cx.shell,
                "wispro.sync_started",
                row.tenant,
                &self.author,
                data,
            ));
        }
        self.move_on(&place, write, |row| {
            (row.page, row.pages, row.promised) = (page, pages, promised);
            (row.error, row.ended_at) = (None, None);
            row.passes += u32::from(again);
            row.state = match place {
                Place::Fetch { .. } => SyncState::Fetching,
                _ => SyncState::Comparing,
            };
        })
        .await?;
        if first {
            tracing::info!(pages, clients = promised, "wispro sync started");
        }
        if again {
            tracing::warn!(promised, "wispro clients moved between pages: all are read again");
        }
        self.cx.progress(page.into(), pages.into(), format!("page {page} of {pages} fetched"));
        Ok(place)
    }

    /// Clients met so far, each once.
    pub(super) async fn met(&self) -> Result<u64, Failure> {
        Ok(queries::counts(&self.cx.shell, self.id()).await?.met())
    }

    /// Stages the rows of a page; how many clients were not met before. Rows
    /// without an id are counted in the first pass: nothing tells them from those
    /// of another.
    async fn stage(
        &self,
        write: &mut Write,
        page: u32,
        pass: u32,
        sheet: &Sheet,
    ) -> Result<u64, Failure> {
        let (mut fresh, mut nameless, mut repeated) = (HashMap::new(), 0, 0);
        for (at, row) in sheet.rows.iter().enumerate() {
            match read(row, &self.settings.fields) {
                Row::NoId if pass > 1 => {}
                Row::NoId => {
                    nameless += 1;
                    self.line(
                        write,
                        &format!("{page:06}/{at:06}"),
                        Code::NoId,
                        &said(Code::NoId, None, page),
                    );
                }
                Row::Client(id, client) => {
                    let key = (self.id(), Term::new(&id));
                    let known = self.cx.shell.store.get::<StagedClients>(&key).await?.is_some();
                    if known || fresh.insert(id, client).is_some() {
                        repeated += 1;
                    }
                }
            }
        }
        let count = fresh.len() as u64;
        for (id, client) in fresh {
            let client: StagedClient = *client;
            write.insert::<StagedClients>(&(self.id(), Term::new(&id)), &client);
        }
        self.add(write, Counter::Staged, count);
        self.add(write, Counter::Errors, nameless);
        // In another pass all are met again, which says nothing.
        self.add(write, Counter::Repeated, if pass == 1 { repeated } else { 0 });
        Ok(count + nameless)
    }
}

/// What tells one page's clients from another's.
fn digest(sheet: &Sheet, paths: &[String]) -> String {
    let mut hash = Sha256::new();
    for row in &sheet.rows {
        let id = paths.iter().find_map(|path| row.pointer(path));
        hash.update(id.map(ToString::to_string).unwrap_or_default().as_bytes());
        hash.update([0]);
    }
    hex::encode(hash.finalize())
}

fn outcome(sheet: &Result<Sheet, Trouble>) -> &'static str {
    match sheet {
        Ok(_) => "ok",
        Err(Trouble::Unauthorized) => "unauthorized",
        Err(Trouble::PaymentRequired) => "payment_required",
        Err(Trouble::Refused { .. }) => "refused",
        Err(Trouble::Passing { .. }) => "failed",
    }
}

/// Whether to leave it to another try of the job.
fn give_up(
    failed: u32,
    after: Option<Duration>,
    now: Timestamp,
    why: String,
) -> Result<(), Failure> {
    if let Some(after) = after.filter(|after| *after > SIT_OUT) {
        let reason = format!("Wispro asks to be left alone for {} s", after.as_secs());
        return Err(Failure::Snooze { until: Some(now + after), reason });
    }
    if failed >= TRIES { Err(Failure::retry(why)) } else { Ok(()) }
}
