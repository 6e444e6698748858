//! What is removed for good, and when; what a deletion would come to.

use std::time::Duration;

use zelador_store::booking::{Booking, BookingStatus, Bookings, Calendar, Calendars};
use zelador_store::category::Categories;
use zelador_store::id::JobId;
use zelador_store::job::{JobState, Jobs};
use zelador_store::resource::Resources;
use zelador_store::tenant::Tenants;
use zelador_store::{Timestamp, Write};

use super::*;
use crate::engine::jobs::NewJob;
use crate::testkit::eventually;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// A booking of an hour, that begins at an instant.
async fn book(
    bench: &Bench,
    (tenant, resource): (TenantId, ResourceId),
    start: Timestamp,
    status: BookingStatus,
) {
    let shell = bench.shell();
    let booking = Booking {
        tenant,
        resource,
        user: shell.id(),
        client: shell.id(),
        start,
        end: start + Duration::from_secs(3600),
        start_local: jiff::civil::date(2025, 12, 1).at(9, 0, 0, 0),
        zone: "UTC".into(),
        notes: None,
        status,
        hold: None,
        occurrence: None,
        cancellation: None,
        sequence: 0,
        by: by(),
        version: 1,
        created_at: shell.now(),
        updated_at: shell.now(),
    };
    let mut write = Write::new();
    write.insert::<Bookings>(&shell.id(), &booking);
    shell.store.commit(write).await.unwrap();
}

async fn run(bench: &Bench, jobs: &JobDesk) {
    let job = jobs.enqueue(NewJob::new(jobs::PRUNE, &serde_json::json!({})), |_| Write::new());
    ended(bench, job.await.unwrap().id).await;
}

async fn ended(bench: &Bench, id: JobId) {
    let job = eventually("the job comes to its end", async || {
        let job = bench.shell().store.get::<Jobs>(&id).await.unwrap().unwrap().row;
        (!job.state.is_live()).then_some(job)
    });
    let job = job.await;
    assert_eq!(job.state, JobState::Succeeded, "{:?}", job.error);
}

async fn left(bench: &Bench) -> (usize, usize) {
    let store = &bench.shell().store;
    let resources = store.page::<Resources>(&Query::all()).await.unwrap().rows.len();
    (resources, store.page::<Categories>(&Query::all()).await.unwrap().rows.len())
}

#[tokio::test]
async fn what_a_deletion_would_cancel_is_counted() {
    let bench = Bench::new();
    let tenant = bench.tenant("one.example").await;
    let (id, other) =
        (bench.resource(tenant, "a", None).await, bench.resource(tenant, "b", None).await);
    let now = bench.shell().now();
    let hour = Duration::from_secs(3600);
    for (resource, start, status) in [
        (id, now + hour, BookingStatus::Pendente),
        (id, now + hour * 3, BookingStatus::Confirmado),
        (id, now + hour * 5, BookingStatus::Cancelado),
        (id, now - hour, BookingStatus::Confirmado),
        (other, now + hour, BookingStatus::Confirmado),
    ] {
        book(&bench, (tenant, resource), start, status).await;
    }
    let delete = Delete { id, within: None, if_version: None, by: by() };
    let foreseen = bench.desk.foresee(&delete).await.unwrap();
    assert_eq!(foreseen.cancelled, Upcoming { bookings: 2, more: false });
    assert_eq!(foreseen.record.resource.version, 1);
    assert!(bench.events("resource.deleted").await.is_empty());
    let stale = Delete { if_version: Some(2), ..delete };
    assert_eq!(refused(bench.desk.foresee(&stale).await), Refusal::Stale);
}

#[tokio::test]
async fn what_was_deleted_is_removed_once_its_time_is_over() {
    let bench = Bench::new();
    let jobs = bench.jobs();
    let desk = jobs.clone();
    tokio::spawn(async move { desk.work().await.unwrap() });
    let tenant = bench.tenant("one.example").await;
    let category = bench.category(tenant, "Salas").await;
    bench.category(tenant, "Quadras").await;
    let kept = bench.resource(tenant, "kept", None).await;
    let gone = bench.resource(tenant, "gone", Some(category)).await;
    let busy = bench.resource(tenant, "busy", Some(category)).await;
    let (soon, late) = (bench.shell().now() + DAY, bench.shell().now() + DAY * 100);
    book(&bench, (tenant, gone), soon, BookingStatus::Confirmado).await;
    book(&bench, (tenant, busy), late, BookingStatus::Confirmado).await;
    let mut write = Write::new();
    write.insert::<Calendars>(&gone, &Calendar::default());
    write.insert::<Calendars>(&busy, &Calendar::default().raised(Duration::from_hours(1)));
    bench.shell().store.commit(write).await.unwrap();
    bench.end(gone).await.unwrap();
    bench.end(busy).await.unwrap();
    bench.end_category(category).await.unwrap();
    bench.world.hand.advance(DAY * 89 + Duration::from_secs(24 * 3600 - 1));
    run(&bench, &jobs).await;
    assert_eq!(left(&bench).await, (3, 2));
    bench.settings.send_replace(Arc::new(ResourceSettings { keep_deleted_days: 0 }));
    bench.world.hand.advance(Duration::from_secs(2));
    run(&bench, &jobs).await;
    assert_eq!(left(&bench).await, (3, 2), "0: for ever");
    bench.settings.send_replace(Arc::default());
    run(&bench, &jobs).await;
    // What is still occupied waits.
    assert_eq!(left(&bench).await, (2, 1));
    let store = &bench.shell().store;
    assert!(store.get::<Resources>(&gone).await.unwrap().is_none());
    assert!(store.get::<Calendars>(&gone).await.unwrap().is_none());
    queries::resource(bench.shell(), kept, None).await.unwrap();
    bench.assert_sound();
    bench.world.hand.advance(DAY * 20);
    run(&bench, &jobs).await;
    assert_eq!(left(&bench).await, (1, 1));
}

#[tokio::test]
async fn a_tenant_takes_all_of_it_along() {
    let bench = Bench::new();
    let (tenant, other) = (bench.tenant("one.example").await, bench.tenant("two.example").await);
    let category = bench.category(tenant, "Salas").await;
    let bystander = bench.category(other, "Salas").await;
    for number in 0..250 {
        bench.resource(tenant, &format!("Sala {number}"), Some(category)).await;
    }
    let gone = bench.resource(tenant, "gone", None).await;
    bench.end(gone).await.unwrap();
    let stays = bench.resource(other, "stays", Some(bystander)).await;
    bench.end_tenant(tenant).await;
    assert_eq!(refused(queries::category(bench.shell(), category, None).await), NO_CATEGORY);
    bench.assert_sound();
    let jobs = bench.jobs();
    tokio::spawn(async move { jobs.work().await.unwrap() });
    eventually("the tenant is gone", async || {
        let found = bench.shell().store.get::<Tenants>(&tenant).await.unwrap();
        found.is_none().then_some(())
    })
    .await;
    assert_eq!(left(&bench).await, (1, 1));
    queries::resource(bench.shell(), stays, None).await.unwrap();
    // Those deleted before have been told of already.
    assert_eq!(bench.events("resource.deleted").await.len(), 251);
    assert_eq!(bench.events("category.deleted").await[0]["reason"], "tenant_deleted");
    bench.assert_sound();
}
