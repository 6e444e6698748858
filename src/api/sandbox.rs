//! What was made against stand-ins of upstreams goes before the real ones come.

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use zelador_actors::engine::audit::{Deed, note_alone};
use zelador_actors::error::During as _;
use zelador_actors::users::rules::guards::Standing;
use zelador_actors::users::{Command, What};
use zelador_actors::{Error, Refusal};
use zelador_store::author::Author;
use zelador_store::wispro::SandboxUsers;
use zelador_store::{Query, Write};

use super::auth::Need;
use super::call::Call;
use super::doors::Doors;
use super::problem::Problem;
use super::reply::Reply;
use super::route::Route;

/// Marks read at once.
const PAGE: usize = 100;

/// What was removed.
#[derive(Debug, Serialize, ToSchema)]
struct Purged {
    /// Users that were made by a sync with the sandbox, and are deleted now.
    users: u64,
    /// Stand-ins of Nextcloud that are forgotten.
    instances: u64,
    /// Accounts on them that are forgotten.
    accounts: u64,
    /// Folders on the stand-in of Drive that are forgotten.
    folders: u64,
}

/// The routes.
pub(super) fn routes() -> Vec<Route<Doors>> {
    vec![
        Route::delete("/sandbox", Need::Operator, purge)
            .summary("Remove what was made against stand-ins of upstreams")
            .answers::<Purged>(200),
    ]
}

async fn purge(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let by = call.author();
    note_alone(&doors.shell, &by, Deed::new("sandbox.purge", "sandbox").with(&json!({}))).await?;
    // The one entry above names the request; those of the users name the caller.
    let by = Author { request: None, ..by };
    let mut users = 0;
    loop {
        let store = &doors.shell.store;
        let page = store.page::<SandboxUsers>(&Query::all().limit(PAGE)).await;
        let page = page.during("listing users of the sandbox")?;
        if page.rows.is_empty() {
            let gone = doors.nextcloud.purge().await?;
            let (instances, accounts) = (gone.instances, gone.accounts);
            let folders = doors.drive.purge().await?;
            return Reply::ok(&Purged { users, instances, accounts, folders });
        }
        for mark in &page.rows {
            let command = Command {
                id: mark.key,
                within: None,
                if_version: None,
                what: What::Delete,
                credential: None,
                standing: Standing::Above,
                by: by.clone(),
                keep: None,
            };
            match doors.users.execute(command).await {
                Ok(_) => users += 1,
                // Somebody deleted it before.
                Err(Error::Refused(Refusal::Absent { .. })) => {}
                Err(error) => return Err(error.into()),
            }
            let mut write = Write::new();
            write.remove::<SandboxUsers>(mark);
            store.commit(write).await.during("forgetting a user of the sandbox")?;
        }
    }
}
