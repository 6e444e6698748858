//! A user's folders over HTTP: asked for, looked at, made good.

mod counts;

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use warp::http::StatusCode;
use zelador_actors::drive::queries::{self, FolderFilter};
use zelador_actors::drive::{Asked, FileView, FolderView, Mode};
use zelador_store::Timestamp;
use zelador_store::drive::FolderState;
use zelador_store::id::{JobId, UserId};

mod watch;

use crate::api::auth::Need;
use crate::api::call::Call;
use crate::api::doors::Doors;
use crate::api::problem::Problem;
use crate::api::reply::Reply;
use crate::api::route::Route;
use crate::api::time::Utc;
use crate::api::users::{found, narrowed};

const LIST: Need = Need::Scope("folders:read");
const READ: Need = Need::Own("folders:read");
const WRITE: Need = Need::Own("folders:write");

/// Where folders stand.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum FolderWord {
    /// They are asked for.
    Pending,
    /// They are being made.
    Creating,
    /// All of them are there.
    Ready,
    /// They could not be made.
    Failed,
}

impl From<FolderWord> for FolderState {
    fn from(word: FolderWord) -> Self {
        match word {
            FolderWord::Pending => Self::Pending,
            FolderWord::Creating => Self::Creating,
            FolderWord::Ready => Self::Ready,
            FolderWord::Failed => Self::Failed,
        }
    }
}

/// Which folders.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct FoldersAsked {
    /// Of users of this tenant.
    #[schema(format = "uuid")]
    tenant_id: Option<String>,
    /// In one of these states.
    status: Vec<FolderWord>,
}

/// Whose folders are to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FolderOrder {
    /// The user.
    #[schema(format = "uuid")]
    user_id: String,
}

/// That folders were asked for.
#[derive(Debug, Serialize, ToSchema)]
struct FolderAsked {
    /// The job that makes them, or made them.
    #[schema(format = "uuid")]
    job_id: Option<String>,
    /// `pending`, or where they stand already.
    #[schema(example = "pending")]
    status: &'static str,
}

/// That somebody looks.
#[derive(Debug, Serialize, ToSchema)]
struct Looking {
    /// Where the folders stand: files are looked for in those that are ready.
    #[schema(example = "ready")]
    status: &'static str,
}

/// How files are noticed.
#[derive(Debug, Serialize, ToSchema)]
struct FolderWatch {
    /// The channel that Google tells of changes through.
    channel_id: Option<String>,
    /// When the channel ends.
    expires_at: Option<Utc>,
    /// `push` or `poll`.
    #[schema(example = "poll")]
    mode: &'static str,
    /// How files on the VM are noticed: `watch`, or `poll` where the system gives no
    /// watch; null where there is no folder.
    #[schema(example = "watch")]
    vm: Option<&'static str>,
}

/// A user's folders.
#[derive(Debug, Serialize, ToSchema)]
struct FolderRecord {
    /// The user.
    #[schema(value_type = String, format = "uuid")]
    user_id: UserId,
    /// `none`, `pending`, `creating`, `ready` or `failed`.
    #[schema(example = "ready")]
    status: &'static str,
    /// What makes them: `native` or `script`.
    provider: Option<String>,
    /// Where they are on the VM.
    local_path: Option<String>,
    /// The top folder on Drive.
    drive_folder_id: Option<String>,
    /// `novos` on Drive.
    novos_folder_id: Option<String>,
    /// Where people see the top folder.
    web_view_link: Option<String>,
    /// Who has the share of `novos`.
    shared_with: Option<String>,
    /// How files in them are noticed; null while they are not.
    watch: Option<FolderWatch>,
    /// The job that makes them, or made them last.
    #[schema(format = "uuid")]
    job_id: Option<String>,
    /// Why they could not be made, or what the last try met.
    error: Option<String>,
    /// They are in the sandbox.
    sandbox: bool,
    /// When they were ready last.
    ready_at: Option<Utc>,
}

