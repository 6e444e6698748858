//! What a resource's calendar says over HTTP: what is free, and why a time is not.

use std::ops::Range;

use jiff::civil::Date;
use jiff::fmt::temporal::DateTimePrinter;
use jiff::tz::{Offset, TimeZone};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zelador_actors::Flaw;
use zelador_actors::booking::queries::{self, Availability};
use zelador_actors::booking::rules::{Rule, Slot};
use zelador_store::Timestamp;
use zelador_store::id::{ResourceId, UserId};

use super::auth::Need;
use super::booking::refused::{PlaceView, VerdictView, places, verdicts};
use super::call::Call;
use super::doors::Doors;
use super::problem::Problem;
use super::reply::Reply;
use super::route::Route;

const READ: Need = Need::Member("resources:read");

/// Which days.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = AvailabilityDays)]
struct Days {
    /// One day, local to the tenant; without it, and without a range, today.
    #[schema(format = "date", example = "2025-12-05")]
    date: Option<String>,
    /// The first of several days.
    #[schema(format = "date")]
    from: Option<String>,
    /// The last of them; at most 31 in all.
    #[schema(format = "date")]
    to: Option<String>,
}

/// A stretch of one interval.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Slot)]
struct SlotView<'a> {
    /// From when, with the tenant's offset.
    #[schema(format = "date-time", example = "2025-12-05T08:00:00-03:00")]
    start_time: &'a str,
    /// Until when.
    #[schema(format = "date-time", example = "2025-12-05T08:30:00-03:00")]
    end_time: &'a str,
    /// Whether it can be booked.
    available: bool,
    /// The rule that forbids it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "conflict")]
    reason: Option<&'static str>,
}

/// The slots of a resource.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Availability)]
struct AvailabilityView<'a> {
    /// Of which.
    #[schema(format = "uuid")]
    resource_id: String,
    /// The day, or the first of several.
    #[schema(format = "date")]
    date: String,
    /// The last of several days.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "date")]
    to: Option<String>,
    /// IANA name of the tenant's zone.
    #[schema(example = "America/Sao_Paulo")]
    timezone: String,
    /// Minutes of a slot.
    #[schema(example = 30)]
    interval_minutes: u32,
    /// In order.
    slots: Vec<SlotView<'a>>,
}

/// What is to be explained.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = ExplainQuestion)]
struct Question {
    /// From when; without an offset, local to the tenant.
    #[schema(format = "moment", example = "2025-12-05T14:00:00Z")]
    start: Option<String>,
    /// Until when.
    #[schema(format = "moment", example = "2025-12-05T15:00:00Z")]
    end: Option<String>,
    /// Who would book; without it, a person asks for themselves, and others for
    /// somebody who may.
    #[schema(format = "uuid")]
    user_id: Option<String>,
}

/// Why a time can be booked, or cannot.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Explanation)]
struct ExplainedView {
    /// Whether it can.
    bookable: bool,
    /// What each rule says, in the order in which they decide.
    rules: Vec<VerdictView>,
    /// The nearest that could be booked instead.
    nearest: Vec<PlaceView>,
}

/// The routes.
pub fn routes() -> Vec<Route<Doors>> {
    vec![
        Route::get("/resources/{id}/availability", READ, availability)
            .summary("What can be booked of a resource on a day, or on up to 31")
            .filters::<Days>()
            .answers::<AvailabilityView>(200)
            .refuses(404, "not_found"),
        Route::get("/resources/{id}/explain", READ, explain)
            .summary("Why a time can be booked, or cannot: the verdict of every rule")
            .filters::<Question>()
            .answers::<ExplainedView>(200)
            .refuses(404, "not_found"),
    ]
}

fn date(field: &str, text: &str) -> Result<Date, Problem> {
    let flaw = || Problem::invalid(vec![Flaw::new(field, "format").with("format", "date")]);
    text.parse().map_err(|_| flaw())
}

async fn availability(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let asked: Days = call.query()?;
    let id: ResourceId = call.id("id")?;
    let invalid = |field, code| Problem::invalid(vec![Flaw::new(field, code)]);
    let (from, to) = match (&asked.date, &asked.from, &asked.to) {
        (Some(day), None, None) => {
            let day = date("date", day)?;
            (day, day)
        }
        (None, Some(from), Some(to)) => (date("from", from)?, date("to", to)?),
        (None, Some(_), None) => return Err(invalid("to", "required")),
        (None, None, Some(_)) => return Err(invalid("from", "required")),
        (None, None, None) => return Err(invalid("date", "required")),
        (Some(_), ..) => return Err(invalid("date", "either_range")),
    };
    let found = queries::availability(&doors.shell, id, call.who.tenant(), (from, to)).await?;
    let Availability { terms, days, .. } = found;
    let slots: Vec<&Slot> = days.iter().flat_map(|(_, slots)| slots).collect();
    let worded = Worded::of(&slots, &terms.zone);
    Reply::ok(&AvailabilityView {
        resource_id: id.to_string(),
        date: from.to_string(),
        to: (to != from).then(|| to.to_string()),
        timezone: terms.zone_name.clone(),
        interval_minutes: terms.interval,
        slots: slots
            .iter()
            .zip(&worded.spans)
            .map(|(slot, span)| worded.view(slot, span))
            .collect(),
    })
}

