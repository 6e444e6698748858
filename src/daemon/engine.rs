//! The engine's parts: started together, kept running, stopped in order.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actix_rt::Arbiter;
use tokio::sync::watch;
use zelador_actors::booking::Cascades;
use zelador_actors::booking::jobs::{CancelAll, ExpireHold};
use zelador_actors::booking::waitlist::Offers;
use zelador_actors::engine::Shell;
use zelador_actors::engine::copies::{BackupPlace, MakeBackup, MakeExport};
use zelador_actors::engine::events::redis::RedisStreams;
use zelador_actors::engine::events::{Consume, EventDesk, Metrics, PruneEvents};
use zelador_actors::engine::jobs::{Diagnostic, Handler, Handlers, JobDesk, JobSettings, Prune};
use zelador_actors::engine::notifications::{Links, NoticeDesk};
use zelador_actors::engine::schedules::ScheduleDesk;
use zelador_actors::engine::seal::Seal;
use zelador_actors::engine::settings::{ScheduleSettings, Schedules};
use zelador_actors::engine::supervisor::{Floor, Supervisor};
use zelador_actors::engine::ticks::Ticks;
use zelador_actors::engine::webhooks::client::Client;
use zelador_actors::engine::webhooks::guard::{Guard, SystemLookUp};
use zelador_actors::engine::webhooks::jobs::{self as hooks, Clear, PruneDeliveries};
use zelador_actors::engine::webhooks::{Courier, FanOut, WebhookDesk};
use zelador_actors::resources::jobs::{PRUNE, PruneResources};
use zelador_actors::tenants::jobs::Purge;
use zelador_actors::users::erasure::Scrub;
use zelador_actors::users::jobs::CarryOut;
use zelador_actors::users::lifecycle::{Follow, Lifecycle, told};
use zelador_store::kv::embedded::Embedded;

use super::{boot, live};
use crate::cli::Failure;
use crate::config::Config;

/// How long the loops get to end by themselves.
const PATIENCE: Duration = Duration::from_secs(5);

/// Jobs, schedules, events, and what keeps them running.
pub(super) struct EngineParts {
    pub(super) supervisor: Supervisor,
    pub(super) floor: Floor,
    pub(super) jobs: JobDesk,
    pub(super) schedules: ScheduleDesk,
    pub(super) events: EventDesk,
    pub(super) webhooks: WebhookDesk,
    /// What follows from what happens to a user.
    pub(super) lifecycle: Lifecycle,
    /// What people and operators are told.
    pub(super) notices: NoticeDesk,
    arbiters: Vec<Arbiter>,
    ticks: Ticks,
}

/// What the concerns with an upstream bring.
#[derive(Default)]
pub(super) struct Upstreams {
    /// What does their jobs.
    pub(super) handlers: Vec<(&'static str, Arc<dyn Handler>)>,
    /// What follows the event log for them.
    pub(super) consumers: Vec<Arc<dyn Consume>>,
    /// What follows from what happens to a user, with what they do at once.
    pub(super) lifecycle: Lifecycle,
}

impl EngineParts {
    /// Starts everything.
    pub(super) async fn start(
        shell: &Shell,
        seal: &Seal,
        disk: &Arc<Embedded>,
        config: &watch::Receiver<Arc<Config>>,
        links: Links,
        upstreams: Upstreams,
    ) -> Result<Self, Failure> {
        let lifecycle = upstreams.lifecycle;
        let follow = Follow::new(lifecycle.clone());
        let offers = Offers::new(live::part(config.clone(), |config| config.booking.clone()));
        let webhooks = webhooks(shell, seal, config)?;
        let notices =
            NoticeDesk::new(shell.clone(), live::part(config.clone(), Config::notices), links);
        tokio::spawn(notices.clone().follow_texts());
        let mut consumers: Vec<Arc<dyn Consume>> =
            vec![Arc::<Metrics>::default(), Arc::new(follow), Arc::new(Cascades), Arc::new(offers)];
        consumers.push(Arc::new(FanOut::new(webhooks.courier().clone())));
        consumers.extend(notices.consumers());
        consumers.extend(upstreams.consumers);
        let redis = RedisStreams::new(live::part(config.clone(), |c| c.redis.settings()));
        let events = EventDesk::with_outlets(shell.clone(), consumers, vec![Arc::new(redis)]);
        boot::told(events.attach().await)?;
        let retention = live::part(config.clone(), |config| config.events.clone());
        let mut handlers = handlers(&lifecycle);
        handlers.extend(notices.handlers());
        handlers.extend(upstreams.handlers);
        handlers.insert("events.prune", Arc::new(PruneEvents::new(events.clone(), retention)));
        let kept = live::part(config.clone(), |config| config.resources.clone());
        handlers.insert(PRUNE, Arc::new(PruneResources::new(kept)));
        handlers.insert(hooks::CLEAR, Arc::new(Clear));
        let kept = live::part(config.clone(), |config| config.webhooks.clone());
        handlers.insert(hooks::PRUNE, Arc::new(PruneDeliveries::new(kept)));
        let place = live::part(config.clone(), backup_place);
        handlers.insert("backup.make", Arc::new(MakeBackup::new(disk.clone(), place)));
        handlers.insert("store.export", Arc::new(MakeExport(disk.clone())));
        let settings = live::part(config.clone(), |config| JobSettings {
            queues: config.queues.clone(),
            kinds: config.jobs.clone(),
        });
        let jobs = JobDesk::new(shell.clone(), handlers, settings);
        let settings = live::part(config.clone(), schedules_of);
        let schedules = ScheduleDesk::new(shell.clone(), settings);
        let mut supervisor = Supervisor::new(shell.clock.clone());
        keep(&mut supervisor, &jobs, &schedules, &events);
        carry(&mut supervisor, webhooks.courier().clone());
        let ticks = boot::told(Ticks::start(jobs.clone()).await)?;
        let arbiters: Vec<Arbiter> = (0..boot::cores()).map(|_| Arbiter::new()).collect();
        let floor = Floor::new(arbiters.iter().map(Arbiter::handle).collect());
        Ok(Self {
            supervisor,
            floor,
            jobs,
            schedules,
            events,
            webhooks,
            lifecycle,
            notices,
            arbiters,
            ticks,
        })
    }

