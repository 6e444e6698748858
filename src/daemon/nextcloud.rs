//! The Nextcloud concern and, in sandbox mode, the two stand-ins of its pool.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::watch;
use zelador_actors::engine::events::Consume;
use zelador_actors::engine::jobs::{Handler, JobDesk};
use zelador_actors::engine::notifications::Links;
use zelador_actors::engine::seal::Seal;
use zelador_actors::engine::supervisor::{Board, Floor, Supervisor};
use zelador_actors::engine::{Dice, Shell};
use zelador_actors::nextcloud::jobs::Tools;
use zelador_actors::nextcloud::pool::PoolDesk;
use zelador_actors::nextcloud::{
    AddInstance, ApiDraft, Follow, InstanceDraft, Mode, NewSecret, NextcloudDesk,
    NextcloudSettings, ReviseInstance, SecretChange, SshDraft, Switchboard, Watcher, handlers,
    queries, registered,
};
use zelador_actors::users::lifecycle::{AtOnce, Case, Lifecycle, PROVISION};
use zelador_actors::{Error, Refusal};
use zelador_store::author::{Author, AuthorKind};
use zelador_store::nextcloud::{InstanceStatus, Method};
use zelador_store::{Error as StoreError, Write};

use super::live;
use crate::cli::{Exit, Failure};
use crate::config::Config;
use crate::sandbox::nextcloud::{ADMIN, Faults, OCC, Plan, SSH_USER, Sandbox};

/// How long it takes until stand-ins that could not be registered are tried again.
const AGAIN: std::time::Duration = std::time::Duration::from_secs(2);

/// What the stand-ins are called, the way over HTTP first.
const NAMES: [&str; 2] = ["sandbox-api", "sandbox-ssh"];
/// How many accounts each takes.
const ROOM: u32 = 1000;
/// How long a stand-in takes to make an account, in milliseconds: long enough to be
/// watched.
const CREATE_MS: u64 = 150;
/// Instances looked through for a stand-in.
const INSTANCES: usize = 500;

/// The parts that live as long as the daemon.
pub(super) struct Nextcloud {
    shell: Shell,
    seal: Seal,
    links: Links,
    settings: watch::Receiver<Arc<NextcloudSettings>>,
    lines: Switchboard,
    pool: PoolDesk,
    pub(super) watcher: Watcher,
    sandboxes: Arc<Vec<Sandbox>>,
}

impl Nextcloud {
    /// Begins the stand-ins, so that the mode can be changed while the daemon runs;
    /// production has none.
    pub(super) async fn start(
        shell: &Shell,
        (seal, links): (&Seal, &Links),
        config: &watch::Receiver<Arc<Config>>,
    ) -> Result<Self, Failure> {
        let settings = live::part(config.clone(), |config| config.nextcloud.clone());
        let mut sandboxes = Vec::new();
        let wanted = if config.borrow().is_production() { 0 } else { NAMES.len() };
        for _ in 0..wanted {
            let faults = Faults { create_ms: CREATE_MS, ..Faults::default() };
            let plan = Plan { faults, ..Plan::default() };
            let started = Sandbox::start(plan, shell.clock.clone(), Dice::system()).await;
            sandboxes.push(started.map_err(|error| {
                Failure::new(Exit::No, format_args!("starting the Nextcloud sandbox: {error}"))
            })?);
        }
        let lines = Switchboard::new(seal.clone(), settings.clone());
        let watcher = Watcher::new(shell.clone(), lines.clone(), settings.clone());
        let pool = PoolDesk::new(shell.clone()).with_settings(settings.clone());
        Ok(Self {
            shell: shell.clone(),
            seal: seal.clone(),
            links: links.clone(),
            settings,
            lines,
            pool,
            watcher,
            sandboxes: Arc::new(sandboxes),
        })
    }

    /// What does its jobs.
    pub(super) fn handlers(&self) -> Vec<(&'static str, Arc<dyn Handler>)> {
        handlers(&Tools {
            pool: self.pool.clone(),
            lines: Arc::new(self.lines.clone()),
            seal: self.seal.clone(),
            settings: self.settings.clone(),
        })
    }

    /// What follows the event log.
    pub(super) fn consumer() -> Arc<dyn Consume> {
        Arc::new(Follow)
    }

    /// The table of what follows, with what is done at registration.
    pub(super) fn join(&self, lifecycle: Lifecycle) -> Lifecycle {
        let (seal, settings) = (self.seal.clone(), self.settings.clone());
        lifecycle.bringing(PROVISION, Arc::new(Registering { seal, settings }))
    }

