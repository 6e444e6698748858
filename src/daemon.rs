//! Boot order, wiring, stop order: the one file that knows every part.
//!
//! ```text
//!  address → store → engine → concerns → edge       each stands on those before it
//!  edge → jobs → loops → store                      and stops after those behind it
//! ```
//!
//! [`serve`] is the process: it owns the runtime, the signals and the exit code.
//! [`start`] is the daemon: tests call it with a clock and a listener of their
//! own.

pub mod address;
mod boot;
mod drive;
mod engine;
mod keys;
mod live;
mod nextcloud;
mod vitals;
mod watchdog;
mod wispro;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_rt::System;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use zelador_actors::booking::BookingDesk;
use zelador_actors::engine::events::external::Externals;
use zelador_actors::engine::notifications::{Inviter, Links};
use zelador_actors::engine::seal::Seal;
use zelador_actors::engine::{Clock, Dice, Shell};
use zelador_actors::error::chain;
use zelador_actors::identity::IdentityDesk;
use zelador_actors::identity::passwords::Passwords;
use zelador_actors::resources::ResourceDesk;
use zelador_actors::tenants::TenantDesk;
use zelador_actors::users::UserDesk;
use zelador_actors::users::lifecycle::Lifecycle;
use zelador_store::Store;
use zelador_store::kv::embedded::Embedded;

use crate::api::doors::{DoorSet, Doors};
use crate::api::live::{Pace, Streams};
use crate::api::sources::{Answers, Locales, People, Tokens};
use crate::api::{self, Api, Foundation};
use crate::cli::{Exit, Failure};
use crate::config::{Config, Loaded, Sources, Watch};
use crate::dashboard::Dashboard;
use crate::signals::{self, Shutdown, service};
use crate::telemetry::{Metrics, Telemetry};

pub use boot::Halt;
pub(crate) use boot::{end_the_process, options};
pub(crate) use engine::place_of_backups;

use engine::{EngineParts, Upstreams};

/// What the outside gives a daemon.
pub struct World {
    /// The time.
    pub clock: Clock,
    /// Chance.
    pub dice: Dice,
    /// Where it listens.
    pub listener: TcpListener,
    /// The process's metrics.
    pub metrics: Metrics,
    /// What is done when the disk fails to keep what was written.
    pub halt: Halt,
}

/// A daemon that serves.
pub struct Daemon {
    /// Where it listens.
    pub address: SocketAddr,
    served: api::Served,
    stop_edge: CancellationToken,
    engine: EngineParts,
    disk: Arc<Embedded>,
    cloud: nextcloud::Nextcloud,
    drive: drive::Drive,
    /// Its stand-in ends with the daemon.
    _wispro: wispro::Wispro,
}

/// Runs until the process is told to stop.
pub fn serve(sources: Sources, loaded: Loaded) -> Result<(), Failure> {
    let runtime = boot::runtime()?;
    let runner = System::with_tokio_rt(move || runtime);
    runner.block_on(run(sources, loaded))
}

async fn run(sources: Sources, loaded: Loaded) -> Result<(), Failure> {
    let Loaded { config, notices } = loaded;
    let telemetry = Telemetry::start(&config.telemetry)
        .map_err(|error| Failure::new(Exit::No, chain(&error)))?;
    let metrics = Metrics::start().map_err(|error| Failure::new(Exit::No, chain(&error)))?;
    for notice in notices {
        tracing::warn!(notice, "configuration");
    }
    let clock = Clock::system();
    let watch = Watch::start(sources, config, {
        let clock = clock.clone();
        move || clock.now()
    });
    let (stop, shutdown) = signals::shutdown();
    let following = signals::follow(stop, watch.reloader())
        .map_err(|error| Failure::new(Exit::No, format_args!("following signals: {error}")))?;
    let listener = boot::listen(watch.config().borrow().api.listen).await?;
    let world =
        World { clock, dice: Dice::system(), listener, metrics, halt: boot::end_the_process() };
    let daemon = start(&watch, world).await?;
    let logs = tokio::spawn(live::follow_level(watch.config(), telemetry));
    let data_dir = watch.config().borrow().store.data_dir.clone();
    address::publish(&data_dir, daemon.address);
    tracing::info!(address = %daemon.address, "zelador serves");
    service::ready("ready");
    shutdown.asked().await;
    address::withdraw(&data_dir);
    let drain = watch.config().borrow().service.drain_seconds;
    daemon.stop(Duration::from_secs(drain.into()), &shutdown).await?;
    logs.abort();
    following.abort();
    tracing::info!("zelador has stopped");
    Ok(())
}

