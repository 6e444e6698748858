//! Rules of booking that differ from those above, as they are read and written;
//! and the rules in force.

use jiff::civil::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zelador_actors::Flaw;
use zelador_store::category::Overrides;
use zelador_store::tenant::Settings;

use super::problem::Problem;
use super::tenants::settings::{ClosureForm, closures, time_of_day};

/// Rules that differ from the inherited ones; null: as above.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Overrides)]
#[serde(default, deny_unknown_fields)]
pub(super) struct OverridesForm {
    /// Opening, local time of day.
    #[schema(format = "time-of-day", example = "07:30:00")]
    working_hours_start: Option<String>,
    /// Closing, local time of day.
    #[schema(format = "time-of-day", example = "21:00:00")]
    working_hours_end: Option<String>,
    /// Days with opening hours, 0 = Monday.
    #[schema(max_items = 7)]
    working_days: Option<Vec<u8>>,
    /// Days without, beside the inherited ones.
    #[schema(max_items = 366)]
    closures: Vec<ClosureForm>,
    /// Minutes; slots align to it from the opening hour.
    #[schema(minimum = 1, maximum = 1440)]
    booking_interval: Option<u32>,
    /// How many days ahead a booking may start.
    #[schema(minimum = 0, maximum = 3660)]
    advance_booking_days: Option<u32>,
    /// How many minutes ahead at the least.
    #[schema(minimum = 0, maximum = 527_040)]
    min_notice_minutes: Option<u32>,
    /// How many hours before its start a user may still cancel.
    #[schema(minimum = 0, maximum = 8784)]
    cancellation_hours: Option<u32>,
    /// Minutes between two neighbouring bookings.
    #[schema(minimum = 0, maximum = 1440)]
    buffer_minutes: Option<u32>,
    /// New bookings are confirmed at once.
    auto_confirm: Option<bool>,
}

impl From<&Overrides> for OverridesForm {
    fn from(own: &Overrides) -> Self {
        Self {
            working_hours_start: own.working_hours_start.map(|time| time.to_string()),
            working_hours_end: own.working_hours_end.map(|time| time.to_string()),
            working_days: own.working_days.clone(),
            closures: own.closures.iter().map(ClosureForm::from).collect(),
            booking_interval: own.booking_interval,
            advance_booking_days: own.advance_booking_days,
            min_notice_minutes: own.min_notice_minutes,
            cancellation_hours: own.cancellation_hours,
            buffer_minutes: own.buffer_minutes,
            auto_confirm: own.auto_confirm,
        }
    }
}

impl OverridesForm {
    /// As they are kept. The schema has looked at every text; what it cannot say
    /// is which members of a closure go together.
    pub(super) fn parse(self) -> Result<Overrides, Problem> {
        let mut flaws: Vec<Flaw> = Vec::new();
        let closures = closures(self.closures, &mut flaws);
        let mut time = |name: &str, text: Option<String>| -> Option<Time> {
            text.map(|text| time_of_day(&format!("settings.{name}"), &text, &mut flaws))
        };
        let working_hours_start = time("working_hours_start", self.working_hours_start);
        let working_hours_end = time("working_hours_end", self.working_hours_end);
        if !flaws.is_empty() {
            return Err(Problem::invalid(flaws));
        }
        Ok(Overrides {
            working_hours_start,
            working_hours_end,
            working_days: self.working_days,
            closures,
            booking_interval: self.booking_interval,
            advance_booking_days: self.advance_booking_days,
            min_notice_minutes: self.min_notice_minutes,
            cancellation_hours: self.cancellation_hours,
            buffer_minutes: self.buffer_minutes,
            auto_confirm: self.auto_confirm,
        })
    }
}

/// The rules in force: its own, else its category's, else the tenant's. Closures
/// add up.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct EffectiveSettings {
    /// IANA name.
    #[schema(example = "America/Sao_Paulo")]
    timezone: String,
    /// Opening, local time of day.
    working_hours_start: String,
    /// Closing, local time of day.
    working_hours_end: String,
    /// Days with opening hours, 0 = Monday.
    working_days: Vec<u8>,
    /// Days without.
    closures: Vec<ClosureForm>,
    /// Minutes; slots align to it from the opening hour.
    booking_interval: u32,
    /// How many days ahead a booking may start.
    advance_booking_days: u32,
    /// How many minutes ahead at the least.
    min_notice_minutes: u32,
    /// How many hours before its start a user may still cancel.
    cancellation_hours: u32,
    /// Minutes between two neighbouring bookings.
    buffer_minutes: u32,
    /// New bookings are confirmed at once.
    auto_confirm: bool,
}

impl From<Settings> for EffectiveSettings {
    fn from(rules: Settings) -> Self {
        Self {
            timezone: rules.timezone,
            working_hours_start: rules.working_hours_start.to_string(),
            working_hours_end: rules.working_hours_end.to_string(),
            working_days: rules.working_days,
            closures: rules.closures.iter().map(ClosureForm::from).collect(),
            booking_interval: rules.booking_interval,
            advance_booking_days: rules.advance_booking_days,
            min_notice_minutes: rules.min_notice_minutes,
            cancellation_hours: rules.cancellation_hours,
            buffer_minutes: rules.buffer_minutes,
            auto_confirm: rules.auto_confirm,
        }
    }
}
