//! The rules of a tenant, as they are read and written.

use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zelador_actors::Flaw;
use zelador_store::tenant::{Closure, Labels, Settings, TenantNotices};

use crate::api::problem::Problem;

/// Days on which nothing can be booked: one `date`, or `from` and `to`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct ClosureForm {
    /// One day.
    #[schema(format = "date", example = "2025-12-25")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    /// The first of several.
    #[schema(format = "date")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    /// The last of several, itself included.
    #[schema(format = "date")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    /// Why.
    #[schema(max_length = 200)]
    #[serde(default)]
    reason: Option<String>,
}

/// What the tenant calls things.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct LabelForm {
    /// One resource.
    #[schema(min_length = 1, max_length = 60, example = "Sala")]
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_singular: Option<String>,
    /// Several resources.
    #[schema(min_length = 1, max_length = 60, example = "Salas")]
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_plural: Option<String>,
    /// A booking.
    #[schema(min_length = 1, max_length = 60, example = "Aula")]
    #[serde(skip_serializing_if = "Option::is_none")]
    booking_label: Option<String>,
    /// Who books.
    #[schema(min_length = 1, max_length = 60, example = "Aluno")]
    #[serde(skip_serializing_if = "Option::is_none")]
    user_label: Option<String>,
}

/// How the people of the tenant are told things.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct NoticeForm {
    /// By mail.
    #[schema(default = true)]
    email: bool,
    /// By the operator's gateway, to their telephones.
    #[schema(default = false)]
    gateway: bool,
    /// Who mails say they are from; without it, the tenant's name.
    #[schema(min_length = 1, max_length = 60, format = "line", example = "Academia Sol")]
    sender_name: Option<String>,
    /// The address that answers to mails go to.
    #[schema(format = "email", max_length = 254, example = "oi@sol.example")]
    reply_to: Option<String>,
}

impl Default for NoticeForm {
    fn default() -> Self {
        Self::from(&TenantNotices::default())
    }
}

impl From<&TenantNotices> for NoticeForm {
    fn from(own: &TenantNotices) -> Self {
        let TenantNotices { email, gateway, sender_name, reply_to } = own.clone();
        Self { email, gateway, sender_name, reply_to }
    }
}

impl From<NoticeForm> for TenantNotices {
    fn from(form: NoticeForm) -> Self {
        let NoticeForm { email, gateway, sender_name, reply_to } = form;
        Self { email, gateway, sender_name, reply_to }
    }
}

/// The rules of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TenantSettings {
    /// Free text.
    #[schema(min_length = 1, max_length = 100, default = "general", example = "fitness")]
    business_type: String,
    /// IANA name.
    #[schema(format = "timezone", default = "America/Sao_Paulo")]
    timezone: String,
    /// Opening, local time of day.
    #[schema(format = "time-of-day", default = "08:00:00")]
    working_hours_start: String,
    /// Closing, local time of day.
    #[schema(format = "time-of-day", default = "18:00:00")]
    working_hours_end: String,
    /// Days with opening hours, 0 = Monday.
    #[schema(max_items = 7, default = json!([0, 1, 2, 3, 4, 5, 6]))]
    working_days: Vec<u8>,
    /// Days without.
    #[schema(max_items = 366)]
    closures: Vec<ClosureForm>,
    /// Minutes; slots align to it from the opening hour.
    #[schema(minimum = 1, maximum = 1440, default = 30)]
    booking_interval: u32,
    /// How many days ahead a booking may start.
    #[schema(minimum = 0, maximum = 3660, default = 30)]
    advance_booking_days: u32,
    /// How many minutes ahead at the least.
    #[schema(minimum = 0, maximum = 527_040, default = 0)]
    min_notice_minutes: u32,
    /// How many hours before its start a user may still cancel.
    #[schema(minimum = 0, maximum = 8784, default = 24)]
    cancellation_hours: u32,
    /// Minutes between two neighbouring bookings.
    #[schema(minimum = 0, maximum = 1440, default = 0)]
    buffer_minutes: u32,
    /// New bookings are confirmed at once.
    #[schema(default = false)]
    auto_confirm: bool,
    /// New users get a Nextcloud account.
    #[schema(default = false)]
    provision_nextcloud: bool,
    /// New users get a Drive folder.
    #[schema(default = false)]
    create_drive_folder: bool,
    /// What things are called, in messages.
    custom_labels: LabelForm,
    /// How its people are told things.
    notifications: NoticeForm,
}

