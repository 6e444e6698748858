//! All routes of the daemon: a noun, a line.

use std::sync::Arc;

use super::doors::Doors;
use super::health::{self, Vitals};
use super::route::Route;
use super::{
    agenda, audit, booking, calendar, categories, drive, events, feeds, invitation, jobs, leaves,
    login, nextcloud, notifications, queues, reports, resources, sandbox, scheduled_bans,
    schedules, sessions, status, tenants, tokens, users, waitlist, webhooks, wispro,
};

/// Every route, in the order in which the documentation lists them.
pub fn all(vitals: &Arc<dyn Vitals>) -> Vec<Route<Doors>> {
    [
        health::routes(vitals),
        login::routes(),
        invitation::routes(),
        tenants::routes(),
        users::routes(),
        status::routes(),
        leaves::routes(),
        sessions::routes(),
        scheduled_bans::routes(),
        categories::routes(),
        resources::routes(),
        calendar::routes(),
        feeds::routes(),
        waitlist::routes(),
        booking::routes(),
        reports::routes(),
        jobs::routes(),
        queues::routes(),
        schedules::routes(),
        agenda::routes(),
        events::routes(),
        webhooks::routes(),
        nextcloud::routes(),
        wispro::routes(),
        drive::routes(),
        sandbox::routes(),
        audit::routes(),
        notifications::routes(),
        tokens::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
