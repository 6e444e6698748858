//! The plots of the overview: how much is done, how long it waits, how much of it
//! fails. Each is said in words, too; what nobody knows is not drawn, and not said.

use warp::http::Method;

use crate::dashboard::html::spell;
use crate::dashboard::plot::Plot;
use crate::dashboard::ring::{Course, Point};
use crate::dashboard::text::Text;
use crate::dashboard::visit::Visit;

/// A plot with what it says in words.
pub(super) struct Chart {
    pub(super) title: String,
    pub(super) now: String,
    pub(super) most: String,
    pub(super) span: String,
    pub(super) plot: Plot,
}

/// What a plot is of.
struct Measure {
    /// Its message.
    code: &'static str,
    /// A point's value; `None`: there was no job to measure.
    of: fn(&Point) -> Option<f64>,
    /// The least that the height stands for.
    least: f64,
    /// A value, with its unit.
    say: fn(f64) -> String,
}

const MEASURES: [Measure; 3] = [
    Measure { code: "plot-throughput", of: |point| Some(point.done), least: 6.0, say: pace },
    Measure { code: "plot-waiting", of: |point| point.waited, least: 1.0, say: wait },
    Measure { code: "plot-errors", of: |point| point.failed, least: 10.0, say: share },
];

fn pace(value: f64) -> String {
    if value > 0.0 && value < 10.0 { format!("{value:.1}/min") } else { format!("{value:.0}/min") }
}

fn wait(value: f64) -> String {
    format!("≤ {}", spell(value))
}

fn share(value: f64) -> String {
    format!("{value:.0} %")
}

/// The plots, for who may see the queues.
pub(super) fn charts(visit: &Visit) -> Vec<Chart> {
    if !visit.may(&Method::GET, "/queues") {
        return Vec::new();
    }
    let course = visit.dashboard.0.ring.course();
    MEASURES.iter().map(|measure| measure.chart(&course, visit.text)).collect()
}

impl Measure {
    fn chart(&self, course: &Course, text: Text) -> Chart {
        let values: Vec<_> = course.points.iter().map(self.of).collect();
        let last = values.last().copied().flatten();
        let most = values.iter().copied().flatten().reduce(f64::max);
        let drawn: Vec<_> = values.iter().map(|value| value.unwrap_or(0.0)).collect();
        let title = text.s(self.code);
        let now = last.map_or_else(|| text.s("plot-idle"), self.say);
        let most = match most {
            Some(most) => text.v("plot-most", (self.say)(most)),
            None => text.s("plot-nothing"),
        };
        let span = if course.measured < course.seconds {
            text.v("plot-since", spell(course.measured))
        } else {
            text.v("plot-span", spell(course.seconds))
        };
        let label = format!("{title}: {} {now}, {most}, {span}", text.s("plot-now"));
        Chart {
            plot: Plot::new(course.unknown, &drawn, self.least, &label),
            title,
            now,
            most,
            span,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Language;

    fn said(course: &Course) -> [[String; 3]; 3] {
        let text = Text(Language::English);
        MEASURES.map(|measure| {
            let chart = measure.chart(course, text);
            let plot = chart.plot.to_string();
            for part in [&chart.title, &chart.now, &chart.most, &chart.span] {
                assert!(plot.contains(part.as_str()), "a reader of the screen hears it: {plot}");
            }
            [chart.now, chart.most, chart.span]
        })
    }

    #[test]
    fn what_nobody_knows_is_not_said() {
        let none = Course { unknown: 90, points: Vec::new(), seconds: 900.0, measured: 0.0 };
        let nothing = ["no job", "no job in this time", "0 s since the start"].map(str::to_owned);
        assert_eq!(said(&none), [nothing.clone(), nothing.clone(), nothing]);
        let idle = Point::default();
        let busy = Point { done: 6.0, waited: Some(0.025), failed: Some(20.0) };
        let course =
            Course { unknown: 0, points: vec![busy, idle], seconds: 900.0, measured: 900.0 };
        let [done, waited, failed] = said(&course);
        assert_eq!(done, ["0/min", "highest 6.0/min", "last 15 min"]);
        assert_eq!(waited, ["no job", "highest ≤ 25 ms", "last 15 min"]);
        assert_eq!(failed, ["no job", "highest 20 %", "last 15 min"]);
    }
}
