//! Notices over HTTP: what a person wants to hear of, and what texts look like.

mod page;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use zelador_actors::Refusal;
use zelador_actors::engine::jobs::{Enqueued, note_enqueued};
use zelador_actors::engine::notifications::{Chosen, NoticeDesk, Sample, Tongue, Wishes};
use zelador_store::Write;
use zelador_store::id::UserId;
use zelador_store::notice::NoticeKind;

use super::auth::Need;
use super::call::Call;
use super::doors::Doors;
use super::jobs::{JobRecord, enqueued_reply};
use super::language::Language;
use super::merge::Merge;
use super::problem::Problem;
use super::reply::Reply;
use super::route::Route;
use super::tenants::MERGES;

/// What a person wants to be told.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = NoticeChoice)]
#[expect(clippy::struct_excessive_bools, reason = "each is a kind of notice")]
struct Choice {
    /// A booking was made, or waits to be confirmed.
    #[schema(default = true)]
    booking_made: bool,
    /// A booking that waited was confirmed.
    #[schema(default = true)]
    booking_confirmed: bool,
    /// A booking that waited was turned down.
    #[schema(default = true)]
    booking_rejected: bool,
    /// A booking moved.
    #[schema(default = true)]
    booking_changed: bool,
    /// A booking was called off.
    #[schema(default = true)]
    booking_cancelled: bool,
    /// A booking is near.
    #[schema(default = true)]
    booking_reminder: bool,
    /// A place became free and is held.
    #[schema(default = true)]
    booking_offered: bool,
    /// The account was banned.
    #[schema(default = true)]
    account_banned: bool,
    /// The account was suspended.
    #[schema(default = true)]
    account_suspended: bool,
    /// The account may be used again.
    #[schema(default = true)]
    account_active: bool,
    /// An account elsewhere is ready.
    #[schema(default = true)]
    account_ready: bool,
    /// A link to choose a password by.
    #[schema(default = true)]
    account_invited: bool,
}

impl Default for Choice {
    fn default() -> Self {
        Self {
            booking_made: true,
            booking_confirmed: true,
            booking_rejected: true,
            booking_changed: true,
            booking_cancelled: true,
            booking_reminder: true,
            booking_offered: true,
            account_banned: true,
            account_suspended: true,
            account_active: true,
            account_ready: true,
            account_invited: true,
        }
    }
}

impl Choice {
    fn of(chosen: &Chosen) -> Result<Self, Problem> {
        let wanted = |kind: NoticeKind| !chosen.refused.contains(&kind);
        let members: Map<String, Value> = NoticeKind::ALL
            .map(|kind| (kind.word().to_owned(), json!(wanted(kind))))
            .into_iter()
            .collect();
        serde_json::from_value(members.into())
            .map_err(|source| Problem::fault("showing what a person wants to hear of", source))
    }

    fn wishes(&self) -> Result<Wishes, Problem> {
        let shown = serde_json::to_value(self)
            .map_err(|source| Problem::fault("reading what a person wants to hear of", source))?;
        let wish = |kind: NoticeKind| (kind, shown.get(kind.word()) != Some(&Value::Bool(false)));
        Ok(NoticeKind::ALL.into_iter().map(wish).collect())
    }
}

/// What a person wants to be told.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NoticeChoiceRecord)]
struct ChoiceView {
    /// Who.
    #[schema(format = "uuid")]
    user_id: String,
    #[serde(flatten)]
    choice: Choice,
}

/// Which text, in which language.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TextAsked {
    /// The text: `booking_made`, …, or `alert`.
    #[schema(example = "booking_made")]
    kind: String,
    /// `pt-BR`, `es` or `en`; without it, the caller's.
    #[schema(format = "language")]
    #[serde(default)]
    language: Option<String>,
}

/// A text with sample data.
#[derive(Debug, Serialize, ToSchema)]
struct NoticePreview {
    /// Which text.
    kind: String,
    /// In which language.
    language: &'static str,
    /// The subject.
    subject: String,
    /// The short text, for telephones.
    short: String,
    /// The plain part.
    text: String,
    /// The HTML part.
    html: String,
}

/// A mail to try the mail server with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NoticeTest {
    /// Where it is sent.
    #[schema(format = "email", max_length = 254, example = "eu@sol.example")]
    address: String,
    /// The text.
    #[schema(default = "booking_made")]
    #[serde(default)]
    kind: Option<String>,
    /// `pt-BR`, `es` or `en`; without it, the caller's.
    #[schema(format = "language")]
    #[serde(default)]
    language: Option<String>,
}

