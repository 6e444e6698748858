//! The disk is full, or fails: who waits is told, reads go on, and with room
//! again writing goes on in the same process; a failed sync ends it.

use std::io;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use super::subject::tiny;
use super::{batch, put};
use crate::kv::embedded::faulty::FaultyDisk;
use crate::kv::embedded::{Disk, DiskFile, Embedded, Options, RealDisk};
use crate::kv::engine::{Engine, EngineError, Op, Span};

const GENEROUS: Duration = Duration::from_secs(30);

fn ops(n: u64, bytes: usize) -> Vec<Op> {
    let log = Op::Append { log: *b"lo", value: n.to_be_bytes().to_vec().into() };
    vec![put(&[b"k", &n.to_be_bytes()[..]].concat(), &vec![n.to_le_bytes()[0]; bytes]), log]
}

/// What a writer was told.
#[derive(Default)]
struct Told {
    next: u64,
    written: Vec<u64>,
}

impl Told {
    async fn write(&mut self, engine: &Embedded, bytes: usize) -> Result<(), EngineError> {
        let n = self.next;
        self.next += 1;
        engine.apply(batch(ops(n, bytes))).await?;
        self.written.push(n);
        Ok(())
    }

    /// Writes until the disk is full.
    async fn fill(&mut self, engine: &Embedded, bytes: usize) {
        let deadline = Instant::now() + GENEROUS;
        while Instant::now() < deadline {
            match self.write(engine, bytes).await {
                Ok(()) => {}
                Err(EngineError::Overloaded) => tokio::task::yield_now().await,
                Err(EngineError::Full) => return,
                Err(error) => panic!("{error:?}"),
            }
        }
        panic!("the disk is not full yet: {:?}", engine.health());
    }

