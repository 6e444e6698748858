//! What an entry says, how it is found, and when it is forgotten.

use std::time::Duration;

use serde_json::{Value, json};
use zelador_store::author::{Author, AuthorKind};
use zelador_store::id::TenantId;

use super::{AuditQuery, Deed, list, note_alone, prune};
use crate::testkit::World;

fn operator() -> Author {
    Author::new(AuthorKind::Operator, "op")
}

fn sides(before: &Value, after: &Value) -> (Value, Value) {
    let deed = Deed::new("user.update", "x").change(before, after);
    let read = |text: Option<String>| {
        text.map_or(Value::Null, |text| serde_json::from_str(&text).unwrap())
    };
    (read(deed.before), read(deed.after))
}

#[test]
fn only_what_changed_is_said() {
    let before = json!({ "name": "Ana", "phone": null, "version": 1, "zone": "A" });
    let after = json!({ "name": "Ana", "phone": "1", "version": 2, "zone": null });
    assert_eq!(
        sides(&before, &after),
        (json!({ "phone": null, "zone": "A" }), json!({ "phone": "1", "zone": null }))
    );
    assert_eq!(sides(&Value::Null, &after), (Value::Null, json!({ "name": "Ana", "phone": "1" })));
    assert_eq!(sides(&after, &after), (Value::Null, Value::Null));
}

#[test]
fn secrets_are_left_out_at_every_depth() {
    let after = json!({
        "password": "p", "new_password": "p", "token": "t", "hash": [1], "client_secret": "s",
        "token_id": "kept", "ssh": { "private_key": "k", "host": "h" }, "list": [{ "secret": 1 }],
    });
    let (_, said) = sides(&Value::Null, &after);
    assert_eq!(said, json!({ "token_id": "kept", "ssh": { "host": "h" }, "list": [{}] }));
}

#[test]
fn what_is_too_long_is_named() {
    let long = json!({ "profile": "x".repeat(30_000), "name": "Ana" });
    let (_, said) = sides(&Value::Null, &long);
    assert_eq!(said, json!({ "profile": "…", "name": "…" }));
}

async fn found(world: &World, query: AuditQuery) -> Vec<String> {
    let page = list(&world.shell, &AuditQuery { limit: 50, ..query }).await.unwrap();
    page.rows.into_iter().map(|stored| stored.row.record_id).collect()
}

#[tokio::test]
async fn entries_are_found_newest_first_by_what_they_are_about() {
    let world = World::new();
    let tenants: [TenantId; 2] = [world.shell.id(), world.shell.id()];
    let begin = world.shell.now();
    for number in 0..6_usize {
        let deed = Deed::new("job.retry", number).of(tenants[number % 2]);
        let by = Author::new(AuthorKind::Service, if number < 3 { "early" } else { "late" });
        note_alone(&world.shell, &by, deed).await.unwrap();
        world.hand.advance(Duration::from_secs(1));
    }
    assert_eq!(found(&world, AuditQuery::default()).await, ["5", "4", "3", "2", "1", "0"]);
    let of = |tenant| AuditQuery { tenant: Some(tenant), ..AuditQuery::default() };
    assert_eq!(found(&world, of(tenants[1])).await, ["5", "3", "1"]);
    let late = AuditQuery { by: Some("late".into()), ..of(tenants[0]) };
    assert_eq!(found(&world, late).await, ["4"]);
    let one = AuditQuery {
        record: Some("job".into()),
        record_id: Some("2".into()),
        ..AuditQuery::default()
    };
    assert_eq!(found(&world, one).await, ["2"]);
    let second = Duration::from_secs(1);
    let between = AuditQuery {
        from: Some(begin + second),
        to: Some(begin + second * 3),
        ..AuditQuery::default()
    };
    assert_eq!(found(&world, between.clone()).await, ["2", "1"]);
    assert_eq!(found(&world, AuditQuery { tenant: Some(tenants[0]), ..between }).await, ["2"]);

    let mut query = AuditQuery { limit: 4, ..AuditQuery::default() };
    let first = list(&world.shell, &query).await.unwrap();
    query.after = first.next;
    let second = list(&world.shell, &query).await.unwrap();
    assert_eq!((first.rows.len(), second.rows.len()), (4, 2));
    assert!(second.next.is_none());
}

#[tokio::test]
async fn a_rare_action_is_found_among_many() {
    let world = World::new();
    for number in 0..30 {
        let action = if number == 3 { "queue.pause" } else { "job.retry" };
        note_alone(&world.shell, &operator(), Deed::new(action, number)).await.unwrap();
        world.hand.advance(Duration::from_millis(1));
    }
    let query =
        AuditQuery { action: Some("queue.pause".into()), limit: 2, ..AuditQuery::default() };
    let page = list(&world.shell, &query).await.unwrap();
    assert_eq!(page.rows.len(), 1);
    assert_eq!(page.rows[0].row.record, "queue");
}

#[tokio::test]
async fn entries_are_forgotten_when_their_time_is_over() {
    let world = World::new();
    for number in 0..450 {
        note_alone(&world.shell, &operator(), Deed::new("job.retry", number)).await.unwrap();
    }
    world.hand.advance(Duration::from_secs(10 * 24 * 3600));
    note_alone(&world.shell, &operator(), Deed::new("job.retry", "young")).await.unwrap();
    assert_eq!(prune(&world.shell, 0).await.unwrap(), 0);
    assert_eq!(prune(&world.shell, 11).await.unwrap(), 0);
    assert_eq!(prune(&world.shell, 9).await.unwrap(), 450);
    assert_eq!(found(&world, AuditQuery::default()).await, ["young"]);
}
