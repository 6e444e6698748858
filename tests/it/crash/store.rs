//! The store as a kill left it, checked row by row.
//!
//! A copy is checked, for opening it mends it: the daemon's own start must find it
//! as it is.

use std::path::Path;
use std::sync::Arc;

use zelador_actors::engine::Clock;
use zelador_store::catalog;
use zelador_store::kv::embedded::{Embedded, Options};
use zelador_store::kv::keeping::check;

use crate::harness::Home;

/// Fails with everything that is wrong with the store.
pub(super) fn sound(home: &Home) {
    let copy = home.path().join("copy");
    copy_all(home.data(), &copy);
    let clock = Clock::system();
    let boot_id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let mut options = Options::new(&copy, boot_id.trim(), Arc::new(move || clock.now()));
    options.ballast_bytes = 4096;
    let (engine, _) = Embedded::open(options).expect("the store opens after a kill");
    let findings = check(&engine.snapshot().unwrap(), &catalog::tables()).unwrap();
    assert!(findings.is_empty(), "{findings:#?}");
    engine.close().unwrap();
    std::fs::remove_dir_all(copy).unwrap();
}

fn copy_all(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy_all(&path, &target);
        } else {
            std::fs::copy(path, target).unwrap();
        }
    }
}
