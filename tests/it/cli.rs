//! The command line, as the README has it.

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::time::timeout;

use crate::harness::{Home, skipped};

/// The tour waits for a ban that is seconds ahead.
const LIMIT: Duration = Duration::from_secs(180);

/// The shell lines between the README's marks.
fn tour() -> String {
    let readme =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let (_, rest) = readme.split_once("<!-- tour:begin -->").expect("the tour begins");
    let (tour, _) = rest.split_once("<!-- tour:end -->").expect("the tour ends");
    let (_, code) = tour.split_once("```sh\n").expect("the tour is shell");
    code.split_once("```").expect("the tour's code ends").0.to_owned()
}

/// A directory that stands for the one that a build leaves the program in, and a
/// `cargo` that has built it.
fn stand_ins(home: &Home) {
    let release = home.path().join("target/release");
    std::fs::create_dir_all(&release).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_zelador"), release.join("zelador")).unwrap();
    let bin = home.path().join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    std::fs::write(bin.join("cargo"), "#!/bin/sh\n").unwrap();
    std::fs::set_permissions(bin.join("cargo"), std::fs::Permissions::from_mode(0o755)).unwrap();
}

async fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

#[tokio::test]
async fn the_tour_does_what_it_says() {
    let has = |program: &str| {
        let found = std::process::Command::new(program).arg("--version").output();
        found.is_ok_and(|output| output.status.success())
    };
    if !has("bash") || !has("curl") {
        return skipped("the tour needs bash and curl");
    }
    let home = Home::new("# all defaults\n").await;
    stand_ins(&home);
    let path = format!("{}:{}", home.path().join("bin").display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("bash");
    command
        .args(["-c", &tour()])
        .current_dir(home.path())
        .env_clear()
        .env("PATH", path)
        .env("CARGO_TARGET_DIR", home.path().join("target"))
        .env("PORT", free_port().await.to_string())
        .env("TMPDIR", home.path())
        .process_group(0)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let child = command.spawn().unwrap();
    let group = Pid::from_raw(child.id().unwrap().cast_signed()).unwrap();
    let output = timeout(LIMIT, child.wait_with_output()).await;
    // Whatever it left running.
    let _ = kill_process_group(group, Signal::KILL);
    let output = output.expect("the tour ends in time").unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let wrong = String::from_utf8_lossy(&output.stderr);
    println!("{text}{wrong}");
    assert!(!wrong.contains("error"), "the tour says what went wrong");
    judge(&text);
}

/// What the README says will be seen.
fn judge(text: &str) {
    for seen in [
        "\"next_status\":\"BANNED\"",
        "\"status\":\"pendente\"",
        "\"error\":\"conflict\"",
        "\"nearest\":[{",
        "\"cancellation_reason\":\"user_banned\"",
        "\"state\":\"scheduled\"",
        "\"state\":\"succeeded\"",
        "\"tries\":1",
        "cuota pagada",
        "stopped with exit code 0",
    ] {
        assert!(text.contains(seen), "the tour does not show {seen}");
    }
    assert_eq!(text.matches("\"user.status_changed\"").count(), 1, "carried out once");
    let refused = text.matches("\"success\":false").count();
    assert_eq!(refused, 1, "the hour that is taken is refused, and nothing else");
}
