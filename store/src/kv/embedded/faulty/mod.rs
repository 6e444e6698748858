//! A disk that fails on purpose, for tests.
//!
//! It works on real files, but promises only what a disk promises: a file's
//! content survives a power cut as it was when it was last synced, later bytes
//! perhaps and perhaps torn; a name survives once its directory was synced,
//! before that perhaps. [`FaultyDisk::cut_after`] ends the world at a chosen
//! operation and writes what might be left of it elsewhere.
//!
//! It syncs nothing for real, so tests with it are quick.

mod cut;
mod names;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use self::names::Names;
use super::disk::{Disk, DiskFile, RealDisk};

/// A disk over the files of one directory.
#[derive(Clone)]
pub struct FaultyDisk(Arc<Mutex<State>>);

struct State {
    root: PathBuf,
    names: Names,
    dice: StdRng,
    /// Operations until the power goes, and where what is left goes.
    cut: Option<(u64, PathBuf)>,
    /// The power is gone: everything fails.
    dead: bool,
    /// There is no room.
    full: bool,
    /// Operations until there is no room.
    full_after: Option<u64>,
    /// The next sync fails, and all after it.
    syncs_fail: bool,
    /// Operations done.
    operations: u64,
}

impl std::fmt::Debug for FaultyDisk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FaultyDisk").finish_non_exhaustive()
    }
}

impl FaultyDisk {
    /// A disk over the files below `root`, all of which count as durable.
    pub fn new(root: &Path, seed: u64) -> io::Result<Self> {
        Ok(Self(Arc::new(Mutex::new(State {
            root: root.to_path_buf(),
            names: Names::of(root)?,
            dice: StdRng::seed_from_u64(seed),
            cut: None,
            dead: false,
            full: false,
            full_after: None,
            syncs_fail: false,
            operations: 0,
        }))))
    }

    /// Cuts the power after so many more operations, and writes what is left to
    /// the directory `to`.
    pub fn cut_after(&self, operations: u64, to: &Path) {
        self.0.lock().cut = Some((operations, to.to_path_buf()));
    }

    /// Cuts the power now, if it has not gone yet.
    pub fn cut_now(&self) -> io::Result<()> {
        let mut state = self.0.lock();
        match state.cut.take() {
            Some((_, to)) => state.die(&to),
            None => Ok(()),
        }
    }

    /// Whether the power is gone.
    pub fn is_dead(&self) -> bool {
        self.0.lock().dead
    }

    /// From now on there is no room, or there is again.
    pub fn fill(&self, full: bool) {
        self.0.lock().full = full;
    }

    /// After so many more operations there is no room.
    pub fn fill_after(&self, operations: u64) {
        self.0.lock().full_after = Some(operations);
    }

    /// From now on syncs fail.
    pub fn fail_syncs(&self) {
        self.0.lock().syncs_fail = true;
    }

    /// Operations done so far.
    pub fn operations(&self) -> u64 {
        self.0.lock().operations
    }
}

fn gone() -> io::Error {
    io::Error::other("the power is gone")
}

fn no_room() -> io::Error {
    io::ErrorKind::StorageFull.into()
}

impl State {
    /// Counts an operation; the power may go before it.
    fn step(&mut self) -> io::Result<()> {
        self.operations += 1;
        match &mut self.full_after {
            Some(0) => (self.full, self.full_after) = (true, None),
            Some(left) => *left -= 1,
            None => {}
        }
        match &mut self.cut {
            Some((0, to)) => {
                let to = std::mem::take(to);
                self.cut = None;
                self.die(&to)?;
            }
            Some((left, _)) => *left -= 1,
            None => {}
        }
        if self.dead { Err(gone()) } else { Ok(()) }
    }

    /// An operation that needs room.
    fn grow(&mut self) -> io::Result<()> {
        self.step()?;
        if self.full { Err(no_room()) } else { Ok(()) }
    }

    fn sync(&mut self) -> io::Result<()> {
        self.step()?;
        if self.syncs_fail { Err(io::Error::from_raw_os_error(5)) } else { Ok(()) }
    }

    fn die(&mut self, to: &Path) -> io::Result<()> {
        self.dead = true;
        cut::image(&self.root, &self.names, &mut self.dice, to)
    }
}

struct FaultyFile {
    disk: FaultyDisk,
    real: Box<dyn DiskFile>,
    id: u64,
    path: PathBuf,
}

impl DiskFile for FaultyFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.disk.0.lock();
        // Whatever stops it, some of it may be written.
        if let Err(error) = state.grow() {
            let part = state.dice.random_range(0..=bytes.len());
            self.real.append(bytes.get(..part).unwrap_or_default())?;
            return Err(error);
        }
        self.real.append(bytes)
    }
    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.disk.0.lock();
        state.sync()?;
        state.names.sync_content(self.id, &self.path)
    }
    fn truncate(&mut self, len: u64) -> io::Result<()> {
        self.disk.0.lock().step()?;
        self.real.truncate(len)
    }
}

impl Disk for FaultyDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.0.lock();
        state.grow()?;
        let real = RealDisk.create(path)?;
        let id = state.names.create(path);
        Ok(Box::new(FaultyFile { disk: self.clone(), real, id, path: path.to_path_buf() }))
    }
    fn append_to(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.0.lock();
        state.step()?;
        let real = RealDisk.append_to(path)?;
        let id = state.names.id(path);
        Ok(Box::new(FaultyFile { disk: self.clone(), real, id, path: path.to_path_buf() }))
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.0.lock();
        state.step()?;
        RealDisk.rename(from, to)?;
        state.names.rename(from, to);
        Ok(())
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.0.lock();
        state.step()?;
        RealDisk.remove(path)?;
        state.names.remove(path);
        Ok(())
    }
    fn make_dir(&self, path: &Path) -> io::Result<()> {
        self.0.lock().grow()?;
        RealDisk.make_dir(path)
    }
    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        let mut state = self.0.lock();
        state.sync()?;
        state.names.sync_dir(path)
    }
    fn sync_file(&self, path: &Path) -> io::Result<()> {
        let mut state = self.0.lock();
        state.sync()?;
        let id = state.names.id(path);
        state.names.sync_content(id, path)
    }
    fn free_space(&self, path: &Path) -> io::Result<u64> {
        let state = self.0.lock();
        if state.full { Ok(0) } else { RealDisk.free_space(path) }
    }
}