/// The channel that tells of files on Drive, and until when; whether the system tells of
/// those on the VM.
type Noticed = (Option<(String, Timestamp)>, bool);

impl FolderRecord {
    /// `looks`: whether anybody looks for files at all.
    fn new(view: &FolderView, looks: bool, (channel, seen): Noticed) -> Self {
        let folder = view.folder.as_ref();
        let own = |text: Option<&str>| text.map(str::to_owned);
        let watched = looks && view.status() == "ready" && view.novos_folder().is_some();
        Self {
            user_id: view.user,
            status: view.status(),
            provider: folder.map(|folder| folder.provider.clone()),
            local_path: own(view.local_path()),
            drive_folder_id: own(view.drive_folder()),
            novos_folder_id: own(view.novos_folder()),
            web_view_link: folder.and_then(|folder| folder.link.clone()),
            shared_with: own(view.shared_with()),
            watch: watched.then(|| FolderWatch {
                mode: if channel.is_some() { "push" } else { "poll" },
                expires_at: channel.as_ref().map(|(_, ends)| Utc::from(*ends)),
                channel_id: channel.map(|(id, _)| id),
                vm: view.local_path().map(|_| if seen { "watch" } else { "poll" }),
            }),
            job_id: folder.and_then(|folder| folder.job).map(|job: JobId| job.to_string()),
            error: own(view.error()),
            sandbox: folder.is_some_and(|folder| folder.sandbox),
            ready_at: folder.and_then(|folder| folder.ready_at).map(Utc::from),
        }
    }
}

/// A version of a file, and how far it has come.
#[derive(Debug, Serialize, ToSchema)]
struct FileRecord {
    /// Its name where it was dropped.
    name: String,
    /// `drive` or `vm`.
    source: &'static str,
    /// `new`, `processing`, `processed` or `failed`.
    state: &'static str,
    /// The folder it has reached, or is to reach.
    to: Option<String>,
    /// The job that is about it.
    #[schema(format = "uuid")]
    job_id: Option<String>,
    /// Why it failed.
    error: Option<String>,
    /// Bytes.
    size: u64,
    /// When it was seen first.
    seen_at: Utc,
    /// When its journey ended.
    ended_at: Option<Utc>,
}

impl From<FileView> for FileRecord {
    fn from(view: FileView) -> Self {
        let journey = view.journey;
        Self {
            name: journey.name,
            source: journey.side.word(),
            state: journey.state.word(),
            to: journey.to,
            job_id: journey.job.map(|job| job.to_string()),
            error: journey.error,
            size: journey.size,
            seen_at: journey.seen_at.into(),
            ended_at: journey.ended_at.map(Utc::from),
        }
    }
}

/// The routes.
pub fn routes() -> Vec<Route<Doors>> {
    let asks = |route: Route<Doors>| {
        route
            .answers::<FolderAsked>(202)
            .refuses(404, "not_found")
            .refuses(409, "concern_off")
            .refuses(409, "sandbox_records")
    };
    vec![
        asks(Route::post("/folders", WRITE, create))
            .summary("Have a user's folders made on the VM and on Google Drive")
            .takes::<FolderOrder>()
            .example(json!({ "user_id": "0198c5a8-5f00-7000-8000-000000000000" })),
        Route::get("/folders", LIST, list)
            .summary("The folders that were ever asked for, of the newest users first")
            .filters::<FoldersAsked>()
            .lists::<FolderRecord>(),
        Route::get("/folders/{user_id}", READ, show)
            .summary("Where a user's folders are, and how they stand")
            .answers::<FolderRecord>(200)
            .refuses(404, "not_found"),
        asks(Route::post("/folders/{user_id}/recreate", WRITE, recreate))
            .summary("Look at a user's folders and make what is missing"),
        Route::post("/folders/{user_id}/process", WRITE, process)
            .summary("Look now for files in novos, and not at the next time")
            .answers::<Looking>(202)
            .refuses(404, "not_found")
            .refuses(409, "concern_off")
            .refuses(409, "sandbox_records"),
        Route::get("/folders/{user_id}/files", READ, files)
            .summary("The journeys of a user's files, the newest first")
            .lists::<FileRecord>()
            .refuses(404, "not_found"),
    ]
    .into_iter()
    .chain(watch::routes())
    .chain(counts::routes())
    .collect()
}

