//! Deliveries over HTTP: the log, and sending again.

use serde_json::json;
use zelador_actors::engine::webhooks::{DeliveryRecord, Redelivered, Test, queries};

use super::form::{DeliveryQuery, DeliveryView, RedeliveredView, RedeliveryRange};
use super::{READ, WRITE, which};
use crate::api::call::Call;
use crate::api::doors::Doors;
use crate::api::jobs::keep_alone;
use crate::api::problem::Problem;
use crate::api::reply::Reply;
use crate::api::route::Route;
use crate::api::schema::Shape;
use crate::api::users::trial::Trial;

/// The routes.
pub(super) fn routes() -> Vec<Route<Doors>> {
    let list = "/tenants/{id}/webhooks/{webhook_id}/deliveries";
    let one = "/tenants/{id}/webhooks/{webhook_id}/deliveries/{delivery_id}";
    let again = "/tenants/{id}/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver";
    let range = "/tenants/{id}/webhooks/{webhook_id}/redeliver";
    let test = "/tenants/{id}/webhooks/{webhook_id}/test";
    vec![
        Route::get(list, READ, deliveries)
            .part("webhooks")
            .summary("List what was sent to a webhook, the newest event first")
            .filters::<DeliveryQuery>()
            .lists::<DeliveryView>()
            .refuses(404, "not_found"),
        Route::get(one, READ, delivery)
            .part("webhooks")
            .summary("Show a delivery")
            .answers::<DeliveryView>(200)
            .refuses(404, "not_found"),
        Route::post(again, WRITE, redeliver)
            .part("webhooks")
            .summary("Send an event again, whatever became of it")
            .answers::<DeliveryView>(202)
            .refuses(404, "not_found")
            .refuses(409, "webhook_inactive")
            .refuses(409, "event_gone"),
        Route::post(range, WRITE, redeliver_range)
            .part("webhooks")
            .summary("Send events again, from one on, or from the last that arrived")
            .takes::<RedeliveryRange>()
            .example(json!({ "from": "last_success" }))
            .filters::<Trial>()
            .answers::<RedeliveredView>(202)
            .tries(Shape::of::<RedeliveredView>())
            .refuses(404, "not_found")
            .refuses(409, "webhook_inactive"),
        Route::post(test, WRITE, try_out)
            .part("webhooks")
            .summary("Send an event of type webhook.test, to see whether it arrives")
            .answers::<DeliveryView>(202)
            .refuses(404, "not_found")
            .refuses(409, "webhook_inactive"),
    ]
}

async fn deliveries(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let which = which(&call)?;
    let asked: DeliveryQuery = call.query()?;
    let (after, limit) = (call.page.after.clone(), call.page.limit);
    let status = asked.status.map(Into::into);
    let page = queries::deliveries(&doors.shell, which, status, after, limit).await?;
    let rows: Vec<_> = page.rows.iter().map(DeliveryView::from).collect();
    Reply::list(&rows, page.next)
}

async fn delivery(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let which = which(&call)?;
    let event = call.param("delivery_id").parse().map_err(|_| Problem::absent("delivery"))?;
    let record = queries::delivery(&doors.shell, which, event).await?;
    Reply::ok(&DeliveryView::from(&record))
}

fn on_its_way(record: &DeliveryRecord) -> Result<Reply, Problem> {
    Reply::accepted(&DeliveryView::from(record))
}

async fn redeliver(doors: Doors, mut call: Call) -> Result<Reply, Problem> {
    let which = which(&call)?;
    let event = call.param("delivery_id").parse().map_err(|_| Problem::absent("delivery"))?;
    let keep = call.keep(on_its_way);
    on_its_way(&doors.webhooks.redeliver(which, event, &call.author(), keep).await?)
}

async fn try_out(doors: Doors, mut call: Call) -> Result<Reply, Problem> {
    let which = which(&call)?;
    let keep = call.keep(on_its_way);
    on_its_way(&doors.webhooks.test(Test { which, by: call.author(), keep }).await?)
}

async fn redeliver_range(doors: Doors, mut call: Call) -> Result<Reply, Problem> {
    let which = which(&call)?;
    let range = call.body::<RedeliveryRange>()?.into();
    let Trial { dry_run } = call.query()?;
    let show = |done: &Redelivered| Reply::accepted(&RedeliveredView::from(done));
    let author = call.author();
    if dry_run {
        let counted = doors.webhooks.redeliver_range(which, range, &author, true).await?;
        return Reply::ok(&RedeliveredView::from(&counted));
    }
    let keep = call.keep(show);
    let done = doors.webhooks.redeliver_range(which, range, &author, false).await?;
    keep_alone(&doors, keep, &done).await?;
    show(&done)
}
