//! The kind `diagnostic`: a job that does as it is told, to try the queues with.

use std::time::Duration;

use async_trait::async_trait;
use serde::Deserialize;
use zelador_store::Write;

use super::handler::{Failure, Handler, JobCx};

/// What it is told.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Told {
    /// Works this long before it ends.
    sleep_ms: u64,
    /// Fails in its first tries.
    fail_times: u16,
    /// Panics.
    panic: bool,
    /// Ends the process, for tests of the whole program.
    #[cfg(feature = "testkit")]
    abort: bool,
}

/// Does as it is told.
pub struct Diagnostic;

#[async_trait]
impl Handler for Diagnostic {
    async fn run(&self, cx: JobCx) -> Result<Write, Failure> {
        let told: Told = cx.args()?;
        let steps = (told.sleep_ms / 100).clamp(1, 100);
        for step in 0..steps {
            cx.progress(step, steps, "sleeping");
            tokio::time::sleep(
                Duration::from_millis(told.sleep_ms) / u32::try_from(steps).unwrap_or(1),
            )
            .await;
        }
        #[expect(clippy::manual_assert, clippy::panic, reason = "it was asked for")]
        if told.panic {
            panic!("told to panic");
        }
        #[cfg(feature = "testkit")]
        if told.abort && std::env::var_os("ZELADOR_TEST_FAULTS").is_some() {
            std::process::abort();
        }
        if cx.job.tries <= told.fail_times {
            return Err(Failure::retry(format!("told to fail {} times", told.fail_times)));
        }
        cx.progress(steps, steps, "done");
        Ok(Write::new())
    }

    fn fails_on_timeout(&self) -> bool {
        true
    }
}
