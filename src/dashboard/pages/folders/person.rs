//! One user's folders, and the journeys of its files.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use serde::Deserialize;
use serde_json::{Value, json};
use warp::http::Method;

use super::{Folder, standing};
use crate::api::doors::Doors;
use crate::api::{Problem, Route};
use crate::dashboard::Dashboard;
use crate::dashboard::address::Address;
use crate::dashboard::frame::{Done, Frame, Outcome, act, look};
use crate::dashboard::html::{At, State, bytes};
use crate::dashboard::names::People;
use crate::dashboard::visit::Visit;

/// Files on a page.
const PAGE: &str = "30";

/// A version of a file, and how far it has come.
#[derive(Debug, Deserialize)]
struct Journey {
    name: String,
    source: String,
    state: String,
    to: Option<String>,
    job_id: Option<String>,
    error: Option<String>,
    size: u64,
    seen_at: At,
    ended_at: Option<At>,
}

impl Journey {
    /// Where it stands, and how that looks. One whose last try met something waits for
    /// the next.
    fn stage(&self) -> (&'static str, &'static str) {
        match (self.state.as_str(), &self.error) {
            ("processed", _) => ("moved", "ok"),
            ("failed", _) => ("failed", "failed"),
            (_, Some(_)) => ("waiting", "snoozed"),
            ("processing", None) => ("processing", "running"),
            (_, None) => ("seen", "scheduled"),
        }
    }

    fn bytes(&self) -> String {
        bytes(self.size)
    }

    fn has_failed(&self) -> bool {
        self.state == "failed"
    }
}

/// How often a job was tried, and may be.
#[derive(Debug, Deserialize)]
struct Tries {
    tries: u16,
    max_tries: u16,
}

pub(super) fn routes(dashboard: &Dashboard) -> Vec<Route<Doors>> {
    vec![
        look(dashboard, "/dashboard/folders/{id}", show),
        act(dashboard, "/dashboard/folders/{id}/create", create),
        act(dashboard, "/dashboard/folders/{id}/recreate", |visit| async move {
            tell(&visit, "recreate").await
        }),
        act(dashboard, "/dashboard/folders/{id}/process", |visit| async move {
            tell(&visit, "process").await
        }),
    ]
}

type Deed = Result<(String, Option<String>), Problem>;

async fn create(visit: Arc<Visit>) -> Deed {
    visit.tell(Method::POST, "/folders", json!({ "user_id": visit.param("id") })).await?;
    Ok((visit.text.s("folders-create-done"), None))
}

async fn tell(visit: &Visit, word: &str) -> Deed {
    let target = format!("/folders/{}/{word}", visit.param("id"));
    visit.tell(Method::POST, &target, Value::Null).await?;
    Ok((visit.text.s(&format!("folders-{word}-done")), None))
}

#[derive(Template)]
#[template(path = "folder.html")]
struct Shown {
    f: Frame,
    name: String,
    folder: Folder,
    files: Vec<Journey>,
    /// By job; of those that are still kept, and may be looked at.
    tries: BTreeMap<String, Tries>,
    next: Option<Address>,
    may: bool,
    sees_all: bool,
    sees_jobs: bool,
}

async fn show(visit: Arc<Visit>) -> Outcome {
    let id = visit.param("id");
    let folder: Folder = visit.get(&format!("/folders/{id}")).await?;
    let target = Address::new(format!("/folders/{id}/files")).with("limit", PAGE);
    let target = target.and("cursor", visit.asked("cursor"));
    let (files, next) = visit.list::<Journey>(target.text()).await?;
    let people = People::of(&visit, [&folder.user_id]).await?;
    let name = people.name(&folder.user_id);
    let title = visit.text.v("folders-of", &name);
    Done::page(&Shown {
        f: Frame::new(&visit, "folders", title),
        may: visit.may(&Method::POST, "/folders/x/recreate"),
        sees_all: visit.may(&Method::GET, "/folders"),
        sees_jobs: visit.may(&Method::GET, "/jobs/x"),
        tries: tries(&visit, &files).await?,
        next: next.map(|c| Address::new(format!("/dashboard/folders/{id}")).with("cursor", c)),
        name,
        folder,
        files,
    })
}

async fn tries(visit: &Visit, files: &[Journey]) -> Result<BTreeMap<String, Tries>, Problem> {
    let mut found = BTreeMap::new();
    if visit.may(&Method::GET, "/jobs/x") {
        for job in files.iter().filter_map(|file| file.job_id.as_ref()) {
            let tried = visit.perhaps::<Tries>(&format!("/jobs/{job}")).await?;
            found.extend(tried.map(|tried| (job.clone(), tried)));
        }
    }
    Ok(found)
}

impl Shown {
    fn standing(&self) -> State {
        standing(self.f.t, &self.folder.status)
    }

    /// Whether there is something to make good, or to look into.
    fn is_there(&self) -> bool {
        self.folder.status != "none"
    }

    fn is_ready(&self) -> bool {
        self.folder.status == "ready"
    }

    fn stage(&self, file: &Journey) -> State {
        let (word, looks) = file.stage();
        State::new(looks, &self.f.t.word("file", word))
    }

    fn tried(&self, file: &Journey) -> Option<String> {
        let tries = self.tries.get(file.job_id.as_ref()?)?;
        Some(format!("{}/{}", tries.tries, tries.max_tries))
    }

    /// The address on Drive, if it is one that a browser may be sent to: a program of the
    /// operator's may have told it. What the stand-in says leads nowhere.
    fn link(&self) -> Option<&str> {
        let link = self.folder.web_view_link.as_deref().filter(|_| !self.folder.sandbox);
        link.filter(|link| link.starts_with("https:"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journey(state: &str, error: Option<&str>) -> Journey {
        Journey {
            name: "nota.pdf".to_owned(),
            source: "vm".to_owned(),
            state: state.to_owned(),
            to: None,
            job_id: None,
            error: error.map(str::to_owned),
            size: 1,
            seen_at: At::default(),
            ended_at: None,
        }
    }

    #[test]
    fn a_file_that_met_something_waits_until_it_has_ended() {
        for (state, error, stage) in [
            ("new", None, "seen"),
            ("new", Some("disk full"), "waiting"),
            ("processing", None, "processing"),
            ("processing", Some("disk full"), "waiting"),
            ("processed", None, "moved"),
            ("failed", Some("exit code 65"), "failed"),
        ] {
            assert_eq!(journey(state, error).stage().0, stage, "{state} {error:?}");
        }
    }
}
