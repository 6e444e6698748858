//! What the service manager hears, and what its own judge says of the unit.

use std::time::Duration;

use rustix::process::Signal;
use tokio::net::UnixDatagram;
use tokio::process::Command;
use tokio::time::timeout;

use crate::harness::{Daemon, Home, PATIENCE, skipped};

/// The messages that arrive until one starts with `wanted`.
async fn until(socket: &UnixDatagram, wanted: &str) -> Vec<String> {
    let mut heard = Vec::new();
    loop {
        let mut message = vec![0; 4096];
        let length = timeout(PATIENCE, socket.recv(&mut message)).await;
        let length = length.unwrap_or_else(|_| panic!("no {wanted} after {heard:?}")).unwrap();
        message.truncate(length);
        heard.push(String::from_utf8(message).unwrap());
        if heard.last().unwrap().starts_with(wanted) {
            return heard;
        }
    }
}

fn count(messages: &[String], of: &str) -> usize {
    messages.iter().filter(|message| message.starts_with(of)).count()
}

/// A daemon as the service manager starts it. The watchdog's variables name the
/// process they are for, so a shell fills them in and becomes the daemon.
fn spawn_as_service(home: &Home) -> (Daemon, UnixDatagram) {
    let socket = home.path().join("notify");
    let listening = UnixDatagram::bind(&socket).unwrap();
    let mut command = home.command(["serve"]);
    let program = command.as_std().get_program().to_owned();
    let variables: Vec<_> = command.as_std().get_envs().map(owned).collect();
    command = Command::new("/bin/sh");
    command.args(["-c", "WATCHDOG_PID=$$ exec \"$0\" serve"]).arg(program);
    command.env_clear().envs(variables).kill_on_drop(true);
    command.env("NOTIFY_SOCKET", &socket).env("WATCHDOG_USEC", "400000");
    (Daemon::spawn(home, command), listening)
}

fn owned(
    (name, value): (&std::ffi::OsStr, Option<&std::ffi::OsStr>),
) -> (std::ffi::OsString, std::ffi::OsString) {
    (name.to_owned(), value.unwrap_or_default().to_owned())
}

#[tokio::test]
async fn the_service_manager_hears_of_every_change() {
    let home = Home::alone("").await;
    let (mut daemon, socket) = spawn_as_service(&home);
    let heard = until(&socket, "READY=1").await;
    assert_eq!(count(&heard, "RELOADING=1"), 0, "{heard:?}");
    daemon.ready().await;
    until(&socket, "WATCHDOG=1").await;
    until(&socket, "WATCHDOG=1").await;
    home.configure("[service]\ndrain_seconds = 3\n");
    daemon.signal(Signal::HUP);
    let heard = until(&socket, "RELOADING=1").await;
    assert!(heard.last().unwrap().contains("MONOTONIC_USEC="), "{heard:?}");
    let heard = until(&socket, "READY=1").await;
    assert!(heard.last().unwrap().contains("STATUS=ready"), "{heard:?}");
    home.configure("[oops]\n");
    daemon.signal(Signal::HUP);
    until(&socket, "RELOADING=1").await;
    let heard = until(&socket, "READY=1").await;
    assert!(heard.last().unwrap().contains("refused"), "{heard:?}");
    daemon.signal(Signal::TERM);
    until(&socket, "STOPPING=1").await;
    assert!(daemon.ended(PATIENCE).await.success());
}

#[tokio::test]
async fn a_daemon_that_stands_still_feeds_no_watchdog() {
    let home = Home::alone("").await;
    let (mut daemon, socket) = spawn_as_service(&home);
    daemon.ready().await;
    until(&socket, "WATCHDOG=1").await;
    daemon.signal(Signal::STOP);
    // What was under way when it was stopped may still arrive.
    let mut buffer = [0; 4096];
    while timeout(Duration::from_secs(2), socket.recv(&mut buffer)).await.is_ok() {}
    daemon.signal(Signal::CONT);
    until(&socket, "WATCHDOG=1").await;
}

#[tokio::test]
async fn the_unit_is_as_tight_as_promised() {
    let unit = concat!(env!("CARGO_MANIFEST_DIR"), "/systemd/zelador.service");
    let judge = Command::new("systemd-analyze")
        .args(["security", "--offline=true", "--no-pager", "--threshold=20", unit])
        .output()
        .await;
    let Ok(output) = judge else { return skipped("systemd-analyze is not installed") };
    let said = String::from_utf8_lossy(&output.stdout);
    let verdict = said.lines().last().unwrap_or_default();
    println!("{verdict}");
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(verdict.contains("Overall exposure level"), "{said}");
}