impl Default for TenantSettings {
    fn default() -> Self {
        Self::from(&Settings::default())
    }
}

impl From<&Settings> for TenantSettings {
    fn from(settings: &Settings) -> Self {
        let labels = settings.custom_labels.clone();
        Self {
            business_type: settings.business_type.clone(),
            timezone: settings.timezone.clone(),
            working_hours_start: settings.working_hours_start.to_string(),
            working_hours_end: settings.working_hours_end.to_string(),
            working_days: settings.working_days.clone(),
            closures: settings.closures.iter().map(ClosureForm::from).collect(),
            booking_interval: settings.booking_interval,
            advance_booking_days: settings.advance_booking_days,
            min_notice_minutes: settings.min_notice_minutes,
            cancellation_hours: settings.cancellation_hours,
            buffer_minutes: settings.buffer_minutes,
            auto_confirm: settings.auto_confirm,
            provision_nextcloud: settings.provision_nextcloud,
            create_drive_folder: settings.create_drive_folder,
            custom_labels: LabelForm {
                resource_singular: labels.resource_singular,
                resource_plural: labels.resource_plural,
                booking_label: labels.booking_label,
                user_label: labels.user_label,
            },
            notifications: NoticeForm::from(&settings.notifications),
        }
    }
}

impl From<&Closure> for ClosureForm {
    fn from(closure: &Closure) -> Self {
        let (from, to) = (closure.from.to_string(), closure.to.to_string());
        let reason = closure.reason.clone();
        if from == to {
            Self { date: Some(from), from: None, to: None, reason }
        } else {
            Self { date: None, from: Some(from), to: Some(to), reason }
        }
    }
}

impl TenantSettings {
    /// As they are kept. The schema has looked at every text; what it cannot say
    /// is which members of a closure go together.
    pub(super) fn parse(self) -> Result<Settings, Problem> {
        let mut flaws = Vec::new();
        let closures = closures(self.closures, &mut flaws);
        let mut time = |field: &str, text: &str| time_of_day(field, text, &mut flaws);
        let working_hours_start = time("settings.working_hours_start", &self.working_hours_start);
        let working_hours_end = time("settings.working_hours_end", &self.working_hours_end);
        if !flaws.is_empty() {
            return Err(Problem::invalid(flaws));
        }
        Ok(Settings {
            business_type: self.business_type,
            timezone: self.timezone,
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
            provision_nextcloud: self.provision_nextcloud,
            create_drive_folder: self.create_drive_folder,
            custom_labels: self.custom_labels.into(),
            notifications: self.notifications.into(),
        })
    }
}

/// Closures as they are kept; those that are none are noted.
pub(in crate::api) fn closures(forms: Vec<ClosureForm>, flaws: &mut Vec<Flaw>) -> Vec<Closure> {
    let mut closures = Vec::with_capacity(forms.len());
    for (at, form) in forms.into_iter().enumerate() {
        match form.parse() {
            Some(closure) => closures.push(closure),
            None => flaws.push(Flaw::new(format!("settings.closures[{at}]"), "no_match")),
        }
    }
    closures
}

/// A time of day; what is none is noted, and stands for midnight.
pub(in crate::api) fn time_of_day(field: &str, text: &str, flaws: &mut Vec<Flaw>) -> Time {
    text.parse().unwrap_or_else(|_| {
        flaws.push(Flaw::new(field, "format").with("format", "time-of-day"));
        Time::midnight()
    })
}

impl From<LabelForm> for Labels {
    fn from(form: LabelForm) -> Self {
        Self {
            resource_singular: form.resource_singular,
            resource_plural: form.resource_plural,
            booking_label: form.booking_label,
            user_label: form.user_label,
        }
    }
}

impl ClosureForm {
    fn parse(self) -> Option<Closure> {
        let day = |text: &str| text.parse::<Date>().ok();
        let (from, to) = match (self.date, self.from, self.to) {
            (Some(date), None, None) => (day(&date)?, day(&date)?),
            (None, Some(from), Some(to)) => (day(&from)?, day(&to)?),
            _ => return None,
        };
        Some(Closure { from, to, reason: self.reason })
    }
}
