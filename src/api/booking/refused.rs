//! Why something cannot be booked, in words: every rule's verdict, what stands in
//! the way, and the nearest places that are free.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use warp::http::StatusCode;
use zelador_actors::booking::rules::{Fact, Judgement, Rule, Span, Taken, Terms, Verdict};
use zelador_actors::booking::{Failing, Unbookable};
use zelador_store::Timestamp;
use zelador_store::resource::Window;
use zelador_store::tenant::Tenant;

use super::super::call::Call;
use super::super::language::Language;
use super::super::problem::Problem;
use super::super::time::Utc;

/// What a rule says.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RuleVerdict)]
pub(in crate::api) struct VerdictView {
    /// The code of the rule.
    #[schema(example = "not_aligned")]
    rule: &'static str,
    /// Whether it is kept.
    ok: bool,
    /// What it found, for people.
    detail: String,
}

/// A stretch of time that could be booked.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = FreePlace)]
pub(in crate::api) struct PlaceView {
    /// From when.
    start_time: Utc,
    /// Until when.
    end_time: Utc,
}

/// The verdicts, for people who read this language.
pub(in crate::api) fn verdicts(
    judgement: &Judgement,
    terms: &Terms,
    language: Language,
) -> Vec<VerdictView> {
    let view = |verdict: &Verdict| VerdictView {
        rule: verdict.rule.code(),
        ok: verdict.ok,
        detail: detail(verdict, &terms.zone, language),
    };
    judgement.verdicts.iter().map(view).collect()
}

/// The free places.
pub(in crate::api) fn places(nearest: &[Span]) -> Vec<PlaceView> {
    let view = |span: &Span| PlaceView { start_time: span.start.into(), end_time: span.end.into() };
    nearest.iter().map(view).collect()
}

/// What stands in the way.
pub(in crate::api) fn conflicts(taken: &[Taken]) -> Vec<Value> {
    let view = |taken: &Taken| {
        json!({
            "booking_id": taken.id,
            "start_time": Utc(taken.start),
            "end_time": Utc(taken.end),
        })
    };
    taken.iter().map(view).collect()
}

/// An occurrence that cannot be booked.
pub(super) fn failing(one: &Failing) -> Value {
    let code = one.judgement.decisive().map(Rule::code);
    json!({
        "occurrence": one.occurrence.index,
        "start_time": Utc(one.occurrence.start),
        "end_time": Utc(one.occurrence.end),
        "code": code,
        "conflicts": conflicts(&one.judgement.conflicts),
    })
}

/// 400 for a broken rule, 409 for a collision.
pub(super) fn problem(why: &Unbookable, call: &Call) -> Problem {
    let language = call.language_for(&why.tenant.row);
    let rule = why.rule();
    let status = match rule {
        Rule::Conflict => StatusCode::CONFLICT,
        _ => StatusCode::BAD_REQUEST,
    };
    let broken = why.judgement.verdicts.iter().find(|verdict| verdict.rule == rule);
    let told = broken.map(|verdict| detail(verdict, &why.terms.zone, language));
    let mut problem = Problem::new(status, rule.code())
        .with("detail", told.unwrap_or_default())
        .member("rules", json!(verdicts(&why.judgement, &why.terms, language)))
        .member("nearest", json!(places(&why.nearest)));
    for (name, word) in labels(&why.tenant.row, language) {
        problem = problem.with(name, word);
    }
    if rule == Rule::Conflict {
        problem = problem.member("conflicts", json!(conflicts(&why.judgement.conflicts)));
    }
    if !why.failing.is_empty() {
        let failing: Vec<_> = why.failing.iter().map(failing).collect();
        problem = problem.member("occurrences", json!(failing));
    }
    problem
}

/// What the tenant calls things, for messages.
pub(in crate::api) fn labels(tenant: &Tenant, language: Language) -> [(&'static str, String); 3] {
    let own = &tenant.settings.custom_labels;
    let word =
        |own: &Option<String>, key: &str| own.clone().unwrap_or_else(|| language.say(key, &[]));
    [
        ("resource", word(&own.resource_singular, "label-resource")),
        ("booking", word(&own.booking_label, "label-booking")),
        ("user", word(&own.user_label, "label-user")),
    ]
}

fn detail(verdict: &Verdict, zone: &TimeZone, language: Language) -> String {
    let key = verdict.detail.key();
    if key.is_empty() {
        return String::new();
    }
    let args: Vec<_> = verdict
        .detail
        .args()
        .into_iter()
        .map(|(name, fact)| (name, told(&fact, zone, language)))
        .collect();
    // A message has a form of its own for what not every case has.
    let has = |name: &str| args.iter().any(|(known, _)| *known == name);
    let key = match key {
        "detail-closure" if has("reason") => "detail-closure-why",
        "detail-grid" if has("before") && has("after") => "detail-grid-both",
        "detail-grid" if has("after") => "detail-grid-after",
        "detail-grid" if has("before") => "detail-grid-before",
        other => other,
    };
    language.say(key, &args)
}

fn told(fact: &Fact, zone: &TimeZone, language: Language) -> String {
    match fact {
        Fact::Number(number) => number.to_string(),
        Fact::At(at) => moment(*at, zone, language),
        Fact::Day(day) => day.strftime(language.day_format()).to_string(),
        Fact::Time(time) => clock(*time),
        Fact::Windows(windows) => windows.iter().map(window).collect::<Vec<_>>().join(", "),
        Fact::Text(text) => text.clone(),
    }
}

fn moment(at: Timestamp, zone: &TimeZone, language: Language) -> String {
    let local = zone.to_datetime(at.to_jiff());
    format!("{} {}", local.strftime(language.day_format()), clock(local.time()))
}

fn clock(time: Time) -> String {
    time.strftime("%H:%M").to_string()
}

fn window(window: &Window) -> String {
    format!("{}–{}", clock(window.start), clock(window.end))
}
