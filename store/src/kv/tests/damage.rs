//! Files that are not what they should be: opening succeeds with the right
//! data, or fails with the name of the file. It never panics, and nothing ever
//! reads data that was not written.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tempfile::TempDir;

use super::subject::tiny;
use super::{batch, delete, put};
use crate::kv::embedded::{Embedded, Options};
use crate::kv::engine::{Engine, EngineError, Span};

type Map = BTreeMap<Vec<u8>, Vec<u8>>;

/// A store on disk, and every state it went through.
struct Store {
    place: TempDir,
    states: Vec<Map>,
}

/// A store that was killed, or closed, after some work.
async fn store(groups: u64, size: Size, clean: bool) -> Store {
    let place = TempDir::new().unwrap();
    let (engine, _) = Embedded::open(size(&place.path().join("data"))).unwrap();
    let mut states = vec![Map::new()];
    for group in 1..=groups {
        let mut state = states.last().unwrap().clone();
        let mut ops = Vec::new();
        for n in 0..3_u64 {
            let key = [b"k", &(group * 7 + n * 13).wrapping_rem(40).to_be_bytes()[..]].concat();
            let value = vec![u8::try_from(group % 250).unwrap(); 20 + usize::try_from(n).unwrap()];
            state.insert(key.clone(), value.clone());
            ops.push(put(&key, &value));
        }
        let gone = [b"k", &(group % 40).to_be_bytes()[..]].concat();
        state.remove(&gone);
        ops.push(delete(&gone));
        engine.apply(batch(ops)).await.unwrap();
        states.push(state);
    }
    if clean {
        engine.close().unwrap();
    } else {
        engine.kill();
    }
    Store { place, states }
}

/// How large a store's parts grow.
type Size = fn(&Path) -> Options;

/// Many drains, many segments, a base now and then.
fn small(dir: &Path) -> Options {
    tiny(dir, 0)
}

/// One segment, no drain.
fn roomy(dir: &Path) -> Options {
    Options { drain_bytes: 1 << 20, segment_bytes: 1 << 20, ..tiny(dir, 0) }
}

