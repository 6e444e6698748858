//! What handlers reach the rest of the daemon through.

use std::ops::Deref;
use std::sync::Arc;

use zelador_actors::booking::BookingDesk;
use zelador_actors::drive::DriveDesk;
use zelador_actors::engine::Shell;
use zelador_actors::engine::events::EventDesk;
use zelador_actors::engine::events::external::Externals;
use zelador_actors::engine::jobs::JobDesk;
use zelador_actors::engine::notifications::{Inviter, NoticeDesk};
use zelador_actors::engine::schedules::ScheduleDesk;
use zelador_actors::engine::seal::Seal;
use zelador_actors::engine::webhooks::WebhookDesk;
use zelador_actors::identity::IdentityDesk;
use zelador_actors::nextcloud::NextcloudDesk;
use zelador_actors::resources::ResourceDesk;
use zelador_actors::tenants::TenantDesk;
use zelador_actors::users::UserDesk;
use zelador_actors::wispro::WisproDesk;

use super::live::Streams;

/// The doors of the engine and the concerns; clones are the same ones. Every request
/// is handed one.
#[derive(Clone)]
pub struct Doors(Arc<DoorSet>);

impl From<DoorSet> for Doors {
    fn from(doors: DoorSet) -> Self {
        Self(Arc::new(doors))
    }
}

impl Deref for Doors {
    type Target = DoorSet;

    fn deref(&self) -> &DoorSet {
        &self.0
    }
}

/// Each door; `daemon.rs` makes them.
pub struct DoorSet {
    /// The store, the time, chance.
    pub shell: Shell,
    /// Secrets at rest.
    pub seal: Seal,
    /// Jobs and queues.
    pub jobs: JobDesk,
    /// Recurring jobs.
    pub schedules: ScheduleDesk,
    /// The event log and its consumers.
    pub events: EventDesk,
    /// Consumers made for programs.
    pub externals: Externals,
    /// The places of streams.
    pub streams: Streams,
    /// What people and operators are told.
    pub notices: NoticeDesk,
    /// Webhooks and their deliveries.
    pub webhooks: WebhookDesk,
    /// Who signs in.
    pub identity: IdentityDesk,
    /// Tenants.
    pub tenants: TenantDesk,
    /// Users.
    pub users: UserDesk,
    /// Bookings.
    pub bookings: BookingDesk,
    /// Instances and accounts.
    pub nextcloud: NextcloudDesk,
    /// The Wispro sync.
    pub wispro: WisproDesk,
    /// What invites people.
    pub inviter: Inviter,
    /// Folders.
    pub drive: DriveDesk,
    /// Categories and resources.
    pub resources: ResourceDesk,
}
