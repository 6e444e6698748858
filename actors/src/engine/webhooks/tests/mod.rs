//! Webhooks with a store in memory, a clock moved by hand, and receivers on
//! loopback.

mod ends;
mod guarding;
mod order;
mod sending;
mod shares;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};
use zelador_store::author::{Author, AuthorKind};
use zelador_store::delivery::{Deliveries, Delivery, DeliveryStatus};
use zelador_store::event::{Event, Events};
use zelador_store::id::{EventId, TenantId, WebhookId};
use zelador_store::tenant::{ServicePlan, Settings};
use zelador_store::{Query, Write};

use super::client::Client;
use super::consumer::FanOut;
use super::guard::{Guard, LookUp, SystemLookUp};
use super::messages::{Make, NewSecret, WebhookDraft, WebhookRecord, Which};
use super::settings::WebhookSettings;
use super::{Courier, WebhookDesk, queries};
use crate::engine::Shell;
use crate::engine::events::EventDesk;
use crate::engine::seal::Seal;
use crate::tenants::{self, TenantDesk, TenantDraft};
use crate::testkit::{World, eventually};

/// A world with everything that webhooks need, running.
struct Post {
    world: World,
    desk: WebhookDesk,
    tenant: TenantId,
    running: Option<Running>,
}

/// The engine at work; it ends with this.
struct Running {
    stop: DropGuard,
    task: JoinHandle<()>,
}

impl Running {
    /// Ends it, and waits until nothing of it works any more.
    async fn end(self) {
        drop(self.stop);
        self.task.await.unwrap();
    }
}

fn by() -> Author {
    Author::new(AuthorKind::Operator, "test")
}

impl Post {
    async fn new() -> Self {
        Self::with(WebhookSettings::default(), Arc::new(SystemLookUp)).await
    }

    async fn with(settings: WebhookSettings, look_up: Arc<dyn LookUp>) -> Self {
        let world = World::new();
        let tenant = tenant(&world).await;
        let desk = desk(&world, settings, look_up);
        let stop = run(&world, &desk).await;
        Self { world, desk, tenant, running: Some(stop) }
    }

    async fn hook(&self, url: &str) -> WebhookRecord {
        self.hook_of(self.tenant, url, &["*"], NewSecret::None).await
    }

    async fn hook_of(
        &self,
        tenant: TenantId,
        url: &str,
        events: &[&str],
        secret: NewSecret,
    ) -> WebhookRecord {
        let events = events.iter().map(|one| (*one).to_owned()).collect();
        let draft = WebhookDraft { url: url.to_owned(), events, is_active: true };
        let command = Make { tenant, draft, secret, by: by(), keep: None };
        self.desk.make(command).await.unwrap()
    }

    /// An event of a booking.
    async fn happens(&self, booking: &str) -> EventId {
        self.happens_to(self.tenant, booking, "booking.created").await
    }

    async fn happens_to(&self, tenant: TenantId, booking: &str, kind: &str) -> EventId {
        let shell = &self.world.shell;
        let id = shell.id();
        let event = Event {
            id,
            kind: kind.to_owned(),
            tenant: Some(tenant),
            user: None,
            key: format!("booking:{booking}"),
            at: shell.now(),
            data: json!({ "booking_id": booking, "tenant_id": tenant }).to_string(),
        };
        let mut write = Write::new();
        write.event(&event);
        shell.store.commit(write).await.unwrap();
        id
    }

    fn which(&self, hook: WebhookId) -> Which {
        Which { tenant: self.tenant, id: hook }
    }

    async fn delivery(&self, hook: WebhookId, event: EventId) -> Option<Delivery> {
        let found = self.world.shell.store.get::<Deliveries>(&(hook, event)).await.unwrap();
        found.map(|found| found.row)
    }

    /// Waits until a delivery has this status, and had so many tries.
    async fn until(&self, hook: WebhookId, event: EventId, status: DeliveryStatus, tries: u16) {
        eventually("the delivery gets there", async || {
            let row = self.delivery(hook, event).await?;
            (row.status == status && row.tries == tries).then_some(())
        })
        .await;
    }

    async fn record(&self, hook: WebhookId) -> WebhookRecord {
        queries::webhook(&self.world.shell, self.which(hook)).await.unwrap()
    }

    /// The payloads of events of a type, in order.
    async fn told(&self, kind: &str) -> Vec<Value> {
        let page =
            self.world.shell.store.page::<Events>(&Query::all().limit(10_000)).await.unwrap();
        let of = page.rows.into_iter().filter(|one| one.row.kind == kind);
        of.map(|one| serde_json::from_str(&one.row.data).unwrap()).collect()
    }

    fn passes(&self, seconds: u64) {
        self.world.hand.advance(Duration::from_secs(seconds));
    }
}

async fn tenant(world: &World) -> TenantId {
    let domain = format!("t{}.example", world.shell.dice.fraction().to_bits());
    let draft = TenantDraft {
        name: "Academia Sol".into(),
        domain,
        logo_url: None,
        theme_primary_color: None,
        plan: ServicePlan::Trial,
        locale: None,
        is_active: true,
        settings: Settings::default(),
    };
    let command = tenants::Register { draft, by: by(), keep: None };
    TenantDesk::new(world.shell.clone()).register(command).await.unwrap().id
}

fn desk(world: &World, settings: WebhookSettings, look_up: Arc<dyn LookUp>) -> WebhookDesk {
    desk_on(world.shell.clone(), settings, look_up)
}

fn desk_on(shell: Shell, settings: WebhookSettings, look_up: Arc<dyn LookUp>) -> WebhookDesk {
    let seal = Seal::new(shell.dice.clone(), &"a key for tests".to_owned().into(), []);
    let settings = WebhookSettings { localhost: true, ..settings };
    let settings = watch::channel(Arc::new(settings)).1;
    let client = Client::new(&Guard::new(look_up, true)).unwrap();
    let courier = Courier::new(shell.clone(), seal.clone(), client, settings.clone());
    WebhookDesk::new(shell, seal, courier, settings)
}

/// The consumer's loop and the courier's, until the guard is dropped.
async fn run(world: &World, desk: &WebhookDesk) -> Running {
    let courier = desk.courier().clone();
    let events = EventDesk::new(world.shell.clone(), vec![Arc::new(FanOut::new(courier.clone()))]);
    events.attach().await.unwrap();
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    let task = tokio::spawn(async move {
        tokio::select! {
            _ = events.work("webhooks") => {}
            _ = courier.work() => {}
            () = stopped.cancelled() => {}
        }
    });
    Running { stop: stop.drop_guard(), task }
}
