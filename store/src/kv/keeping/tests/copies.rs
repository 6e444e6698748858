//! Backups, restores and repairs.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tempfile::TempDir;

use super::{BEGIN, fill, open, options, put};
use crate::Timestamp;
use crate::catalog;
use crate::kv::embedded::copies::{
    CopyError, Sources, backup, prune_archive, repair, restore, verify,
};
use crate::kv::embedded::{Embedded, Options};
use crate::kv::engine::{Batch, Engine, EngineError, Op, Span};
use crate::kv::keeping::{Finding, check, versions};

type Map = BTreeMap<Vec<u8>, Vec<u8>>;

async fn all(engine: &Embedded) -> Map {
    let span = Span { from: Vec::new(), to: None, reverse: false };
    let pairs = engine.scan(&span, usize::MAX).await.unwrap();
    pairs.into_iter().map(|(key, value)| (key.to_vec(), value.to_vec())).collect()
}

async fn step(engine: &Embedded, n: u64) {
    let row = put([&[0x70, 0], &n.to_be_bytes()[..]].concat(), vec![7; 100]);
    let log = Op::Append { log: [0x70, 1], value: n.to_be_bytes().to_vec().into() };
    engine.apply(Batch { expects: Vec::new(), ops: vec![row, log] }).await.unwrap();
}

struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }
    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
    fn backup(&self, engine: &Embedded, name: &str) -> PathBuf {
        let file = self.path(name);
        backup(engine, &file, false, versions(&catalog::tables()), &mut |_| {}).unwrap();
        file
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_under_load_is_one_moment_and_restores() {
    let place = Place::new();
    let small = Options { drain_bytes: 20_000, ..options(&place.path("data")) };
    let (engine, _) = Embedded::open(small).unwrap();
    fill(&engine).await;
    let stop = Arc::new(AtomicBool::new(false));
    let writer = {
        let (engine, stop) = (engine.clone(), stop.clone());
        tokio::spawn(async move {
            let mut n = 0;
            while !stop.load(Ordering::SeqCst) {
                step(&engine, n).await;
                n += 1;
            }
        })
    };
    for round in 0..5 {
        let file = place.path(&format!("backup-{round}"));
        let taken = {
            let (engine, file) = (engine.clone(), file.clone());
            tokio::task::spawn_blocking(move || {
                backup(&engine, &file, false, BTreeMap::new(), &mut |_| {}).unwrap()
            })
        };
        let info = taken.await.unwrap();
        assert_eq!(verify(&file).unwrap(), info);
        let restored = options(&place.path(&format!("restored-{round}")));
        let report = restore(&file, &restored, Sources::default()).unwrap();
        assert_eq!(report.pairs, info.pairs);
        let copy = open(&restored.dir);
        let found = all(&copy).await;
        let rows = found.keys().filter(|key| key.starts_with(&[0x70, 0])).count();
        let log = found.keys().filter(|key| key.starts_with(&[0x70, 1])).count();
        let counted = found.get(&[0, 0, 0x70, 1][..]).map_or(0, |value| value[0].into());
        assert_eq!((rows, rows % 256), (log, counted), "a backup of half a batch");
        // The steps above are of no table of the catalog.
        let known = |finding: &&Finding| !["store", "counters"].contains(&finding.place.as_str());
        let findings = check(&copy.snapshot().unwrap(), &catalog::tables()).unwrap();
        assert_eq!(findings.iter().filter(known).count(), 0, "{findings:#?}");
        copy.close().unwrap();
    }
    stop.store(true, Ordering::SeqCst);
    writer.await.unwrap();
    engine.close().unwrap();
}

#[tokio::test]
async fn a_backup_overwrites_nothing_unless_forced() {
    let place = Place::new();
    let engine = open(&place.path("data"));
    let file = place.backup(&engine, "backup");
    let before = fs::read(&file).unwrap();
    let again = |force| backup(&engine, &file, force, BTreeMap::new(), &mut |_| {});
    assert!(matches!(again(false), Err(CopyError::Exists { .. })));
    assert_eq!(fs::read(&file).unwrap(), before);
    step(&engine, 1).await;
    again(true).unwrap();
    assert_ne!(fs::read(&file).unwrap(), before);
    assert!(!place.path("backup.part").exists());
}

#[tokio::test]
async fn a_damaged_backup_is_refused_and_nothing_is_made() {
    let place = Place::new();
    let engine = open(&place.path("data"));
    for n in 0..20 {
        step(&engine, n).await;
    }
    let file = place.backup(&engine, "backup");
    let whole = fs::read(&file).unwrap();
    fs::create_dir(place.path("empty")).unwrap();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        fs::write(&file, bytes).unwrap();
        let Err(error) = verify(&file) else {
            // zstd ignores some bits of its frame's header.
            continue;
        };
        assert!(matches!(error, CopyError::Engine(EngineError::Damaged { .. })), "{at}: {error:?}");
    }
    for length in 0..whole.len() {
        fs::write(&file, &whole[..length]).unwrap();
        assert!(verify(&file).is_err(), "cut at {length}");
    }
    for name in ["empty", "absent"] {
        restore(&file, &options(&place.path(name)), Sources::default()).unwrap_err();
    }
    assert_eq!(fs::read_dir(place.path("empty")).unwrap().count(), 0);
    assert!(!place.path("absent").exists());
}

