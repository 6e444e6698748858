//! The end of a journey: the row, the event, the backend's callback, in one commit.

use serde_json::json;
use zelador_store::drive::{Journey, JourneyState, Journeys};
use zelador_store::id::JobId;
use zelador_store::{Stored, Write};

use super::super::callback::{self, Told};
use super::super::ending::author;
use super::Decided;
use crate::engine::Shell;
use crate::facts::about_user;

/// Stages the end of a journey: the row, the event, the backend's callback.
pub(super) fn end(
    shell: &Shell,
    write: &mut Write,
    row: &Stored<Journeys>,
    (job, callback): (JobId, &str),
    decided: &Decided,
) {
    let (user, old) = (row.key.0, &row.row);
    let state =
        if decided.error.is_none() { JourneyState::Processed } else { JourneyState::Failed };
    let next = Journey {
        state,
        to: Some(decided.to.clone()).filter(|to| !to.is_empty()),
        error: decided.error.clone(),
        program: None,
        ended_at: Some(shell.now()),
        ..old.clone()
    };
    write.update::<Journeys>(row, &next);
    let file = json!({ "id": old.place, "name": old.name, "source": old.side.word() });
    let mut data = json!({ "user_id": user, "tenant_id": old.tenant, "job_id": job, "file": file });
    let (kind, member, value) = match &decided.error {
        None => ("drive.file_processed", "to", decided.to.clone()),
        Some(error) => ("drive.file_failed", "error", error.clone()),
    };
    if let Some(members) = data.as_object_mut() {
        members.insert(member.to_owned(), value.into());
    }
    write.event(&about_user(shell, kind, old.tenant, user, &author(job), data));
    let told = Told {
        event: if decided.error.is_none() { "file.processed" } else { "file.failed" }.to_owned(),
        user_id: user,
        job_id: job,
        error: decided.error.clone(),
        file: Some(json!({
            "id": old.place, "name": old.name, "size": old.size, "source": old.side.word(),
            "to": next.to,
        })),
    };
    callback::stage(shell, write, callback, old.tenant, &told);
    tracing::info!(%user, job_id = %job, state = state.word(), to = decided.to, "drive file");
}
