//! Every route of `openapi.json`, tried by everybody who must not.
//!
//! | who | answer |
//! |---|---|
//! | nobody; a wrong, an expired, a revoked token | 401 |
//! | somebody whose session was ended; somebody banned | 401 |
//! | a service token with every scope but the one; a plain user | 403 |
//! | a token of one tenant, an admin or any user of it, for a record of another | as for a record that is not |
//! | a plain user, for somebody else's record of the tenant | 403 |
//! | the operator; a service token with just the scope; the tenant's admin; the person itself; of what all of a tenant may see, a plain user | it works |
//!
//! A route that [`cases`] does not know how to call fails the test, and so does a
//! case without a route.

mod cases;
mod judge;
mod operation;
mod parked;
mod persons;
mod world;

use std::collections::BTreeSet;

use operation::Operation;
use world::World;
use zelador_actors::engine::events::kinds::KINDS;

#[tokio::test]
async fn every_route_refuses_whom_it_must_and_serves_whom_it_must() {
    let world = World::new().await;
    let operations = Operation::all(&world.operator.get("/openapi.json").await.is(200));
    let known: BTreeSet<_> = cases::ALL.iter().copied().flatten().copied().collect();
    let names: BTreeSet<_> = operations.iter().map(|operation| operation.name.as_str()).collect();
    let uncovered: Vec<_> = names.difference(&known).collect();
    assert!(uncovered.is_empty(), "routes that no case covers: {uncovered:#?}");
    let gone: Vec<_> = known.difference(&names).collect();
    assert!(gone.is_empty(), "cases without a route: {gone:#?}");
    let mut wrong = Vec::new();
    // In the order of the cases, for some leave nothing to the next.
    for name in cases::ALL.iter().copied().flatten() {
        let operation = operations.iter().find(|operation| operation.name == *name).unwrap();
        judge::judge(&world, operation, &mut wrong).await;
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    println!("{} routes", operations.len());
    every_type_of_event_is_made(&world).await;
}

/// Types of events that the routes above do not bring about: a file with a test
/// that names the type.
const ELSEWHERE: &[(&str, &str)] = &[
    ("user.erased", "tests/it/erasure.rs"),
    ("booking.hold_expired", "actors/src/booking/tests/holds.rs"),
    ("booking.waitlist_offered", "actors/src/booking/tests/waitlists.rs"),
    ("wispro.sync_failed", "actors/src/wispro/tests/stops.rs"),
    ("nextcloud.user_failed", "actors/src/nextcloud/tests/ways.rs"),
    ("drive.folder_created", "actors/src/drive/tests/folders.rs"),
    ("drive.folder_failed", "actors/src/drive/tests/folders.rs"),
    ("drive.file_processed", "actors/src/drive/tests/files.rs"),
    ("drive.file_failed", "actors/src/drive/tests/files.rs"),
    ("webhook.disabled", "actors/src/engine/webhooks/tests/ends.rs"),
    ("consumer.detached", "actors/src/engine/events/tests/pruning.rs"),
];

/// No type is documented that nothing makes. That each payload is as documented is
/// held against every event of every suite.
async fn every_type_of_event_is_made(world: &World) {
    let (mut made, mut after) = (BTreeSet::new(), 0);
    loop {
        let page = world.operator.get(&format!("/events?after={after}&limit=500")).await.is(200);
        let rows = page.as_array().unwrap();
        made.extend(rows.iter().map(|row| row["type"].as_str().unwrap().to_owned()));
        let Some(last) = rows.last() else { break };
        after = last["seq"].as_u64().unwrap();
    }
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let told = |kind: &str, file: &str| {
        let text = std::fs::read_to_string(root.join(file)).unwrap_or_default();
        text.contains(&format!("\"{kind}\""))
    };
    let elsewhere =
        |kind: &str| ELSEWHERE.iter().any(|(name, file)| *name == kind && told(kind, file));
    let unmade: Vec<_> = (KINDS.iter().map(|kind| kind.name))
        .filter(|kind| !made.contains(*kind) && !elsewhere(kind))
        .collect();
    assert!(unmade.is_empty(), "types of events that nothing makes: {unmade:#?}");
}
