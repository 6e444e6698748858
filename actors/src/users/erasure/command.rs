//! The record itself, at once.

use serde_json::json;
use zelador_store::author::Author;
use zelador_store::id::{TenantId, UserId};
use zelador_store::job::JobsByUnique;
use zelador_store::kv::Term;
use zelador_store::session::{Credentials, Sessions, SessionsByUser};
use zelador_store::user::Users;
use zelador_store::{Query, Stored, Write};

use super::job::scrub;
use super::rules::blank;
use crate::engine::Tries;
use crate::engine::audit::{Deed, note};
use crate::error::{During, Error, Refusal};
use crate::tenants;
use crate::users::access;
use crate::users::actor::Clerk;
use crate::users::messages::What;
use crate::users::rules::Turn;
use crate::users::rules::guards::{self, Standing};
use crate::users::stage::Stage;

/// Live sessions ended in the commit itself; the job ends what is left.
const SESSIONS: usize = 500;

/// Erases what is known of a person, who is deleted by it, or was before.
#[derive(Debug)]
pub struct Erase {
    /// Whom.
    pub id: UserId,
    /// Users of any other tenant are invisible to the caller; `None`: none are.
    pub within: Option<TenantId>,
    /// The version that was meant; another one is refused.
    pub if_version: Option<u64>,
    /// Who wants it.
    pub by: Author,
    /// How the caller stands to the user.
    pub standing: Standing,
}

/// Carries it out.
pub(in crate::users) async fn erase(clerk: &Clerk, command: &Erase) -> Result<(), Error> {
    let shell = &clerk.shell;
    let mut tries = Tries::of("erasing a user");
    loop {
        let found = shell.store.get::<Users>(&command.id).await.during("reading a user")?;
        let seen =
            |found: &Stored<Users>| command.within.is_none_or(|tenant| tenant == found.row.tenant);
        let found = found.filter(seen).ok_or(Refusal::Absent { what: "user" })?;
        tenants::rules::expect_version(found.row.version, command.if_version)?;
        let write = stage(clerk, command, &found).await?;
        match shell.store.commit(write).await {
            Ok(_) => {
                tracing::info!(user = %command.id, tenant_id = %found.row.tenant,
                    by = %command.by, "user erased");
                return Ok(());
            }
            Err(error) => tries.again(error)?,
        }
    }
}

async fn stage(clerk: &Clerk, command: &Erase, found: &Stored<Users>) -> Result<Write, Error> {
    let shell = &clerk.shell;
    let (id, by, doing) = (command.id, &command.by, "staging an erasure");
    let mut turn = Turn::open(&found.row, shell.now());
    guards::may(&command.standing, id, &turn.user, &What::Delete)?;
    let before = turn.user.clone();
    if found.row.is_live() {
        turn.delete();
    }
    turn.user = blank(&turn.user, shell.now());
    let mut stage = Stage::new(shell, &clerk.lifecycle, id, by);
    stage.turn(found, &turn, None).await.during(doing)?;
    let data =
        json!({ "user_id": id, "tenant_id": turn.user.tenant, "version": turn.user.version });
    if found.row.is_live() {
        stage.tell("user.deleted", &turn.user, data.clone());
    }
    stage.tell("user.erased", &turn.user, data);
    let mut write = stage.write;
    if guards::loses_admin(&before, &turn.user) {
        access::expect_other_admin(shell, &mut write, turn.user.tenant, id).await?;
    }
    if let Some(own) = shell.store.get::<Credentials>(&id).await.during(doing)? {
        write.remove::<Credentials>(&own);
    }
    let live = Query::under_key(&id).limit(SESSIONS);
    for session in &shell.store.page_by::<SessionsByUser>(&live).await.during(doing)?.rows {
        write.remove::<Sessions>(session);
    }
    note(shell, &mut write, by, Deed::new("user.erase", id).of(found.row.tenant).about(id));
    let job = scrub(found.row.tenant, id);
    let key = Term::new(job.unique.as_deref().unwrap_or_default());
    // One that is under way already does the work.
    if shell.store.find::<JobsByUnique>(&key).await.during(doing)?.is_none() {
        write.enqueue(shell.id(), &job.build(shell.now()));
    }
    Ok(write)
}
