//! Places that become free are offered to whoever waits.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};
use tokio::sync::watch;
use zelador_store::author::{Author, AuthorKind};
use zelador_store::booking::{Booking, BookingStatus};
use zelador_store::event::Event;
use zelador_store::id::{BookingId, ResourceId, WaitlistId};
use zelador_store::waitlist::{Waitlist, WaitlistEntry, WaitlistState};
use zelador_store::{Stored, Timestamp, Write};

use super::waiting;
use crate::booking::book::hold;
use crate::booking::load::{CalendarView, Ground, People};
use crate::booking::rules::{self, Span, Taken};
use crate::booking::settings::BookingSettings;
use crate::booking::stage::{Stage, about_booking, payload};
use crate::engine::Shell;
use crate::engine::events::{Consume, EventCx};
use crate::engine::jobs::Failure;
use crate::error::Error;

/// The consumer `waitlist`: places that become free are offered.
pub struct Offers(watch::Receiver<Arc<BookingSettings>>);

impl Offers {
    /// With the time that an offer is held.
    pub fn new(settings: watch::Receiver<Arc<BookingSettings>>) -> Self {
        Self(settings)
    }
}

#[async_trait]
impl Consume for Offers {
    fn name(&self) -> &'static str {
        "waitlist"
    }

    fn wants(&self, event: &Event) -> bool {
        matches!(
            event.kind.as_str(),
            "booking.cancelled"
                | "booking.updated"
                | "booking.status_changed"
                | "booking.hold_expired"
                | "booking.waitlist_joined"
                | "resource.updated"
        )
    }

    async fn consume(&self, cx: &EventCx, _: u64, event: &Event) -> Result<Write, Failure> {
        let data: Value = serde_json::from_str(&event.data).map_err(Failure::permanent)?;
        let resource = data.get("resource_id").and_then(Value::as_str);
        let Some(resource) = resource.and_then(|id| id.parse().ok()) else {
            return Ok(Write::new());
        };
        let offer = Duration::from_secs(self.0.borrow().waitlist_offer_seconds.into());
        offers(&cx.shell, resource, offer).await.map_err(Failure::from)
    }
}

/// The offers that a resource can make now.
async fn offers(shell: &Shell, resource: ResourceId, offer: Duration) -> Result<Write, Error> {
    let waiting = waiting(shell, resource).await?;
    if waiting.is_empty() {
        return Ok(Write::new());
    }
    let ground = match Ground::of(shell, resource, None).await {
        Ok(ground) => ground,
        Err(Error::Refused(_)) => return Ok(Write::new()),
        Err(error) => return Err(error),
    };
    let by = Author::new(AuthorKind::Job, "waitlist");
    let calendar = CalendarView::of(&shell.store, resource).await?;
    let mut making = Making {
        shell,
        ground: &ground,
        stage: Stage::new(shell, &by),
        until: shell.now() + offer,
        new: Vec::new(),
        longest: Duration::ZERO,
        served: HashSet::new(),
    };
    let mut passed: Vec<&Stored<Waitlist>> = Vec::new();
    for entry in &waiting {
        match making.finds(&calendar, entry).await? {
            Finding::Ended => {}
            Finding::Taken => passed.push(entry),
            Finding::Free => {
                // A booking may have been called off since the elder ones were looked
                // at, which the calendar's revision does not tell: then it is theirs.
                for elder in passed.iter().filter(|elder| overlap(&elder.row, &entry.row)) {
                    making.serve(&calendar, elder).await?;
                }
                making.serve(&calendar, entry).await?;
            }
        }
    }
    if !making.new.is_empty() {
        ground.expect(&mut making.stage.write);
        calendar.raise(&mut making.stage.write, making.longest);
    }
    Ok(making.stage.write)
}

struct Making<'a> {
    shell: &'a Shell,
    ground: &'a Ground,
    stage: Stage<'a>,
    until: Timestamp,
    /// What this very write places.
    new: Vec<Taken>,
    longest: Duration,
    /// The entries that this very write changes.
    served: HashSet<WaitlistId>,
}

/// What a look at the calendar finds for an entry.
#[derive(PartialEq, Eq)]
enum Finding {
    /// The place is free for it.
    Free,
    /// Somebody has the place, or a rule is against it.
    Taken,
    /// It waits no more.
    Ended,
}

