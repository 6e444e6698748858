//! Bookings as they are written and read.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zelador_actors::booking::stage::whom;
use zelador_actors::booking::{BookingRecord, Scope};
use zelador_store::booking::{Booking, BookingStatus};
use zelador_store::id::{BookingId, ResourceId, SeriesId, TenantId, UserId};

use super::super::language::Language;
use super::super::time::Utc;
use super::labels::label;

/// Where a booking stands; the English words are accepted as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum BookingWord {
    /// Held for a while.
    Reservado,
    /// Waits for confirmation.
    Pendente,
    /// It stands.
    Confirmado,
    /// The hold ran out.
    Expirado,
    /// It was not confirmed.
    Rejeitado,
    /// It was called off.
    Cancelado,
    /// It took place.
    Concluido,
    /// Nobody came.
    NaoCompareceu,
    /// `reservado`.
    Held,
    /// `pendente`.
    Pending,
    /// `confirmado`.
    Confirmed,
    /// `expirado`.
    Expired,
    /// `rejeitado`.
    Rejected,
    /// `cancelado`.
    Cancelled,
    /// `concluido`.
    Completed,
    /// `nao_compareceu`.
    NoShow,
}

impl From<BookingWord> for BookingStatus {
    fn from(word: BookingWord) -> Self {
        match word {
            BookingWord::Reservado | BookingWord::Held => Self::Reservado,
            BookingWord::Pendente | BookingWord::Pending => Self::Pendente,
            BookingWord::Confirmado | BookingWord::Confirmed => Self::Confirmado,
            BookingWord::Expirado | BookingWord::Expired => Self::Expirado,
            BookingWord::Rejeitado | BookingWord::Rejected => Self::Rejeitado,
            BookingWord::Cancelado | BookingWord::Cancelled => Self::Cancelado,
            BookingWord::Concluido | BookingWord::Completed => Self::Concluido,
            BookingWord::NaoCompareceu | BookingWord::NoShow => Self::NaoCompareceu,
        }
    }
}

/// How often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum FrequencyWord {
    /// Every so many days.
    Daily,
    /// Every so many weeks.
    Weekly,
    /// Every so many months, on the same day of the month.
    Monthly,
}

/// What becomes of a series some of which cannot be booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum OnConflict {
    /// Nothing is booked.
    #[default]
    Fail,
    /// The rest is booked.
    Skip,
}

/// A pattern of recurrence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RecurringPattern {
    /// How often.
    pub(super) frequency: FrequencyWord,
    /// Every so many of them.
    #[serde(default = "one")]
    #[schema(default = 1, minimum = 1, maximum = 52)]
    pub(super) interval: u32,
    /// The end, itself included; a date means the end of that local day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "moment", example = "2025-12-31T23:59:59Z")]
    pub(super) end_date: Option<String>,
    /// Days of the week, 0 = Monday; only weekly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 7, value_type = Option<Vec<u8>>)]
    pub(super) days_of_week: Option<Vec<u8>>,
}

const fn one() -> u32 {
    1
}

