//! The same as lines: for scripts, pipes, and terminals that can do no more.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

use serde_json::Value;
use zelador_actors::engine::Clock;
use zelador_store::Timestamp;

use super::bar::{bar, between, clock, size, span};
use super::facts::{Job, Look, harmless};
use super::scout::look;
use super::state::State;
use crate::cli::client::{Client, ClientError};
use crate::cli::{Common, Exit, Failure, print};

/// Jobs of a sort that are listed.
const MOST: usize = 10;

/// Looks once.
pub(super) async fn once(common: &Common) -> Result<(), Failure> {
    let client = Client::find(common)?;
    let seen = look(&client, &State::default().jobs_path()).await?;
    print(&shown(common, seen)?)
}

/// Looks again and again, until nobody reads, or Ctrl-C.
pub(super) async fn follow(common: &Common, pace: Duration) -> Result<(), Failure> {
    tokio::select! {
        () = lines_until_nobody_reads(common, pace) => Ok(()),
        stopped = tokio::signal::ctrl_c() => {
            stopped.map_err(|error| Failure::new(Exit::No, error))
        }
    }
}

async fn lines_until_nobody_reads(common: &Common, pace: Duration) {
    let path = State::default().jobs_path();
    let mut told_away = false;
    loop {
        let seen = match Client::find(common) {
            Ok(client) => look(&client, &path).await.map_err(Failure::from),
            Err(failure) => Err(failure),
        };
        let text = match seen.and_then(|seen| shown(common, seen)) {
            Ok(text) => Some(text),
            // It is said once, and waited for.
            Err(failure) => (!told_away).then(|| away(common, &failure)),
        };
        told_away = text.is_none() || text.as_ref().is_some_and(|text| text.starts_with(AWAY));
        if text.is_some_and(|text| tell(&text).is_err()) {
            return;
        }
        tokio::time::sleep(pace).await;
    }
}

const AWAY: &str = "NOT REACHED: ";

fn away(common: &Common, failure: &Failure) -> String {
    let why = harmless(&failure.message);
    if common.json { format!("{AWAY}{why}") } else { format!("{AWAY}{why}\ntrying again\n") }
}

fn tell(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush())
}

fn shown(common: &Common, seen: Value) -> Result<String, Failure> {
    if common.json {
        return Ok(seen.to_string());
    }
    let look = serde_json::from_value(seen).map_err(ClientError::Garbled)?;
    Ok(lines(&look, Clock::system().now()))
}

/// A look as lines.
pub(super) fn lines(look: &Look, now: Timestamp) -> String {
    let status = &look.status;
    let mut text = format!(
        "{now} zelador {}, up {}, {} on disk\n",
        status.version,
        span(status.uptime_seconds),
        size(status.store_bytes)
    );
    if let Some(error) = &status.config_error {
        let _ = writeln!(text, "THE NEWEST CONFIGURATION IS REFUSED: {}", harmless(error));
    }
    for actor in status.actors.iter().filter(|actor| !actor.up) {
        let _ = writeln!(text, "DOWN: {} after {} restarts", actor.name, actor.restarts);
    }
    let _ = writeln!(text, "queues");
    for queue in &look.queues {
        let _ = writeln!(
            text,
            "  {:<18} {:>6} ready {:>6} scheduled {:>4} running {:>6} failed {:>7.1}/min{}",
            queue.name,
            queue.ready,
            queue.scheduled,
            queue.running,
            queue.failed,
            queue.throughput,
            if queue.paused { " PAUSED" } else { "" }
        );
    }
    jobs(&mut text, "running", &look.running, now);
    jobs(&mut text, "latest", &look.jobs, now);
    jobs(&mut text, "failed", &look.failed, now);
    for consumer in status.consumers.iter().filter(|one| one.lag > 0 || one.parked > 0) {
        let _ = writeln!(
            text,
            "behind: {} lag {} parked {}",
            consumer.name, consumer.lag, consumer.parked
        );
    }
    text
}

fn jobs(text: &mut String, title: &str, jobs: &[Job], now: Timestamp) {
    let _ = writeln!(text, "{title} ({})", jobs.len());
    for job in jobs.iter().take(MOST) {
        let _ =
            writeln!(text, "  {} {:<24} {:<10} {}", job.id, job.kind, job.state, tail(job, now));
    }
}

/// What is worth a word about a job, besides its name.
pub(super) fn tail(job: &Job, now: Timestamp) -> String {
    let tries = format!("try {}/{}", job.tries, job.max_tries);
    match (job.state.as_str(), &job.progress, &job.error) {
        ("running", Some(progress), _) if progress.total > 0 => {
            format!("{tries} {} {}", bar(progress, 10, ('#', '.')), progress.text)
        }
        ("running", _, _) => {
            let since = job.started_at.map_or_else(String::new, |at| between(at, now));
            format!("{tries} for {since}")
        }
        (_, _, Some(error)) => format!("{tries} {error}"),
        ("scheduled", _, _) => {
            let at = job.run_at.map_or_else(|| "held".to_owned(), |at| clock(at, now));
            format!("{tries} at {at}")
        }
        _ => tries,
    }
}
