//! Real programs, as bad as they come. Each is a script for `sh`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use proptest::prelude::*;
use rustix::process::{Pid, test_kill_process};
use tokio::time::{Instant, sleep};

use super::lines::{Lines, MAX_LINE};
use super::*;

/// Longer than anything here takes on a busy machine.
const LONG: Duration = Duration::from_secs(60);
/// Short enough to be waited for, long enough for a shell to start.
const SHORT: Duration = Duration::from_secs(2);

#[derive(Default)]
struct Heard(Vec<(String, bool)>);

impl Hear for Heard {
    fn line(&mut self, line: &str, within: bool) {
        self.0.push((line.to_owned(), within));
    }
}

impl Heard {
    fn lines(&self) -> Vec<&str> {
        self.0.iter().map(|(line, _)| line.as_str()).collect()
    }
}

fn sh(script: &str) -> Program {
    let command = ["/bin/sh", "-c", script].map(str::to_owned).to_vec();
    Program { grace: Duration::from_millis(300), ..Program::new(command) }
}

fn start(program: &Program) -> Started {
    Started::start(program, &[], &[], "a try").unwrap()
}

async fn run_for(program: &Program, input: &str, limit: Duration) -> (Ending, Heard) {
    let mut heard = Heard::default();
    let ending = start(program).finish(input.as_bytes().to_vec(), limit, &mut heard).await;
    (ending, heard)
}

async fn run(script: &str, input: &str) -> (Ending, Heard) {
    run_for(&sh(script), input, LONG).await
}

async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + LONG;
    while !holds() {
        assert!(Instant::now() < deadline, "never: {what}");
        sleep(Duration::from_millis(20)).await;
    }
}

fn lives(pid: i32) -> bool {
    let found = procfs::process::Process::new(pid).and_then(|process| process.stat());
    found.is_ok_and(|stat| stat.state != 'Z')
        && test_kill_process(Pid::from_raw(pid).unwrap()).is_ok()
}

/// The process number that a script wrote to a file.
async fn pid_in(path: &Path) -> i32 {
    let read = || std::fs::read_to_string(path).ok()?.trim().parse::<i32>().ok();
    eventually("a process number", || read().is_some()).await;
    read().unwrap()
}

fn place() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("pid");
    (dir, file)
}

#[tokio::test]
async fn it_reads_its_input_and_is_heard_line_by_line() {
    let (ending, heard) =
        run("read -r a; echo \"got $a\"; echo oops >&2; printf last; exit 3", "hi\n").await;
    assert_eq!(ending.how, How::Exited(3));
    assert_eq!(heard.lines(), ["got hi", "last"]);
    assert_eq!((ending.errors.as_str(), ending.truncated), ("oops\n", false));
}

#[tokio::test]
async fn values_are_arguments_and_never_a_command() {
    let program = Program { command: vec!["/bin/echo".to_owned()], ..sh("") };
    let hostile = ["$(touch /tmp/owned)", "; rm -rf /", "a b", "'\"", "-n"].map(str::to_owned);
    let started = Started::start(&program, &hostile, &[], "a try").unwrap();
    let mut heard = Heard::default();
    started.finish(Vec::new(), LONG, &mut heard).await;
    assert_eq!(heard.lines(), ["$(touch /tmp/owned) ; rm -rf / a b '\" -n"]);
}

#[tokio::test]
async fn the_daemons_environment_is_not_passed_on() {
    let mut program = sh("env");
    program.env.insert("GIVEN".to_owned(), "1".to_owned());
    let started = Started::start(&program, &[], &[("JOB", "7".to_owned())], "try 7").unwrap();
    let mut heard = Heard::default();
    started.finish(Vec::new(), LONG, &mut heard).await;
    let mut names: Vec<_> =
        heard.lines().iter().map(|line| line.split('=').next().unwrap()).collect();
    names.retain(|name| !["PWD", "SHLVL", "_", "OLDPWD"].contains(name));
    names.sort_unstable();
    assert_eq!(names, ["GIVEN", "JOB", "LANG", "PATH", "PYTHONUNBUFFERED", "ZELADOR_TRY"]);
    assert!(heard.lines().contains(&"ZELADOR_TRY=try 7"));
}

#[tokio::test]
async fn one_that_does_not_read_its_input_is_none_the_worse() {
    let input = "x".repeat(4 * 1024 * 1024);
    assert_eq!(run("exit 0", &input).await.0.how, How::Exited(0));
}

