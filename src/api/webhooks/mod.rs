//! Webhooks over HTTP.

mod deliveries;
mod form;

use secrecy::SecretString;
use serde_json::{Value, json};
use zelador_actors::engine::webhooks::{
    Delete, Make, NewSecret, Revise, Rotate, SecretChange, WebhookRecord, Which, queries,
};
use zelador_actors::{Error, Refusal};
use zelador_store::id::TenantId;

use self::form::{NewWebhook, SecretRotation, WebhookView};
use super::auth::Need;
use super::call::Call;
use super::doors::Doors;
use super::merge::Merge;
use super::problem::Problem;
use super::reply::Reply;
use super::route::Route;
use super::tenants::MERGES;

const READ: Need = Need::Scope("webhooks:read");
const WRITE: Need = Need::Scope("webhooks:write");

/// The routes.
pub fn routes() -> Vec<Route<Doors>> {
    let (all, one) = ("/tenants/{id}/webhooks", "/tenants/{id}/webhooks/{webhook_id}");
    let rotation = "/tenants/{id}/webhooks/{webhook_id}/rotate";
    let changed = |route: Route<Doors>| {
        route
            .part("webhooks")
            .changes::<NewWebhook>()
            .answers::<WebhookView>(200)
            .refuses(404, "not_found")
            .refuses(412, "stale_version")
    };
    let own = vec![
        Route::post(all, WRITE, make)
            .part("webhooks")
            .summary("Have events sent to an address")
            .takes::<NewWebhook>()
            .example(json!({
                "url": "https://example.com/webhook",
                "events": ["booking.created", "booking.cancelled"],
                "secret": "meu-secret-opcional", "is_active": true,
            }))
            .answers::<WebhookView>(201)
            .refuses(404, "not_found")
            .refuses(409, "too_many_webhooks"),
        Route::get(all, READ, list)
            .part("webhooks")
            .summary("List the webhooks of a tenant")
            .lists::<WebhookView>()
            .refuses(404, "not_found"),
        Route::get(one, READ, show)
            .part("webhooks")
            .summary("Show a webhook, and how it does")
            .answers::<WebhookView>(200)
            .refuses(404, "not_found"),
        changed(Route::put(one, WRITE, revise).summary("Change a webhook; what is left out stays")),
        changed(Route::patch(one, WRITE, revise).summary("Change a webhook")),
        Route::delete(one, WRITE, delete)
            .part("webhooks")
            .summary("Delete a webhook; its deliveries go in the background")
            .status(204)
            .refuses(404, "not_found")
            .refuses(412, "stale_version"),
        Route::post(rotation, WRITE, rotate)
            .part("webhooks")
            .summary("Replace the secret; for 24 hours the one before signs as well")
            .takes::<SecretRotation>()
            .answers::<WebhookView>(200)
            .refuses(404, "not_found"),
    ];
    own.into_iter().chain(deliveries::routes()).collect()
}

/// The tenant of the path, if the caller may see it.
fn tenant(call: &Call) -> Result<TenantId, Problem> {
    let id: TenantId = call.id("id")?;
    if call.who.sees(id) { Ok(id) } else { Err(Problem::absent("tenant")) }
}

/// The webhook that the path names.
fn which(call: &Call) -> Result<Which, Problem> {
    Ok(Which { tenant: tenant(call)?, id: call.id("webhook_id")? })
}

fn path(record: &WebhookRecord) -> String {
    format!("/tenants/{}/webhooks/{}", record.webhook.tenant, record.id)
}

fn created(record: &WebhookRecord) -> Result<Reply, Problem> {
    let reply = Reply::created(path(record), &WebhookView::from(record))?;
    Ok(reply.version(record.webhook.version))
}

fn shown(record: &WebhookRecord) -> Result<Reply, Problem> {
    Ok(Reply::ok(&WebhookView::from(record))?.version(record.webhook.version))
}

/// As a record is kept for a repeated request: a secret is shown once.
fn without_secret(record: &WebhookRecord) -> WebhookRecord {
    WebhookRecord { made: None, ..record.clone() }
}

async fn make(doors: Doors, mut call: Call) -> Result<Reply, Problem> {
    let body: NewWebhook = call.body()?;
    let secret = match &body.secret {
        Some(text) => NewSecret::Given(SecretString::from(text.clone())),
        None if body.generate_secret => NewSecret::Made,
        None => NewSecret::None,
    };
    let keep = call.keep(|record: &WebhookRecord| created(&without_secret(record)));
    let tenant = tenant(&call)?;
    let command = Make { tenant, draft: body.draft(), secret, by: call.author(), keep };
    created(&doors.webhooks.make(command).await?)
}

async fn list(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let (after, limit) = (call.page.after.clone(), call.page.limit);
    let page = queries::webhooks(&doors.shell, tenant(&call)?, after, limit).await?;
    let rows: Vec<_> = page.rows.iter().map(WebhookView::from).collect();
    Reply::list(&rows, page.next)
}

async fn show(doors: Doors, call: Call) -> Result<Reply, Problem> {
    shown(&queries::webhook(&doors.shell, which(&call)?).await?)
}

/// Merges the body into the record as it is, and again if it moved meanwhile;
/// a caller who named a version is told instead.
async fn revise(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let which = which(&call)?;
    for _ in 0..MERGES {
        let record = queries::webhook(&doors.shell, which).await?;
        let how = Merge { whole: &[], fixed: &["generate_secret"] };
        let body: NewWebhook = call.merge(&WebhookView::from(&record), &how)?;
        call.if_match.check(record.webhook.version)?;
        // Absent, it stays; null, it goes.
        let secret = match (call.body.get("secret"), body.secret.clone()) {
            (None, _) => SecretChange::Keep,
            (Some(Value::Null), _) | (_, None) => SecretChange::Remove,
            (Some(_), Some(text)) => SecretChange::Replace(SecretString::from(text)),
        };
        let command = Revise {
            which,
            draft: body.draft(),
            secret,
            if_version: Some(record.webhook.version),
            by: call.author(),
        };
        match doors.webhooks.revise(command).await {
            Err(Error::Refused(Refusal::Stale)) if call.if_match.is_absent() => {}
            other => return shown(&other?),
        }
    }
    Err(Problem::from(Refusal::Stale))
}

async fn delete(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let which = which(&call)?;
    let record = queries::webhook(&doors.shell, which).await?;
    call.if_match.check(record.webhook.version)?;
    let if_version = (!call.if_match.is_absent()).then_some(record.webhook.version);
    doors.webhooks.delete(Delete { which, if_version, by: call.author() }).await?;
    Ok(Reply::none())
}

async fn rotate(doors: Doors, mut call: Call) -> Result<Reply, Problem> {
    let secret = call.body::<SecretRotation>()?.secret.map(SecretString::from);
    let which = which(&call)?;
    let keep = call.keep(|record: &WebhookRecord| shown(&without_secret(record)));
    let command = Rotate { which, secret, by: call.author(), keep };
    shown(&doors.webhooks.rotate(command).await?)
}
