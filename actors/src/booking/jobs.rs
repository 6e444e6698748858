//! The kinds of background work of the booking concern.
//!
//! - `booking.expire_hold`: a hold whose time is up is let go.
//! - `booking.cancel_all`: what is booked of a resource that is gone, or of a person
//!   who is out, is called off, a little at a time.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use zelador_store::author::{Author, AuthorKind};
use zelador_store::booking::{Booking, BookingStatus, Bookings, BookingsByClient, Occupied};
use zelador_store::id::{BookingId, ResourceId, TenantId, UserId};
use zelador_store::user::Users;
use zelador_store::{Cursor, Error as StoreError, Page, Query, Stored, Timestamp, Write};

use super::stage::Stage;
use crate::engine::Shell;
use crate::engine::jobs::{Failure, Handler, JobCx, NewJob};

/// The kind of job that lets a hold expire.
pub const EXPIRE_HOLD: &str = "booking.expire_hold";
/// The kind of job that calls off what is booked.
pub const CANCEL_ALL: &str = "booking.cancel_all";

/// Bookings called off in one commit.
const STEP: usize = 50;

#[derive(Debug, Serialize, Deserialize)]
struct Expiry {
    booking_id: BookingId,
}

/// The job that lets a hold expire at its time.
pub(super) fn expire(id: BookingId, booking: &Booking, until: Timestamp) -> NewJob {
    NewJob::new(EXPIRE_HOLD, &Expiry { booking_id: id })
        .at(until)
        .unique(format!("hold:{id}"))
        .about(booking.tenant, booking.user)
}

/// Does the work of `booking.expire_hold`.
pub struct ExpireHold;

#[async_trait]
impl Handler for ExpireHold {
    async fn run(&self, cx: JobCx) -> Result<Write, Failure> {
        let Expiry { booking_id } = cx.args()?;
        let found = cx.shell.store.get::<Bookings>(&booking_id).await?;
        let held = found.filter(|found| found.row.status == BookingStatus::Reservado);
        let Some(found) = held else {
            cx.progress(1, 1, "nothing to do: the hold has ended");
            return Ok(Write::new());
        };
        let until = found.row.hold.as_ref().map_or(cx.shell.now(), |hold| hold.until);
        if until > cx.shell.now() {
            // Run early by an operator, or the wall clock went back.
            let reason = "its time has not come".to_owned();
            return Err(Failure::Snooze { until: Some(until), reason });
        }
        let by = Author::new(AuthorKind::Job, cx.id.to_string());
        let mut stage = Stage::new(&cx.shell, &by);
        stage.expect_users(&[found.row.user]).await?;
        stage.expire(&found).await?;
        tracing::info!(booking = %booking_id, resource = %found.row.resource, "hold expired");
        Ok(stage.write)
    }
}

/// Whose bookings are called off, and why.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct CancelAllArgs {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) resource_id: Option<ResourceId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) user_id: Option<UserId>,
    #[serde(default)]
    pub(super) tenant_id: Option<TenantId>,
    /// What happened to the person, where the lifecycle asks for it.
    #[serde(default)]
    pub(super) transition: Option<String>,
    #[serde(default)]
    pub(super) reason: Option<String>,
}

impl CancelAllArgs {
    fn reason(&self) -> String {
        if let Some(reason) = &self.reason {
            return reason.clone();
        }
        match self.transition.as_deref() {
            Some(transition) => format!("user_{transition}"),
            None => "resource_deleted".to_owned(),
        }
    }
}

/// How far it is: after what, or done with all.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Done {
    cancelled: u64,
    after: Option<String>,
    over: bool,
}

/// Does the work of `booking.cancel_all`. Looks before it acts, so that a second
/// run finds nothing left.
pub struct CancelAll;

#[async_trait]
impl Handler for CancelAll {
    async fn run(&self, cx: JobCx) -> Result<Write, Failure> {
        let args: CancelAllArgs = cx.args()?;
        let reason = args.reason();
        let mut done: Done = cx.resume().unwrap_or_default();
        let by = Author::new(AuthorKind::Job, cx.id.to_string());
        while !done.over {
            let after = done.after.as_deref().and_then(|text| text.parse().ok());
            let page = upcoming(&cx.shell, &args, after).await?;
            let mut stage = Stage::new(&cx.shell, &by);
            stage.expect_users(&users(&page.rows)).await?;
            let mut cancelled = 0;
            for found in page.rows.iter().filter(|found| meant(&args, &found.row)) {
                if still(&cx.shell, &args).await? && found.row.status.occupies() {
                    stage.cancel(found, Some(&reason)).await?;
                    cancelled += 1;
                }
            }
            done.cancelled += cancelled;
            done.after = page.next.as_ref().map(ToString::to_string);
            done.over = done.after.is_none();
            cx.checkpoint_with(&done, stage.write).await?;
            cx.progress(done.cancelled, done.cancelled, format!("{} called off", done.cancelled));
        }
        let (cancelled, resource, user) = (done.cancelled, args.resource_id, args.user_id);
        tracing::info!(cancelled, reason, ?resource, ?user, "upcoming bookings called off");
        Ok(Write::new())
    }
}

/// A page of what is to come.
async fn upcoming(
    shell: &Shell,
    args: &CancelAllArgs,
    after: Option<Cursor>,
) -> Result<Page<Stored<Bookings>>, StoreError> {
    let (store, from) = (&shell.store, shell.now());
    match (args.resource_id, args.user_id) {
        (Some(id), _) => {
            let query = Query::under(&(id,)).from(&(id, from)).after(after).limit(STEP);
            store.page_by::<Occupied>(&query).await
        }
        (None, Some(id)) => {
            let query = Query::under(&(id,)).from(&(id, from)).after(after).limit(STEP);
            store.page_by::<BookingsByClient>(&query).await
        }
        (None, None) => Ok(Page { rows: Vec::new(), next: None }),
    }
}

/// What a person booked for somebody else stands: it is theirs.
fn meant(args: &CancelAllArgs, booking: &Booking) -> bool {
    match (args.resource_id, args.user_id) {
        (Some(resource), _) => booking.resource == resource,
        (None, Some(user)) => booking.client == user,
        (None, None) => false,
    }
}

/// Whether there still is a reason: who was banned by mistake, and let in again at
/// once, keeps what the job has not reached.
async fn still(shell: &Shell, args: &CancelAllArgs) -> Result<bool, StoreError> {
    use zelador_store::user::Status;
    let (Some(user), Some("banned")) = (&args.user_id, args.transition.as_deref()) else {
        return Ok(true);
    };
    let found = shell.store.get::<Users>(user).await?;
    Ok(found.is_none_or(|found| !found.row.is_live() || found.row.status == Status::Banned))
}

fn users(rows: &[Stored<Bookings>]) -> Vec<UserId> {
    let mut users: Vec<_> = rows.iter().map(|found| found.row.user).collect();
    users.sort_unstable();
    users.dedup();
    users
}
