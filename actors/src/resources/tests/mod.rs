//! Categories and resources through their desk, on a store in memory and a clock
//! moved by hand.

mod ends;
mod lists;
mod records;

use std::sync::Arc;

use serde_json::Value;
use tokio::sync::watch;
use zelador_store::author::{Author, AuthorKind};
use zelador_store::event::Events;
use zelador_store::id::{CategoryId, ResourceId, TenantId};
use zelador_store::{Query, Store};

use super::*;
use crate::engine::Shell;
use crate::engine::jobs::{Handlers, JobDesk, JobSettings};
use crate::engine::settings::{default_kinds, default_queues};
use crate::error::{Error, Refusal};
use crate::tenants::{self, TenantDesk, TenantDraft};
use crate::testkit::World;

struct Bench {
    world: World,
    desk: ResourceDesk,
    settings: watch::Sender<Arc<ResourceSettings>>,
}

fn by() -> Author {
    Author::new(AuthorKind::Operator, "op")
}

impl Bench {
    fn new() -> Self {
        let world = World::new();
        let (settings, _) = watch::channel(Arc::default());
        Self { desk: ResourceDesk::new(world.shell.clone()), world, settings }
    }

    fn shell(&self) -> &Shell {
        &self.world.shell
    }

    /// A desk on another store, which may hold back a write.
    fn on(&self, store: Store) -> ResourceDesk {
        ResourceDesk::new(Shell { store, ..self.shell().clone() })
    }

    fn jobs(&self) -> JobDesk {
        let mut handlers = Handlers::new();
        let prune = jobs::PruneResources::new(self.settings.subscribe());
        handlers.insert(jobs::PRUNE, Arc::new(prune));
        handlers.insert(tenants::jobs::PURGE, Arc::new(tenants::jobs::Purge));
        let known = JobSettings { queues: default_queues(), kinds: default_kinds() };
        JobDesk::new(self.shell().clone(), handlers, watch::channel(Arc::new(known)).1)
    }

    async fn tenant(&self, domain: &str) -> TenantId {
        let draft = TenantDraft {
            name: domain.into(),
            domain: domain.into(),
            logo_url: None,
            theme_primary_color: None,
            plan: zelador_store::tenant::ServicePlan::Trial,
            locale: None,
            is_active: true,
            settings: zelador_store::tenant::Settings::default(),
        };
        let command = tenants::Register { draft, by: by(), keep: None };
        TenantDesk::new(self.shell().clone()).register(command).await.unwrap().id
    }

    async fn end_tenant(&self, id: TenantId) {
        let command = tenants::Delete { id, if_version: None, by: by() };
        TenantDesk::new(self.shell().clone()).delete(command).await.unwrap();
    }

    async fn category(&self, tenant: TenantId, name: &str) -> CategoryId {
        self.world.hand.advance(std::time::Duration::from_millis(1));
        let draft = CategoryDraft { name: name.into(), ..CategoryDraft::default() };
        let command = Register { tenant, draft, by: by(), keep: None };
        self.desk.register_category(command).await.unwrap().id
    }

    async fn make(&self, tenant: TenantId, draft: ResourceDraft) -> Result<ResourceRecord, Error> {
        self.world.hand.advance(std::time::Duration::from_millis(1));
        self.desk.register_resource(Register { tenant, draft, by: by(), keep: None }).await
    }

    async fn resource(
        &self,
        tenant: TenantId,
        name: &str,
        category: Option<CategoryId>,
    ) -> ResourceId {
        self.make(tenant, draft(name, category)).await.unwrap().id
    }

    async fn revise(&self, id: ResourceId, draft: ResourceDraft) -> Result<ResourceRecord, Error> {
        let command = Revise { id, within: None, draft, if_version: None, by: by() };
        self.desk.revise_resource(command).await
    }

    async fn end(&self, id: ResourceId) -> Result<(), Error> {
        self.desk.delete_resource(Delete { id, within: None, if_version: None, by: by() }).await
    }

    async fn end_category(&self, id: CategoryId) -> Result<(), Error> {
        self.desk.delete_category(Delete { id, within: None, if_version: None, by: by() }).await
    }

    async fn events(&self, kind: &str) -> Vec<Value> {
        let page = self.shell().store.page::<Events>(&Query::all().limit(1000)).await.unwrap();
        let of_kind = page.rows.into_iter().filter(|found| found.row.kind == kind);
        of_kind.map(|found| serde_json::from_str(&found.row.data).unwrap()).collect()
    }

    #[track_caller]
    fn assert_sound(&self) {
        let found = zelador_store::soundness::check(self.world.memory.as_ref()).unwrap();
        assert!(found.is_empty(), "{found:?}");
    }
}

fn draft(name: &str, category: Option<CategoryId>) -> ResourceDraft {
    ResourceDraft { name: name.into(), category, ..ResourceDraft::default() }
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, Error>) -> Refusal {
    match result {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

const NO_CATEGORY: Refusal = Refusal::Absent { what: "category" };
const NO_RESOURCE: Refusal = Refusal::Absent { what: "resource" };