    /// Nothing is enqueued by time any more.
    pub(super) async fn take_in_nothing(&self) {
        self.schedules.stop();
        self.ticks.close().await;
    }

    /// Ends what is left, once no job runs.
    pub(super) async fn stop(self) {
        self.events.stop();
        self.ticks.stop().await;
        self.supervisor.stop(PATIENCE).await;
        for arbiter in &self.arbiters {
            arbiter.stop();
        }
    }
}

/// The courier's loop, begun again when it falls.
fn carry(supervisor: &mut Supervisor, courier: Courier) {
    supervisor.keep("webhooks", "engine", move || {
        let courier = courier.clone();
        async move { courier.work().await }
    });
}

/// Webhooks: the desk, and the courier behind it.
fn webhooks(
    shell: &Shell,
    seal: &Seal,
    config: &watch::Receiver<Arc<Config>>,
) -> Result<WebhookDesk, Failure> {
    let settings = live::part(config.clone(), |c| c.webhooks.in_force(c.is_production()));
    let guard = Guard::new(Arc::new(SystemLookUp), settings.borrow().localhost);
    let client = boot::told(Client::new(&guard))?;
    let courier = Courier::new(shell.clone(), seal.clone(), client, settings.clone());
    Ok(WebhookDesk::new(shell.clone(), seal.clone(), courier, settings))
}

/// The loops of the engine, each begun again when it falls.
fn keep(supervisor: &mut Supervisor, jobs: &JobDesk, schedules: &ScheduleDesk, events: &EventDesk) {
    let (jobs, schedules) = (jobs.clone(), schedules.clone());
    supervisor.keep("jobs", "engine", move || {
        let jobs = jobs.clone();
        async move { jobs.work().await }
    });
    supervisor.keep("schedules", "engine", move || {
        let schedules = schedules.clone();
        async move { schedules.work().await }
    });
    for name in events.names() {
        let events = events.clone();
        supervisor.keep(&format!("consumer {name}"), "engine", move || {
            let events = events.clone();
            async move { events.work(name).await }
        });
    }
}

fn handlers(lifecycle: &Lifecycle) -> Handlers {
    let mut handlers = Handlers::new();
    handlers.insert("diagnostic", Arc::new(Diagnostic));
    handlers.insert("jobs.prune", Arc::new(Prune));
    handlers.insert("tenant.purge", Arc::new(Purge));
    handlers.insert("user.erase", Arc::new(Scrub));
    handlers.insert("booking.expire_hold", Arc::new(ExpireHold));
    handlers.insert("booking.cancel_all", told(Arc::new(CancelAll)));
    let plans: Arc<dyn Handler> = Arc::new(CarryOut::new(lifecycle.clone()));
    handlers.insert("user.scheduled_ban", plans.clone());
    handlers.insert("user.status_change", plans);
    handlers
}

/// Where scheduled backups go.
fn backup_place(config: &Config) -> BackupPlace {
    BackupPlace {
        dir: place_of_backups(config),
        keep: config.backup.keep as usize,
        prune_archive: config.backup.prune_archive,
    }
}

/// The directory of scheduled backups.
pub(crate) fn place_of_backups(config: &Config) -> PathBuf {
    let usual = || config.store.data_dir.join("backups");
    config.backup.dir.clone().unwrap_or_else(usual)
}

/// The operator's schedules that are on, but for those of a concern that is off;
/// and the one that `[backup] cron` means.
fn schedules_of(config: &Config) -> Schedules {
    let mut schedules = config.schedules.clone();
    let off = config.wispro.mode == zelador_actors::wispro::Mode::Off;
    let sync = zelador_actors::wispro::KIND;
    schedules.retain(|_, schedule| schedule.enabled && !(off && schedule.kind == sync));
    if !config.backup.cron.is_empty() {
        let backup = ScheduleSettings {
            kind: "backup.make".to_owned(),
            cron: config.backup.cron.clone(),
            timezone: config.backup.timezone.clone(),
            ..ScheduleSettings::default()
        };
        schedules.insert("backup".to_owned(), backup);
    }
    schedules
}
