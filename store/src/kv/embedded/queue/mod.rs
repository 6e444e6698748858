//! The queue to the committer.
//!
//! Its one file is compiled twice: here over the system's locks, and in the
//! tests over those of a model checker that tries interleavings of threads
//! (`shuttle`, which unlike `loom` needs no build of its own and takes the
//! same lock API).

pub(super) use core::{Bounds, Queue, Refused, Taken};

mod core {
    use std::collections::VecDeque;
    use std::sync::{Condvar, Mutex, MutexGuard};
    use std::time::Duration;

    include!("core.rs");
}

#[cfg(test)]
mod model;