#[tokio::test]
async fn a_restore_refuses_a_directory_that_holds_something() {
    let place = Place::new();
    let engine = open(&place.path("data"));
    let file = place.backup(&engine, "backup");
    fs::create_dir(place.path("other")).unwrap();
    fs::write(place.path("other/mine"), "precious").unwrap();
    let outcome = restore(&file, &options(&place.path("other")), Sources::default());
    assert!(matches!(outcome, Err(CopyError::NotEmpty { .. })), "{outcome:?}");
    assert_eq!(fs::read_dir(place.path("other")).unwrap().count(), 1);
}

/// A store with an archive: a backup after 10 steps, then 200 more with
/// checkpoints and bases.
async fn archived(place: &Place) -> (Options, PathBuf) {
    let options = Options {
        archive_dir: Some(place.path("archive")),
        drain_bytes: 4000,
        segment_bytes: 4000,
        base_bytes: 8000,
        ..options(&place.path("data"))
    };
    let (engine, _) = Embedded::open(options.clone()).unwrap();
    for n in 0..10 {
        step(&engine, n).await;
    }
    let file = place.backup(&engine, "backup");
    for n in 10..210 {
        step(&engine, n).await;
        if n % 25 == 0 {
            engine.checkpoint().unwrap();
        }
    }
    engine.close().unwrap();
    (options, file)
}

