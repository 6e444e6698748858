//! What 100,000 resources leave behind once they rest.
//!
//! The store is warmed by asking what each booking would come to, which reads all
//! that booking reads and starts no actor; then each resource is asked for the
//! same place in earnest, and refuses it, for it is in the past: an actor for
//! each, and nothing new in the store.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use zelador_benches::calendar::{House, address};
use zelador_benches::daemon::Daemon;
use zelador_benches::wire::{Address, Wire};
use zelador_benches::{
    Failure, judge_at_most, peak_mib, resident_mib_of, say, surroundings, workplace,
};

const CALLERS: u64 = 64;
const RESOURCES: usize = 100_000;
/// MiB more than before.
const FIGURE: f64 = 50.0;
const IDLE: &str = "20";
/// An actor looks around once in its idle time, so it rests within two; then the
/// allocator has some time to give back what it has.
const REST: Duration = Duration::from_secs(60);
/// Until memory is what it will stay.
const SETTLE: Duration = Duration::from_secs(10);

/// Asks each resource once; all must refuse.
async fn touch(house: &House, address: &Address, path: &'static str) -> Result<Duration, Failure> {
    let (began, house) = (Instant::now(), Arc::new(house.clone()));
    let mut tasks: JoinSet<Result<(), Failure>> = JoinSet::new();
    for caller in 0..CALLERS {
        let mut wire = Wire::to(address).await?;
        let (house, address) = (house.clone(), address.clone());
        tasks.spawn(async move {
            let mine = (caller..house.resources.len() as u64).step_by(64);
            for n in mine {
                let (resource, user) = (house.resource(n), house.user);
                let body = format!(
                    r#"{{"resource_id":"{resource}","user_id":"{user}","start_time":"2020-01-06T11:00:00Z","end_time":"2020-01-06T11:30:00Z"}}"#
                );
                let answer = wire.ask(&address.post(path, &body)).await?;
                if !matches!(answer.status, 400 | 409) {
                    return Err(String::from_utf8_lossy(&answer.body).into());
                }
            }
            Ok(())
        });
    }
    while let Some(touched) = tasks.join_next().await {
        touched??;
    }
    Ok(began.elapsed())
}

async fn conduct(dir: &Path) -> Result<ExitCode, Failure> {
    let data = dir.join("data");
    let house = House::found(&data, RESOURCES).await?;
    let daemon = Daemon::start_with(&data, &[("ZELADOR__BOOKING__IDLE_SECONDS", IDLE)])?;
    let (address, process) = (address(&data)?, daemon.id());
    let at_start = resident_mib_of(&process);
    let warmed = touch(&house, &address, "/bookings?dry_run=true").await?;
    sleep(SETTLE).await;
    let before = resident_mib_of(&process);
    let touched = touch(&house, &address, "/bookings").await?;
    let during = resident_mib_of(&process);
    sleep(REST).await;
    let after = resident_mib_of(&process);
    say(&format!(
        "{at_start:.0} MiB at the start, {before:.0} with a warm cache ({warmed:.0?}), {during:.0} \
         after {RESOURCES} resources were asked ({touched:.0?}), {after:.0} at rest, {:.0} at \
         most; {}",
        peak_mib(&process),
        surroundings()
    ));
    daemon.stop()?;
    Ok(judge_at_most("MiB left behind", after - before, FIGURE))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Failure> {
    let place = workplace()?;
    conduct(&place.path().canonicalize()?).await
}
