//! One run of a program.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::Pid;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep_until};

use super::group::{Group, Mark, NAME};
use super::lines::{Lines, Tail};
use super::program::Program;

/// Where programs are looked for by those we start.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// For what is still in the pipes once the leader is gone. A child that keeps them
/// open would hold them for ever.
const DRAIN: Duration = Duration::from_millis(500);

/// Bytes that are read at once.
const CHUNK: usize = 16 * 1024;

/// Hears what a program says.
pub trait Hear: Send {
    /// A line of its output, without its end, at most 64 KiB of it. `within`: it is
    /// part of the output that counts.
    fn line(&mut self, line: &str, within: bool);
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// It ended itself, with this code.
    Exited(i32),
    /// Somebody else, or a mistake of its own, ended it by this signal.
    Signalled(i32),
    /// Its time was up.
    TimedOut,
}

/// What is known of a run that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// How it ended.
    pub how: How,
    /// The end of what it wrote to its errors.
    pub errors: String,
    /// More was said than was kept.
    pub truncated: bool,
    /// From its start.
    pub took: Duration,
}

/// Why a program did not start.
#[derive(Debug, thiserror::Error)]
pub enum Unstarted {
    /// No command.
    #[error("no command is configured")]
    Empty,
    /// The system refused.
    #[error("starting {program}: {source}")]
    Refused {
        /// What.
        program: String,
        /// Why.
        source: std::io::Error,
    },
}

/// A program that runs, and has been told nothing yet.
#[derive(Debug)]
pub struct Started {
    child: Child,
    group: Group,
    mark: Mark,
    began: Instant,
    max_output: usize,
    max_errors: usize,
}

impl Started {
    /// Starts a program, with more arguments and variables of this run. `name`, one
    /// of a kind, is how its processes are known.
    ///
    /// One that waits for its input does nothing before [`finish`](Self::finish): the
    /// mark can be made durable first.
    pub fn start(
        program: &Program,
        arguments: &[String],
        variables: &[(&str, String)],
        name: &str,
    ) -> Result<Self, Unstarted> {
        let began = Instant::now();
        let path = program.command.first().ok_or(Unstarted::Empty)?.clone();
        let refused = |source| Unstarted::Refused { program: path.clone(), source };
        let mut command = command(program, arguments, variables, name);
        let child = command.spawn().map_err(refused)?;
        let leader = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        let leader = leader.ok_or_else(|| refused(std::io::ErrorKind::NotFound.into()))?;
        let mark = Mark { leader: leader.as_raw_pid(), name: name.to_owned() };
        let group = Group::new(leader, program.grace);
        let (max_output, max_errors) = (program.max_output, program.max_errors);
        Ok(Self { child, group, mark, began, max_output, max_errors })
    }

    /// By what it is found again.
    pub fn mark(&self) -> &Mark {
        &self.mark
    }

    /// Feeds it its input, hears it to its end, and ends what is left of it. `limit`
    /// counts from its start; then it gets its grace.
    pub async fn finish(mut self, input: Vec<u8>, limit: Duration, heard: &mut dyn Hear) -> Ending {
        let (stdin, stdout) = (self.child.stdin.take(), self.child.stdout.take());
        let stderr = self.child.stderr.take();
        let mut output = Output { lines: Lines::default(), left: self.max_output, heard };
        let mut errors = Tail::new(self.max_errors);
        let how = {
            let feed = async move {
                if let Some(mut stdin) = stdin {
                    // Who does not read it has no use for it.
                    let _ = stdin.write_all(&input).await;
                }
            };
            let hear = read(stdout, |chunk| output.take(chunk));
            let complain = read(stderr, |chunk| errors.push(chunk));
            let pipes = async { tokio::join!(feed, hear, complain) };
            tokio::pin!(pipes);
            let mut open = true;
            let deadline = self.began + limit;
            let mut how = None;
            let mut end = deadline;
            let status = loop {
                tokio::select! {
                    status = self.child.wait() => break status,
                    _ = &mut pipes, if open => open = false,
                    () = sleep_until(end) => {
                        if how.replace(How::TimedOut).is_none() {
                            self.group.ask();
                            end = Instant::now() + self.group.grace();
                        } else {
                            self.group.kill();
                            end = Instant::now() + DRAIN;
                        }
                    }
                }
            };
            if open {
                let drained = tokio::time::timeout(DRAIN, &mut pipes).await;
                self.group.kill();
                if drained.is_err() {
                    // Whoever held them is gone; one that left the group is not waited for.
                    let _ = tokio::time::timeout(DRAIN, &mut pipes).await;
                }
            }
            self.group.kill();
            how.unwrap_or_else(|| how_of(&status))
        };
        output.end();
        let truncated = output.lines.truncated || errors.truncated;
        Ending { how, errors: errors.text(), truncated, took: self.began.elapsed() }
    }
}

/// What is said, within its bound.
struct Output<'a> {
    lines: Lines,
    /// Bytes that still count.
    left: usize,
    heard: &'a mut dyn Hear,
}

impl Output<'_> {
    fn take(&mut self, chunk: &[u8]) {
        let Self { lines, left, heard } = self;
        let mut beyond = false;
        lines.push(chunk, |line| {
            let within = line.len() <= *left;
            beyond |= !within;
            *left = left.saturating_sub(line.len() + 1);
            heard.line(line, within);
        });
        self.lines.truncated |= beyond;
    }

    fn end(&mut self) {
        let Self { lines, left, heard } = self;
        lines.end(|line| heard.line(line, line.len() <= *left));
    }
}

/// Reads a pipe to its end, and goes on reading whatever becomes of it.
async fn read(pipe: Option<impl AsyncRead + Unpin>, mut each: impl FnMut(&[u8])) {
    let Some(mut pipe) = pipe else { return };
    let mut chunk = vec![0; CHUNK];
    while let Ok(length @ 1..) = pipe.read(&mut chunk).await {
        each(chunk.get(..length).unwrap_or_default());
    }
}

fn how_of(status: &std::io::Result<ExitStatus>) -> How {
    match status {
        Ok(status) => match (status.code(), status.signal()) {
            (Some(code), _) => How::Exited(code),
            (None, signal) => How::Signalled(signal.unwrap_or(0)),
        },
        // Nobody knows; it does not count as done.
        Err(_) => How::Signalled(0),
    }
}

fn command(
    program: &Program,
    arguments: &[String],
    variables: &[(&str, String)],
    name: &str,
) -> Command {
    let (path, fixed) = program.command.split_first().unwrap_or((const { &String::new() }, &[]));
    let mut command = Command::new(path);
    command.args(fixed).args(arguments);
    command.current_dir(program.dir.as_deref().unwrap_or(std::path::Path::new("/")));
    command.env_clear().env("PATH", PATH).env("LANG", "C.UTF-8").env("PYTHONUNBUFFERED", "1");
    for passed in &program.pass {
        if let Some(value) = std::env::var_os(passed) {
            command.env(passed, value);
        }
    }
    command.envs(&program.env).envs(variables.iter().map(|(name, value)| (name, value)));
    command.env(NAME, name);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.process_group(0);
    if let Some(other) = program.run_as {
        // The standard library drops supplementary groups along with root.
        command.uid(other.uid).gid(other.gid);
    }
    command
}