async fn steps(dir: &Path) -> usize {
    let engine = open(dir);
    let steps = all(&engine).await.keys().filter(|key| key.starts_with(&[0x70, 0])).count();
    engine.close().unwrap();
    steps
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_goes_back_to_any_moment() {
    let place = Place::new();
    let (lived, file) = archived(&place).await;
    let info = verify(&file).unwrap();
    let taken = info.header.at.as_millis() / 1000;
    let sources = Sources { archive: lived.archive_dir.as_deref(), ..Sources::default() };
    let with_dir = Sources { old_dir: Some(&lived.dir), ..sources };
    let at = |second| Sources { at: Some(Timestamp::from_seconds(second)), ..with_dir };
    let mut last = 0;
    for (n, second) in [taken, taken + 1, taken + 57, taken + 150].into_iter().enumerate() {
        let target = options(&place.path(&format!("at-{n}")));
        let report = restore(&file, &target, at(second)).unwrap();
        let found = steps(&target.dir).await;
        assert_eq!(found, 10 + usize::try_from(report.groups).unwrap());
        assert!(report.up_to <= Timestamp::from_seconds(second));
        assert!(found > last || n == 1, "{found} steps at {second}");
        last = found;
    }
    let target = options(&place.path("all"));
    restore(&file, &target, with_dir).unwrap();
    assert_eq!(steps(&target.dir).await, 210);
    let target = options(&place.path("early"));
    let outcome = restore(&file, &target, at(BEGIN));
    assert!(matches!(outcome, Err(CopyError::TooLate { .. })), "{outcome:?}");
    let nowhere = place.path("nowhere");
    let sources = Sources { archive: Some(&nowhere), ..Sources::default() };
    let outcome = restore(&file, &target, sources);
    assert!(matches!(outcome, Err(CopyError::NoJournal { .. })), "{outcome:?}");
    assert!(!target.dir.exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_archive_reaches_back_to_the_oldest_backup() {
    let place = Place::new();
    let (lived, file) = archived(&place).await;
    let (engine, _) = Embedded::open(lived.clone()).unwrap();
    let kept = || {
        let dir = fs::read_dir(place.path("archive")).unwrap().next().unwrap().unwrap();
        fs::read_dir(dir.path()).unwrap().count()
    };
    let before = kept();
    assert!(before > 4, "{before} segments");
    prune_archive(&engine, &file).unwrap();
    let newer = place.backup(&engine, "newer");
    let sources = Sources {
        archive: lived.archive_dir.as_deref(),
        old_dir: Some(&lived.dir),
        ..Sources::default()
    };
    let from = |file: &Path, name: &str| {
        let target = options(&place.path(name));
        restore(file, &target, sources).map(|_| target.dir)
    };
    assert_eq!(steps(&from(&file, "old").unwrap()).await, 210, "all that it needs is there");
    let removed = prune_archive(&engine, &newer).unwrap();
    assert!(removed > 0);
    assert_eq!(prune_archive(&engine, &newer).unwrap(), 0, "there is nothing left to remove");
    assert!(kept() < before);
    assert_eq!(steps(&from(&newer, "new").unwrap()).await, 210);
    let outcome = from(&file, "gone");
    assert!(matches!(outcome, Err(CopyError::NoJournal { .. })), "{outcome:?}");
    let other = open(&place.path("other"));
    let foreign = place.backup(&other, "foreign");
    let outcome = prune_archive(&engine, &foreign);
    assert!(matches!(outcome, Err(CopyError::Foreign { .. })), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repair_rebuilds_what_is_damaged() {
    let place = Place::new();
    let (options, file) = archived(&place).await;
    let flip = |path: &Path| {
        let mut bytes = fs::read(path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(path, bytes).unwrap();
    };
    let base = || {
        let mut names: Vec<_> = fs::read_dir(options.dir.join("base")).unwrap().collect();
        assert_eq!(names.len(), 1);
        names.pop().unwrap().unwrap().path()
    };
    fs::remove_file(options.dir.join("index/db")).unwrap();
    let error = Embedded::open(options.clone()).unwrap_err();
    assert!(
        matches!(&error, EngineError::Damaged { path, detail }
        if path.ends_with("index/db") && detail.contains("zelador repair")),
        "{error}"
    );
    let report = repair(&options, None).unwrap();
    assert!(!report.from_backup);
    assert_eq!(steps(&options.dir).await, 210);
    // The base too: the backup takes its place, with the archive's segments.
    flip(&base());
    fs::remove_file(options.dir.join("CHECKPOINT")).unwrap();
    assert!(matches!(repair(&options, None), Err(CopyError::Engine(EngineError::Damaged { .. }))));
    let report = repair(&options, Some(&file)).unwrap();
    assert!(report.from_backup && report.groups >= 200, "{report:?}");
    assert_eq!(steps(&options.dir).await, 210);
    let other = open(&place.path("other"));
    let foreign = place.backup(&other, "foreign");
    flip(&base());
    let outcome = repair(&options, Some(&foreign));
    assert!(matches!(outcome, Err(CopyError::Foreign { .. })), "{outcome:?}");
}
