//! A plot as SVG: an area under a line, drawn here, styled elsewhere.

use std::fmt::{self, Write as _};

use askama::filters::HtmlSafe;

use super::html::escaped;

const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 64.0;
/// Above the highest point.
const HEADROOM: f64 = 4.0;

/// A plot.
pub(super) struct Plot {
    line: String,
    area: String,
    label: String,
}

impl Plot {
    /// Of values from the oldest to the newest, none below 0, after so many of which
    /// nobody knows; `least` is the least that the height stands for, `label` says in
    /// words what is to be seen.
    pub(super) fn new(unknown: usize, values: &[f64], least: f64, label: &str) -> Self {
        let most = values.iter().copied().fold(least, f64::max);
        let all = unknown + values.len();
        let step = WIDTH / count(all.saturating_sub(1)).max(1.0);
        let mut line = String::new();
        for (at, value) in values.iter().enumerate() {
            let x = count(unknown + at) * step;
            let y = HEIGHT - (HEIGHT - HEADROOM) * (value / most.max(f64::MIN_POSITIVE));
            let word = if at == 0 { 'M' } else { 'L' };
            // Writing to a string does not fail.
            let _ = write!(line, "{word}{x:.1} {y:.1}");
        }
        let begins = count(unknown) * step;
        let area = match values {
            [] => String::new(),
            _ => format!("{line}L{WIDTH} {HEIGHT}L{begins:.1} {HEIGHT}Z"),
        };
        Self { line, area, label: escaped(label) }
    }
}

#[expect(clippy::cast_precision_loss, reason = "the points of a plot")]
fn count(number: usize) -> f64 {
    number as f64
}

impl fmt::Display for Plot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "<svg class=\"plot\" role=\"img\" aria-label=\"{}\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
             preserveAspectRatio=\"none\"><path class=\"area\" d=\"{}\"/><path class=\"line\" d=\"{}\"/></svg>",
            self.label, self.area, self.line
        )
    }
}

impl HtmlSafe for Plot {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_point_is_at_the_top_and_nothing_at_the_bottom() {
        let plot = Plot::new(0, &[0.0, 5.0, 10.0], 1.0, "a \"label\"");
        assert_eq!(plot.line, "M0.0 64.0L180.0 34.0L360.0 4.0");
        assert!(plot.to_string().contains("aria-label=\"a &quot;label&quot;\""));
        assert_eq!(Plot::new(0, &[0.0, 0.0], 1.0, "").line, "M0.0 64.0L360.0 64.0");
        let late = Plot::new(1, &[5.0, 10.0], 10.0, "");
        assert_eq!(late.line, "M180.0 34.0L360.0 4.0", "before it nobody knows");
        assert_eq!(late.area, "M180.0 34.0L360.0 4.0L360 64L180.0 64Z");
        let none = Plot::new(90, &[], 0.0, "");
        assert_eq!((none.line.as_str(), none.area.as_str()), ("", ""));
    }
}