/// Starts a daemon: everything is up when this answers.
pub async fn start(watch: &Watch, world: World) -> Result<Daemon, Failure> {
    let World { clock, dice, listener, metrics, halt } = world;
    let config = watch.config();
    let first = config.borrow().clone();

    // Facts.
    let disk = boot::open_store(&first.store, &clock, halt).await?;
    let shell = Shell { store: Store::new(disk.clone()), clock: clock.clone(), dice: dice.clone() };
    keys::ensure_tokens(&shell, &first).await?;

    let own_keys = keys::ensure_secret_key(&shell, &first.store.data_dir)?;

    let seal = keys::seal(dice.clone(), &own_keys);

    // The engine.
    let links = keys::links(&own_keys);
    let inviter = inviter(&config, &links);
    let (parts, upstreams) = upstreams(&shell, (&seal, &links), &config, &inviter).await?;
    let Parts { wispro, cloud, drive } = parts;
    let mut engine = EngineParts::start(&shell, &seal, &disk, &config, links, upstreams).await?;
    drive.keep(&mut engine.supervisor);

    // Concerns.
    let (floor, board) = (engine.floor.clone(), engine.supervisor.board());
    cloud.keep(&mut engine.supervisor, floor.clone(), board.clone(), &engine.jobs);
    let settings = live::part(config.clone(), |c| c.users.in_force(c.is_production()));
    let users = UserDesk::new(shell.clone(), settings)
        .with_lifecycle(engine.lifecycle.clone())
        .staffed(floor.clone(), board.clone());
    let identity = identity(&shell, &config, own_keys);
    let tenants = TenantDesk::new(shell.clone()).staffed(floor.clone(), board.clone());
    let idle = Duration::from_secs(first.booking.idle_seconds.into());
    let bookings = BookingDesk::new(shell.clone()).staffed(floor, board.clone(), idle);

    // The edge.
    let stop_edge = CancellationToken::new();
    let doors = Doors::from(DoorSet {
        shell: shell.clone(),
        seal,
        jobs: engine.jobs.clone(),
        schedules: engine.schedules.clone(),
        events: engine.events.clone(),
        externals: externals(&engine, &config),
        streams: streams(&config, &stop_edge),
        notices: engine.notices.clone(),
        webhooks: engine.webhooks.clone(),
        identity: identity.clone(),
        tenants,
        users,
        bookings,
        wispro: wispro.desk(&shell, &engine.jobs),
        nextcloud: cloud.desk().await,
        inviter,
        drive: drive.desk(&shell),
        resources: ResourceDesk::new(shell.clone()),
    });
    let vitals = vitals::Report::gather(&doors, &disk, board, watch, metrics.clone());
    let foundation = foundation(&first, &shell, identity);
    let routes = Dashboard::start(&doors, &vitals, api::routes::all(&vitals));
    let api = Api::new(doors, routes, foundation)
        .map_err(|error| Failure::new(Exit::No, chain(&error)))?;
    tokio::spawn(live::follow_edge(config, api.clone()));
    tokio::spawn(watchdog::feed(disk.clone(), engine.jobs.clone()));
    tokio::spawn(live::upkeep(metrics, engine.events.clone()));

    let drain = Duration::from_secs(first.service.drain_seconds.into());
    let served = api::serve(listener, api, stop_edge.clone().cancelled_owned(), drain)
        .map_err(|error| Failure::new(Exit::No, format_args!("serving: {error}")))?;
    let address = served.address;
    Ok(Daemon { address, served, stop_edge, engine, disk, cloud, _wispro: wispro, drive })
}

