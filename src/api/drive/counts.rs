//! How folders and files fare, in numbers, for who cannot look at each.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zelador_actors::drive::summary::{Count, Summary, summary};

use super::LIST;
use crate::api::call::Call;
use crate::api::doors::Doors;
use crate::api::problem::Problem;
use crate::api::reply::Reply;
use crate::api::route::Route;
use crate::api::users::narrowed;

/// Of whom.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct DriveCountsAsked {
    /// Of users of this tenant.
    #[schema(format = "uuid")]
    tenant_id: Option<String>,
}

/// A number of folders or files.
#[derive(Debug, Default, Serialize, ToSchema)]
struct Counted {
    /// So many.
    #[schema(example = 12)]
    count: u64,
    /// And there are more, which were not counted.
    more: bool,
}

impl From<Count> for Counted {
    fn from(Count { seen, more }: Count) -> Self {
        Self { count: seen, more }
    }
}

/// Folders by where they stand.
#[derive(Debug, Default, Serialize, ToSchema)]
struct FoldersCounted {
    /// They are asked for.
    pending: Counted,
    /// They are being made.
    creating: Counted,
    /// All of them are there.
    ready: Counted,
    /// They could not be made.
    failed: Counted,
}

/// Files on their way.
#[derive(Debug, Default, Serialize, ToSchema)]
struct FilesCounted {
    /// They were seen, and wait.
    waiting: Counted,
    /// A job is about them.
    processing: Counted,
    /// They failed within the last 24 hours.
    failed: Counted,
}

/// Folders and files, in numbers.
#[derive(Debug, Serialize, ToSchema)]
struct DriveCounts {
    /// The folders that were ever asked for.
    folders: FoldersCounted,
    /// Their files.
    files: FilesCounted,
}

pub(super) fn routes() -> Vec<Route<Doors>> {
    vec![
        Route::get("/drive/counts", LIST, show)
            .part("folders")
            .summary("Folders by state, files under way and failed lately, in numbers")
            .filters::<DriveCountsAsked>()
            .answers::<DriveCounts>(200),
    ]
}

async fn show(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let asked: DriveCountsAsked = call.query()?;
    let counted = match narrowed(&call, asked.tenant_id.as_deref()) {
        Some(tenant) => summary(&doors.shell, tenant).await?,
        None => Summary::default(),
    };
    Reply::ok(&DriveCounts {
        folders: FoldersCounted {
            pending: counted.pending.into(),
            creating: counted.creating.into(),
            ready: counted.ready.into(),
            failed: counted.failed.into(),
        },
        files: FilesCounted {
            waiting: counted.waiting.into(),
            processing: counted.processing.into(),
            failed: counted.failed_files.into(),
        },
    })
}
