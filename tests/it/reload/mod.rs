//! The configuration of a running daemon: what is right is in force within two
//! seconds, what is wrong changes nothing and is told.

mod live;
mod refused;

use std::time::Duration;

/// What the handbook promises.
const SOON: Duration = Duration::from_secs(2);