/// A booking, a hold or a series to be made.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewBooking {
    /// Whose; without it, the resource's.
    #[serde(default)]
    #[schema(format = "uuid")]
    pub(super) tenant_id: Option<String>,
    /// What.
    #[schema(format = "uuid")]
    pub(super) resource_id: String,
    /// Who books; a person books for themselves.
    #[serde(default)]
    #[schema(format = "uuid")]
    pub(super) user_id: Option<String>,
    /// For whom; without it, the user.
    #[serde(default)]
    #[schema(format = "uuid")]
    pub(super) client_id: Option<String>,
    /// From when; without an offset, local to the tenant.
    #[schema(format = "moment", example = "2025-12-05T14:00:00Z")]
    pub(super) start_time: String,
    /// Until when.
    #[schema(format = "moment", example = "2025-12-05T15:00:00Z")]
    pub(super) end_time: String,
    /// Anything to note.
    #[serde(default)]
    #[schema(max_length = 4000)]
    pub(super) notes: Option<String>,
    /// Whether it recurs.
    #[serde(default)]
    pub(super) recurring_enabled: Option<bool>,
    /// How it recurs.
    #[serde(default)]
    pub(super) recurring_pattern: Option<RecurringPattern>,
    /// How it recurs, as RFC 5545 writes it: FREQ, INTERVAL, BYDAY, BYMONTHDAY, COUNT, UNTIL, and
    /// EXDATE.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 4000, example = "FREQ=WEEKLY;BYDAY=WE;COUNT=10")]
    pub(super) rrule: Option<String>,
    /// What becomes of a series some of which cannot be booked.
    #[serde(default)]
    pub(super) on_conflict: Option<OnConflict>,
    /// Only hold it, for this many seconds.
    #[serde(default)]
    #[schema(minimum = 30, maximum = 3600)]
    pub(super) hold_seconds: Option<u32>,
}

/// What of a booking can be changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BookingChange {
    /// On what.
    #[schema(format = "uuid")]
    pub(super) resource_id: String,
    /// For whom.
    #[schema(format = "uuid")]
    pub(super) client_id: String,
    /// From when; without an offset, local to the tenant.
    #[schema(format = "moment")]
    pub(super) start_time: String,
    /// Until when.
    #[schema(format = "moment")]
    pub(super) end_time: String,
    /// What is noted.
    #[serde(default)]
    #[schema(max_length = 4000)]
    pub(super) notes: Option<String>,
}

impl BookingChange {
    /// As the booking is.
    pub(super) fn of(booking: &Booking) -> Self {
        Self {
            resource_id: booking.resource.to_string(),
            client_id: booking.client.to_string(),
            start_time: booking.start.to_seconds_string(),
            end_time: booking.end.to_seconds_string(),
            notes: booking.notes.clone(),
        }
    }
}

/// How much of a series is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum ScopeWord {
    /// This booking.
    #[default]
    This,
    /// This one and those after it.
    Following,
    /// All of it that is to come.
    All,
}

impl From<ScopeWord> for Scope {
    fn from(word: ScopeWord) -> Self {
        match word {
            ScopeWord::This => Self::This,
            ScopeWord::Following => Self::Following,
            ScopeWord::All => Self::All,
        }
    }
}

/// How a booking is changed.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct How {
    /// With how much of its series.
    pub(super) scope: ScopeWord,
    /// Answer what would happen, and change nothing.
    #[schema(default = false)]
    pub(super) dry_run: bool,
}

/// One of a series.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = BookingOccurrence)]
pub(in crate::api) struct OccurrenceView {
    /// The booking's id.
    #[schema(value_type = String, format = "uuid")]
    pub(super) id: BookingId,
    /// From when.
    pub(super) start_time: Utc,
    /// Until when.
    pub(super) end_time: Utc,
    /// Its local time did not exist, and it was moved past the gap.
    pub(super) dst_adjusted: bool,
}

impl OccurrenceView {
    pub(super) fn new(record: &BookingRecord) -> Self {
        let booking = &record.booking;
        Self {
            id: record.id,
            start_time: booking.start.into(),
            end_time: booking.end.into(),
            dst_adjusted: booking.occurrence.as_ref().is_some_and(|place| place.dst_adjusted),
        }
    }
}

