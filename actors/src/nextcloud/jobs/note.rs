//! What is noted of an instance after calls and looks: its health and its breaker,
//! with the event where that is news, and who waits for it is woken.

use serde_json::json;
use zelador_store::author::{Author, AuthorKind};
use zelador_store::event::Event;
use zelador_store::id::InstanceId;
use zelador_store::job::{JobState, Jobs, JobsByPlace, Outcome};
use zelador_store::kv::Term;
use zelador_store::nextcloud::{Instance, Instances};
use zelador_store::{Query, Stored, Write};

use super::super::rules::health;
use crate::engine::jobs::rules as job_rules;
use crate::engine::{Shell, Tries};
use crate::error::{During, Error};
use crate::facts;

/// The queue that the concern's jobs wait in.
const QUEUE: &str = "nextcloud";
/// Jobs that are woken by one change.
const WOKEN: usize = 1000;

/// Makes an instance what `change` says; `None`: nothing. Answers it as it then is.
pub(in crate::nextcloud) async fn note(
    shell: &Shell,
    id: InstanceId,
    change: impl Fn(&Instance) -> Option<Instance>,
) -> Result<Option<Instance>, Error> {
    let mut tries = Tries::of("noting how an instance is");
    loop {
        let found = shell.store.get::<Instances>(&id).await.during("reading an instance")?;
        let Some(found) = found else { return Ok(None) };
        let Some(next) = change(&found.row).filter(|next| *next != found.row) else {
            return Ok(Some(found.row));
        };
        let mut write = Write::new();
        write.update::<Instances>(&found, &next);
        if health::is_news(&found.row, &next) {
            write.event(&news(shell, id, &found.row, &next));
        }
        match shell.store.commit(write).await {
            Ok(_) => {
                tell(id, &found.row, &next);
                if health::is_better(&found.row, &next) {
                    wake(shell).await?;
                }
                return Ok(Some(next));
            }
            Err(error) => tries.again(error)?,
        }
    }
}

fn tell(id: InstanceId, before: &Instance, after: &Instance) {
    if !health::is_news(before, after) {
        return;
    }
    let (name, state) = (after.name.as_str(), health::word(&after.health));
    match (&after.breaker, &after.health.error) {
        (Some(breaker), _) => tracing::warn!(instance_id = %id, instance = name, state,
            class = breaker.cause.class, error = breaker.cause.message,
            "nextcloud instance left alone"),
        (None, Some(error)) => tracing::warn!(instance_id = %id, instance = name, state,
            class = error.class, error = error.message, "nextcloud instance unwell"),
        (None, None) => {
            tracing::info!(instance_id = %id, instance = name, state, "nextcloud instance well");
        }
    }
}

fn news(shell: &Shell, id: InstanceId, before: &Instance, after: &Instance) -> Event {
    let breaker = if after.breaker.is_some() { "open" } else { "closed" };
    let error = after.breaker.as_ref().map(|breaker| &breaker.cause);
    let error = error.or(after.health.error.as_ref());
    let error = error.map(|error| json!({ "class": error.class, "message": error.message }));
    let data = json!({
        "instance_id": id, "name": after.name, "breaker": breaker, "error": error,
        "old_health": health::word(&before.health), "new_health": health::word(&after.health),
        "initiated_by": facts::author(&Author::new(AuthorKind::Job, "nextcloud")),
    });
    Event {
        id: shell.id(),
        kind: "nextcloud.instance_health_changed".to_owned(),
        tenant: None,
        user: None,
        key: format!("instance:{id}"),
        at: shell.now(),
        data: data.to_string(),
    }
}

/// Lets jobs that wait for an instance look at once.
pub(in crate::nextcloud) async fn wake(shell: &Shell) -> Result<(), Error> {
    let doing = "waking who waits";
    let place = (JobState::Scheduled.code(), Term::new(QUEUE));
    let query = Query::under(&place).limit(WOKEN);
    let page = shell.store.page_by::<JobsByPlace>(&query).await.during(doing)?;
    for job in page.rows.iter().filter(|job| is_snoozed(job)) {
        let mut write = Write::new();
        write.move_job(job, &job_rules::promote(&job.row));
        match shell.store.commit(write).await {
            Ok(_) => {}
            // It woke by itself.
            Err(error) if error.is_conflict() => {}
            Err(error) => return Err(error).during(doing),
        }
    }
    Ok(())
}

/// Whether it waits for something else than its next try.
fn is_snoozed(job: &Stored<Jobs>) -> bool {
    job.row.history.last().is_some_and(|last| last.outcome == Outcome::Snoozed)
}
