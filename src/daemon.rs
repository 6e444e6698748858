//! Boot order, wiring, stop order.

use crate::cli::{Exit, Failure};
use crate::config::{Loaded, Sources};

/// Runs until the daemon is told to stop.
pub fn serve(_sources: Sources, _loaded: Loaded) -> Result<(), Failure> {
    Err(Failure::new(Exit::No, "not wired yet"))
}
