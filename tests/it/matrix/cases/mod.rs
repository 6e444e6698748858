//! How each route is called so that it works.

mod booking;
mod drive;
mod events;
mod identity;
mod jobs;
mod nextcloud;
mod notifications;
mod people;
mod resources;
mod service;
mod tokens;
mod webhooks;
mod wispro;

use super::world::{Call, Owner, World};

/// Every route that a case is for, by noun.
pub(super) const ALL: &[&[&str]] = &[
    service::ROUTES,
    tokens::ROUTES,
    jobs::ROUTES,
    people::ROUTES,
    resources::ROUTES,
    booking::ROUTES,
    events::ROUTES,
    webhooks::ROUTES,
    identity::ROUTES,
    notifications::ROUTES,
    nextcloud::ROUTES,
    wispro::ROUTES,
    drive::ROUTES,
];

/// A call that works, for the operator, about records made for it in a tenant.
pub(super) async fn call(world: &World, name: &str, owner: &Owner) -> Call {
    let noun = |routes: &[&str]| routes.contains(&name);
    if noun(service::ROUTES) {
        Call::new(name)
    } else if noun(tokens::ROUTES) {
        tokens::call(world, name, owner).await
    } else if noun(jobs::ROUTES) {
        jobs::call(world, name).await
    } else if noun(people::ROUTES) {
        people::call(world, name, owner).await
    } else if noun(resources::ROUTES) {
        resources::call(world, name, owner).await
    } else if noun(booking::ROUTES) {
        booking::call(world, name, owner, None).await
    } else if noun(events::ROUTES) {
        events::call(world, name, owner).await
    } else if noun(webhooks::ROUTES) {
        webhooks::call(world, name, owner).await
    } else if noun(nextcloud::ROUTES) {
        nextcloud::call(world, name, owner).await
    } else if noun(drive::ROUTES) {
        drive::call(world, name, owner, None).await
    } else if noun(wispro::ROUTES) {
        wispro::call(world, name).await
    } else if noun(identity::ROUTES) {
        identity::call(world, name, owner).await
    } else if noun(notifications::ROUTES) {
        notifications::call(name)
    } else {
        panic!("no case for {name}")
    }
}

/// A call about what is a person's own.
pub(super) async fn own(world: &World, name: &str, owner: &Owner, person: &str) -> Call {
    if booking::ROUTES.contains(&name) {
        return booking::call(world, name, owner, Some(person)).await;
    }
    if drive::ROUTES.contains(&name) {
        return drive::call(world, name, owner, Some(person)).await;
    }
    call(world, name, owner).await.about(person)
}

/// Lists that show everybody their own.
pub(super) const OWN_LISTS: &[&str] = booking::OWN_LISTS;
