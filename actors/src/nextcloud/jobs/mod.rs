//! The concern's kinds of background work.

mod create;

pub use create::{CREATE_USER, CreateUser, create_user, sealed_for};

use std::sync::Arc;

use parking_lot::Mutex;
use zelador_store::id::InstanceId;
use zelador_store::nextcloud::Instance;

use super::port::Port;
use super::rules::Trouble;
use super::rules::budget::Budget;

/// An instance that can be called, with what is left of its allowance of edits.
#[derive(Clone)]
pub struct Line {
    /// The instance.
    pub port: Arc<dyn Port>,
    /// Edits that it still allows.
    pub budget: Arc<Mutex<Budget>>,
}

/// Where instances are reached: the same line for the same version of an instance,
/// so that connections are kept.
pub trait Lines: Send + Sync {
    /// The line to an instance; trouble: its secrets cannot be had, or it is no
    /// address.
    fn line(&self, id: InstanceId, instance: &Instance) -> Result<Line, Trouble>;
}
