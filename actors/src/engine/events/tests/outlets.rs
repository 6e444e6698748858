//! Outlets: batches in order, outages waited out.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use parking_lot::Mutex;
use tokio::sync::watch;
use zelador_store::Timestamp;
use zelador_store::event::{Consumer, Event};

use super::tell;
use crate::engine::events::{EventDesk, Outlet};
use crate::testkit::{World, eventually};

/// Takes events while it is let, and notes them.
#[derive(Clone)]
struct Sink {
    on: watch::Receiver<bool>,
    works: Arc<Mutex<bool>>,
    taken: Arc<Mutex<Vec<u64>>>,
}

#[async_trait]
impl Outlet for Sink {
    fn name(&self) -> &'static str {
        "sink"
    }

    fn wants(&self, event: &Event) -> bool {
        event.kind == "wanted"
    }

    fn is_on(&self) -> bool {
        *self.on.borrow()
    }

    fn changes(&self) -> BoxStream<'static, ()> {
        let changed = |mut on: watch::Receiver<bool>| async move {
            on.changed().await.ok().map(|()| ((), on))
        };
        stream::unfold(self.on.clone(), changed).chain(stream::pending()).boxed()
    }

    async fn send(&self, batch: &[(u64, &Event)]) -> Result<(), String> {
        self.probe().await?;
        self.taken.lock().extend(batch.iter().map(|(seq, _)| *seq));
        Ok(())
    }

    async fn probe(&self) -> Result<(), String> {
        if *self.works.lock() { Ok(()) } else { Err("it is away".to_owned()) }
    }

    fn trouble(&self) -> Option<String> {
        None
    }
}

struct Bench {
    world: World,
    desk: EventDesk,
    sink: Sink,
    on: watch::Sender<bool>,
}

impl Bench {
    async fn new(on: bool) -> Self {
        let world = World::new();
        let (on, receiver) = watch::channel(on);
        let works = Arc::new(Mutex::new(true));
        let sink = Sink { on: receiver, works, taken: Arc::default() };
        let outlets: Vec<Arc<dyn Outlet>> = vec![Arc::new(sink.clone())];
        let desk = EventDesk::with_outlets(world.shell.clone(), Vec::new(), outlets);
        desk.attach().await.unwrap();
        let working = desk.clone();
        tokio::spawn(async move { working.work("sink").await });
        Self { world, desk, sink, on }
    }

    async fn tell(&self, count: usize, kind: &str) {
        tell(&self.world.shell, count, kind, None).await;
    }

    async fn row(&self) -> Option<Consumer> {
        self.desk.row("sink").await.unwrap().map(|stored| stored.row)
    }

    async fn reaches(&self, cursor: u64) {
        let reached = async || self.row().await.filter(|row| row.cursor == cursor);
        eventually("a cursor", reached).await;
    }

    fn taken(&self) -> Vec<u64> {
        self.sink.taken.lock().clone()
    }
}

#[tokio::test]
async fn events_are_sent_in_order_and_others_passed() {
    let bench = Bench::new(true).await;
    bench.tell(3, "wanted").await;
    bench.tell(600, "other").await;
    bench.tell(300, "wanted").await;
    bench.tell(1, "other").await;
    bench.reaches(904).await;
    let expected: Vec<u64> = (1..=3).chain(604..=903).collect();
    assert_eq!(bench.taken(), expected);
}

#[tokio::test]
async fn an_outage_is_waited_out_and_nothing_is_parked() {
    let bench = Bench::new(true).await;
    *bench.sink.works.lock() = false;
    bench.tell(2, "wanted").await;
    for tries in 1..=20_u16 {
        let failed = async || bench.row().await.filter(|row| row.tries == tries);
        let row = eventually("a failed try", failed).await;
        assert_eq!((row.cursor, row.last_error.as_deref()), (0, Some("it is away")));
        let wait = row.retry_at.unwrap().since(bench.world.shell.now());
        assert!(wait <= Duration::from_secs(33), "{wait:?}");
        bench.world.hand.advance(wait);
    }
    *bench.sink.works.lock() = true;
    bench.world.hand.advance(Duration::from_secs(40));
    bench.reaches(2).await;
    assert_eq!(bench.taken(), [1, 2]);
    let view = bench.desk.consumers().await.unwrap().remove(0);
    assert_eq!((view.parked, view.lag, view.known, view.row.tries), (0, 0, true, 0));
}

#[tokio::test]
async fn one_that_is_off_holds_nothing_and_goes_on_where_it_was() {
    let bench = Bench::new(false).await;
    bench.tell(5, "wanted").await;
    assert_eq!(bench.row().await, None, "it has no place");
    bench.on.send_replace(true);
    bench.reaches(5).await;
    assert!(bench.taken().is_empty(), "from now on");
    bench.on.send_replace(false);
    bench.tell(2, "wanted").await;
    let future: Timestamp = bench.world.shell.now() + Duration::from_secs(1);
    assert!(bench.desk.holders().await.unwrap().is_empty());
    assert!(bench.desk.forget_page(future).await.unwrap() > 0);
    bench.on.send_replace(true);
    bench.reaches(7).await;
    assert_eq!(bench.taken(), [7], "what was kept");
}

#[tokio::test]
async fn changed_settings_end_a_wait() {
    let bench = Bench::new(true).await;
    *bench.sink.works.lock() = false;
    bench.tell(1, "wanted").await;
    eventually("a failed try", async || bench.row().await.filter(|row| row.tries == 1)).await;
    *bench.sink.works.lock() = true;
    bench.on.send_replace(true);
    bench.reaches(1).await;
}
