//! Which call is meant, and whether the caller may make it.

use serde_json::json;

use super::super::core::cloud::Caller;
use super::super::stage::Stage;
use super::envelope::{Answer, Form, Ocs, plain};
use super::request::Asked;
use super::{Cut, HTML, groups, users};

/// What a call came to, where it is not an envelope.
pub(super) enum Outcome {
    /// An envelope.
    Ocs(Ocs),
    /// A bare answer.
    Bare(Answer),
    /// None.
    Cut,
}

impl From<Ocs> for Outcome {
    fn from(ocs: Ocs) -> Self {
        Self::Ocs(ocs)
    }
}

pub(super) async fn answer(
    stage: &Stage,
    asked: &Asked,
    path: &[&str],
    form: Form,
) -> Result<Answer, Cut> {
    match outcome(stage, asked, path).await {
        Outcome::Ocs(ocs) => Ok(ocs.answer(form)),
        Outcome::Bare(answer) => Ok(answer),
        Outcome::Cut => Err(Cut),
    }
}

async fn outcome(stage: &Stage, asked: &Asked, path: &[&str]) -> Outcome {
    if let ["cloud", "capabilities"] = path {
        return capabilities(stage, asked).into();
    }
    let by = match identify(stage, asked) {
        Ok(by) => by,
        Err(refused) => return refused.into(),
    };
    match path {
        ["cloud", "users", rest @ ..] => users::answer(stage, asked, &by, rest).await,
        ["cloud", "groups", rest @ ..] => groups::answer(stage, asked, &by, rest),
        ["apps", "serverinfo", "api", "v1", "info"] => {
            // What a cron job counted long ago.
            Ocs::data(json!({"nextcloud": {"storage": {"num_users": 1}}})).into()
        }
        _ => Ocs::fail(998, "Invalid query, please check the syntax.").into(),
    }
}

fn identify(stage: &Stage, asked: &Asked) -> Result<String, Ocs> {
    let now = stage.now();
    match stage.cloud().caller(&asked.shown(), &asked.peer, now) {
        Caller::Known(id) => Ok(id),
        Caller::Nobody => Err(Ocs::fail(997, "Current user is not logged in")),
        Caller::Wrong => Err(Ocs::fail(997, "Unauthorised")),
        Caller::Locked => Err(Ocs::fail(429, "Reached maximum delay")),
    }
}

fn capabilities(stage: &Stage, asked: &Asked) -> Ocs {
    let now = stage.now();
    let mut cloud = stage.cloud();
    let delay = cloud.guard.delay(&asked.peer, now);
    let allowed = cloud.guard.is_allowed(&asked.peer);
    let mut parts = cloud.version.split('.').filter_map(|part| part.parse::<u32>().ok());
    let mut part = || parts.next().unwrap_or_default();
    let text = cloud.status().get("versionstring").cloned().unwrap_or_default();
    Ocs::data(json!({
        "version": {"major": part(), "minor": part(), "micro": part(), "string": text},
        "capabilities": {"bruteforce": {"delay": delay, "allow-listed": allowed}},
    }))
}

/// Only admins may; the refusal otherwise.
pub(super) fn admins_only(stage: &Stage, by: &str) -> Result<(), Ocs> {
    if stage.cloud().is_admin(by) {
        return Ok(());
    }
    Err(Ocs::fail(403, "Logged in account must be at least a sub admin"))
}

/// The method does not exist here.
pub(super) fn bad_method() -> Outcome {
    Outcome::Bare(plain(405, HTML, ""))
}