/// Consumers that programs have made.
fn externals(engine: &EngineParts, config: &watch::Receiver<Arc<Config>>) -> Externals {
    let settings = live::part(config.clone(), |config| config.events.clone());
    Externals::new(engine.events.clone(), settings)
}

/// The places of streams.
fn streams(config: &watch::Receiver<Arc<Config>>, stop: &CancellationToken) -> Streams {
    let places = live::part(config.clone(), |config| config.api.limits.streams);
    Streams::new(stop.clone(), places, Pace::default())
}

/// What invites people.
fn inviter(config: &watch::Receiver<Arc<Config>>, links: &Links) -> Inviter {
    let hours = live::part(config.clone(), |config| config.auth.invite_hours);
    Inviter::new(links.clone(), hours)
}

/// The concerns that have an upstream.
struct Parts {
    wispro: wispro::Wispro,
    cloud: nextcloud::Nextcloud,
    drive: drive::Drive,
}

/// Starts the concerns that have an upstream; answers what they bring, too.
async fn upstreams(
    shell: &Shell,
    (seal, links): (&Seal, &Links),
    config: &watch::Receiver<Arc<Config>>,
    inviter: &Inviter,
) -> Result<(Parts, Upstreams), Failure> {
    let wispro = wispro::Wispro::start(config).await?;
    let cloud = nextcloud::Nextcloud::start(shell, (seal, links), config).await?;
    let drive = drive::Drive::start(shell, config).await?;
    let mut handlers = vec![wispro.handler(inviter.clone())];
    handlers.extend(cloud.handlers());
    handlers.extend(drive.handlers());
    let lifecycle = Lifecycle::new(live::part(config.clone(), |c| c.lifecycle.clone()));
    let lifecycle = cloud.join(lifecycle);
    let consumers = vec![nextcloud::Nextcloud::consumer()];
    Ok((Parts { wispro, cloud, drive }, Upstreams { handlers, consumers, lifecycle }))
}

/// Who signs in, with the keys in force.
fn identity(
    shell: &Shell,
    config: &watch::Receiver<Arc<Config>>,
    own_keys: keys::OwnKeys,
) -> IdentityDesk {
    let passwords = Passwords::new(boot::cores() / 2);
    let settings = live::part(config.clone(), |config| config.auth.identity());
    let keys = live::keys(config.clone(), own_keys);
    IdentityDesk::new(shell.clone(), passwords, keys, settings)
}

/// What the edge itself stands on.
fn foundation(config: &Config, shell: &Shell, identity: IdentityDesk) -> Foundation {
    Foundation {
        settings: config.api.clone(),
        tokens: Arc::new(Tokens(shell.clone())),
        people: Arc::new(People(identity)),
        answers: Arc::new(Answers(shell.clone())),
        locales: Arc::new(Locales(shell.clone())),
        clock: shell.clock.clone(),
        dice: shell.dice.clone(),
    }
}

impl Daemon {
    /// Stops: nothing new is taken in, what is under way gets `drain`, the rest
    /// is given back; then the store is closed.
    pub async fn stop(self, drain: Duration, shutdown: &Shutdown) -> Result<(), Failure> {
        self.stop_edge.cancel();
        let engine = self.engine;
        engine.take_in_nothing().await;
        self.cloud.watcher.stop();
        self.drive.watcher.stop();
        let couriers = engine.webhooks.courier().clone();
        tokio::select! {
            _ = async { tokio::join!(self.served.stopped(), engine.jobs.stop(drain), couriers.stop(drain)) } => {}
            () = shutdown.at_once() => {
                tokio::join!(engine.jobs.stop(Duration::ZERO), couriers.stop(Duration::ZERO));
            }
        }
        engine.stop().await;
        let disk = self.disk;
        let closed = tokio::task::spawn_blocking(move || disk.close()).await;
        match closed {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Failure::new(Exit::Disk, chain(&error))),
            Err(error) => Err(Failure::new(Exit::No, error)),
        }
    }
}
