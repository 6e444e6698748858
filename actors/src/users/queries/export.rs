//! Everything that is kept about a person, for the person.

use zelador_store::audit::{Audit, AuditByUser};
use zelador_store::event::{Event, Timeline};
use zelador_store::id::{TenantId, UserId};
use zelador_store::leave::{Leaves, LeavesByUser};
use zelador_store::plan::{Plans, PlansByUser};
use zelador_store::session::{Sessions, SessionsByUser};
use zelador_store::user::StatusHistory;
use zelador_store::{Lookup, Page, Query, Stored, Table};

use crate::engine::Shell;
use crate::error::{During, Error};
use crate::users::messages::UserRecord;

/// Rows of a sort that one document holds: more than a person's life makes.
const MOST: usize = 10_000;

/// What is kept about a person.
#[derive(Debug)]
pub struct Dossier {
    /// The record as is in force.
    pub record: UserRecord,
    /// Changes of the status, the oldest first.
    pub history: Vec<Stored<StatusHistory>>,
    /// Plans ever made, the oldest first.
    pub plans: Vec<Stored<Plans>>,
    /// Leaves ever planned, the oldest first.
    pub leaves: Vec<Stored<Leaves>>,
    /// What happened, the oldest first.
    pub timeline: Vec<Event>,
    /// Where the person is signed in.
    pub sessions: Vec<Stored<Sessions>>,
    /// Who changed what about the person, the oldest first.
    pub audit: Vec<Stored<Audit>>,
    /// Whether that is all there is.
    pub complete: bool,
}

/// All of it.
pub async fn export(shell: &Shell, id: UserId, within: Option<TenantId>) -> Result<Dossier, Error> {
    let record = super::get(shell, id, within).await?;
    let history = rows::<StatusHistory>(shell, Query::under(&(id,))).await?;
    let timeline = rows::<Timeline>(shell, Query::under(&(id,))).await?;
    let plans = found::<PlansByUser>(shell, Query::under_key(&id)).await?;
    let leaves = found::<LeavesByUser>(shell, Query::under_key(&id)).await?;
    let sessions = found::<SessionsByUser>(shell, Query::under_key(&id)).await?;
    let audit = found::<AuditByUser>(shell, Query::under(&(id,))).await?;
    let complete = history.next.is_none()
        && timeline.next.is_none()
        && plans.next.is_none()
        && leaves.next.is_none()
        && sessions.next.is_none()
        && audit.next.is_none();
    Ok(Dossier {
        record,
        history: history.rows,
        plans: plans.rows,
        leaves: leaves.rows,
        timeline: timeline.rows.into_iter().map(|stored| stored.row).collect(),
        sessions: sessions.rows,
        audit: audit.rows,
        complete,
    })
}

async fn rows<T: Table>(shell: &Shell, query: Query<T::Key>) -> Result<Page<Stored<T>>, Error> {
    shell.store.page::<T>(&query.limit(MOST)).await.during("exporting a user")
}

async fn found<L: Lookup>(
    shell: &Shell,
    query: Query<L::Key>,
) -> Result<Page<Stored<L::Table>>, Error> {
    shell.store.page_by::<L>(&query.limit(MOST)).await.during("exporting a user")
}
