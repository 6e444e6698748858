//! Looks after the instances: whether each is well, how many accounts it has, and
//! once a day whether they are those that are known.
//!
//! Nothing is kept here: when an instance is due stands in its row.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use zelador_store::id::InstanceId;
use zelador_store::nextcloud::{Instance, InstanceStatus, Instances, Occupancy};
use zelador_store::{Query, Stored, Timestamp, Write};

use super::jobs::{note, reconcile};
use super::lines::{Line, Lines, Switchboard};
use super::messages::{Checked, InstanceRecord};
use super::queries;
use super::rules::health::{self, Look, Patience};
use super::rules::{Class, Trouble};
use super::settings::{Mode, NextcloudSettings};
use super::stage;
use crate::engine::Shell;
use crate::engine::jobs::JobDesk;
use crate::error::{During, Error, Refusal};

/// How long a look may take.
const LOOK: Duration = Duration::from_secs(30);
/// How often due instances are looked for.
const GLANCE: Duration = Duration::from_secs(1);
/// Instances looked after.
const INSTANCES: usize = 500;

/// Looks after the instances; clones are the same.
#[derive(Clone)]
pub struct Watcher {
    shell: Shell,
    lines: Switchboard,
    settings: watch::Receiver<Arc<NextcloudSettings>>,
    poke: Arc<Notify>,
    stop: CancellationToken,
}

impl Watcher {
    /// Of these instances; its loop is [`Watcher::work`].
    pub fn new(
        shell: Shell,
        lines: Switchboard,
        settings: watch::Receiver<Arc<NextcloudSettings>>,
    ) -> Self {
        Self { shell, lines, settings, poke: Arc::default(), stop: CancellationToken::new() }
    }

    /// Has due instances looked at now.
    pub fn look_now(&self) {
        self.poke.notify_one();
    }

    /// Looks, for as long as it is let.
    pub async fn work(&self, jobs: &JobDesk) -> Result<(), Error> {
        loop {
            let round = self.stop.run_until_cancelled(self.round(jobs)).await;
            match round {
                None => return Ok(()),
                Some(Ok(())) => {}
                Some(Err(error)) => {
                    let error = error.chain();
                    tracing::warn!(error, "nextcloud instances are left to the next round");
                }
            }
            let wait = timeout(GLANCE, self.poke.notified());
            if self.stop.run_until_cancelled(wait).await.is_none() {
                return Ok(());
            }
        }
    }

    /// Ends the loop.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    async fn round(&self, jobs: &JobDesk) -> Result<(), Error> {
        let settings = self.settings.borrow().clone();
        let doing = "looking after the instances";
        let sandbox = settings.mode == Mode::Sandbox;
        let asleep = settings.mode == Mode::Off
            || (!sandbox && stage::has_sandbox(&self.shell).await.during(doing)?);
        if asleep {
            return Ok(());
        }
        let all = self.shell.store.page::<Instances>(&Query::all().limit(INSTANCES)).await;
        let all = all.during(doing)?.rows;
        let ours: Vec<_> = all.into_iter().filter(|one| one.row.sandbox == sandbox).collect();
        self.show(&ours).await?;
        let now = self.shell.now();
        let due = ours.iter().filter(|one| is_due(&one.row, &settings, now));
        let looks = due.map(|one| self.check(one.key, false));
        for looked in join_all(looks).await {
            looked?;
        }
        for one in ours.iter().filter(|one| is_to_compare(&one.row, &settings, now)) {
            jobs.enqueue(reconcile(one.key), |_| Write::new()).await?;
        }
        Ok(())
    }

    async fn show(&self, all: &[Stored<Instances>]) -> Result<(), Error> {
        let (mut places, mut room) = (0_u64, 0_u64);
        for one in all {
            let taken = self.shell.store.get::<Occupancy>(&one.key).await;
            let taken = taken.during("counting places")?.map_or(0, |taken| taken.row.places);
            places += u64::from(taken);
            if one.row.status == InstanceStatus::Active {
                room += u64::from(one.row.max_users.saturating_sub(taken));
            }
        }
        let gauge = |state: &'static str, count: usize| {
            #[expect(clippy::cast_precision_loss, reason = "there are at most 500")]
            metrics::gauge!("zelador_nextcloud_instances", "state" => state).set(count as f64);
        };
        let of = |word| all.iter().filter(|one| health::word(&one.row.health) == word).count();
        for word in ["healthy", "unhealthy", "unknown"] {
            gauge(word, of(word));
        }
        gauge("left_alone", all.iter().filter(|one| one.row.breaker.is_some()).count());
        #[expect(clippy::cast_precision_loss, reason = "a count of accounts fits a double")]
        {
            metrics::gauge!("zelador_nextcloud_places", "state" => "taken").set(places as f64);
            metrics::gauge!("zelador_nextcloud_places", "state" => "free").set(room as f64);
        }
        Ok(())
    }

    /// Looks at one instance and notes what it shows. `by_hand`: somebody asked, so it
    /// is looked at whatever its breaker says, its accounts are counted, and a secret
    /// that is kept elsewhere is read again.
    pub async fn check(&self, id: InstanceId, by_hand: bool) -> Result<Checked, Error> {
        let record = queries::instance(&self.shell, id).await?;
        let settings = self.settings.borrow().clone();
        if by_hand {
            refused(&settings, &record, &self.shell).await?;
            self.lines.forget(id);
        }
        let look = match self.lines.line(id, &record.instance) {
            Ok(line) => look(&line, by_hand).await,
            Err(trouble) => Look { trouble: Some(trouble), ..blank() },
        };
        let (patience, now) = (Patience::from(settings.as_ref()), self.shell.now());
        let seen = record.instance.version;
        note(&self.shell, id, |instance| {
            // What was changed meanwhile was not looked at.
            let same = instance.version == seen;
            same.then(|| health::after_look(instance, &look, patience, now))
        })
        .await?;
        Ok(Checked { look, record: queries::instance(&self.shell, id).await? })
    }
}

