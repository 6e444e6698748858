//! What a text is told: rows as words, in a language and a zone.

use icalendar::{Calendar, Component as _, Property};
use jiff::tz::TimeZone;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use zelador_store::Timestamp;
use zelador_store::booking::{Booking, BookingStatus};
use zelador_store::id::BookingId;
use zelador_store::notice::NoticeKind;
use zelador_store::resource::Resource;
use zelador_store::tenant::Tenant;
use zelador_store::user::User;

use super::dates::Words;
use super::tongue::Tongue;
use crate::ical;
use crate::moment;

/// A booking with what it is of.
#[derive(Debug, Clone)]
pub struct Booked {
    /// Its id.
    pub id: BookingId,
    /// Its row.
    pub booking: Booking,
    /// What is booked.
    pub resource: Resource,
}

/// The rows that a notice is made of.
#[derive(Debug, Clone)]
pub struct Rows {
    /// Whose person.
    pub tenant: Tenant,
    /// Whom it is for.
    pub user: User,
    /// What it is about; empty: the account.
    pub booked: Vec<Booked>,
    /// How many more bookings there are than these.
    pub more: usize,
    /// What the event itself said.
    pub facts: Value,
    /// The invitation that is open, where it is about one: its link, and its end.
    pub invitation: Option<(SecretString, Timestamp)>,
}

impl Rows {
    /// The language of the person: the tenant's, else `otherwise`.
    pub fn tongue(&self, otherwise: Tongue) -> Tongue {
        self.tenant.locale.as_deref().and_then(Tongue::of_tag).unwrap_or(otherwise)
    }

    /// What the text is told.
    pub fn facts(&self, tongue: Tongue, opt_out_url: Option<&str>) -> Value {
        let (zone, zone_name) = self.zone();
        let words = Words { tongue, zone: &zone, zone_name: &zone_name };
        let bookings: Vec<_> = self.booked.iter().map(|booked| shown(booked, &words)).collect();
        let labels = &self.tenant.settings.custom_labels;
        let label = |own: &Option<String>, usual: [&str; 3]| {
            own.clone().unwrap_or_else(|| tongue.pick(usual).to_owned())
        };
        json!({
            "lang": tongue.tag(),
            "tenant": { "name": self.tenant.name, "color": self.tenant.theme_primary_color },
            "user": {
                "name": self.user.name,
                "first": self.user.name.split_whitespace().next().unwrap_or_default(),
            },
            "label": label(&labels.booking_label, ["Reserva", "Reserva", "Booking"]),
            "resource_label": label(&labels.resource_singular, ["Recurso", "Recurso", "Resource"]),
            "user_label": label(&labels.user_label, ["Usuário", "Usuario", "User"]),
            "booking": bookings.first(), "bookings": bookings,
            "count": bookings.len() + self.more, "more": self.more,
            "facts": self.told(&words),
            "opt_out_url": opt_out_url,
        })
    }

    /// The appointments for the recipient's calendar, of kinds that have any: the
    /// method and the calendar object.
    pub fn invite(&self, kind: NoticeKind, from: &str, to: &str) -> Option<(&'static str, String)> {
        let method = match kind {
            NoticeKind::BookingMade | NoticeKind::BookingConfirmed | NoticeKind::BookingChanged => {
                "REQUEST"
            }
            NoticeKind::BookingCancelled | NoticeKind::BookingRejected => "CANCEL",
            _ => return None,
        };
        // A request is about one appointment (RFC 5546, section 3.2.2).
        let method = if self.booked.len() > 1 { "PUBLISH" } else { method };
        let label = self.tenant.settings.custom_labels.booking_label.clone();
        let label = label.unwrap_or_else(|| "Reserva".to_owned());
        let mut calendar = Calendar::empty();
        calendar
            .append_property(("VERSION", "2.0"))
            .append_property(("PRODID", ical::PRODUCT))
            .append_property(("CALSCALE", "GREGORIAN"))
            .append_property(("METHOD", method));
        for booked in &self.booked {
            let summary = format!("{label}: {}", booked.resource.name);
            let location = booked.resource.location.as_deref();
            let mut event = ical::event(booked.id, &booked.booking, &summary, location);
            let attendee = Property::new("ATTENDEE", format!("mailto:{to}"))
                .add_parameter("RSVP", "FALSE")
                .add_parameter("PARTSTAT", "ACCEPTED")
                .done();
            event
                .append_property(Property::new("ORGANIZER", format!("mailto:{from}")))
                .append_multi_property(attendee);
            calendar.push(event.done());
        }
        (!self.booked.is_empty()).then(|| (method, calendar.done().to_string()))
    }

    fn zone(&self) -> (TimeZone, String) {
        let utc = || (TimeZone::UTC, "UTC".to_owned());
        moment::zone(&self.tenant.settings.timezone).unwrap_or_else(utc)
    }

    /// The members that texts may name are always there.
    fn told(&self, words: &Words<'_>) -> Value {
        let of = |name: &str| self.facts.get(name).cloned().unwrap_or(Value::Null);
        if let Some((link, until)) = &self.invitation {
            return json!({
                "reason": null, "account": null, "quota": null,
                "url": link.expose_secret(), "until": words.moment(*until),
            });
        }
        json!({
            "reason": of("reason"), "until": of("until"), "account": of("account"),
            "quota": of("quota"), "url": of("url"), "hand_over": of("hand_over"),
            "link": of("link"),
        })
    }
}

fn shown(booked: &Booked, words: &Words<'_>) -> Value {
    let Booked { id, booking, resource } = booked;
    let reason = booking.cancellation.as_ref().and_then(|end| end.reason.as_deref());
    let held = booking.hold.as_ref().filter(|_| booking.status == BookingStatus::Reservado);
    json!({
        "id": id, "resource": resource.name, "location": resource.location,
        "status": booking.status.word(),
        "when": words.moment(booking.start), "span": words.span(booking.start, booking.end),
        "day": words.day(booking.start), "time": words.time(booking.start),
        "brief": words.brief(booking.start), "notes": booking.notes,
        "reason": reason.filter(|reason| !is_code(reason)),
        "until": held.map(|hold| words.moment(hold.until)),
    })
}

/// Reasons of our own, such as `user_banned`, are for programs.
fn is_code(reason: &str) -> bool {
    reason.contains('_') && reason.chars().all(|c| c.is_ascii_lowercase() || c == '_')
}
