//! What becomes of a delivery, and of its webhook, after a try.

use std::time::Duration;

use zelador_store::Timestamp;
use zelador_store::delivery::{Delivery, DeliveryStatus, DeliveryTry};
use zelador_store::webhook::WebhookHealth;

use crate::engine::jobs::rules::jittered;
use crate::engine::webhooks::settings::WebhookSettings;

/// Tries that a delivery remembers.
const REMEMBERED: usize = 12;

/// Characters of an error that are kept.
const ERROR_CHARS: usize = 300;

/// However long a receiver asks to be left alone, it is asked again after this.
pub const LONGEST_WAIT: Duration = Duration::from_secs(12 * 3600);

/// How often it may take until a row says that things go on well.
pub const NOTE_EVERY: Duration = Duration::from_secs(5);

/// What a try came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// When it began.
    pub at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// What was answered; `None`: nothing.
    pub status: Option<u16>,
    /// Not to be asked again for so long.
    pub retry_after: Option<Duration>,
    /// The beginning of the answer's body.
    pub excerpt: Option<String>,
    /// What went wrong, if nothing was answered.
    pub error: Option<String>,
    /// Another try cannot help.
    pub hopeless: bool,
}

impl Tried {
    /// A try that came to nothing before anything was sent.
    pub fn not_sent(at: Timestamp, error: impl std::fmt::Display, hopeless: bool) -> Self {
        let error = Some(error.to_string());
        let (took, status, retry_after, excerpt) = (Duration::ZERO, None, None, None);
        Self { at, took, status, retry_after, excerpt, error, hopeless }
    }

    /// Any 2xx is success.
    pub fn is_success(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }

    /// The receiver wants nothing more, ever.
    pub fn is_gone(&self) -> bool {
        self.status == Some(410)
    }

    /// What went wrong, in words an operator can act on; `None`: nothing did.
    pub fn trouble(&self) -> Option<String> {
        if self.is_success() {
            return None;
        }
        let said = match self.status {
            None => self.error.clone().unwrap_or_else(|| "nothing was answered".to_owned()),
            Some(410) => "answered 410: it wants nothing more".to_owned(),
            Some(status @ 300..400) => {
                format!("answered {status}: redirects are not followed, give the final address")
            }
            Some(status) => format!("answered {status}"),
        };
        Some(said.chars().take(ERROR_CHARS).collect())
    }
}

/// The row after a try. `chance` is a number from 0 to 1, for the jitter.
pub fn after(
    row: &Delivery,
    tried: &Tried,
    settings: &WebhookSettings,
    chance: f64,
    now: Timestamp,
) -> Delivery {
    let mut next = row.clone();
    next.tries = row.tries.saturating_add(1);
    next.history.push(DeliveryTry {
        at: tried.at,
        ms: u32::try_from(tried.took.as_millis()).unwrap_or(u32::MAX),
        status: tried.status,
        error: tried.trouble(),
    });
    let surplus = next.history.len().saturating_sub(REMEMBERED);
    next.history.drain(..surplus);
    next.excerpt.clone_from(&tried.excerpt);
    next.updated_at = now;
    let wait = settings.backoff_seconds.get(usize::from(row.tries));
    match wait {
        _ if tried.is_success() => next.status = DeliveryStatus::Delivered,
        Some(seconds) if !tried.is_gone() && !tried.hopeless => {
            let listed = jittered(Duration::from_secs((*seconds).into()), chance);
            let asked = tried.retry_after.unwrap_or_default().min(LONGEST_WAIT);
            next.due = now + listed.max(asked);
        }
        _ => next.status = DeliveryStatus::Failed,
    }
    if next.status != DeliveryStatus::Pending {
        (next.held, next.followed) = (false, false);
    }
    next
}

/// The row of a delivery that is to be sent again, as if it were new.
pub fn again(row: &Delivery, now: Timestamp) -> Delivery {
    Delivery { status: DeliveryStatus::Pending, due: now, tries: 0, updated_at: now, ..row.clone() }
}

/// How a webhook does after a try of event `seq` (0: of no log); `None`: what the
/// row says is still near enough.
pub fn health(
    row: &WebhookHealth,
    tried: &Tried,
    seq: u64,
    now: Timestamp,
) -> Option<WebhookHealth> {
    let in_log = Some(seq).filter(|seq| *seq > 0);
    let Some(trouble) = tried.trouble() else {
        let fresh = row.last_success_at.is_some_and(|at| now < at + NOTE_EVERY && at <= now);
        if fresh && row.failing_since.is_none() {
            return None;
        }
        let last_success_seq = row.last_success_seq.max(in_log);
        return Some(WebhookHealth {
            last_success_at: Some(now),
            last_success_seq,
            ..WebhookHealth::default()
        });
    };
    let missed_from = match (row.missed_from, in_log) {
        (Some(before), Some(seq)) => Some(before.min(seq)),
        (before, seq) => before.or(seq),
    };
    let next = WebhookHealth {
        failing_since: row.failing_since.or(Some(now)),
        last_error: Some(trouble),
        missed_from,
        ..row.clone()
    };
    (next != *row).then_some(next)
}

/// From which event on a webhook may have missed something.
pub fn replay_from(health: &WebhookHealth) -> Option<u64> {
    let next = health.last_success_seq.map(|seq| seq.saturating_add(1));
    match (health.missed_from, next) {
        (Some(missed), Some(next)) => Some(missed.min(next)),
        (Some(missed), None) => Some(missed),
        (None, _) => None,
    }
}

/// Whether a webhook has failed for too long.
pub fn is_over(health: &WebhookHealth, patience: Duration, now: Timestamp) -> bool {
    health.failing_since.is_some_and(|since| now >= since + patience)
}