/// Nobody is asked that the mode does not allow.
async fn refused(
    settings: &NextcloudSettings,
    record: &InstanceRecord,
    shell: &Shell,
) -> Result<(), Error> {
    if settings.mode == Mode::Off {
        return Err(Refusal::conflict("concern_off").into());
    }
    let sandbox = settings.mode == Mode::Sandbox;
    if record.instance.sandbox != sandbox {
        let code = if sandbox { "sandbox_only" } else { "sandbox_records" };
        return Err(Refusal::conflict(code).into());
    }
    let doing = "looking for records of the sandbox";
    if !sandbox && stage::has_sandbox(shell).await.during(doing)? {
        return Err(Refusal::conflict("sandbox_records").into());
    }
    Ok(())
}

const fn blank() -> Look {
    Look { latency_ms: None, version: None, maintenance: false, user_count: None, trouble: None }
}

async fn look(line: &Line, whole: bool) -> Look {
    let late = || Trouble::new(Class::Unreachable, "the look took too long");
    let seen = timeout(LOOK, look_at(line, whole)).await;
    seen.unwrap_or_else(|_| Look { trouble: Some(late()), ..blank() })
}

/// How it says it is, and whether it lets us in.
async fn look_at(line: &Line, whole: bool) -> Look {
    let began = Instant::now();
    let status = match line.port.status().await {
        Ok(status) => status,
        Err(trouble) => return Look { trouble: Some(trouble), ..blank() },
    };
    let latency_ms = u32::try_from(began.elapsed().as_millis()).ok();
    let maintenance = status.maintenance || status.needs_upgrade;
    let seen = Look { latency_ms, version: Some(status.version), maintenance, ..blank() };
    if maintenance {
        return seen;
    }
    let counted = if whole {
        line.port.count().await.map(Some)
    } else {
        line.port.list(0, 1).await.map(|_| None)
    };
    match counted {
        Ok(user_count) => Look { user_count, ..seen },
        Err(trouble) => Look { trouble: Some(trouble), ..seen },
    }
}

fn is_due(instance: &Instance, settings: &NextcloudSettings, now: Timestamp) -> bool {
    let seconds = |seconds: u32| Duration::from_secs(seconds.into());
    let (every, unwell) = (seconds(settings.health_seconds), seconds(settings.unwell_seconds));
    let watched = instance.status != InstanceStatus::Disabled;
    watched && health::due(instance, every, unwell).is_some_and(|due| due <= now)
}

fn is_to_compare(instance: &Instance, settings: &NextcloudSettings, now: Timestamp) -> bool {
    let every = Duration::from_secs(u64::from(settings.reconcile_hours) * 3600);
    let last = instance.drift.as_ref().map_or(instance.created_at, |drift| drift.at);
    let well = instance.breaker.is_none() && instance.health.healthy == Some(true);
    let watched = instance.status != InstanceStatus::Disabled;
    settings.reconcile_hours > 0 && well && watched && last + every <= now
}
