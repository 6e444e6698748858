//! A backup: everything as of one group, in one file.

use std::collections::BTreeMap;
use std::path::Path;

use super::{CopyError, STRIDE};
use crate::kv::embedded::Embedded;
use crate::kv::embedded::disk::{Disk, RealDisk};
use crate::kv::embedded::dump::{DumpHeader, DumpReader, DumpWriter};
use crate::kv::embedded::files::failed;

/// A backup as it was written or read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupInfo {
    /// What it says of itself.
    pub header: DumpHeader,
    /// Pairs in it.
    pub pairs: u64,
    /// Bytes of the file.
    pub bytes: u64,
}

/// Writes a backup of a running store to `file`, and reads it back. Blocks;
/// writing to the store goes on, up to what memory may take meanwhile.
///
/// An existing file is replaced only with `force`, and stays whole until the
/// new one is. `tables` are the versions of the rows; `progress` is told how
/// many pairs are written.
pub fn backup(
    engine: &Embedded,
    file: &Path,
    force: bool,
    tables: BTreeMap<String, u8>,
    progress: &mut dyn FnMut(u64),
) -> Result<BackupInfo, CopyError> {
    if !force && file.exists() {
        return Err(CopyError::Exists { path: file.to_path_buf() });
    }
    let mut name = file.file_name().unwrap_or_default().to_os_string();
    name.push(".part");
    let part = file.with_file_name(name);
    let written = write(engine, &part, tables, progress).and_then(|()| {
        let info = verify(&part)?;
        RealDisk.rename(&part, file).map_err(failed("renaming", file))?;
        let dir = file.parent().filter(|dir| !dir.as_os_str().is_empty());
        let dir = dir.unwrap_or_else(|| Path::new("."));
        RealDisk.sync_dir(dir).map_err(failed("syncing", dir))?;
        Ok(info)
    });
    if written.is_err() {
        let _ = RealDisk.remove(&part);
    }
    written
}

fn write(
    engine: &Embedded,
    part: &Path,
    tables: BTreeMap<String, u8>,
    progress: &mut dyn FnMut(u64),
) -> Result<(), CopyError> {
    let options = &engine.shared.options;
    let snapshot = engine.snapshot()?;
    let header = DumpHeader {
        tables,
        ..DumpHeader::new(&snapshot.store_id(), snapshot.group(), (options.now)(), &options.release)
    };
    let mut dump = DumpWriter::create(&RealDisk, part, &header)?;
    let mut pairs = 0;
    snapshot.read(|key, value| {
        pairs += 1;
        if pairs % STRIDE == 0 {
            progress(pairs);
        }
        dump.push(key, value)
    })?;
    drop(snapshot);
    dump.finish()?;
    progress(pairs);
    Ok(())
}

/// Reads a backup to its end and checks every block.
pub fn verify(file: &Path) -> Result<BackupInfo, CopyError> {
    let mut dump = DumpReader::open(&RealDisk, file, env!("CARGO_PKG_VERSION"))?;
    let mut pairs = 0;
    while dump.next_pair()?.is_some() {
        pairs += 1;
    }
    let bytes = std::fs::metadata(file).map_err(failed("looking at", file))?.len();
    Ok(BackupInfo { header: dump.header().clone(), pairs, bytes })
}
