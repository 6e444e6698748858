//! What the monitor knows and shows; pure.

use zelador_store::Timestamp;

use super::facts::{Job, Look, Queue};
use crate::cli::paths::with_query;

/// States that the list of jobs goes through; nothing: all of them.
pub(super) const STATES: [Option<&str>; 7] = [
    None,
    Some("running"),
    Some("ready"),
    Some("scheduled"),
    Some("failed"),
    Some("succeeded"),
    Some("cancelled"),
];
/// How many jobs the list asks for.
const LISTED: &str = "200";
/// How many the overview asks for.
const LATEST: &str = "30";

/// A page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Page {
    /// Queues, what runs, the latest, what failed.
    #[default]
    Overview,
    /// A list of jobs.
    Jobs,
    /// Actors and consumers.
    Parts,
}

/// What lies over the page.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) enum Over {
    /// Nothing.
    #[default]
    Nothing,
    /// The keys.
    Help,
    /// One job, looked into.
    Job(Box<Job>),
    /// A question, and what a yes does.
    Question(String, Ask),
    /// Words are being typed that jobs must hold.
    Typing(String),
}

/// What is to be done outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ask {
    /// The monitor ends.
    Quit,
    /// A look at everything, with this list of jobs.
    Look(String),
    /// A look into one job.
    Show(String),
    /// A job is tried again.
    Retry(String),
    /// All failed jobs, of one queue or of all, are tried again.
    RetryAll(Option<String>),
    /// A job is called off.
    Cancel(String),
    /// A queue starts nothing more.
    Pause(String),
    /// A queue starts jobs again.
    Resume(String),
}

/// What comes back.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum News {
    /// What a look saw, and where.
    Seen(Box<Look>, String),
    /// The job that was asked for.
    Job(Box<Job>),
    /// Something was done.
    Did(String),
    /// The daemon said no.
    Refused(String),
    /// The daemon is not reached.
    Away(String),
}

/// Whether there is a daemon.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Link {
    /// Nobody knows yet.
    #[default]
    Looking,
    /// It answers.
    Up,
    /// It does not.
    Away {
        /// Why, in words.
        why: String,
        /// Since when.
        since: Timestamp,
        /// How often it was looked for.
        tries: u32,
    },
}

/// Which jobs are listed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Filter {
    /// In which state: a place in [`STATES`].
    pub(super) state: usize,
    /// Of which queue.
    pub(super) queue: Option<String>,
    /// Which words they hold.
    pub(super) words: String,
}

/// A line that tells what became of something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    /// The line.
    pub(super) text: String,
    /// Whether it is trouble.
    pub(super) bad: bool,
}

/// Everything.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct State {
    /// The page.
    pub(super) page: Page,
    /// What lies over it.
    pub(super) over: Over,
    /// Which jobs are listed.
    pub(super) filter: Filter,
    /// The queue that keys act on, by name; none: the first.
    pub(super) queue: Option<String>,
    /// The job that keys act on, by id; none: the first.
    pub(super) job: Option<String>,
    /// What was seen last.
    pub(super) look: Option<Look>,
    /// Where the daemon is.
    pub(super) at: String,
    /// Whether there is one.
    pub(super) link: Link,
    /// What became of the last thing that was asked for.
    pub(super) said: Option<Said>,
    /// How far the parts, the help or a job are scrolled.
    pub(super) scroll: u16,
}

impl State {
    /// The list of jobs that the page needs.
    pub(super) fn jobs_path(&self) -> String {
        if self.page != Page::Jobs {
            return with_query("jobs", &[("limit", Some(LATEST))]);
        }
        let state = self.wanted_state();
        let queue = self.filter.queue.as_deref();
        with_query("jobs", &[("queue", queue), ("state", state), ("limit", Some(LISTED))])
    }

    /// The state that jobs must be in.
    pub(super) fn wanted_state(&self) -> Option<&'static str> {
        STATES.get(self.filter.state).copied().flatten()
    }

    /// What is heard from outside.
    pub(super) fn hear(&mut self, news: News, now: Timestamp) {
        match news {
            News::Seen(look, at) => {
                (self.look, self.at, self.link) = (Some(*look), at, Link::Up);
            }
            News::Job(job) => (self.over, self.scroll) = (Over::Job(job), 0),
            News::Did(text) => self.said = Some(Said { text, bad: false }),
            News::Refused(text) => self.said = Some(Said { text, bad: true }),
            News::Away(why) => {
                let (since, tries) = match &self.link {
                    Link::Away { since, tries, .. } => (*since, tries.saturating_add(1)),
                    _ => (now, 1),
                };
                self.link = Link::Away { why, since, tries };
            }
        }
    }

    /// The queues that were seen.
    pub(super) fn queues(&self) -> &[Queue] {
        self.look.as_ref().map_or(&[], |look| &look.queues)
    }

    /// The jobs that the list shows. What was asked for by the filter before is not
    /// shown under the name of this one.
    pub(super) fn jobs(&self) -> Vec<&Job> {
        let (state, queue) = (self.wanted_state(), self.filter.queue.as_ref());
        let words = &self.filter.words;
        let meant = |job: &&Job| {
            state.is_none_or(|state| job.state == state)
                && queue.is_none_or(|queue| job.queue == *queue)
                && (words.is_empty() || job.is_about(words))
        };
        self.look.iter().flat_map(|look| &look.jobs).filter(meant).collect()
    }

    /// The place of the chosen queue.
    pub(super) fn queue_at(&self) -> usize {
        let chosen = |queue: &Queue| Some(&queue.name) == self.queue.as_ref();
        self.queues().iter().position(chosen).unwrap_or(0)
    }

    /// The place of the chosen job in the list.
    pub(super) fn job_at(&self) -> usize {
        let chosen = |job: &&Job| Some(&job.id) == self.job.as_ref();
        self.jobs().iter().position(chosen).unwrap_or(0)
    }

    /// The queue that keys act on.
    pub(super) fn chosen_queue(&self) -> Option<&Queue> {
        self.queues().get(self.queue_at())
    }

    /// The job that keys act on.
    pub(super) fn chosen_job(&self) -> Option<&Job> {
        match &self.over {
            Over::Job(job) => Some(job),
            _ => self.jobs().get(self.job_at()).copied(),
        }
    }
}
