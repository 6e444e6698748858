//! The audit over HTTP: who did what to which record, the newest first.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use zelador_actors::engine::audit::{AuditQuery, list as entries};
use zelador_actors::tenants;
use zelador_store::audit::AuditEntry;
use zelador_store::author::Author;
use zelador_store::id::{AuditId, TenantId, UserId};
use zelador_store::{Page, Timestamp};

use super::auth::Need;
use super::call::Call;
use super::doors::Doors;
use super::problem::Problem;
use super::reply::Reply;
use super::route::Route;
use super::time;
use super::users::narrowed;

/// Which entries.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct AuditFilter {
    /// Of this tenant.
    #[schema(format = "uuid")]
    tenant_id: Option<String>,
    /// About records of this noun.
    #[schema(min_length = 1, max_length = 64, example = "user")]
    record: Option<String>,
    /// About the record with this id, or name.
    #[schema(min_length = 1, max_length = 200)]
    record_id: Option<String>,
    /// About this person.
    #[schema(format = "uuid")]
    user_id: Option<String>,
    /// Of this action.
    #[schema(min_length = 1, max_length = 64, example = "user.set_status")]
    action: Option<String>,
    /// Wanted by the token, person or job of this id.
    #[schema(min_length = 1, max_length = 200)]
    by: Option<String>,
    /// Not before this time; without an offset local to the tenant.
    #[schema(format = "moment", example = "2025-12-01T00:00:00-03:00")]
    from: Option<String>,
    /// Before this time.
    #[schema(format = "moment", example = "2025-12-02T00:00:00-03:00")]
    to: Option<String>,
}

/// Who did something.
#[derive(Debug, Serialize, ToSchema)]
struct Doer {
    /// `operator`, `service`, `user` or `job`.
    #[schema(example = "operator")]
    kind: &'static str,
    /// The id of the token, the person or the job.
    id: String,
}

impl From<&Author> for Doer {
    fn from(author: &Author) -> Self {
        Self { kind: author.kind.word(), id: author.id.clone() }
    }
}

/// One deed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub(super) struct AuditRecord {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: AuditId,
    /// When.
    #[schema(value_type = String, format = "date-time")]
    at: Timestamp,
    /// What was done.
    #[schema(example = "user.set_status")]
    action: String,
    /// The noun of the record.
    #[schema(example = "user")]
    record: String,
    /// Its id, or its name; empty where many were meant.
    record_id: String,
    /// Whose record.
    #[schema(value_type = Option<String>, format = "uuid")]
    tenant_id: Option<TenantId>,
    /// The person whom it is about.
    #[schema(value_type = Option<String>, format = "uuid")]
    user_id: Option<UserId>,
    /// Who wanted it.
    initiated_by: Doer,
    /// Who carried it out, if somebody else did: the job of a plan.
    executed_by: Option<Doer>,
    /// The request by which it was wanted.
    request_id: Option<String>,
    /// Where that request came from.
    address: Option<String>,
    /// The members that changed, as they were.
    #[schema(value_type = Option<Object>, additional_properties = true)]
    before: Value,
    /// The same members, as they are since.
    #[schema(value_type = Option<Object>, additional_properties = true)]
    after: Value,
    /// When what it said of a person was erased.
    #[schema(value_type = Option<String>, format = "date-time")]
    erased_at: Option<Timestamp>,
}

impl AuditRecord {
    pub(super) fn new(id: AuditId, entry: AuditEntry) -> Self {
        let read = |text: Option<String>| {
            text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
        };
        Self {
            id,
            at: entry.at,
            action: entry.action,
            record: entry.record,
            record_id: entry.record_id,
            tenant_id: entry.tenant,
            user_id: entry.user,
            initiated_by: Doer::from(&entry.initiated_by),
            executed_by: entry.executed_by.as_ref().map(Doer::from),
            request_id: entry.initiated_by.request,
            address: entry.address,
            before: read(entry.before),
            after: read(entry.after),
            erased_at: entry.erased_at,
        }
    }
}

/// The routes.
pub fn routes() -> Vec<Route<Doors>> {
    vec![
        Route::get("/audit", Need::Scope("audit:read"), list)
            .summary("Who did what to which record, the newest first")
            .filters::<AuditFilter>()
            .lists::<AuditRecord>(),
    ]
}

async fn list(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let asked: AuditFilter = call.query()?;
    let zone = zone_of(&doors, &call, asked.tenant_id.as_deref()).await;
    let from = moment("from", asked.from.as_deref(), zone.as_ref())?;
    let to = moment("to", asked.to.as_deref(), zone.as_ref())?;
    let user = match asked.user_id.as_deref().map(str::parse) {
        None => None,
        Some(Ok(id)) => Some(id),
        // What cannot be an id is the id of nobody.
        Some(Err(_)) => return Reply::list(&[] as &[AuditRecord], None),
    };
    let Some(tenant) = narrowed(&call, asked.tenant_id.as_deref()) else {
        return Reply::list(&[] as &[AuditRecord], None);
    };
    let query = AuditQuery {
        tenant,
        record: asked.record,
        record_id: asked.record_id,
        user,
        action: asked.action,
        by: asked.by,
        from,
        to,
        limit: call.page.limit,
        after: call.page.after,
    };
    let Page { rows, next } = entries(&doors.shell, &query).await?;
    let rows: Vec<_> = rows.into_iter().map(|s| AuditRecord::new(s.key, s.row)).collect();
    Reply::list(&rows, next)
}

/// The zone of the tenant that a list is of, for times without an offset.
pub(super) async fn zone_of(doors: &Doors, call: &Call, tenant: Option<&str>) -> Option<TimeZone> {
    let tenant = narrowed(call, tenant)??;
    let found = tenants::queries::get(&doors.shell, tenant).await.ok()?;
    Some(time::zone(&found.tenant.settings.timezone))
}

/// A time of the query.
pub(super) fn moment(
    field: &str,
    text: Option<&str>,
    zone: Option<&TimeZone>,
) -> Result<Option<Timestamp>, Problem> {
    let read = |text| time::instant(field, text, zone);
    text.map(read).transpose().map_err(|flaw| Problem::invalid(vec![flaw]))
}
