//! The desk: what notices are made with, and what everyone may ask of it.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::watch;
use zelador_store::notice::NoticeKind;

use super::alerts::{Alarms, Deliver, SendAlerts, Watch};
use super::consumer::Notices;
use super::jobs::{self, Prune, Remind, Sample, Send, Test};
use super::links::Links;
use super::rules::tongue::Tongue;
use super::send::{Gateway, Post};
use super::settings::NoticeSettings;
use super::templates::{Overrides, TemplateProblem, Templates, Written, names, sample};
use crate::engine::events::Consume;
use crate::engine::jobs::Handler;
use crate::engine::{Shell, jobs::NewJob};
use crate::error::Refusal;

/// How often the operator's texts are looked at.
const LOOK: Duration = Duration::from_secs(2);

/// Notices and alerts; clones are the same.
#[derive(Clone)]
pub struct NoticeDesk {
    pub(super) shell: Shell,
    settings: watch::Receiver<Arc<NoticeSettings>>,
    pub(super) templates: Templates,
    pub(super) links: Links,
    pub(super) post: Post,
    pub(super) gateway: Gateway,
}

/// How notices do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoticeHealth {
    /// Whether mail is sent.
    pub email: bool,
    /// Whether a gateway is used.
    pub gateway: bool,
    /// Why nothing is sent at the moment, though it should be.
    pub error: Option<String>,
    /// Texts of the operator's in force.
    pub overridden: Vec<String>,
    /// Texts of the operator's that are not, and why.
    pub problems: Vec<TemplateProblem>,
}

impl NoticeDesk {
    /// A desk with these settings; it sends nothing before it has work.
    pub fn new(shell: Shell, settings: watch::Receiver<Arc<NoticeSettings>>, links: Links) -> Self {
        let (templates, post, gateway) =
            (Templates::default(), Post::default(), Gateway::default());
        Self { shell, settings, templates, links, post, gateway }
    }

    /// The settings in force.
    pub fn settings(&self) -> Arc<NoticeSettings> {
        self.settings.borrow().clone()
    }

    /// The consumers of the event log.
    pub fn consumers(&self) -> Vec<Arc<dyn Consume>> {
        vec![Arc::new(Notices(self.clone())), Arc::new(Alarms(self.clone()))]
    }

    /// The kinds of work.
    pub fn handlers(&self) -> Vec<(&'static str, Arc<dyn Handler>)> {
        use super::alerts::{DELIVER, SEND, WATCH};
        vec![
            (jobs::SEND, Arc::new(Send(self.clone()))),
            (jobs::REMIND, Arc::new(Remind(self.clone()))),
            (jobs::TEST, Arc::new(Test(self.clone()))),
            (jobs::PRUNE, Arc::new(Prune)),
            (SEND, Arc::new(SendAlerts(self.clone()))),
            (DELIVER, Arc::new(Deliver(self.clone()))),
            (WATCH, Arc::new(Watch(self.clone()))),
        ]
    }

    /// Reads a token of a link; `None`: it is none of ours, or no longer good.
    pub fn opt_out(&self, token: &str) -> Option<super::OptOut> {
        self.links.read(token, self.shell.now())
    }

    /// A text with sample data.
    pub fn sample(&self, kind: &str, tongue: Tongue) -> Result<Written, Refusal> {
        let known = names().find(|name| *name == kind);
        let name = known.ok_or_else(|| Refusal::field("kind", "unknown_notice"))?;
        let facts = sample(name, tongue).into_iter().next().unwrap_or_default();
        self.templates.book().write(name, tongue, &facts).map_err(|error| Refusal::Rule {
            code: "unwritable",
            args: vec![("error", error.to_string())],
            details: serde_json::Value::Null,
        })
    }

    /// The job that sends a sample.
    pub fn test(test: &Sample) -> NewJob {
        NewJob::new(jobs::TEST, test)
    }

    /// How notices do.
    pub fn health(&self) -> NoticeHealth {
        let (settings, book) = (self.settings(), self.templates.book());
        let smtp = settings.smtp.as_ref();
        NoticeHealth {
            email: smtp.is_some(),
            gateway: settings.gateway.is_some(),
            error: smtp.and_then(|smtp| self.post.paused(smtp, self.shell.now())),
            overridden: book.overridden.clone(),
            problems: book.problems.clone(),
        }
    }

    /// Takes over the operator's texts, now and whenever they change; never ends.
    pub async fn follow_texts(self) {
        let mut seen = None;
        loop {
            let dir = self.settings().templates_dir.clone();
            let desk = self.clone();
            let before = seen.clone();
            let looked = tokio::task::spawn_blocking(move || {
                let mark = dir.as_deref().map(Overrides::mark);
                let now = Some((dir.clone(), mark));
                if now != before {
                    desk.templates.reload(dir.as_deref());
                }
                now
            });
            match looked.await {
                Ok(now) => seen = now,
                Err(error) => tracing::error!(%error, "the texts cannot be looked at"),
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The kinds that a person can refuse.
    pub fn kinds() -> [NoticeKind; 12] {
        NoticeKind::ALL
    }
}