#[tokio::test]
async fn one_that_hangs_is_asked_to_end_and_may_say_a_last_word() {
    let script = "trap 'echo bye; exit 0' TERM; echo here; while :; do sleep 0.05; done";
    let (ending, heard) = run_for(&sh(script), "", SHORT).await;
    assert_eq!(ending.how, How::TimedOut);
    assert_eq!(heard.lines(), ["here", "bye"]);
}

#[tokio::test]
async fn one_that_ignores_being_asked_is_ended() {
    let (_dir, file) = place();
    let script =
        format!("trap '' TERM; echo $$ > {}; while :; do sleep 0.05; done", file.display());
    let (ending, _) = run_for(&sh(&script), "", SHORT).await;
    assert_eq!(ending.how, How::TimedOut);
    assert!(!lives(pid_in(&file).await));
}

#[tokio::test]
async fn children_that_it_leaves_behind_go_with_it() {
    let (_dir, file) = place();
    let script = format!("sleep 1000 & echo $! > {}; echo done; exit 0", file.display());
    let began = Instant::now();
    let (ending, heard) = run(&script, "").await;
    assert_eq!((ending.how, heard.lines()), (How::Exited(0), vec!["done"]));
    assert!(began.elapsed() < LONG, "the child held the pipes open");
    let child = pid_in(&file).await;
    eventually("the child is gone", || !lives(child)).await;
}

#[tokio::test]
async fn one_that_forks_and_forks_is_ended_with_all_of_it() {
    let (dir, _) = place();
    let at = dir.path().display();
    let script = format!(
        "for n in 1 2 3 4 5; do sh -c 'trap \"\" TERM; echo $$ > {at}/'$n'; exec sleep 1000' & done; wait"
    );
    let (ending, _) = run_for(&sh(&script), "", SHORT).await;
    assert_eq!(ending.how, How::TimedOut);
    for n in 1..=5 {
        let child = pid_in(&dir.path().join(n.to_string())).await;
        eventually("every child is gone", || !lives(child)).await;
    }
}

#[tokio::test]
async fn a_flood_is_read_and_let_go_and_the_last_word_is_heard() {
    let mut program = sh(
        "head -c 20000000 /dev/zero | tr '\\0' 'x' | fold -w 1000; echo; echo the result; head -c 3000000 /dev/zero | tr '\\0' 'e' >&2",
    );
    program.max_output = 10_000;
    program.max_errors = 1000;
    let (ending, heard) = run_for(&program, "", LONG).await;
    assert_eq!(ending.how, How::Exited(0));
    assert!(ending.truncated);
    assert_eq!(ending.errors.len(), 1000);
    let within = heard.0.iter().filter(|(_, within)| *within).count();
    assert_eq!(within, 9, "lines of 1,001 bytes that count");
    assert_eq!(heard.lines().last(), Some(&"the result"));
}

#[tokio::test]
async fn rubbish_is_text_all_the_same() {
    let (ending, heard) = run(
        "printf '\\377\\376\\000\\033[31m\\n\\n\\r\\nok\\r\\n'; printf '\\033]0;x\\007' >&2",
        "",
    )
    .await;
    assert_eq!(ending.how, How::Exited(0));
    assert_eq!(heard.lines(), ["\u{fffd}\u{fffd}\0\u{1b}[31m", "ok"]);
    assert_eq!(ending.errors, " ]0;x ");
}

#[tokio::test]
async fn one_that_is_killed_by_somebody_says_by_what() {
    assert_eq!(run("kill -9 $$", "").await.0.how, How::Signalled(9));
}

#[tokio::test]
async fn one_that_is_given_up_is_ended_with_its_children() {
    let (dir, file) = place();
    let child = dir.path().join("child");
    let script =
        format!("sleep 1000 & echo $! > {}; echo $$ > {}; wait", child.display(), file.display());
    let started = start(&sh(&script));
    let work = tokio::spawn(async move {
        started.finish(Vec::new(), LONG, &mut Heard::default()).await;
    });
    let pids = [pid_in(&file).await, pid_in(&child).await];
    assert!(pids.into_iter().all(lives));
    work.abort();
    for pid in pids {
        eventually("nothing of it runs", || !lives(pid)).await;
    }
}

