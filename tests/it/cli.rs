//! The command line, as the README has it.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::time::timeout;

use crate::harness::{Home, skipped};

/// The tour waits for a ban that is seconds ahead.
const LIMIT: Duration = Duration::from_secs(180);

/// The shell lines of a page between its marks.
fn shell(page: &str, mark: &str) -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    let page = std::fs::read_to_string(page).unwrap();
    let (_, rest) = page.split_once(&format!("<!-- {mark}:begin -->")).expect("it begins");
    let (told, _) = rest.split_once(&format!("<!-- {mark}:end -->")).expect("it ends");
    let blocks = told.split("```sh\n").skip(1);
    blocks.map(|block| block.split_once("```").expect("a block ends").0).collect()
}

/// A directory that stands for the one that a build leaves the program in, and a
/// `cargo` that has built it.
fn stand_ins(home: &Home) {
    let release = home.path().join("target/release");
    std::fs::create_dir_all(&release).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_zelador"), release.join("zelador")).unwrap();
    let bin = home.path().join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_zelador"), bin.join("zelador")).unwrap();
    std::fs::write(bin.join("cargo"), "#!/bin/sh\n").unwrap();
    std::fs::set_permissions(bin.join("cargo"), std::fs::Permissions::from_mode(0o755)).unwrap();
}

async fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

/// What a page's lines say when they are run; `None`: they cannot be, here.
async fn told(page: &str, mark: &str) -> Option<String> {
    let lacks = |program: &&&str| {
        let found = std::process::Command::new(program).arg("--version").output();
        !found.is_ok_and(|output| output.status.success())
    };
    if let Some(missing) = ["bash", "curl", "python3"].iter().find(lacks) {
        skipped(format!("{page} needs {missing}"));
        return None;
    }
    let home = Home::new("# all defaults\n").await;
    stand_ins(&home);
    let path = format!("{}:{}", home.path().join("bin").display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("bash");
    command
        .args(["-c", &shell(page, mark)])
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
    let output = output.expect("it ends in time").unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let wrong = String::from_utf8_lossy(&output.stderr);
    println!("{text}{wrong}");
    assert!(!wrong.contains("error"), "it says what went wrong");
    Some(text)
}

#[tokio::test]
async fn the_tour_does_what_it_says() {
    if let Some(text) = told("README.md", "tour").await {
        judge(&text);
    }
}

#[tokio::test]
async fn the_first_hour_does_what_it_says() {
    let Some(text) = told("docs/handbook/first-hour.md", "hour").await else { return };
    for seen in [
        "A trial: nothing is changed",
        "BANNED",
        "cuota impaga",
        "pending",
        "stopped with exit code 0",
    ] {
        assert!(text.contains(seen), "the first hour does not show {seen}");
    }
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