    /// Waits until a write is taken.
    async fn recover(&mut self, engine: &Embedded, bytes: usize) {
        let deadline = Instant::now() + GENEROUS;
        while let Err(error) = self.write(engine, bytes).await {
            assert!(matches!(error, EngineError::Full | EngineError::Overloaded), "{error:?}");
            assert!(Instant::now() < deadline, "still refused: {:?}", engine.health());
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// What was told to be written is there, and nothing else.
    async fn verify(&self, engine: &Embedded) {
        for n in &self.written {
            let key = [b"k", &n.to_be_bytes()[..]].concat();
            assert!(engine.get(&key).await.unwrap().is_some(), "{n} is lost");
        }
        let rows = engine.scan(&Span::prefix(b"k"), usize::MAX).await.unwrap();
        let log = engine.scan(&Span::prefix(b"lo"), usize::MAX).await.unwrap();
        assert_eq!((rows.len(), log.len()), (self.written.len(), self.written.len()));
        for (at, (key, _)) in (1_u64..).zip(&log) {
            assert_eq!(key[2..], at.to_be_bytes(), "a gap in the log");
        }
    }
}

fn options(dir: &Path, disk: &FaultyDisk) -> Options {
    Options { disk: Arc::new(disk.clone()), ..tiny(dir, 0) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_room_at_any_operation_and_room_again() {
    let mut refused = 0;
    for operations in (0..140).step_by(5) {
        let place = TempDir::new().unwrap();
        let disk = FaultyDisk::new(place.path(), operations).unwrap();
        let (engine, _) = Embedded::open(options(place.path(), &disk)).unwrap();
        let mut told = Told::default();
        for _ in 0..5 {
            told.write(&engine, 50).await.unwrap();
        }
        disk.fill_after(operations);
        told.fill(&engine, 50).await;
        assert!(engine.health().read_only.is_some());
        told.verify(&engine).await;
        let error = told.write(&engine, 50).await.unwrap_err();
        refused += u32::from(matches!(error, EngineError::Full));
        disk.fill(false);
        told.recover(&engine, 50).await;
        for _ in 0..20 {
            told.recover(&engine, 50).await;
        }
        told.verify(&engine).await;
        engine.kill();
        let (engine, _) = Embedded::open(options(place.path(), &disk)).unwrap();
        told.verify(&engine).await;
        engine.close().unwrap();
    }
    assert_eq!(refused, 28);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_sync_ends_the_engine_and_answers_nobody() {
    let place = TempDir::new().unwrap();
    let disk = FaultyDisk::new(place.path(), 1).unwrap();
    let halted = Arc::new(AtomicU32::new(0));
    let counted = halted.clone();
    let halt = Arc::new(move |error: &EngineError| {
        assert!(matches!(error, EngineError::Io { .. }), "{error:?}");
        counted.fetch_add(1, Ordering::SeqCst);
    });
    let options = Options { halt, ..options(place.path(), &disk) };
    let (engine, _) = Embedded::open(options.clone()).unwrap();
    let mut told = Told::default();
    for _ in 0..20 {
        told.write(&engine, 50).await.unwrap();
    }
    engine.checkpoint().unwrap();
    disk.fail_syncs();
    let syncs = disk.operations();
    for _ in 0..3 {
        let error = told.write(&engine, 50).await.unwrap_err();
        assert!(matches!(error, EngineError::Closed), "{error:?}");
    }
    assert_eq!(halted.load(Ordering::SeqCst), 1);
    assert!(disk.operations() - syncs <= 2, "a failed sync is not tried again");
    told.verify(&engine).await;
    drop(engine);
    let disk = FaultyDisk::new(place.path(), 1).unwrap();
    let (engine, _) = Embedded::open(Options { disk: Arc::new(disk), ..options }).unwrap();
    // The group whose sync failed was never answered; it may be there or not.
    for n in &told.written {
        let key = [b"k", &n.to_be_bytes()[..]].concat();
        assert!(engine.get(&key).await.unwrap().is_some(), "{n} is lost");
    }
}

/// A small file system of its own; `None` where that is not allowed.
struct Small(TempDir);

impl Small {
    fn mount(megabytes: u32) -> Option<Self> {
        let place = TempDir::new().unwrap();
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "tmpfs"])
            .arg(place.path())
            .output();
        mount.is_ok_and(|output| output.status.success()).then_some(Self(place))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).output();
    }
}

/// Says that there is room where there is none, so that sled finds out.
struct Liar;

impl Disk for Liar {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        RealDisk.create(path)
    }
    fn append_to(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        RealDisk.append_to(path)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.rename(from, to)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        RealDisk.remove(path)
    }
    fn make_dir(&self, path: &Path) -> io::Result<()> {
        RealDisk.make_dir(path)
    }
    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        RealDisk.sync_dir(path)
    }
    fn sync_file(&self, path: &Path) -> io::Result<()> {
        RealDisk.sync_file(path)
    }
    fn free_space(&self, _path: &Path) -> io::Result<u64> {
        Ok(u64::MAX)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_file_system_is_seen_before_sled_meets_it() {
    fill_up(Arc::new(RealDisk)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_file_system_is_survived_even_if_sled_meets_it() {
    fill_up(Arc::new(Liar)).await;
}

async fn fill_up(disk: Arc<dyn Disk>) {
    let Some(small) = Small::mount(48) else {
        println!("skipped: mounting a file system is not allowed here");
        return;
    };
    let place = small.0.path();
    let options = Options {
        drain_bytes: 1 << 20,
        hard_bytes: 4 << 20,
        segment_bytes: 1 << 20,
        base_bytes: 64 << 20,
        ballast_bytes: 4 << 20,
        disk,
        ..tiny(&place.join("data"), 0)
    };
    let (engine, _) = Embedded::open(options.clone()).unwrap();
    let mut told = Told::default();
    for round in 0..6_u32 {
        // Somebody else takes most of the room, and gives it back.
        let other = place.join("other");
        let free = 48 * 1024 * 1024 - used(place);
        std::fs::write(&other, vec![1; free.saturating_sub(3 << 20)]).unwrap_or_else(|_| {
            println!("round {round}: there was less room than that");
        });
        told.fill(&engine, 4000).await;
        assert!(engine.health().read_only.is_some());
        told.verify(&engine).await;
        std::fs::remove_file(&other).unwrap();
        told.recover(&engine, 4000).await;
    }
    told.verify(&engine).await;
    engine.kill();
    let (engine, _) = Embedded::open(options).unwrap();
    told.verify(&engine).await;
    engine.close().unwrap();
}

fn used(place: &Path) -> usize {
    let entries = std::fs::read_dir(place).unwrap().map(|entry| entry.unwrap());
    let sizes = entries.map(|entry| {
        if entry.file_type().unwrap().is_dir() {
            used(&entry.path())
        } else {
            usize::try_from(entry.metadata().unwrap().len()).unwrap()
        }
    });
    sizes.sum()
}
