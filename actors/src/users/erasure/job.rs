//! `user.erase`: all that is not the record itself, page by page.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use zelador_store::answer::Answers;
use zelador_store::audit::{Audit, AuditByAuthor, AuditByUser};
use zelador_store::booking::{BookingsByClient, BookingsByUser};
use zelador_store::event::{Events, Timeline};
use zelador_store::id::{TenantId, UserId};
use zelador_store::job::Jobs;
use zelador_store::kv::Term;
use zelador_store::leave::LeavesByUser;
use zelador_store::notice::NoticeChoices;
use zelador_store::plan::PlansByUser;
use zelador_store::session::Sessions;
use zelador_store::user::StatusHistory;
use zelador_store::{Cursor, Query, Write};

use super::rules;
use super::walk::{Fate, Settled, settle};
use crate::engine::jobs::{Failure, Handler, JobCx, NewJob};

/// The kind of job.
pub const ERASE: &str = "user.erase";

/// Rows looked at in one commit.
const PAGE: usize = 200;

/// The places that are gone through, in this order.
const PLACES: &[&str] = &[
    "status history",
    "plans",
    "leaves",
    "bookings by the person",
    "bookings for the person",
    "timeline",
    "audit about the person",
    "audit by the person",
    "choices of notices",
    "sessions",
    "jobs",
    "kept answers",
    "event log",
];

#[derive(Debug, Serialize, Deserialize)]
struct Args {
    user_id: UserId,
}

/// Where it is.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Done {
    place: usize,
    after: Option<String>,
    rows: u64,
}

/// The job that erases what is known of a person beside the record.
pub(super) fn scrub(tenant: TenantId, user: UserId) -> NewJob {
    NewJob::new(ERASE, &Args { user_id: user }).unique(format!("erase:{user}")).about(tenant, user)
}

/// Does the work of `user.erase`.
#[derive(Debug, Default)]
pub struct Scrub;

#[async_trait]
impl Handler for Scrub {
    async fn run(&self, cx: JobCx) -> Result<Write, Failure> {
        let Args { user_id } = cx.args()?;
        let mut done: Done = cx.resume().unwrap_or_default();
        let total = PLACES.len() as u64;
        while let Some(place) = PLACES.get(done.place) {
            cx.progress(done.place as u64, total, *place);
            let after = done.after.as_deref().and_then(|text| text.parse().ok());
            match page(&cx, user_id, place, after).await? {
                Settled::Again => continue,
                Settled::Done { count, next: Some(next) } => {
                    done.rows += count;
                    done.after = Some(next.to_string());
                }
                Settled::Done { count, next: None } => {
                    done = Done { place: done.place + 1, after: None, rows: done.rows + count };
                }
            }
            cx.checkpoint(&done).await?;
        }
        cx.progress(total, total, format!("{} rows erased", done.rows));
        tracing::info!(user = %user_id, rows = done.rows, "traces of a user erased");
        Ok(Write::new())
    }
}

async fn page(
    cx: &JobCx,
    user: UserId,
    place: &str,
    after: Option<Cursor>,
) -> Result<Settled, Failure> {
    let store = &cx.shell.store;
    let now = cx.shell.now();
    match place {
        "status history" => {
            let page = Query::under(&(user,)).limit(PAGE).after(after);
            let page = store.page::<StatusHistory>(&page).await?;
            settle(cx, page, |found| Fate::of(&found.row, rules::change(&found.row))).await
        }
        "plans" => {
            let page = Query::under_key(&user).limit(PAGE).after(after);
            let page = store.page_by::<PlansByUser>(&page).await?;
            settle(cx, page, |found| Fate::of(&found.row, rules::plan(&found.row))).await
        }
        "leaves" => {
            let page = Query::under_key(&user).limit(PAGE).after(after);
            let page = store.page_by::<LeavesByUser>(&page).await?;
            settle(cx, page, |found| Fate::of(&found.row, rules::leave(&found.row))).await
        }
        "bookings by the person" => {
            let page = Query::under(&(user,)).limit(PAGE).after(after);
            let page = store.page_by::<BookingsByUser>(&page).await?;
            settle(cx, page, |found| Fate::of(&found.row, rules::booking(&found.row))).await
        }
        "bookings for the person" => {
            let page = Query::under(&(user,)).limit(PAGE).after(after);
            let page = store.page_by::<BookingsByClient>(&page).await?;
            settle(cx, page, |found| Fate::of(&found.row, rules::booking(&found.row))).await
        }
        "timeline" => {
            let page = Query::under(&(user,)).limit(PAGE).after(after);
            let page = store.page::<Timeline>(&page).await?;
            settle(cx, page, |found| Fate::of(&found.row, rules::event(&found.row))).await
        }
        "audit about the person" => {
            let page = Query::under(&(user,)).limit(PAGE).after(after);
            let page = store.page_by::<AuditByUser>(&page).await?;
            settle(cx, page, |found| Fate::of(&found.row, rules::deed_about(&found.row, now))).await
        }
        "audit by the person" => {
            let page = Query::under(&(Term::new(&user.to_string()),)).limit(PAGE).after(after);
            let page = store.page_by::<AuditByAuthor>(&page).await?;
            settle::<Audit>(cx, page, |found| Fate::of(&found.row, rules::deed_by(&found.row)))
                .await
        }
        "choices of notices" => {
            let page = Query::under_key(&user).limit(PAGE).after(after);
            let page = store.page::<NoticeChoices>(&page).await?;
            settle(cx, page, |_| Fate::Remove).await
        }
        _ => everywhere(cx, user, place, after).await,
    }
}

/// Places that no index leads through to a person: all rows are looked at.
async fn everywhere(
    cx: &JobCx,
    user: UserId,
    place: &str,
    after: Option<Cursor>,
) -> Result<Settled, Failure> {
    let store = &cx.shell.store;
    match place {
        "sessions" => {
            let page = store.page::<Sessions>(&Query::all().limit(PAGE).after(after)).await?;
            settle(cx, page, |found| if found.row.user == user { Fate::Remove } else { Fate::Keep })
                .await
        }
        "jobs" => {
            let page = store.page::<Jobs>(&Query::all().limit(PAGE).after(after)).await?;
            // Its own row is its checkpoint's.
            let theirs = |found: &zelador_store::Stored<Jobs>| {
                found.key != cx.id && rules::concerns(&found.row, user)
            };
            settle(cx, page, |found| {
                if theirs(found) {
                    Fate::of(&found.row, rules::job(&found.row))
                } else {
                    Fate::Keep
                }
            })
            .await
        }
        "kept answers" => {
            let id = user.to_string();
            let page = store.page::<Answers>(&Query::all().limit(PAGE).after(after)).await?;
            settle(
                cx,
                page,
                |found| {
                    if found.row.body.contains(&id) { Fate::Remove } else { Fate::Keep }
                },
            )
            .await
        }
        "event log" => {
            let page = store.page::<Events>(&Query::all().limit(PAGE).after(after)).await?;
            settle(cx, page, |found| {
                if found.row.user == Some(user) {
                    Fate::of(&found.row, rules::event(&found.row))
                } else {
                    Fate::Keep
                }
            })
            .await
        }
        other => Err(Failure::permanent(format!("there is no such place: {other}"))),
    }
}
