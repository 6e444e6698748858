//! What handlers reach the rest of the daemon through.

use zelador_actors::engine::Shell;
use zelador_actors::engine::jobs::JobDesk;

/// The doors of the engine and the concerns; `daemon.rs` hands them out.
#[derive(Clone)]
pub struct Doors {
    /// The store, the time, chance.
    pub shell: Shell,
    /// Jobs and queues.
    pub jobs: JobDesk,
}
