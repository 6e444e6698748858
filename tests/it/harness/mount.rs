//! A small disk of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A disk in memory, unmounted when dropped.
pub(crate) struct Mount {
    /// Keeps the place until after the unmounting.
    dir: TempDir,
}

impl Mount {
    /// A disk of so many MiB; else why there can be none.
    pub(crate) fn new(mib: u32) -> Result<Self, String> {
        let dir = TempDir::with_prefix("zelador-disk-").unwrap();
        let size = format!("size={mib}m,mode=0777");
        let place = dir.path().to_str().unwrap();
        as_root(&["mount", "-t", "tmpfs", "-o", &size, "zelador-it", place])?;
        Ok(Self { dir })
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Takes all the room there is; it is given back by removing the file.
    pub(crate) fn fill(&self) -> PathBuf {
        use std::io::Write as _;
        let path = self.path().join("filler");
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(&path).unwrap();
        for size in [65536, 4096, 512, 1] {
            while file.write_all(&vec![0; size]).is_ok() {}
        }
        path
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // Lazily: a daemon that is being killed may still have it open.
        if let Err(error) = as_root(&["umount", "-l", self.path().to_str().unwrap()]) {
            println!("{} stays mounted: {error}", self.path().display());
        }
    }
}

fn as_root(command: &[&str]) -> Result<(), String> {
    let (program, args) = if rustix::process::geteuid().is_root() {
        (command[0], command[1..].to_vec())
    } else {
        ("sudo", [&["-n"], command].concat())
    };
    match Command::new(program).args(args).output() {
        Ok(Output { status, .. }) if status.success() => Ok(()),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        Err(error) => Err(format!("{program}: {error}")),
    }
}