    /// The pool's actor and the loop that looks after the instances.
    pub(super) fn keep(
        &self,
        supervisor: &mut Supervisor,
        floor: Floor,
        board: Board,
        jobs: &JobDesk,
    ) {
        self.pool.staff(floor, board);
        let (watcher, jobs) = (self.watcher.clone(), jobs.clone());
        supervisor.keep("nextcloud health", "nextcloud", move || {
            let (watcher, jobs) = (watcher.clone(), jobs.clone());
            async move { watcher.work(&jobs).await }
        });
    }

    /// Where it is asked; in sandbox mode the stand-ins are registered by now.
    pub(super) async fn desk(&self) -> NextcloudDesk {
        let (seal, links) = (self.seal.clone(), self.links.clone());
        let (watcher, settings) = (self.watcher.clone(), self.settings.clone());
        let desk = NextcloudDesk::new(self.shell.clone(), (seal, links), watcher, settings);
        let sandboxes = self.sandboxes.clone();
        // A disk that is full at the start refuses it: that is no reason not to start.
        let mut missing = told(register(&self.shell, &desk, &sandboxes).await);
        let (shell, own) = (self.shell.clone(), desk.clone());
        let mut settings = self.settings.clone();
        // The mode may be changed, and the sandbox purged: what is missing comes back.
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    changed = settings.changed() => if changed.is_err() { return },
                    () = own.purged() => {}
                    () = tokio::time::sleep(AGAIN), if missing => {}
                }
                missing = told(register(&shell, &own, &sandboxes).await);
            }
        });
        desk
    }
}

/// Whether the stand-ins are still to be registered.
fn told(registered: Result<(), Error>) -> bool {
    let Err(error) = registered else { return false };
    tracing::warn!(error = error.chain(), "the stand-ins of Nextcloud are not registered");
    true
}

/// Registers the stand-ins, where they are wanted; those that are registered have got
/// other ports since.
async fn register(shell: &Shell, desk: &NextcloudDesk, all: &[Sandbox]) -> Result<(), Error> {
    if desk.settings().mode != Mode::Sandbox {
        return Ok(());
    }
    let known = queries::instances(shell, None, INSTANCES).await?.rows;
    for (name, sandbox) in NAMES.into_iter().zip(all) {
        let by = Author::new(AuthorKind::Job, "sandbox");
        let mine = known.iter().find(|one| one.instance.sandbox && one.instance.name == name);
        let draft = draft(name, sandbox, mine.map(|one| &one.instance));
        let done = if let Some(one) = mine {
            let revise = ReviseInstance { id: one.id, draft, if_version: None, by };
            desk.revise(revise).await.map(|_| ())
        } else {
            let add = AddInstance { draft, sandbox: true, by, keep: None };
            desk.add(add).await.map(|_| ())
        };
        match done {
            // Somebody's own instance has the name.
            Err(Error::Refused(Refusal::Conflict { code: "instance_name_taken", .. })) => {}
            other => other?,
        }
        tracing::info!(instance = name, address = %sandbox.http,
            "nextcloud is a sandbox: its accounts are nobody's");
    }
    Ok(())
}

fn draft(
    name: &str,
    sandbox: &Sandbox,
    before: Option<&zelador_store::nextcloud::Instance>,
) -> InstanceDraft {
    let own = Plan::default();
    let given = |text: &str| SecretChange::Replace(NewSecret::Given(text.to_owned().into()));
    let over_ssh = name.ends_with("ssh");
    let ssh = SshDraft {
        host: sandbox.ssh.ip().to_string(),
        port: sandbox.ssh.port(),
        user: SSH_USER.to_owned(),
        private_key: SecretChange::Keep,
        passphrase: SecretChange::Keep,
        password: given(&own.password),
        host_key: sandbox.host_key(),
        occ_path: OCC.to_owned(),
        php: "php".to_owned(),
        run_as: None,
    };
    let api = ApiDraft { username: ADMIN.to_owned(), password: given(&own.app_password) };
    InstanceDraft {
        name: name.to_owned(),
        base_url: sandbox.url(),
        method: if over_ssh { Method::Ssh } else { Method::Api },
        status: before.map_or(InstanceStatus::Active, |row| row.status),
        max_users: before.map_or(ROOM, |row| row.max_users),
        tenants: before.map_or_else(Vec::new, |row| row.tenants.clone()),
        ssh: over_ssh.then_some(ssh),
        api: (!over_ssh).then_some(api),
    }
}

/// `provision_nextcloud` of `[lifecycle]`: the account of somebody who registers is
/// pending in that very commit, where the tenant asks for one.
struct Registering {
    seal: Seal,
    settings: watch::Receiver<Arc<NextcloudSettings>>,
}

#[async_trait]
impl AtOnce for Registering {
    async fn stage(
        &self,
        shell: &Shell,
        case: &Case,
        write: &mut Write,
    ) -> Result<u32, StoreError> {
        let settings = self.settings.borrow().clone();
        registered(shell, &self.seal, &settings, (case.tenant, case.user), write).await
    }
}
