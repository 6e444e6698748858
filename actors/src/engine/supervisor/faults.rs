//! Faults on request, for tests of the whole program. Only the feature `testkit`
//! compiles this, and only a process with `ZELADOR_TEST_FAULTS` asks it.
//!
//! The variable names a directory. A file there with the name of a part makes the
//! part fall once: the file is taken away, its text says how many milliseconds
//! later.

use std::future::Future;
use std::path::Path;
use std::time::Duration;

/// The variable that names the directory.
const DIRECTORY: &str = "ZELADOR_TEST_FAULTS";
/// How often a loop looks.
const LOOK: Duration = Duration::from_millis(20);

/// Falls, if somebody wants it.
///
/// # Panics
/// If somebody wants it.
#[expect(clippy::panic, reason = "it is wanted")]
pub(super) async fn strike(part: &str) {
    let Some(directory) = std::env::var_os(DIRECTORY) else { return };
    let file = Path::new(&directory).join(part);
    let Ok(text) = std::fs::read_to_string(&file) else { return };
    // Of two that read it, one takes it away.
    if std::fs::remove_file(&file).is_ok() {
        tokio::time::sleep(Duration::from_millis(text.trim().parse().unwrap_or(0))).await;
        panic!("told to fall");
    }
}

/// A loop's work, which falls if somebody wants it.
pub(super) async fn beside<F: Future>(part: &str, work: F) -> F::Output {
    if std::env::var_os(DIRECTORY).is_none() {
        return work.await;
    }
    let fate = async {
        loop {
            strike(part).await;
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::select! {
        done = work => done,
        never = fate => never,
    }
}
