//! How files are noticed: what is told of it, and where Google tells of changes.

use serde::Serialize;
use utoipa::ToSchema;
use zelador_actors::drive::queries;
use zelador_actors::drive::rules::notification::Shown;

use crate::api::auth::Need;
use crate::api::call::Call;
use crate::api::doors::Doors;
use crate::api::problem::Problem;
use crate::api::reply::Reply;
use crate::api::route::Route;
use crate::api::time::Utc;

const WATCH: Need = Need::Global("folders:read");

/// How files are noticed.
#[derive(Debug, Serialize, ToSchema)]
struct DriveWatch {
    /// `off`, `sandbox` or `live`.
    #[schema(example = "live")]
    mode: &'static str,
    /// How files on Drive are noticed: `push` or `poll`.
    #[schema(example = "push")]
    drive: &'static str,
    /// The channel that Google tells of changes through.
    channel_id: Option<String>,
    /// When the channel ends; the next one is opened before.
    channel_expires_at: Option<Utc>,
    /// Seconds between two looks, whatever is told.
    poll_seconds: u32,
    /// When the log of changes moved on last.
    log_read_at: Option<Utc>,
    /// When every `novos` on Drive was looked into last.
    looked_at: Option<Utc>,
    /// Folders on the VM whose files the system tells of.
    vm_watched: usize,
    /// Folders on the VM that are looked into at intervals alone.
    vm_polled: usize,
    /// Files that wait or are being processed, counted up to 1000.
    files_under_way: usize,
}

/// The routes.
pub(super) fn routes() -> Vec<Route<Doors>> {
    vec![
        Route::get("/drive", WATCH, watch)
            .part("folders")
            .summary("How files on Drive and on the VM are noticed, and how many are under way")
            .answers::<DriveWatch>(200),
        Route::post("/drive/notifications", Need::Open, notified)
            .part("folders")
            .summary("Where Google tells that something changed on Drive")
            .ignores_body()
            .secret()
            .status(204)
            .refuses(404, "not_found")
            .refuses(403, "forbidden"),
    ]
}

async fn watch(doors: Doors, _: Call) -> Result<Reply, Problem> {
    let settings = doors.drive.settings();
    let channel = queries::channel(&doors.shell, &settings).await?;
    let place = queries::log_place(&doors.shell, &settings).await?;
    let (vm_watched, vm_polled) = doors.drive.folders_on_vm();
    Reply::ok(&DriveWatch {
        mode: settings.mode.word(),
        drive: if channel.is_some() { "push" } else { "poll" },
        channel_expires_at: channel.as_ref().map(|(_, ends)| Utc::from(*ends)),
        channel_id: channel.map(|(id, _)| id),
        poll_seconds: settings.poll_seconds,
        log_read_at: place.as_ref().map(|place| Utc::from(place.read_at)),
        looked_at: place.and_then(|place| place.looked_at).map(Utc::from),
        vm_watched,
        vm_polled,
        files_under_way: queries::under_way(&doors.shell).await?,
    })
}

/// Checked by its own token, and answered before anybody looks.
async fn notified(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let text = |name: &str| {
        let found = call.goog.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let shown = Shown {
        channel: text("x-goog-channel-id"),
        token: text("x-goog-channel-token"),
        resource: text("x-goog-resource-id"),
        state: text("x-goog-resource-state"),
        number: text("x-goog-message-number").parse().ok(),
    };
    doors.drive.heard(&shown).await?;
    Ok(Reply::none())
}
