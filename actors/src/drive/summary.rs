//! How folders stand and how files fare, in numbers: counted along indexes, without
//! reading a row, and only so far.

use std::time::Duration;

use zelador_store::Query;
use zelador_store::drive::{FolderState, FoldersByState, JourneyState, JourneysByState};
use zelador_store::id::TenantId;

use crate::engine::Shell;
use crate::error::{During as _, Error};

/// Entries looked at for one number.
const LOOKED_AT: usize = 5000;
/// A file that failed so long ago is no news any more.
const LATELY: Duration = Duration::from_hours(24);

/// A number of things.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// So many were seen.
    pub seen: u64,
    /// And nobody looked further.
    pub more: bool,
}

/// Folders and files, in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Folders that are asked for.
    pub pending: Count,
    /// Folders that are being made.
    pub creating: Count,
    /// Folders that are all there.
    pub ready: Count,
    /// Folders that could not be made.
    pub failed: Count,
    /// Files that were seen and wait.
    pub waiting: Count,
    /// Files that a job is about.
    pub processing: Count,
    /// Files that failed within the last 24 hours.
    pub failed_files: Count,
}

/// Those of a tenant; `None`: of all.
pub async fn summary(shell: &Shell, tenant: Option<TenantId>) -> Result<Summary, Error> {
    let folders = async |state: FolderState| folders(shell, state, tenant).await;
    let files = async |state: JourneyState| files(shell, state, tenant).await;
    Ok(Summary {
        pending: folders(FolderState::Pending).await?,
        creating: folders(FolderState::Creating).await?,
        ready: folders(FolderState::Ready).await?,
        failed: folders(FolderState::Failed).await?,
        waiting: files(JourneyState::New).await?,
        processing: files(JourneyState::Processing).await?,
        failed_files: files(JourneyState::Failed).await?,
    })
}

async fn folders(
    shell: &Shell,
    state: FolderState,
    tenant: Option<TenantId>,
) -> Result<Count, Error> {
    let query = match tenant {
        Some(tenant) => Query::under_key(&(state.number(), tenant)),
        None => Query::under(&(state.number(),)),
    };
    let page = shell.store.entries::<FoldersByState>(&query.limit(LOOKED_AT)).await;
    let page = page.during("counting folders")?;
    Ok(count(page.rows.len(), page.next.is_some()))
}

/// Of those that failed, the ones of the last hours.
async fn files(
    shell: &Shell,
    state: JourneyState,
    tenant: Option<TenantId>,
) -> Result<Count, Error> {
    let number = state.number();
    let mut query = Query::under(&(number,)).limit(LOOKED_AT);
    if state == JourneyState::Failed {
        query = query.from(&(number, shell.now() - LATELY));
    }
    let page = shell.store.entries::<JourneysByState>(&query).await.during("counting files")?;
    let fit = page.rows.iter().filter(|((_, _, of), _)| tenant.is_none_or(|tenant| tenant == *of));
    Ok(count(fit.count(), page.next.is_some()))
}

fn count(seen: usize, more: bool) -> Count {
    Count { seen: u64::try_from(seen).unwrap_or(u64::MAX), more }
}

#[cfg(test)]
mod tests {
    use zelador_store::drive::{Folder, Folders, Journey, Journeys, Side};
    use zelador_store::id::UserId;
    use zelador_store::kv::Term;
    use zelador_store::{Timestamp, Write};

    use super::*;
    use crate::testkit::World;

    fn folder(tenant: TenantId, state: FolderState, now: Timestamp) -> Folder {
        Folder { state, ..Folder::pending(tenant, "native", false, now) }
    }

    fn journey(tenant: TenantId, state: JourneyState, (seen, ended): (Timestamp, bool)) -> Journey {
        Journey {
            tenant,
            side: Side::Vm,
            name: "nota.pdf".to_owned(),
            mime: String::new(),
            size: 1,
            place: "/nota.pdf".to_owned(),
            md5: None,
            sha256: None,
            state,
            to: None,
            target: None,
            job: None,
            error: None,
            note: None,
            program: None,
            seen_at: seen,
            ended_at: ended.then_some(seen),
        }
    }

    #[tokio::test]
    async fn what_stands_where_is_counted_and_old_failures_are_not() {
        let world = World::new();
        let (shell, now) = (&world.shell, world.shell.now());
        let [sun, moon]: [TenantId; 2] = [shell.id(), shell.id()];
        let mut write = Write::new();
        let mut users = Vec::new();
        for (tenant, state) in [
            (sun, FolderState::Ready),
            (sun, FolderState::Failed),
            (moon, FolderState::Ready),
            (moon, FolderState::Creating),
        ] {
            let user: UserId = shell.id();
            write.insert::<Folders>(&user, &folder(tenant, state, now));
            users.push(user);
        }
        let old = now - Duration::from_hours(25);
        let rows = [
            (sun, JourneyState::New, (old, false)),
            (sun, JourneyState::Processed, (now, true)),
            (sun, JourneyState::Failed, (old, true)),
            (sun, JourneyState::Failed, (now, true)),
            (moon, JourneyState::Processing, (now, false)),
            (moon, JourneyState::Failed, (now, true)),
        ];
        for (at, (tenant, state, when)) in rows.into_iter().enumerate() {
            let key = (users[0], Term::new(&at.to_string()));
            write.insert::<Journeys>(&key, &journey(tenant, state, when));
        }
        shell.store.commit(write).await.unwrap();
        let seen = |summary: Summary| {
            let Summary { pending, creating, ready, failed, waiting, processing, failed_files } =
                summary;
            let all = [pending, creating, ready, failed, waiting, processing, failed_files];
            assert!(all.iter().all(|count| !count.more));
            all.map(|count| count.seen)
        };
        assert_eq!(seen(summary(shell, None).await.unwrap()), [0, 1, 2, 1, 1, 1, 2]);
        assert_eq!(seen(summary(shell, Some(sun)).await.unwrap()), [0, 0, 1, 1, 1, 0, 1]);
        assert_eq!(seen(summary(shell, Some(moon)).await.unwrap()), [0, 1, 1, 0, 0, 1, 1]);
    }
}
