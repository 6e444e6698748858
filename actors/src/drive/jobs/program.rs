//! The operator's programs, as `[drive]` has them: what is run, what it is told, what
//! came of it.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Map, Value};
use zelador_store::drive::Leftover;

use crate::drive::settings::{ProgramSettings, Speech};
use crate::engine::jobs::{Failure, JobCx};
use crate::engine::programs::talk::{Protocol, Talk, Verdict};
use crate::engine::programs::{
    Hear as _, Mark, Program, RunAs, Started, arguments, end_leftover, inspect,
};

/// What is left of a job's time when its program is asked to end: its grace, and what
/// is to be done after it.
const RESERVE: Duration = Duration::from_secs(15);

/// Bytes of a result in a file that are read.
const MOST: u64 = 1024 * 1024;

/// A program that has been started, and waits to be told what to do.
pub(super) struct Running {
    started: Started,
    protocol: Protocol,
    result: ResultFile,
}

/// A file that a program may leave its result in, instead of saying it; it goes when the
/// run is over.
struct ResultFile(PathBuf);

impl ResultFile {
    /// An empty file that nobody reads but the program and the daemon.
    fn make(name: &str, owner: Option<RunAs>) -> std::io::Result<Self> {
        let path = std::env::temp_dir().join(format!("zelador-{}.result", name.replace('/', "-")));
        // One that a killed daemon left behind.
        let _ = std::fs::remove_file(&path);
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        let file = Self(path);
        if let Some(owner) = owner {
            std::os::unix::fs::chown(&file.0, Some(owner.uid), Some(owner.gid))?;
        }
        Ok(file)
    }

    /// What is in it, as a line that says a result; `None`: nothing, or no object.
    fn line(&self) -> Option<String> {
        let mut text = String::new();
        let file = std::fs::File::open(&self.0).ok()?;
        file.take(MOST).read_to_string(&mut text).ok()?;
        let mut said: Map<String, Value> = serde_json::from_str(&text).ok()?;
        said.insert("type".to_owned(), "result".into());
        Some(Value::Object(said).to_string())
    }
}

impl Drop for ResultFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// What a program came to: what it says of it, and its partial results.
pub(super) type Said = (Map<String, Value>, Vec<Map<String, Value>>);

/// Ends what an earlier try left running.
pub(super) async fn end_earlier(leftover: Option<&Leftover>) {
    if let Some(left) = leftover {
        let mark = Mark { leader: left.leader, name: left.name.clone() };
        end_leftover(&mark, Duration::from_secs(10)).await;
    }
}

/// Whether a program may be run at all, in words an operator can act on; that none is
/// configured is no trouble.
pub fn runnable(settings: &ProgramSettings) -> Result<(), String> {
    if settings.command.is_empty() {
        return Ok(());
    }
    let told = |failure: Failure| match failure {
        Failure::Permanent { error } | Failure::Retry { error, .. } => error,
        Failure::Snooze { reason, .. } => reason,
    };
    let program = program(settings).map_err(told)?;
    inspect(&program).map_err(|finding| finding.to_string())
}

/// Starts a program. `values`: what its arguments may name.
pub(super) fn start(
    settings: &ProgramSettings,
    cx: &JobCx,
    values: &BTreeMap<&str, String>,
) -> Result<(Running, Leftover), Failure> {
    let program = program(settings)?;
    inspect(&program).map_err(Failure::permanent)?;
    let arguments = arguments::fill(&settings.args, values).map_err(Failure::permanent)?;
    let name = format!("{}/{}", cx.id, cx.job.tries);
    let result = ResultFile::make(&name, program.run_as)
        .map_err(|error| Failure::retry(format!("no file for a result can be made: {error}")))?;
    let variables = [
        ("ZELADOR_JOB_ID", cx.id.to_string()),
        ("ZELADOR_ATTEMPT", cx.job.tries.to_string()),
        ("ZELADOR_RESULT_FILE", result.0.display().to_string()),
    ];
    let started = Started::start(&program, &arguments, &variables, &name);
    let started = started.map_err(Failure::retry)?;
    let mark = started.mark();
    let leftover = Leftover { leader: mark.leader, name: mark.name.clone() };
    let protocol = match settings.protocol {
        Speech::Jsonl => Protocol::JsonLines,
        Speech::Exit => Protocol::Exit,
    };
    Ok((Running { started, protocol, result }, leftover))
}

impl Running {
    /// Tells it what to do, hears it to its end, and judges. `limit`: the job's.
    pub(super) async fn finish(
        self,
        cx: &JobCx,
        input: &Value,
        limit: Duration,
    ) -> Result<Said, Failure> {
        let limit = limit.saturating_sub(RESERVE).max(Duration::from_secs(1));
        let job = cx.id;
        let mut progress = |shown: crate::engine::programs::talk::Progress| {
            cx.progress(shown.done, shown.total, shown.words);
        };
        let mut log = |line: &str| tracing::info!(job_id = %job, line, "a program says");
        let mut talk = Talk::new(&mut progress, &mut log);
        let text = format!("{input}\n").into_bytes();
        let ending = self.started.finish(text, limit, &mut talk).await;
        if let Some(line) = self.result.line() {
            talk.line(&line, true);
        }
        let parts = talk.parts().to_vec();
        match talk.judge(self.protocol, &ending) {
            Verdict::Done(said) => Ok((said, parts)),
            Verdict::Again(why) => Err(Failure::retry(why)),
            Verdict::Never(why) => Err(Failure::permanent(why)),
        }
    }
}

fn program(settings: &ProgramSettings) -> Result<Program, Failure> {
    let mut program = Program::new(settings.command.clone());
    program.dir = Some(&settings.cwd).filter(|dir| !dir.is_empty()).map(PathBuf::from);
    program.env.clone_from(&settings.env);
    program.pass.clone_from(&settings.env_pass);
    program.run_as = run_as(&settings.run_as)?;
    Ok(program)
}

/// `uid:gid`.
fn run_as(text: &str) -> Result<Option<RunAs>, Failure> {
    if text.is_empty() {
        return Ok(None);
    }
    let numbers = text
        .split_once(':')
        .and_then(|(uid, gid)| Some(RunAs { uid: uid.parse().ok()?, gid: gid.parse().ok()? }));
    numbers.map(Some).ok_or_else(|| Failure::permanent("run_as must be two numbers, uid:gid"))
}