fn overlap(a: &WaitlistEntry, b: &WaitlistEntry) -> bool {
    a.start < b.end && b.start < a.end
}

impl Making<'_> {
    /// Offers an entry the place if it is free.
    async fn serve(
        &mut self,
        calendar: &CalendarView,
        entry: &Stored<Waitlist>,
    ) -> Result<(), Error> {
        if self.finds(calendar, entry).await? != Finding::Free {
            return Ok(());
        }
        let asked = Span { start: entry.row.start, end: entry.row.end };
        let id = self.offer(entry, asked);
        self.end(entry, WaitlistState::Offered, Some(id));
        self.new.push(Taken { id, start: asked.start, end: asked.end });
        self.longest = self.longest.max(asked.length());
        Ok(())
    }

    /// Whether the place is free for an entry, beside what this write places. One
    /// that waits for nothing any more is ended.
    async fn finds(
        &mut self,
        calendar: &CalendarView,
        entry: &Stored<Waitlist>,
    ) -> Result<Finding, Error> {
        let (terms, now, row) = (&self.ground.terms, self.shell.now(), &entry.row);
        if self.served.contains(&entry.key) {
            return Ok(Finding::Ended);
        }
        if row.start <= now {
            self.end(entry, WaitlistState::Over, None);
            return Ok(Finding::Ended);
        }
        let asked = Span { start: row.start, end: row.end };
        let people = match People::of(self.shell, row.tenant, row.user, row.user).await {
            Ok(people) => people,
            Err(Error::Refused(_)) => {
                self.end(entry, WaitlistState::Withdrawn, None);
                return Ok(Finding::Ended);
            }
            Err(error) => return Err(error),
        };
        let reach = rules::reach(terms, asked);
        let mut taken = calendar.taken(&self.shell.store, reach, &[]).await?;
        taken.extend(self.new.iter().copied());
        taken.sort_by_key(|taken| (taken.start, taken.end));
        if !rules::judge(terms, now, &people.booker, asked, &taken).bookable() {
            return Ok(Finding::Taken);
        }
        people.expect(&mut self.stage.write);
        Ok(Finding::Free)
    }

    /// The hold for an entry, and the news of it.
    fn offer(&mut self, entry: &Stored<Waitlist>, asked: Span) -> BookingId {
        let (shell, row) = (self.shell, &entry.row);
        let id: BookingId = shell.id();
        let zone = &self.ground.terms.zone;
        let booking = Booking {
            tenant: row.tenant,
            resource: row.resource,
            user: row.user,
            client: row.user,
            start: asked.start,
            end: asked.end,
            start_local: zone.to_datetime(asked.start.to_jiff()),
            zone: self.ground.terms.zone_name.clone(),
            notes: None,
            status: BookingStatus::Reservado,
            hold: None,
            occurrence: None,
            cancellation: None,
            sequence: 0,
            by: self.stage.by.clone(),
            version: 1,
            created_at: shell.now(),
            updated_at: shell.now(),
        };
        // Nobody takes up what has begun.
        let until = self.until.min(asked.start);
        let held = hold(shell, id, &booking, until, Some(entry.key), &mut self.stage.write);
        let booking = Booking { hold: Some(held), ..booking };
        self.stage.place(id, &booking);
        let mut data = payload(id, &booking);
        if let Some(members) = data.as_object_mut() {
            members.insert("waitlist_id".into(), json!(entry.key));
            members.insert("hold_expires_at".into(), json!(until.to_seconds_string()));
        }
        let kind = "booking.waitlist_offered";
        let event = about_booking(shell, kind, id, &booking, self.stage.by, data);
        self.stage.write.event(&event);
        tracing::info!(booking = %id, resource = %row.resource, user = %row.user, %until,
            "a place was offered to the next in line");
        id
    }

    fn end(&mut self, entry: &Stored<Waitlist>, state: WaitlistState, booking: Option<BookingId>) {
        let row = WaitlistEntry {
            state,
            booking: booking.or(entry.row.booking),
            version: entry.row.version + 1,
            updated_at: self.shell.now(),
            ..entry.row.clone()
        };
        self.stage.write.update::<Waitlist>(entry, &row);
        self.served.insert(entry.key);
    }
}
