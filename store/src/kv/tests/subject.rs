//! The engines under test, and how they are disturbed.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tempfile::TempDir;

use crate::Timestamp;
use crate::kv::embedded::{Embedded, OpenReport, Options};
use crate::kv::engine::{Engine, EngineError};
use crate::kv::memory::Memory;

/// An engine, and what may happen to it at any time.
pub(super) trait Subject {
    fn engine(&self) -> Arc<dyn Engine>;
    /// Everything is drained to where it stays.
    fn tidy(&mut self) {}
    /// A clean end, and a start.
    fn reopen(&mut self) {}
    /// An end without warning, and a start.
    fn kill(&mut self) {}
    /// All of it at once, for cases that are not about one of them.
    fn disturb(&mut self) {
        self.tidy();
        self.kill();
        self.reopen();
    }
}

/// The engine in memory; nothing can be done to it.
#[derive(Default)]
pub(super) struct MemorySubject(Arc<Memory>);

impl Subject for MemorySubject {
    fn engine(&self) -> Arc<dyn Engine> {
        self.0.clone()
    }
}

/// The engine we ship, with limits so small that it drains all the time.
pub(super) struct SledSubject {
    pub(super) dir: TempDir,
    pub(super) embedded: Option<Arc<Embedded>>,
    pub(super) report: OpenReport,
    pub(super) boot: u32,
}

/// Options with limits so small that everything happens all the time.
pub(super) fn tiny(dir: &std::path::Path, boot: u32) -> Options {
    let clock = AtomicI64::new(1_700_000_000_000);
    let now = move || Timestamp::from_millis(clock.fetch_add(1, Ordering::Relaxed));
    Options {
        drain_bytes: 600,
        hard_bytes: 1 << 20,
        segment_bytes: 800,
        base_bytes: 4000,
        ballast_bytes: 0,
        idle_seconds: 1,
        cache_bytes: 1 << 20,
        ..Options::new(dir, format!("boot-{boot}"), Arc::new(now))
    }
}

impl SledSubject {
    pub(super) fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let mut subject = Self { dir, embedded: None, report: OpenReport::default(), boot: 0 };
        subject.open().unwrap();
        subject
    }

    pub(super) fn options(&self) -> Options {
        tiny(&self.dir.path().join("data"), self.boot)
    }

    pub(super) fn open(&mut self) -> Result<(), EngineError> {
        let (embedded, report) = Embedded::open(self.options())?;
        (self.embedded, self.report) = (Some(embedded), report);
        Ok(())
    }

    pub(super) fn embedded(&self) -> &Arc<Embedded> {
        self.embedded.as_ref().unwrap()
    }
}

impl Subject for SledSubject {
    fn engine(&self) -> Arc<dyn Engine> {
        self.embedded().clone()
    }
    fn tidy(&mut self) {
        self.embedded().checkpoint().unwrap();
    }
    fn reopen(&mut self) {
        self.embedded.take().unwrap().close().unwrap();
        self.open().unwrap();
        assert_eq!(self.report.replayed_groups, 0, "a clean end leaves nothing to replay");
    }
    fn kill(&mut self) {
        self.embedded.take().unwrap().kill();
        self.open().unwrap();
        assert!(!self.report.rebuilt, "a kill is no power cut");
    }
}
