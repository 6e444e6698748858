//! The daemon's way out to webhooks on the embedded engine: events, the fan-out,
//! the courier, and real HTTP.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::watch;
use zelador_actors::engine::events::EventDesk;
use zelador_actors::engine::seal::Seal;
use zelador_actors::engine::webhooks::client::Client;
use zelador_actors::engine::webhooks::guard::{Guard, SystemLookUp};
use zelador_actors::engine::webhooks::{
    Courier, FanOut, Make, NewSecret, WebhookDesk, WebhookDraft, WebhookSettings,
};
use zelador_actors::engine::{Dice, Shell};
use zelador_actors::tenants::{Register, TenantDesk, TenantDraft};
use zelador_store::author::{Author, AuthorKind};
use zelador_store::event::Event;
use zelador_store::id::TenantId;
use zelador_store::tenant::{ServicePlan, Settings};
use zelador_store::{Store, Write};

use crate::Failure;
use crate::desk::open_engine;

/// Events appended in one commit.
const LOT: usize = 100;

/// All of it at work.
pub struct Post {
    /// What it stands on.
    pub shell: Shell,
    /// Where webhooks are made.
    pub desk: WebhookDesk,
    // Without it the settings would be taken for gone.
    _settings: watch::Sender<Arc<WebhookSettings>>,
}

fn by() -> Author {
    Author::new(AuthorKind::Operator, "bench")
}

impl Post {
    /// A store in `dir`, and nothing to deliver yet.
    pub async fn open(dir: &Path, settings: WebhookSettings) -> Result<Self, Failure> {
        let (clock, engine) = open_engine(dir)?;
        let shell = Shell { store: Store::new(engine), clock, dice: Dice::system() };
        let seal = Seal::new(shell.dice.clone(), &"a key for measurements".to_owned().into(), []);
        let (sender, settings) = watch::channel(Arc::new(settings.in_force(false)));
        let client = Client::new(&Guard::new(Arc::new(SystemLookUp), true))?;
        let courier = Courier::new(shell.clone(), seal.clone(), client, settings.clone());
        let desk = WebhookDesk::new(shell.clone(), seal, courier.clone(), settings);
        let events = EventDesk::new(shell.clone(), vec![Arc::new(FanOut::new(courier.clone()))]);
        events.attach().await?;
        tokio::spawn(async move { events.work("webhooks").await });
        tokio::spawn(async move { courier.work().await });
        Ok(Self { shell, desk, _settings: sender })
    }

    /// Another tenant.
    pub async fn tenant(&self) -> Result<TenantId, Failure> {
        let draft = TenantDraft {
            name: "Academia Sol".into(),
            domain: format!("t{}.example", self.shell.dice.fraction().to_bits()),
            logo_url: None,
            theme_primary_color: None,
            plan: ServicePlan::Trial,
            locale: None,
            is_active: true,
            settings: Settings::default(),
        };
        let command = Register { draft, by: by(), keep: None };
        Ok(TenantDesk::new(self.shell.clone()).register(command).await?.id)
    }

    /// A webhook of the tenant's for all that happens to bookings.
    pub async fn hook(&self, tenant: TenantId, url: String) -> Result<(), Failure> {
        let draft = WebhookDraft { url, events: vec!["booking.*".into()], is_active: true };
        let secret = NewSecret::Made;
        self.desk.make(Make { tenant, draft, secret, by: by(), keep: None }).await?;
        Ok(())
    }

    /// Something that happened to a booking of this number.
    pub fn event(&self, tenant: TenantId, booking: usize) -> Event {
        let data = serde_json::json!({
            "booking_id": booking, "tenant_id": tenant, "status": "confirmado",
            "start_time": "2025-11-10T10:00:00Z", "end_time": "2025-11-10T11:00:00Z",
        });
        Event {
            id: self.shell.id(),
            kind: "booking.created".into(),
            tenant: Some(tenant),
            user: None,
            key: format!("booking:{booking}"),
            at: self.shell.now(),
            data: data.to_string(),
        }
    }

    /// Appends events of so many bookings, one after the other.
    pub async fn append(
        &self,
        tenant: TenantId,
        count: usize,
        bookings: usize,
    ) -> Result<(), Failure> {
        for lot in 0..count.div_ceil(LOT) {
            let mut write = Write::new();
            for number in lot * LOT..count.min((lot + 1) * LOT) {
                write.event(&self.event(tenant, number % bookings));
            }
            self.shell.store.commit(write).await?;
        }
        Ok(())
    }
}
