//! On the engine that ships, across kills of the process.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use zelador_store::kv::embedded::{Embedded, Options};
use zelador_store::{Store, Timestamp};

use super::{deeds, log, noting, tell};
use crate::engine::events::EventDesk;
use crate::engine::{Clock, Dice, Shell};
use crate::testkit::eventually;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// A process with its store, until it is killed.
struct Life {
    engine: Arc<Embedded>,
    shell: Shell,
    desk: EventDesk,
}

impl Life {
    fn begin(dir: &Path) -> Self {
        let (clock, _) = Clock::manual(Timestamp::from_seconds(1_764_000_000));
        let options = Options::new(dir, "boot", Arc::new(|| Timestamp::EPOCH));
        let (engine, _) = Embedded::open(Options { ballast_bytes: 0, ..options }).unwrap();
        let shell = Shell { store: Store::new(engine.clone()), clock, dice: Dice::seeded(5) };
        let desk = EventDesk::new(shell.clone(), vec![noting()]);
        Self { engine, shell, desk }
    }

    async fn follow_to(&self, cursor: u64) {
        let desk = self.desk.clone();
        let task = tokio::spawn(async move { desk.work("scripted").await });
        eventually("a cursor", async || {
            self.desk.row("scripted").await.unwrap().filter(|at| at.row.cursor >= cursor)
        })
        .await;
        task.abort();
        assert!(task.await.is_err());
    }

    fn kill(self) {
        self.engine.kill();
    }
}

#[tokio::test]
async fn a_consumer_resumes_and_numbers_never_begin_again() {
    let dir = tempfile::tempdir().unwrap();
    let life = Life::begin(dir.path());
    tell(&life.shell, 600, "user.updated", None).await;
    life.follow_to(100).await;
    life.kill();

    let life = Life::begin(dir.path());
    life.follow_to(600).await;
    assert_eq!(deeds(&life.shell.store).await, (1..=600).collect::<Vec<u64>>());
    let later = life.shell.now() + DAY;
    while life.desk.forget_page(later).await.unwrap() > 0 {}
    life.kill();

    let life = Life::begin(dir.path());
    let left: Vec<_> = log(&life.shell.store).await.iter().map(|(seq, _)| *seq).collect();
    assert_eq!(left, [600]);
    tell(&life.shell, 2, "user.updated", None).await;
    assert_eq!(life.desk.tip().await.unwrap(), 602);
    life.follow_to(602).await;
    assert_eq!(deeds(&life.shell.store).await, (1..=602).collect::<Vec<u64>>());
    life.kill();
}
