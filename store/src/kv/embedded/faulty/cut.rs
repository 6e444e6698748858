//! What might be left after a power cut.

use std::fs;
use std::io;
use std::path::Path;

use rand::Rng;
use rand::rngs::StdRng;

use super::names::{Names, apply, files_below};

/// The unit in which a disk writes; some write less.
const BLOCK: usize = 4096;
const SECTOR: usize = 512;

/// Writes one possible state after the power went: every promise kept, all else
/// at random.
pub(super) fn image(root: &Path, names: &Names, dice: &mut StdRng, to: &Path) -> io::Result<()> {
    let mut left = names.durable.clone();
    for change in &names.pending {
        if dice.random_bool(0.5) {
            apply(change, &mut left);
        }
    }
    for path in files_below(root)? {
        // Somebody else's file (sled's), whose name nobody made durable.
        if !names.live.contains_key(&path) && dice.random_bool(0.5) {
            left.insert(path, 0);
        }
    }
    fs::create_dir_all(to)?;
    for (path, id) in left {
        let Ok(within) = path.strip_prefix(root) else { continue };
        let kept = names.synced.get(&id).cloned().unwrap_or_default();
        // What was written since the sync, if the file is still there.
        let live = names.live.iter().find(|(_, live)| **live == id).map(|(path, _)| path);
        let written = live.or((id == 0).then_some(&path)).and_then(|path| fs::read(path).ok());
        let content = match written {
            Some(written) => mix(&kept, &written, dice),
            None => kept,
        };
        let target = to.join(within);
        if let Some(dir) = target.parent() {
            fs::create_dir_all(dir)?;
        }
        fs::write(target, content)?;
    }
    Ok(())
}

/// Every block is as it was synced or as it was written since, and the file
/// has any length between the two.
fn mix(kept: &[u8], written: &[u8], dice: &mut StdRng) -> Vec<u8> {
    let (short, long) = (kept.len().min(written.len()), kept.len().max(written.len()));
    let unit = if dice.random_bool(0.5) { BLOCK } else { SECTOR };
    let length = match dice.random_range(0..4) {
        0 => short,
        1 => long,
        _ => dice.random_range(short..=long),
    };
    let mut content = vec![0; length];
    for (at, block) in content.chunks_mut(unit).enumerate() {
        let source = if dice.random_bool(0.5) { kept } else { written };
        let source = source.get(at * unit..).unwrap_or_default();
        for (slot, byte) in block.iter_mut().zip(source) {
            *slot = *byte;
        }
    }
    content
}
