//! `notification.remind`: a reminder's time has come.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use zelador_store::Write;
use zelador_store::booking::Bookings;
use zelador_store::id::BookingId;
use zelador_store::notice::NoticeKind;

use super::done;
use crate::engine::jobs::{Failure, Handler, JobCx};
use crate::engine::notifications::consumer::Telling;
use crate::engine::notifications::desk::NoticeDesk;
use crate::engine::notifications::rules::remind::{self, Finding};

/// A reminder.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::engine::notifications) struct Reminder {
    pub(in crate::engine::notifications) booking_id: BookingId,
    /// Before the start.
    pub(in crate::engine::notifications) minutes: u32,
}

impl Reminder {
    /// One booking has one live reminder of each lead.
    pub(in crate::engine::notifications) fn key(&self) -> String {
        format!("remind:{}:{}", self.booking_id, self.minutes)
    }
}

/// Does the work of `notification.remind`.
pub(in crate::engine::notifications) struct Remind(pub(in crate::engine::notifications) NoticeDesk);

#[async_trait]
impl Handler for Remind {
    async fn run(&self, cx: JobCx) -> Result<Write, Failure> {
        let reminder: Reminder = cx.args()?;
        let (settings, now) = (self.0.settings(), cx.shell.now());
        let found = cx.shell.store.get::<Bookings>(&reminder.booking_id).await?;
        if !settings.reminders.contains(&reminder.minutes) {
            return Ok(done(&cx, "nobody is reminded this long before any more"));
        }
        let booking = found.as_ref().map(|found| &found.row);
        match remind::look(booking, reminder.minutes, now) {
            Finding::Void => return Ok(done(&cx, "there is nothing to be reminded of")),
            Finding::Early(until) => {
                let reason = "the booking has moved".to_owned();
                return Err(Failure::Snooze { until: Some(until), reason });
            }
            Finding::Due => {}
        }
        let mut write = Write::new();
        let Some(found) = found else { return Ok(write) };
        // What is sent is due for this very state of the booking.
        write.expect(&found);
        let start = found.row.start.to_seconds_string();
        let source = format!("{}:{start}", reminder.key());
        let to = [found.row.client];
        let about = Telling {
            kind: NoticeKind::BookingReminder,
            tenant: found.row.tenant,
            to: &to,
            source,
            booking: Some(reminder.booking_id),
            facts: Value::Null,
            group: None,
        };
        self.0.tell(&cx.shell, &settings, &about, &mut write).await?;
        Ok(write)
    }
}