/// A booking.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Booking)]
pub(in crate::api) struct BookingView {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: BookingId,
    /// Whose.
    #[schema(value_type = String, format = "uuid")]
    tenant_id: TenantId,
    /// What.
    #[schema(value_type = String, format = "uuid")]
    resource_id: ResourceId,
    /// Who booked.
    #[schema(value_type = String, format = "uuid")]
    user_id: UserId,
    /// For whom.
    #[schema(value_type = String, format = "uuid")]
    client_id: UserId,
    /// From when.
    start_time: Utc,
    /// Until when.
    end_time: Utc,
    /// What is noted.
    notes: Option<String>,
    /// Where it stands.
    #[schema(example = "pendente")]
    status: &'static str,
    /// The same for people.
    #[schema(example = "Pendente")]
    status_label: &'static str,
    /// Whether a user may still call it off.
    can_cancel: bool,
    /// Whether it is of a series.
    recurring_enabled: bool,
    /// The pattern that its series was asked for with.
    #[schema(value_type = Option<Object>)]
    recurring_pattern: Option<serde_json::Value>,
    /// The rule of its series, as RFC 5545 writes it.
    rrule: Option<String>,
    /// Its series.
    #[schema(value_type = Option<String>, format = "uuid")]
    series_id: Option<SeriesId>,
    /// Its number within the series, from 0.
    occurrence: Option<u32>,
    /// Where the series put it, local to the tenant.
    original_start_time: Option<String>,
    /// Its local time did not exist, and it was moved past the gap.
    dst_adjusted: bool,
    /// Until when it is held.
    hold_expires_at: Option<Utc>,
    /// When it was called off.
    cancelled_at: Option<Utc>,
    /// By whom: a user's id, or `operator`, `service`, `system`.
    cancelled_by: Option<String>,
    /// Why.
    cancellation_reason: Option<String>,
    /// Changes that calendars must hear of.
    sequence: u32,
    /// Raised with every change.
    version: u64,
    /// When it was made.
    created_at: Utc,
    /// When it was changed last.
    updated_at: Utc,
    /// All of a series that was just made, or of what was just changed together.
    #[serde(skip_serializing_if = "Option::is_none")]
    occurrences: Option<Vec<OccurrenceView>>,
    /// What was left out of a series.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Object>>)]
    skipped: Option<Vec<serde_json::Value>>,
}

impl BookingView {
    /// The booking for people who read this language.
    pub(in crate::api) fn new(record: &BookingRecord, language: Language) -> Self {
        let booking = &record.booking;
        let (place, end) = (booking.occurrence.as_ref(), booking.cancellation.as_ref());
        let pattern = record.pattern.as_deref();
        let given = pattern.and_then(|pattern| pattern.pattern.as_deref());
        Self {
            id: record.id,
            tenant_id: booking.tenant,
            resource_id: booking.resource,
            user_id: booking.user,
            client_id: booking.client,
            start_time: booking.start.into(),
            end_time: booking.end.into(),
            notes: booking.notes.clone(),
            status: booking.status.word(),
            status_label: label(booking.status, language),
            can_cancel: record.can_cancel,
            recurring_enabled: place.is_some(),
            recurring_pattern: given.and_then(|text| serde_json::from_str(text).ok()),
            rrule: pattern.map(|pattern| pattern.rrule.clone()),
            series_id: place.map(|place| place.series),
            occurrence: place.map(|place| place.index),
            original_start_time: place.map(|place| place.original.to_string()),
            dst_adjusted: place.is_some_and(|place| place.dst_adjusted),
            hold_expires_at: booking.hold.as_ref().map(|hold| hold.until.into()),
            cancelled_at: end.map(|end| end.at.into()),
            cancelled_by: end.map(|end| whom(&end.by)),
            cancellation_reason: end.and_then(|end| end.reason.clone()),
            sequence: booking.sequence,
            version: booking.version,
            created_at: booking.created_at.into(),
            updated_at: booking.updated_at.into(),
            occurrences: None,
            skipped: None,
        }
    }

    /// With the others that were made or changed together with it.
    pub(super) fn with(mut self, others: &[BookingRecord]) -> Self {
        if !others.is_empty() {
            self.occurrences = Some(others.iter().map(OccurrenceView::new).collect());
        }
        self
    }

    /// With what was left out.
    pub(super) fn without(mut self, skipped: Vec<serde_json::Value>) -> Self {
        if !skipped.is_empty() {
            self.skipped = Some(skipped);
        }
        self
    }
}
