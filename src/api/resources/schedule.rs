//! The hours of a week, as they are read and written.

use jiff::civil::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zelador_actors::Flaw;
use zelador_store::resource::{WeeklySchedule, Window};

use crate::api::problem::Problem;
use crate::api::tenants::settings::time_of_day;

/// Hours of a day; an end that is not after the start is on the next day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Window)]
#[serde(deny_unknown_fields)]
struct WindowForm {
    /// When they begin, local time of day.
    #[schema(format = "time-of-day", example = "08:00")]
    start: String,
    /// When they end.
    #[schema(format = "time-of-day", example = "12:00")]
    end: String,
}

/// The hours of each day of the week; a day that is left out is a day off.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WeeklySchedule)]
#[serde(default, deny_unknown_fields)]
pub(super) struct WeekForm {
    /// Hours that begin on a Monday.
    #[schema(max_items = 12)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    monday: Vec<WindowForm>,
    /// On a Tuesday.
    #[schema(max_items = 12)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tuesday: Vec<WindowForm>,
    /// On a Wednesday.
    #[schema(max_items = 12)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    wednesday: Vec<WindowForm>,
    /// On a Thursday.
    #[schema(max_items = 12)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    thursday: Vec<WindowForm>,
    /// On a Friday.
    #[schema(max_items = 12)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    friday: Vec<WindowForm>,
    /// On a Saturday.
    #[schema(max_items = 12)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    saturday: Vec<WindowForm>,
    /// On a Sunday.
    #[schema(max_items = 12)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sunday: Vec<WindowForm>,
}

impl From<&WeeklySchedule> for WeekForm {
    fn from(week: &WeeklySchedule) -> Self {
        let shown = |windows: &[Window]| windows.iter().map(WindowForm::from).collect();
        Self {
            monday: shown(&week.monday),
            tuesday: shown(&week.tuesday),
            wednesday: shown(&week.wednesday),
            thursday: shown(&week.thursday),
            friday: shown(&week.friday),
            saturday: shown(&week.saturday),
            sunday: shown(&week.sunday),
        }
    }
}

impl From<&Window> for WindowForm {
    fn from(window: &Window) -> Self {
        Self { start: clock_face(window.start), end: clock_face(window.end) }
    }
}

/// `08:00`, with its seconds only if there are any.
fn clock_face(time: Time) -> String {
    let form = if time.second() == 0 { "%H:%M" } else { "%H:%M:%S" };
    time.strftime(form).to_string()
}

impl WeekForm {
    /// As it is kept; the schema has looked at every text.
    pub(super) fn parse(self) -> Result<WeeklySchedule, Problem> {
        let mut flaws: Vec<Flaw> = Vec::new();
        let mut day = |name: &str, forms: Vec<WindowForm>| -> Vec<Window> {
            let mut windows = Vec::with_capacity(forms.len());
            for (at, form) in forms.into_iter().enumerate() {
                let field = |member| format!("availability_schedule.{name}[{at}].{member}");
                let start = time_of_day(&field("start"), &form.start, &mut flaws);
                let end = time_of_day(&field("end"), &form.end, &mut flaws);
                windows.push(Window { start, end });
            }
            windows
        };
        let week = WeeklySchedule {
            monday: day("monday", self.monday),
            tuesday: day("tuesday", self.tuesday),
            wednesday: day("wednesday", self.wednesday),
            thursday: day("thursday", self.thursday),
            friday: day("friday", self.friday),
            saturday: day("saturday", self.saturday),
            sunday: day("sunday", self.sunday),
        };
        if flaws.is_empty() { Ok(week) } else { Err(Problem::invalid(flaws)) }
    }
}
