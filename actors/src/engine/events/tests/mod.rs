//! The log and its consumers, on a store in memory and a clock moved by hand.

mod aborts;
mod failing;
mod following;
mod outlets;
mod pruning;
mod reading;
mod replaying;
mod restarts;
mod rules;
pub(crate) mod stutter;
mod tail;

use std::sync::Arc;

use async_trait::async_trait;
use zelador_store::event::{Consumer, Event, Events};
use zelador_store::id::TenantId;
use zelador_store::{Log, Query, Store, Table, Tally, Timestamp, Write};

use super::{Begin, Consume, EventCx, EventDesk};
use crate::engine::Shell;
use crate::engine::jobs::Failure;
use crate::engine::jobs::rules::Policy;
use crate::testkit::{World, eventually};

/// What a consumer did, in the order in which it did it: in no release.
#[derive(Debug)]
struct Deeds;

impl Log for Deeds {
    const NAME: &'static str = "deeds";
    const TAG: u16 = 0x7f01;
    const VERSION: u8 = 1;
    type Entry = u64;
}

/// How often it did it: in no release.
#[derive(Debug)]
struct Times;

impl Tally for Times {
    const NAME: &'static str = "times";
    const TAG: u16 = 0x7f02;
    type Key = u64;
}

/// A consumer whose every event is decided by a closure.
struct Scripted<F> {
    script: F,
    wants: fn(&Event) -> bool,
    begins: Begin,
}

#[async_trait]
impl<F, R> Consume for Scripted<F>
where
    F: Fn(u64, u16) -> R + Send + Sync + 'static,
    R: Future<Output = Result<(), Failure>> + Send + 'static,
{
    fn name(&self) -> &'static str {
        "scripted"
    }

    fn wants(&self, event: &Event) -> bool {
        (self.wants)(event)
    }

    async fn consume(&self, cx: &EventCx, seq: u64, _: &Event) -> Result<Write, Failure> {
        (self.script)(seq, cx.failed).await?;
        let mut write = Write::new();
        write.append_to::<Deeds>(&seq).add::<Times>(&seq, 1);
        Ok(write)
    }

    fn policy(&self) -> Policy {
        Policy { tries: 3, backoff_seconds: vec![10, 60] }
    }

    fn begins(&self) -> Begin {
        self.begins
    }
}

fn scripted<F, R>(wants: fn(&Event) -> bool, script: F) -> Arc<dyn Consume>
where
    F: Fn(u64, u16) -> R + Send + Sync + 'static,
    R: Future<Output = Result<(), Failure>> + Send + 'static,
{
    Arc::new(Scripted { script, wants, begins: Begin::Oldest })
}

/// Notes every event.
fn noting() -> Arc<dyn Consume> {
    scripted(|_| true, async |_, _| Ok(()))
}

fn ok_for(bad: u64, failure: Failure) -> Arc<dyn Consume> {
    scripted(
        |_| true,
        move |seq, _| {
            let failure = failure.clone();
            async move { if seq == bad { Err(failure) } else { Ok(()) } }
        },
    )
}

struct Bench {
    world: World,
    desk: EventDesk,
}

impl Bench {
    fn new(consumer: Arc<dyn Consume>) -> Self {
        let world = World::new();
        let desk = EventDesk::new(world.shell.clone(), vec![consumer]);
        Self { world, desk }
    }

    fn start(&self) -> tokio::task::JoinHandle<()> {
        let desk = self.desk.clone();
        tokio::spawn(async move { desk.work("scripted").await.unwrap() })
    }

    async fn tell(&self, count: usize) {
        tell(&self.world.shell, count, "user.updated", None).await;
    }

    async fn row(&self) -> Consumer {
        self.desk.row("scripted").await.unwrap().map(|stored| stored.row).unwrap_or_default()
    }

    async fn reaches(&self, cursor: u64) -> Consumer {
        eventually("a cursor", async || Some(self.row().await).filter(|row| row.cursor == cursor))
            .await
    }

    async fn waits_with_tries(&self, tries: u16) -> Consumer {
        eventually("a failed try", async || {
            let row = self.row().await;
            (row.tries == tries && row.retry_at.is_some_and(|at| at > self.world.shell.now()))
                .then_some(row)
        })
        .await
    }

    async fn deeds(&self) -> Vec<u64> {
        deeds(&self.world.shell.store).await
    }
}

async fn deeds(store: &Store) -> Vec<u64> {
    let page = store.page::<Deeds>(&Query::all().limit(1_000_000)).await.unwrap();
    page.rows.into_iter().map(|stored| stored.row).collect()
}

fn event(shell: &Shell, kind: &str, tenant: Option<TenantId>) -> Event {
    Event {
        id: shell.id(),
        kind: kind.to_owned(),
        tenant,
        user: None,
        key: "user:1".into(),
        at: shell.now(),
        data: "{}".into(),
    }
}

/// Appends events, many in a commit.
async fn tell(shell: &Shell, count: usize, kind: &str, tenant: Option<TenantId>) {
    for start in (0..count).step_by(1000) {
        let mut write = Write::new();
        for _ in start..count.min(start + 1000) {
            write.event(&event(shell, kind, tenant));
        }
        shell.store.commit(write).await.unwrap();
    }
}

async fn log(store: &Store) -> Vec<(u64, Event)> {
    let page = store.page::<Events>(&Query::all().limit(1_000_000)).await.unwrap();
    page.rows.into_iter().map(|stored| (stored.key, stored.row)).collect()
}

async fn rows<T: Table>(store: &Store) -> Vec<(T::Key, T::Row)> {
    let page = store.page::<T>(&Query::all().limit(10_000)).await.unwrap();
    page.rows.into_iter().map(|stored| (stored.key, stored.row)).collect()
}

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}