/// The routes.
pub(super) fn routes() -> Vec<Route<Doors>> {
    const READ: Need = Need::Own("users:read");
    const WRITE: Need = Need::Own("users:write");
    let change = |route: Route<Doors>| {
        route
            .part("users")
            .summary("Choose what a person wants to be told")
            .changes::<Choice>()
            .answers::<ChoiceView>(200)
            .refuses(404, "not_found")
            .refuses(412, "stale_version")
    };
    let mut routes = vec![
        Route::get("/users/{id}/notifications", READ, chosen)
            .part("users")
            .summary("What a person wants to be told")
            .answers::<ChoiceView>(200)
            .refuses(404, "not_found"),
        change(Route::put("/users/{id}/notifications", WRITE, choose)),
        change(Route::patch("/users/{id}/notifications", WRITE, choose)),
        Route::get("/notifications/preview", Need::Operator, preview)
            .summary("A text with sample data, as it is in force")
            .filters::<TextAsked>()
            .answers::<NoticePreview>(200),
        Route::post("/notifications/test", Need::Operator, test)
            .summary("Send a text with sample data to an address, by a job")
            .takes::<NoticeTest>()
            .example(json!({ "address": "eu@sol.example", "language": "es" }))
            .answers::<JobRecord>(201),
    ];
    routes.extend(page::routes());
    routes
}

async fn chosen(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let id: UserId = call.id("id")?;
    let chosen = doors.notices.chosen(id, call.who.tenant()).await?;
    call.permit(id, "users:read")?;
    shown(&chosen)
}

fn shown(chosen: &Chosen) -> Result<Reply, Problem> {
    let view = ChoiceView { user_id: chosen.user.to_string(), choice: Choice::of(chosen)? };
    Ok(Reply::ok(&view)?.version(chosen.version))
}

/// Merges the body into what was chosen, and again if that moved meanwhile.
async fn choose(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let (id, within): (UserId, _) = (call.id("id")?, call.who.tenant());
    for _ in 0..MERGES {
        let before = doors.notices.chosen(id, within).await?;
        call.permit(id, "users:write")?;
        let view = ChoiceView { user_id: id.to_string(), choice: Choice::of(&before)? };
        let choice: Choice = call.merge(&view, &Merge::default())?;
        call.if_match.check(before.version)?;
        let (wishes, version) = (choice.wishes()?, Some(before.version));
        match doors.notices.choose((id, within), &wishes, version, &call.author()).await {
            Err(zelador_actors::Error::Refused(Refusal::Stale)) if call.if_match.is_absent() => {}
            other => return shown(&other?),
        }
    }
    Err(Problem::from(Refusal::Stale))
}

fn tongue(call: &Call, asked: Option<&str>) -> Result<Tongue, Problem> {
    let tag = asked.unwrap_or(call.language.tag());
    Tongue::of_tag(tag).ok_or_else(|| Refusal::field("language", "unknown_language").into())
}

async fn preview(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let asked: TextAsked = call.query()?;
    let tongue = tongue(&call, asked.language.as_deref())?;
    let written = doors.notices.sample(&asked.kind, tongue)?;
    let language = tongue.tag();
    let shown = NoticePreview {
        kind: asked.kind,
        language,
        subject: written.subject,
        short: written.short,
        text: written.text,
        html: written.html,
    };
    Ok(Reply::ok(&shown)?.language(Language::of_tag(language).unwrap_or_default()))
}

/// No request waits for a mail server: what became of it, the job says.
async fn test(doors: Doors, mut call: Call) -> Result<Reply, Problem> {
    let asked: NoticeTest = call.body()?;
    let language = tongue(&call, asked.language.as_deref())?;
    let kind = asked.kind.unwrap_or_else(|| NoticeKind::BookingMade.word().to_owned());
    // An unknown text is refused here, not by the job.
    doors.notices.sample(&kind, language)?;
    let job = NoticeDesk::test(&Sample { kind, language, address: asked.address });
    let settings = doors.jobs.settings();
    let show = move |enqueued: &Enqueued| enqueued_reply(enqueued, &settings);
    let keep = call.keep(show.clone());
    let by = call.author();
    let also = |enqueued: &Enqueued| {
        let mut write = keep.as_ref().map_or_else(Write::new, |keep| keep.alone(enqueued));
        note_enqueued(&doors.shell, &mut write, &by, enqueued);
        write
    };
    show(&doors.jobs.enqueue(job, also).await?)
}
