//! Replay, and another chance for parked events.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use zelador_store::Write;
use zelador_store::event::ParkedEvents;

use super::{Bench, noting, rows, scripted};
use crate::engine::events::{Consume, Retried};
use crate::engine::jobs::Failure;
use crate::error::{Error, Refusal};
use crate::testkit::eventually;

/// Gives up on even numbers until it is mended.
fn mendable() -> (Arc<dyn Consume>, Arc<AtomicBool>) {
    let mended = Arc::new(AtomicBool::new(false));
    let asked = mended.clone();
    let consumer = scripted(
        |_| true,
        move |seq, _| {
            let fails = seq % 2 == 0 && !asked.load(Ordering::SeqCst);
            async move { if fails { Err(Failure::permanent("never")) } else { Ok(()) } }
        },
    );
    (consumer, mended)
}

#[tokio::test]
async fn a_replay_handles_everything_from_there_on_again() {
    let bench = Bench::new(noting());
    bench.tell(5).await;
    bench.start();
    bench.reaches(5).await;
    bench.desk.replay("scripted", 4, &Write::new()).await.unwrap();
    eventually("deeds done again", async || (bench.deeds().await.len() == 7).then_some(())).await;
    assert_eq!(bench.deeds().await, [1, 2, 3, 4, 5, 4, 5]);
}

#[tokio::test]
async fn a_replay_needs_a_place_in_the_log() {
    let bench = Bench::new(noting());
    bench.tell(5).await;
    for from in [0, 7] {
        let refused = bench.desk.replay("scripted", from, &Write::new()).await;
        assert!(matches!(refused, Err(Error::Refused(Refusal::Invalid(_)))), "{from}");
    }
    bench.desk.replay("scripted", 6, &Write::new()).await.unwrap();
    assert_eq!(bench.row().await.cursor, 5);
    let absent = bench.desk.replay("nobody", 1, &Write::new()).await;
    assert!(matches!(absent, Err(Error::Refused(Refusal::Absent { .. }))));
}

#[tokio::test]
async fn what_a_replay_handles_is_parked_no_more() {
    let (consumer, mended) = mendable();
    let bench = Bench::new(consumer);
    bench.tell(6).await;
    bench.start();
    bench.reaches(6).await;
    assert_eq!(rows::<ParkedEvents>(&bench.world.shell.store).await.len(), 3);
    mended.store(true, Ordering::SeqCst);
    bench.desk.replay("scripted", 4, &Write::new()).await.unwrap();
    bench.reaches(6).await;
    eventually("deeds done again", async || (bench.deeds().await.len() == 6).then_some(())).await;
    assert_eq!(bench.deeds().await, [1, 3, 5, 4, 5, 6]);
    let parked = bench.desk.parked("scripted", 0, 10).await.unwrap();
    assert_eq!(parked.iter().map(|parked| parked.seq).collect::<Vec<_>>(), [2]);
}

#[tokio::test]
async fn a_replay_that_fails_again_parks_again() {
    let (consumer, _) = mendable();
    let bench = Bench::new(consumer);
    bench.tell(2).await;
    bench.start();
    bench.reaches(2).await;
    bench.desk.replay("scripted", 1, &Write::new()).await.unwrap();
    eventually("deeds done again", async || (bench.deeds().await.len() == 2).then_some(())).await;
    bench.reaches(2).await;
    assert_eq!(rows::<ParkedEvents>(&bench.world.shell.store).await.len(), 1);
}

#[tokio::test]
async fn a_parked_event_gets_another_chance() {
    let (consumer, mended) = mendable();
    let bench = Bench::new(consumer);
    bench.tell(4).await;
    bench.start();
    bench.reaches(4).await;
    let retried = bench.desk.retry_parked("scripted", 2, None).await.unwrap();
    assert_eq!(retried, Retried::Failed { error: "never".into() });
    assert_eq!(bench.desk.parked("scripted", 0, 1).await.unwrap()[0].parked.tries, 2);
    mended.store(true, Ordering::SeqCst);
    assert_eq!(bench.desk.retry_parked("scripted", 2, None).await.unwrap(), Retried::Handled);
    let again = bench.desk.retry_parked("scripted", 2, None).await;
    assert!(matches!(again, Err(Error::Refused(Refusal::Absent { what: "parked event" }))));
    assert_eq!(bench.desk.retry_all_parked("scripted", None).await.unwrap(), (1, 0));
    assert_eq!(bench.deeds().await, [1, 3, 2, 4]);
    assert!(rows::<ParkedEvents>(&bench.world.shell.store).await.is_empty());
}