#[tokio::test]
async fn what_a_killed_daemon_left_is_found_by_its_mark_and_ended() {
    let (_dir, file) = place();
    let script = format!("sleep 1000 & echo $! > {}; wait", file.display());
    let started = Started::start(&sh(&script), &[], &[], "try of job 9").unwrap();
    let mark = started.mark().clone();
    // A killed daemon drops nothing.
    std::mem::forget(started);
    let child = pid_in(&file).await;
    let other = Mark { name: "try of job 8".to_owned(), ..mark.clone() };
    assert!(!end_leftover(&other, SHORT).await, "its number belongs to another try");
    assert!(lives(child));
    let kept: Mark = serde_json::from_str(&serde_json::to_string(&mark).unwrap()).unwrap();
    assert!(end_leftover(&kept, SHORT).await);
    eventually("the child is gone", || !lives(child)).await;
    assert!(!end_leftover(&kept, SHORT).await, "there is nothing left");
}

#[tokio::test]
async fn what_cannot_start_says_why() {
    let program = Program::new(vec!["/nonexistent/program".to_owned()]);
    let error = Started::start(&program, &[], &[], "a try").unwrap_err().to_string();
    assert!(error.starts_with("starting /nonexistent/program: No such file"), "{error}");
    assert!(matches!(
        Started::start(&Program::new(vec![]), &[], &[], "a try"),
        Err(Unstarted::Empty)
    ));
}

#[test]
fn only_what_others_cannot_change_is_run() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let (bin, script) = (dir.path().join("bin"), dir.path().join("bin/run.sh"));
    std::fs::create_dir(&bin).unwrap();
    std::fs::write(&script, "#!/bin/sh\n").unwrap();
    let chmod = |path: &Path, mode| {
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    };
    chmod(&bin, 0o755);
    let looked_at = |command: &[&str]| {
        let command = command.iter().map(|&part| part.to_owned()).collect();
        inspect(&Program::new(command)).map_err(|finding| finding.to_string())
    };
    let (path, at) = (script.to_str().unwrap(), bin.to_str().unwrap());
    chmod(&script, 0o644);
    assert_eq!(
        looked_at(&[path]).unwrap_err(),
        format!("{path} is not executable: chmod +x {path}")
    );
    chmod(&script, 0o755);
    assert_eq!(looked_at(&[path]), Ok(()));
    assert_eq!(looked_at(&["/bin/sh", path]), Ok(()));
    chmod(&script, 0o775);
    let changeable = format!("{path} can be changed by others: chmod go-w {path}");
    assert_eq!(looked_at(&[path]).unwrap_err(), changeable);
    assert_eq!(
        looked_at(&["/bin/sh", path]).unwrap_err(),
        changeable,
        "the script of an interpreter"
    );
    chmod(&script, 0o755);
    chmod(&bin, 0o777);
    assert_eq!(
        looked_at(&[path]).unwrap_err(),
        format!("{at} can be changed by others: chmod go-w {at}")
    );
    assert!(looked_at(&["run.sh"]).unwrap_err().contains("not an absolute path"));
    assert!(looked_at(&[at]).unwrap_err().contains("is not a file"));
    assert_eq!(looked_at(&[]).unwrap_err(), "no command is configured");
}

#[test]
fn a_line_without_an_end_is_cut() {
    let (mut lines, mut told) = (Lines::default(), Vec::new());
    lines.push(&vec![b'x'; 3 * MAX_LINE], |line| told.push(line.len()));
    lines.push(b"more\nnext\n", |line| told.push(line.len()));
    assert_eq!((told, lines.truncated), (vec![MAX_LINE, 4], true));
}

proptest! {
    /// However output is cut into chunks, its lines are the same.
    #[test]
    fn chunks_do_not_show(text in "[a-z\\n\\r\u{e9}]{0,60}", cuts in prop::collection::vec(0_usize..60, 0..6)) {
        let whole: Vec<_> = text.split('\n').map(|line| line.trim_end_matches('\r').to_owned())
            .filter(|line| !line.is_empty()).collect();
        let (mut lines, mut told, mut from) = (Lines::default(), Vec::new(), 0);
        let mut cuts: Vec<_> = cuts.into_iter().filter(|cut| *cut < text.len()).collect();
        cuts.sort_unstable();
        for cut in cuts.into_iter().chain([text.len()]) {
            lines.push(&text.as_bytes()[from..cut], |line| told.push(line.to_owned()));
            from = cut;
        }
        lines.end(|line| told.push(line.to_owned()));
        prop_assert_eq!(told, whole);
    }
}
