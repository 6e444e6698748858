//! Where an account stands, ready to be asked about: its instance, the way there,
//! and one's turn on it.

use tokio::sync::OwnedSemaphorePermit;
use zelador_store::id::InstanceId;
use zelador_store::nextcloud::{Instance, Instances, Place};

use super::super::lines::Line;
use super::super::rules::health::Patience;
use super::super::rules::{AccountId, Class, Trouble, health};
use super::super::settings::Mode;
use super::{SNOOZE, Tools, note};
use crate::engine::Shell;
use crate::engine::jobs::{Failure, JobCx};

/// An instance, on one's turn.
pub(super) struct Site {
    pub(super) id: InstanceId,
    pub(super) instance: Instance,
    pub(super) line: Line,
    _turn: Option<OwnedSemaphorePermit>,
}

/// What comes of the wish to ask an instance.
pub(super) enum Way {
    /// It can be asked.
    Open(Box<Site>),
    /// It is left alone after trouble; whether that was outages, which nobody knows
    /// the end of.
    Closed(String, bool),
    /// It cannot be reached as it is registered.
    Blocked(Trouble),
}

/// The way to an instance; the turn is waited for.
pub(super) async fn way(tools: &Tools, shell: &Shell, id: InstanceId) -> Result<Way, Failure> {
    let found = async || {
        let found = shell.store.get::<Instances>(&id).await?;
        let found = found.ok_or_else(|| Failure::permanent("the account's instance is gone"))?;
        Ok::<_, Failure>(found.row)
    };
    let instance = found().await?;
    let sandbox = tools.settings().mode == Mode::Sandbox;
    if instance.sandbox != sandbox {
        let whose = if instance.sandbox { "the sandbox" } else { "live mode" };
        let words = format!("{} is an instance of {whose}", instance.name);
        return Ok(Way::Closed(words, false));
    }
    let line = match tools.lines.line(id, &instance) {
        Ok(line) => line,
        Err(trouble) => return Ok(Way::Blocked(trouble)),
    };
    let turn = line.turn().await;
    // Whoever was before may have met trouble.
    let instance = found().await?;
    if let Some(breaker) = &instance.breaker {
        let outage = [Class::Unreachable, Class::Failed].map(Class::word);
        let outage = outage.contains(&breaker.cause.class.as_str());
        let words =
            format!("{} is left alone after trouble: {}", instance.name, breaker.cause.message);
        return Ok(Way::Closed(words, outage));
    }
    Ok(Way::Open(Box::new(Site { id, instance, line, _turn: turn })))
}

impl Site {
    /// It answered as it should.
    pub(super) async fn well(&self, shell: &Shell) -> Result<(), Failure> {
        note(shell, self.id, health::after_success).await?;
        Ok(())
    }
}

/// Notes trouble with an instance, and what follows for the job.
pub(super) async fn troubled(
    tools: &Tools,
    cx: &JobCx,
    id: InstanceId,
    trouble: &Trouble,
) -> Result<Failure, Failure> {
    let (patience, now) = (Patience::from(tools.settings().as_ref()), cx.shell.now());
    note(&cx.shell, id, |row| health::after_trouble(row, trouble, patience, now)).await?;
    if trouble.class.opens_breaker() {
        tools.lines.forget(id);
    }
    Ok(follows(cx, trouble))
}

/// What a try's trouble means for the job.
pub(super) fn follows(cx: &JobCx, trouble: &Trouble) -> Failure {
    let error = trouble.to_string();
    if trouble.class.snoozes() {
        let wait = trouble.after.unwrap_or(SNOOZE).min(SNOOZE);
        tracing::info!(job_id = %cx.id, class = trouble.class.word(), "an account waits");
        return Failure::Snooze { until: Some(cx.shell.now() + wait), reason: error };
    }
    if trouble.class.passes() {
        return Failure::Retry { error, after: None };
    }
    Failure::Permanent { error }
}

/// Waits a while, at no cost.
pub(super) fn wait(cx: &JobCx, reason: impl Into<String>) -> Failure {
    Failure::Snooze { until: Some(cx.shell.now() + SNOOZE), reason: reason.into() }
}

/// An account and the site that it stands on, for what is done to accounts that
/// stand; what cannot be asked now is a failure that says so.
pub(super) async fn site_of(
    tools: &Tools,
    cx: &JobCx,
    place: &Place,
) -> Result<(Box<Site>, AccountId), Failure> {
    let id = AccountId::new(place.remote_id.clone()).map_err(Failure::permanent)?;
    match way(tools, &cx.shell, place.instance).await? {
        Way::Open(site) => Ok((site, id)),
        Way::Closed(why, _) => Err(wait(cx, why)),
        Way::Blocked(trouble) => Err(troubled(tools, cx, place.instance, &trouble).await?),
    }
}
