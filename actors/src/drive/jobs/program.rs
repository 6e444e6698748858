//! The operator's programs, as `[drive]` has them: what is run, what it is told, what
//! came of it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Map, Value};
use zelador_store::drive::Leftover;

use crate::drive::settings::{ProgramSettings, Speech};
use crate::engine::jobs::{Failure, JobCx};
use crate::engine::programs::talk::{Protocol, Talk, Verdict};
use crate::engine::programs::{Mark, Program, RunAs, Started, arguments, end_leftover, inspect};

/// What is left of a job's time when its program is asked to end: its grace, and what
/// is to be done after it.
const RESERVE: Duration = Duration::from_secs(15);

/// A program that has been started, and waits to be told what to do.
pub(super) struct Running {
    started: Started,
    protocol: Protocol,
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

/// Starts a program. `values`: what its arguments may name.
pub(super) fn start(
    settings: &ProgramSettings,
    cx: &JobCx,
    values: &BTreeMap<&str, String>,
) -> Result<(Running, Leftover), Failure> {
    let program = program(settings)?;
    inspect(&program).map_err(Failure::permanent)?;
    let arguments = arguments::fill(&settings.args, values).map_err(Failure::permanent)?;
    let variables =
        [("ZELADOR_JOB_ID", cx.id.to_string()), ("ZELADOR_ATTEMPT", cx.job.tries.to_string())];
    let name = format!("{}/{}", cx.id, cx.job.tries);
    let started = Started::start(&program, &arguments, &variables, &name);
    let started = started.map_err(Failure::retry)?;
    let mark = started.mark();
    let leftover = Leftover { leader: mark.leader, name: mark.name.clone() };
    let protocol = match settings.protocol {
        Speech::Jsonl => Protocol::JsonLines,
        Speech::Exit => Protocol::Exit,
    };
    Ok((Running { started, protocol }, leftover))
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
