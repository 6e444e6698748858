//! The floor: what a file that is appended to and synced can do, with what
//! waits going to the disk as one group, as the committer does it.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{RngCore, SeedableRng};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::Instant;

pub use crate::Failure;

/// Writers at once.
pub const WRITERS: u32 = 64;
/// As many appends as the committer puts into one group at most.
const GROUP: usize = 256;
/// Bytes of an append: 3 keys with their values, of about 300 bytes each.
const BYTES: usize = 900;
/// Appends that may wait.
const WAITING: usize = 4096;

type Request = (Vec<u8>, oneshot::Sender<()>);

/// Durable appends per second of [`WRITERS`] writers to a new file in `dir`,
/// each of whom waits for its append before it makes the next.
pub async fn raw_rate(dir: &Path, time: Duration) -> Result<f64, Failure> {
    raw_rate_of(dir, time, WRITERS).await
}

/// The same of so many writers.
pub async fn raw_rate_of(dir: &Path, time: Duration, writers: u32) -> Result<f64, Failure> {
    let (sender, requests) = sync_channel(WAITING);
    let path = dir.join("floor");
    let mut file = OpenOptions::new().create_new(true).append(true).open(&path)?;
    let appender = std::thread::spawn(move || append(&requests, &mut file));
    let until = Instant::now() + time;
    let mut writers: JoinSet<u32> =
        (0..writers).map(|seed| write(sender.clone(), seed, until)).collect();
    drop(sender);
    let mut done = 0;
    while let Some(count) = writers.join_next().await {
        done += count?;
    }
    appender.join().map_err(|_| "the appender panicked")??;
    std::fs::remove_file(path)?;
    Ok(f64::from(done) / time.as_secs_f64())
}

/// Appends until the time is up; how often.
async fn write(sender: SyncSender<Request>, seed: u32, until: Instant) -> u32 {
    let mut dice = SmallRng::seed_from_u64(seed.into());
    let mut done = 0;
    while Instant::now() < until {
        let mut bytes = vec![0; BYTES];
        dice.fill_bytes(&mut bytes);
        let (answer, told) = oneshot::channel();
        if sender.try_send((bytes, answer)).is_err() || told.await.is_err() {
            break;
        }
        done += 1;
    }
    done
}

/// Appends what waits, syncs once, answers everybody; until all writers are gone.
fn append(requests: &Receiver<Request>, file: &mut File) -> std::io::Result<()> {
    let mut buffer = Vec::new();
    while let Ok(first) = requests.recv() {
        let rest = requests.try_iter().take(GROUP - 1);
        let group: Vec<Request> = std::iter::once(first).chain(rest).collect();
        buffer.clear();
        for (bytes, _) in &group {
            buffer.extend_from_slice(bytes);
        }
        file.write_all(&buffer)?;
        file.sync_data()?;
        for (_, answer) in group {
            // A writer that went away has its append all the same.
            let _ = answer.send(());
        }
    }
    Ok(())
}