/// The starts and ends of slots in words, one behind the other. Most slots begin where
/// the one before ended: such an instant is worded once.
struct Worded {
    text: String,
    /// Where the start and the end of each slot are.
    spans: Vec<(Range<usize>, Range<usize>)>,
}

impl Worded {
    fn of(slots: &[&Slot], zone: &TimeZone) -> Self {
        let mut text = String::with_capacity(INSTANT_BYTES * (slots.len() + 1));
        let mut spans: Vec<(Range<usize>, Range<usize>)> = Vec::with_capacity(slots.len());
        let (mut wording, mut ended) = (Wording { zone, steady: None }, None);
        for slot in slots {
            let start = match spans.last() {
                Some((_, end)) if ended == Some(slot.start) => end.clone(),
                _ => wording.add(slot.start, &mut text),
            };
            spans.push((start, wording.add(slot.end, &mut text)));
            ended = Some(slot.end);
        }
        Self { text, spans }
    }

    fn view(&self, slot: &Slot, (start, end): &(Range<usize>, Range<usize>)) -> SlotView<'_> {
        let words = |range: &Range<usize>| self.text.get(range.clone()).unwrap_or_default();
        SlotView {
            start_time: words(start),
            end_time: words(end),
            available: slot.refused.is_none(),
            reason: slot.refused.map(Rule::code),
        }
    }
}

/// What an instant takes in words, `2025-12-05T08:00:00-03:00`.
const INSTANT_BYTES: usize = 25;

/// Instants in words, with the offset that the zone has then. It is asked for once
/// between two changes of the clock.
struct Wording<'a> {
    zone: &'a TimeZone,
    /// An offset, and from when until when it holds.
    steady: Option<(Offset, jiff::Timestamp, jiff::Timestamp)>,
}

impl Wording<'_> {
    /// Adds an instant to a text; where it is.
    fn add(&mut self, at: Timestamp, text: &mut String) -> Range<usize> {
        let at = at.to_jiff();
        let known = self.steady.filter(|(_, from, until)| (*from..*until).contains(&at));
        let (offset, ..) = known.unwrap_or_else(|| {
            let next = self.zone.following(at).next();
            let until = next.map_or(jiff::Timestamp::MAX, |next| next.timestamp());
            *self.steady.insert((self.zone.to_offset(at), at, until))
        });
        let begin = text.len();
        // Only a text that refuses what is written could fail.
        let _ = DateTimePrinter::new().print_timestamp_with_offset(&at, offset, &mut *text);
        begin..text.len()
    }
}

async fn explain(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let asked: Question = call.query()?;
    let required = |field: &str| Problem::invalid(vec![Flaw::new(field, "required")]);
    let start = asked.start.as_deref().ok_or_else(|| required("start"))?;
    let end = asked.end.as_deref().ok_or_else(|| required("end"))?;
    let format = |field: &str| {
        Problem::invalid(vec![Flaw::new(field, "format").with("format", "date-time")])
    };
    let span =
        (start.parse().map_err(|_| format("start"))?, end.parse().map_err(|_| format("end"))?);
    let user: Option<UserId> = match &asked.user_id {
        Some(text) => Some(text.parse().map_err(|_| Problem::absent("user"))?),
        None => call.who.user(),
    };
    let id: ResourceId = call.id("id")?;
    let found = queries::explain(&doors.shell, id, call.who.tenant(), span, user).await?;
    let language = call.language_for(&found.tenant.row);
    let view = ExplainedView {
        bookable: found.judgement.bookable(),
        rules: verdicts(&found.judgement, &found.terms, language),
        nearest: places(&found.nearest),
    };
    Ok(Reply::ok(&view)?.language(language))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_instant_has_the_offset_of_its_own_time() {
        // Clocks in Santiago went back on 2025-04-06, and forward on 2025-09-07.
        let zone = TimeZone::get("America/Santiago").unwrap();
        let mut wording = Wording { zone: &zone, steady: None };
        for (at, words) in [
            ("2025-04-06T02:30:00Z", "2025-04-05T23:30:00-03:00"),
            ("2025-04-06T03:00:00Z", "2025-04-05T23:00:00-04:00"),
            ("2025-09-07T03:59:59Z", "2025-09-06T23:59:59-04:00"),
            ("2025-09-07T04:00:00Z", "2025-09-07T01:00:00-03:00"),
            // Back in time again.
            ("2025-06-01T12:00:00Z", "2025-06-01T08:00:00-04:00"),
        ] {
            let mut text = "…".to_owned();
            let found = wording.add(at.parse().unwrap(), &mut text);
            assert_eq!(&text[found], words);
        }
    }
}