/// Many segments, no base.
fn baseless(dir: &Path) -> Options {
    Options { base_bytes: 1 << 30, ..tiny(dir, 0) }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn last_segment(dir: &Path) -> PathBuf {
    files(&dir.join("journal")).pop().unwrap()
}

async fn all(engine: &Arc<Embedded>) -> Result<Map, EngineError> {
    let span = Span { from: b"k".to_vec(), to: None, reverse: false };
    Ok(engine.scan(&span, usize::MAX).await?.into_iter().map(super::own).collect())
}

impl Store {
    fn data(&self) -> PathBuf {
        self.place.path().join("data")
    }

    /// A copy to be damaged.
    fn copy(&self) -> TempDir {
        let copied = TempDir::new().unwrap();
        copy(&self.data(), copied.path());
        copied
    }
}

#[tokio::test]
async fn a_torn_last_group_is_cut_off_wherever_it_is_torn() {
    let store = store(6, roomy, false).await;
    let whole = fs::read(last_segment(&store.data())).unwrap();
    let magic = |at: &usize| whole[*at..].starts_with(b"zGRP");
    let last = (0..whole.len()).rfind(magic).unwrap();
    for length in last..whole.len() {
        let copied = store.copy();
        fs::write(last_segment(copied.path()), &whole[..length]).unwrap();
        let (engine, report) = Embedded::open(roomy(copied.path())).unwrap();
        assert_eq!(report.cut_bytes, (length - last) as u64);
        assert_eq!(all(&engine).await.unwrap(), store.states[5], "cut at {length}");
        engine.apply(batch(vec![put(b"kz", b"next")])).await.unwrap();
        engine.kill();
        let (engine, report) = Embedded::open(roomy(copied.path())).unwrap();
        assert_eq!((report.cut_bytes, report.last_group), (0, 6));
        assert_eq!(all(&engine).await.unwrap().len(), store.states[5].len() + 1);
    }
}

#[tokio::test]
async fn a_flipped_bit_in_the_middle_of_the_journal_names_the_file() {
    let store = store(6, roomy, false).await;
    let whole = fs::read(last_segment(&store.data())).unwrap();
    let magic = |at: &usize| whole[*at..].starts_with(b"zGRP");
    let last = (0..whole.len()).rfind(magic).unwrap();
    for at in 0..last {
        let copied = store.copy();
        let segment = last_segment(copied.path());
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        fs::write(&segment, bytes).unwrap();
        match Embedded::open(roomy(copied.path())) {
            Err(EngineError::Damaged { path, detail }) => {
                assert_eq!(path, segment);
                assert!(detail.contains("zelador repair"), "{detail}");
            }
            other => panic!("bit {at}: {:?}", other.map(|(_, report)| report)),
        }
    }
}

#[tokio::test]
async fn a_missing_segment_is_missed() {
    let store = store(60, baseless, false).await;
    let segments = files(&store.data().join("journal"));
    assert!(segments.len() > 2);
    let copied = store.copy();
    let gone =
        copied.path().join("journal").join(segments[segments.len() - 2].file_name().unwrap());
    fs::remove_file(gone).unwrap();
    fs::write(copied.path().join("IN_USE"), "another boot").unwrap();
    let error = Embedded::open(baseless(copied.path())).unwrap_err();
    assert!(matches!(error, EngineError::Damaged { .. }), "{error}");
}

#[tokio::test]
async fn what_a_kill_leaves_of_sleds_snapshot_is_removed() {
    let store = store(60, small, true).await;
    let leftover = store.data().join("index").join("snap.00000000000000FF.generating");
    for content in ["", "torn"] {
        fs::write(&leftover, content).unwrap();
        let (engine, _) = Embedded::open(small(&store.data())).unwrap();
        assert_eq!(all(&engine).await.unwrap(), store.states[60]);
        engine.close().unwrap();
        assert!(!leftover.exists());
    }
}

#[tokio::test]
async fn a_second_daemon_is_refused() {
    let store = store(3, small, true).await;
    let (engine, _) = Embedded::open(small(&store.data())).unwrap();
    let error = Embedded::open(small(&store.data())).unwrap_err();
    assert!(matches!(&error, EngineError::Held { path } if *path == store.data()), "{error}");
    engine.close().unwrap();
    Embedded::open(small(&store.data())).unwrap();
}

#[tokio::test]
async fn what_an_older_release_left_in_sled_is_made_anew() {
    let store = store(60, small, true).await;
    let path = store.data().join("CHECKPOINT");
    let text = fs::read_to_string(&path).unwrap();
    let json = text.lines().next().unwrap().replace("\"format\":2", "\"format\":1");
    fs::write(&path, format!("{json}\n{:08x}\n", crc32c::crc32c(json.as_bytes()))).unwrap();
    // Format 1 kept pairs as they are.
    let sled = sled::open(store.data().join("index")).unwrap();
    sled.clear().unwrap();
    for (key, value) in &store.states[60] {
        sled.insert(key, value.as_slice()).unwrap();
    }
    sled.flush().unwrap();
    drop(sled);
    for rebuilt in [true, false] {
        let (engine, report) = Embedded::open(small(&store.data())).unwrap();
        assert_eq!(report.rebuilt, rebuilt);
        assert_eq!(all(&engine).await.unwrap(), store.states[60]);
        engine.close().unwrap();
    }
}

#[tokio::test]
async fn a_newer_store_is_refused_with_the_releases_name() {
    let store = store(3, small, true).await;
    let path = store.data().join("CHECKPOINT");
    let text = fs::read_to_string(&path).unwrap();
    let json = text.lines().next().unwrap();
    let json = json.replace("\"format\":2", "\"format\":3").replace(
        &format!("\"release\":\"{}\"", env!("CARGO_PKG_VERSION")),
        "\"release\":\"9.9.9\"",
    );
    fs::write(&path, format!("{json}\n{:08x}\n", crc32c::crc32c(json.as_bytes()))).unwrap();
    match Embedded::open(small(&store.data())) {
        Err(EngineError::Newer { found, .. }) => assert_eq!(found, "9.9.9"),
        other => panic!("{:?}", other.map(|(_, report)| report)),
    }
}

/// Something bad, done to one file.
fn mutate(path: &Path, dice: &mut StdRng) -> &'static str {
    let mut bytes = fs::read(path).unwrap();
    match dice.random_range(0..4) {
        0 if !bytes.is_empty() => {
            let at = dice.random_range(0..bytes.len());
            bytes[at] ^= 1 << dice.random_range(0..8);
            fs::write(path, bytes).unwrap();
            "flipped a bit of"
        }
        1 => {
            bytes.truncate(dice.random_range(0..=bytes.len()));
            fs::write(path, bytes).unwrap();
            "truncated"
        }
        2 => {
            let block = dice.random_range(0..=bytes.len() / 4096) * 4096;
            bytes.iter_mut().skip(block).take(4096).for_each(|byte| *byte = 0);
            fs::write(path, bytes).unwrap();
            "zeroed a block of"
        }
        _ => {
            fs::remove_file(path).unwrap();
            "removed"
        }
    }
}

/// The outcome of opening a damaged store and reading all of it.
async fn outcome(dir: &Path) -> Result<Map, EngineError> {
    let (engine, _) = Embedded::open(small(dir))?;
    let found = all(&engine).await;
    engine.kill();
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_to_a_file_no_wrong_data_is_served() {
    const EACH: u64 = 120;
    let seed: u64 = std::env::var("ZELADOR_SEED").ok().map_or(1, |seed| seed.parse().unwrap());
    println!("ZELADOR_SEED={seed} replays this");
    let mut dice = StdRng::seed_from_u64(seed);
    let (mut fine, mut refused) = (0, 0);
    for clean in [true, false] {
        let store = store(200, small, clean).await;
        for _ in 0..EACH {
            let copied = store.copy();
            let victims: Vec<_> =
                files(copied.path()).into_iter().filter(|path| !path.ends_with("LOCK")).collect();
            let victim = &victims[dice.random_range(0..victims.len())];
            let last = last_segment(copied.path()) == *victim;
            let done = mutate(victim, &mut dice);
            let what = format!("{done} {}, clean: {clean}", victim.display());
            match outcome(copied.path()).await {
                Ok(found) => {
                    fine += 1;
                    // The end of the last segment cannot be told from a torn one.
                    let right =
                        found == store.states[200] || (last && store.states.contains(&found));
                    assert!(right, "wrong data after: {what}");
                }
                Err(EngineError::Damaged { path, .. }) => {
                    refused += 1;
                    assert!(path.starts_with(copied.path()), "{what}: {}", path.display());
                }
                Err(error) => panic!("{what}: {error:?}"),
            }
        }
    }
    println!("{fine} opened with the right data, {refused} were refused by name");
    assert!(fine > 20 && refused > 20);
}
