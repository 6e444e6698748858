//! The consumer `cascades`: what follows from a deletion, for bookings.
//!
//! A resource that is gone takes its upcoming bookings along. What follows from the
//! end of a person is the table's of `[lifecycle]` to say, and a tenant's rows go
//! with its purge.

use async_trait::async_trait;
use serde_json::Value;
use zelador_store::Write;
use zelador_store::event::Event;
use zelador_store::id::{JobId, ResourceId};
use zelador_store::job::JobsByUnique;
use zelador_store::kv::Term;

use super::jobs::{CANCEL_ALL, CancelAllArgs};
use crate::engine::events::{Consume, EventCx};
use crate::engine::jobs::{Failure, NewJob};

/// Starts the cascade of a resource.
pub struct Cascades;

#[async_trait]
impl Consume for Cascades {
    fn name(&self) -> &'static str {
        "cascades"
    }

    fn wants(&self, event: &Event) -> bool {
        event.kind == "resource.deleted"
    }

    async fn consume(&self, cx: &EventCx, _: u64, event: &Event) -> Result<Write, Failure> {
        let data: Value = serde_json::from_str(&event.data).map_err(Failure::permanent)?;
        let resource = data.get("resource_id").and_then(Value::as_str);
        let Some(resource) = resource.and_then(|id| id.parse::<ResourceId>().ok()) else {
            return Err(Failure::permanent("the event names no resource"));
        };
        let mut write = Write::new();
        let key = format!("cascade:resource:{resource}");
        if cx.shell.store.find::<JobsByUnique>(&Term::new(&key)).await?.is_none() {
            let args = CancelAllArgs {
                resource_id: Some(resource),
                user_id: None,
                tenant_id: event.tenant,
                transition: None,
                reason: Some("resource_deleted".to_owned()),
            };
            let mut job = NewJob::new(CANCEL_ALL, &args).unique(key);
            job.tenant = event.tenant;
            let id: JobId = cx.shell.id();
            write.enqueue(id, &job.build(cx.shell.now()));
        }
        Ok(write)
    }
}
