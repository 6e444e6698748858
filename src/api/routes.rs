//! All routes of the daemon: a noun, a line.

use std::sync::Arc;

use super::doors::Doors;
use super::health::{self, Vitals};
use super::route::Route;
use super::{jobs, queues, tokens};

/// Every route, in the order in which the documentation lists them.
pub fn all(vitals: &Arc<dyn Vitals>) -> Vec<Route<Doors>> {
    let nouns = [health::routes(vitals), jobs::routes(), queues::routes(), tokens::routes()];
    nouns.into_iter().flatten().collect()
}