/// The user in the path, if the caller may see it and do this.
async fn whose(doors: &Doors, call: &Call, scope: &str) -> Result<UserId, Problem> {
    let record = found(doors, call, call.id("user_id")?).await?;
    call.permit(record.id, scope)?;
    Ok(record.id)
}

fn asked(asked: &Asked) -> Result<Reply, Problem> {
    let (job_id, status) = (asked.job.map(|job| job.to_string()), asked.folder.state.word());
    Reply::accepted(&FolderAsked { job_id, status })
}

async fn create(doors: Doors, mut call: Call) -> Result<Reply, Problem> {
    let order: FolderOrder = call.body()?;
    let user: UserId = order.user_id.parse().map_err(|_| Problem::absent("user"))?;
    let user = found(&doors, &call, user).await?.id;
    call.permit(user, "folders:write")?;
    let (keep, by) = (call.keep(asked), call.author());
    asked(&doors.drive.create(user, &by, keep.as_ref()).await?)
}

async fn recreate(doors: Doors, mut call: Call) -> Result<Reply, Problem> {
    let user = whose(&doors, &call, "folders:write").await?;
    let (keep, by) = (call.keep(asked), call.author());
    asked(&doors.drive.recreate(user, &by, keep.as_ref()).await?)
}

async fn process(doors: Doors, mut call: Call) -> Result<Reply, Problem> {
    let user = whose(&doors, &call, "folders:write").await?;
    doors.drive.look_now().await?;
    let view = queries::folder(&doors.shell, user).await?;
    let status = view.status();
    let show = move |(): &()| Reply::accepted(&Looking { status });
    let keep = call.keep(show);
    doors.drive.noted_look(user, &call.author(), keep.as_ref()).await?;
    show(&())
}

async fn list(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let asked: FoldersAsked = call.query()?;
    let Some(tenant) = narrowed(&call, asked.tenant_id.as_deref()) else {
        return Reply::list(&[] as &[FolderRecord], None);
    };
    let states = asked.status.into_iter().map(FolderState::from).collect();
    let (filter, ask) = (FolderFilter { tenant, states }, call.page.clone());
    let page = queries::list(&doors.shell, &filter, ask.after, ask.limit).await?;
    let settings = doors.drive.settings();
    let channel = queries::channel(&doors.shell, &settings).await?;
    let mut rows = Vec::new();
    for view in &page.rows {
        // Folders outlive the user who is deleted.
        match found(&doors, &call, view.user).await {
            Err(problem) if problem.status() == StatusCode::NOT_FOUND => {}
            Err(problem) => return Err(problem),
            Ok(_) => rows.push(FolderRecord::new(
                view,
                settings.mode != Mode::Off,
                (channel.clone(), doors.drive.is_watched(view.user)),
            )),
        }
    }
    Reply::list(&rows, page.next)
}

async fn show(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let user = whose(&doors, &call, "folders:read").await?;
    let view = queries::folder(&doors.shell, user).await?;
    let settings = doors.drive.settings();
    let channel = queries::channel(&doors.shell, &settings).await?;
    Reply::ok(&FolderRecord::new(
        &view,
        settings.mode != Mode::Off,
        (channel, doors.drive.is_watched(user)),
    ))
}

async fn files(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let user = whose(&doors, &call, "folders:read").await?;
    let page = call.page.clone();
    let (rows, next) = queries::files(&doors.shell, user, page.after, page.limit).await?;
    let rows: Vec<_> = rows.into_iter().map(FileRecord::from).collect();
    Reply::list(&rows, next)
}
