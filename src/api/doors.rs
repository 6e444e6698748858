//! What handlers reach the rest of the daemon through.

use zelador_actors::engine::Shell;
use zelador_actors::engine::jobs::JobDesk;
use zelador_actors::engine::schedules::ScheduleDesk;
use zelador_actors::users::actor::UserDesk;

/// The doors of the engine and the concerns; `daemon.rs` hands them out.
#[derive(Clone)]
pub struct Doors {
    /// The store, the time, chance.
    pub shell: Shell,
    /// Jobs and queues.
    pub jobs: JobDesk,
    /// Recurring jobs.
    pub schedules: ScheduleDesk,
    /// Users.
    pub users: UserDesk,
}
