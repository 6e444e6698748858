//! What asking a calendar costs, beside a warp handler that says nothing: how
//! many days a second, and how long a day and a month take at half of that load.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::Duration;

use warp::Filter;
use zelador_benches::calendar::{House, address};
use zelador_benches::crowd::{Crowd, Script};
use zelador_benches::daemon::Daemon;
use zelador_benches::wire::Address;
use zelador_benches::{
    Failure, judge, judge_at_most, median, processor_seconds, say, surroundings, verdict, workplace,
};

const CALLERS: u32 = 64;
const RESOURCES: usize = 10_000;
/// Five of every resource, on the first day.
const BOOKINGS: u64 = 50_000;
/// Of the resource whose month is asked for.
const MONTH: u64 = 1000;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(4);
const WARM: Duration = Duration::from_secs(2);
/// Of the requests of the silent handler.
const RATE_FIGURE: f64 = 0.3;
/// Milliseconds.
const DAY_FIGURE: f64 = 5.0;
/// Milliseconds.
const MONTH_FIGURE: f64 = 15.0;

/// The floor: a program that answers nothing to everything, as this one does when
/// it is called with a word.
struct Silent(Child);

impl Silent {
    fn start() -> Result<(Self, Address), Failure> {
        let mut command = Command::new(std::env::current_exe()?);
        let mut child = command.arg("silent").stdout(Stdio::piped()).spawn()?;
        let output = child.stdout.take().ok_or("the floor says nothing")?;
        let silent = Self(child);
        let mut host = String::new();
        BufReader::new(output).read_line(&mut host)?;
        Ok((silent, Address { host: host.trim().to_owned(), token: String::new() }))
    }
}

impl Drop for Silent {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn silent() -> Result<(), Failure> {
    tokio::runtime::Runtime::new()?.block_on(async {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
        say(&listener.local_addr()?.to_string());
        warp::serve(warp::any().map(|| "")).incoming(listener).run().await;
        Ok(())
    })
}

/// Requests for the first day of one resource after the other.
fn days(house: &House, address: &Address) -> Script {
    let (house, address, day) = (house.clone(), address.clone(), house.day(0));
    Arc::new(move |n| {
        address.get(&format!("/resources/{}/availability?date={day}", house.resource(n)))
    })
}

fn always(request: Vec<u8>) -> Script {
    Arc::new(move |_| request.clone())
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

async fn conduct(dir: &Path) -> Result<ExitCode, Failure> {
    let data = dir.join("data");
    let house = House::found(&data, RESOURCES).await?;
    house.seed(&data, BOOKINGS).await?;
    let busy = house.busy_resource(&data, MONTH).await?;
    let daemon = Daemon::start(&data)?;
    let address = address(&data)?;
    let (_floor, silent) = Silent::start()?;
    let nothing = Crowd::new(&silent, 0, always(silent.get("/")));
    let day = Crowd::new(&address, 0, days(&house, &address));
    let (from, to) = (house.day(0), house.day(30));
    let month = address.get(&format!("/resources/{busy}/availability?from={from}&to={to}"));
    let month = Crowd::new(&address, 0, always(month));
    day.rush(CALLERS, WARM).await?;
    let (mut ratios, mut day_p99s, mut month_p99s) = (Vec::new(), Vec::new(), Vec::new());
    for n in 0..ROUNDS {
        let floor = nothing.rush(CALLERS, ROUND).await?.rate();
        let before = processor_seconds(&daemon.id());
        let rate = day.rush(CALLERS, ROUND).await?.rate();
        let each = 1e6 * (processor_seconds(&daemon.id()) - before) / (rate * ROUND.as_secs_f64());
        let day_p99 = milliseconds(day.pace(CALLERS, rate / 2.0, ROUND).await?.p99());
        let month_rate = month.rush(CALLERS, WARM).await?.rate();
        let month_p99 = milliseconds(month.pace(CALLERS, month_rate / 2.0, ROUND).await?.p99());
        let ratio = rate / floor;
        say(&format!(
            "round {n}: {rate:.0} days/s ({each:.0} µs of processor each), {floor:.0} silent \
             answers/s, {ratio:.2}; p99 of a day at half of it {day_p99:.2} ms; {month_rate:.0} \
             months/s, p99 at half of it {month_p99:.2} ms; {}",
            surroundings()
        ));
        ratios.push(ratio);
        day_p99s.push(day_p99);
        month_p99s.push(month_p99);
    }
    daemon.stop()?;
    Ok(verdict([
        judge("days against silent answers", median(ratios), RATE_FIGURE),
        judge_at_most("p99 of a day in ms, at half of that load", median(day_p99s), DAY_FIGURE),
        judge_at_most("p99 of a month in ms, at half load", median(month_p99s), MONTH_FIGURE),
    ]))
}

fn main() -> Result<ExitCode, Failure> {
    if std::env::args().nth(1).is_some_and(|word| word == "silent") {
        silent()?;
        return Ok(ExitCode::SUCCESS);
    }
    let place = workplace()?;
    let dir = place.path().canonicalize()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(conduct(&dir))
}
