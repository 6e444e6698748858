//! A file a page. A page asks routes, and fills a template with what they tell.

mod agenda;
mod audit;
mod bookings;
mod calendar;
mod configuration;
mod events;
mod folders;
mod jobs;
mod overview;
mod pool;
mod sweep;
mod sync;
mod users;
mod webhooks;

pub(super) use overview::overview;

use super::Dashboard;
use crate::api::Route;
use crate::api::doors::Doors;

/// The pages of all parts of the menu.
pub(super) fn routes(dashboard: &Dashboard) -> Vec<Route<Doors>> {
    [
        overview::routes,
        calendar::routes,
        bookings::routes,
        users::routes,
        jobs::routes,
        sweep::routes,
        agenda::routes,
        pool::routes,
        sync::routes,
        folders::routes,
        events::routes,
        webhooks::routes,
        audit::routes,
        configuration::routes,
    ]
    .into_iter()
    .flat_map(|routes| routes(dashboard))
    .collect()
}
