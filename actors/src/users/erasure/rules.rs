//! What stays of each row. Pure.

use serde_json::{Map, Value};
use zelador_store::Timestamp;
use zelador_store::audit::AuditEntry;
use zelador_store::booking::{Booking, Cancellation};
use zelador_store::event::Event;
use zelador_store::id::UserId;
use zelador_store::job::Job;
use zelador_store::leave::Leave;
use zelador_store::plan::Plan;
use zelador_store::user::{StatusChange, User};

use crate::users::rules::UserDraft;
use crate::users::rules::record::rewritten;

/// Members of events and of jobs' arguments that say nothing personal: ids, times,
/// states, numbers, and the program's own words.
const IMPERSONAL: &[&str] = &[
    "action",
    "at",
    "batch_id",
    "booking_id",
    "cancelled_by",
    "cause",
    "changed",
    "changed_at",
    "client_id",
    "date_in",
    "date_out",
    "end_time",
    "executed_by",
    "hold_expires_at",
    "initiated_by",
    "job_id",
    "kind",
    "leave_id",
    "new_status",
    "old_status",
    "plan_id",
    "queue",
    "replaces",
    "request_id",
    "resource_id",
    "series_id",
    "session_id",
    "sort",
    "start_time",
    "state",
    "status",
    "tenant_id",
    "tries",
    "user_id",
    "user_type",
    "version",
    "waitlist_id",
];

/// The record without the person: of what was filled in, only what sort of user it
/// was and on which plan, for the counts.
pub(super) fn blank(user: &User, now: Timestamp) -> User {
    let (user_type, plan) = (user.user_type, user.plan);
    let nobody = UserDraft { user_type, plan, ..UserDraft::default() };
    User { status_reason: None, ..rewritten(user, nobody, now) }
}

/// A change of status without its reason.
pub(super) fn change(row: &StatusChange) -> StatusChange {
    StatusChange { reason: None, ..row.clone() }
}

/// A plan without its reason.
pub(super) fn plan(row: &Plan) -> Plan {
    Plan { reason: None, ..row.clone() }
}

/// A leave without its reason.
pub(super) fn leave(row: &Leave) -> Leave {
    Leave { reason: None, ..row.clone() }
}

/// A booking without what was noted; the place it took stays for the counts.
pub(super) fn booking(row: &Booking) -> Booking {
    let cancellation = row.cancellation.clone();
    let cancellation = cancellation.map(|end| Cancellation { reason: None, ..end });
    Booking { notes: None, cancellation, ..row.clone() }
}

/// An event with what is known to be impersonal.
pub(super) fn event(row: &Event) -> Event {
    Event { data: impersonal(&row.data), ..row.clone() }
}

/// A deed, without what it said of the person.
pub(super) fn deed_about(row: &AuditEntry, now: Timestamp) -> AuditEntry {
    if row.before.is_none() && row.after.is_none() && row.address.is_none() {
        return row.clone();
    }
    let erased_at = row.erased_at.or(Some(now));
    AuditEntry { before: None, after: None, address: None, erased_at, ..row.clone() }
}

/// A deed of the person's: where it was done from goes, for that is about them.
pub(super) fn deed_by(row: &AuditEntry) -> AuditEntry {
    AuditEntry { address: None, ..row.clone() }
}

/// Whether a job is about the person.
pub(super) fn concerns(job: &Job, user: UserId) -> bool {
    job.user == Some(user) || job.args.contains(&user.to_string())
}

/// A job without what was said of the person. One that may still run keeps the
/// arguments that it may need, but no reason.
pub(super) fn job(row: &Job) -> Job {
    if row.state.is_live() {
        return Job { args: without_reason(&row.args), ..row.clone() };
    }
    let mut next = Job {
        args: impersonal(&row.args),
        error: None,
        checkpoint: None,
        progress: None,
        ..row.clone()
    };
    for attempt in &mut next.history {
        attempt.error = None;
    }
    next
}

fn impersonal(text: &str) -> String {
    keep(text, |name| IMPERSONAL.contains(&name))
}

fn without_reason(text: &str) -> String {
    keep(text, |name| name != "reason")
}

fn keep(text: &str, stays: impl Fn(&str) -> bool) -> String {
    match serde_json::from_str(text) {
        Ok(Value::Object(members)) => {
            let kept = members.into_iter().filter(|(name, _)| stays(name));
            Value::Object(kept.collect::<Map<_, _>>()).to_string()
        }
        _ => "{}".into(),
    }
}
