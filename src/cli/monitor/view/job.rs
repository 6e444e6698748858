//! One job, looked into.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget as _, Wrap};
use serde_json::Value;
use zelador_store::Timestamp;

use super::Scene;
use crate::cli::monitor::bar::{bar, between};
use crate::cli::monitor::facts::{Job, Try, harmless};

/// Cells of the bar.
const BAR: usize = 30;

/// Draws it.
pub(super) fn draw(scene: Scene<'_>, job: &Job, area: Rect, buf: &mut Buffer) {
    let mut lines = facts(scene, job);
    lines.push(Line::raw(""));
    lines.push(Line::styled(format!("Tries ({})", job.history.len()), scene.theme.heading()));
    lines.extend(job.history.iter().map(|one| line(scene, one)));
    Paragraph::new(lines)
        .wrap(Wrap { trim: false })
        .scroll((scene.state.scroll, 0))
        .render(area, buf);
}

fn facts<'a>(scene: Scene<'_>, job: &'a Job) -> Vec<Line<'a>> {
    let at = |at: Option<Timestamp>| at.map_or_else(|| "-".to_owned(), |at| at.to_string());
    let mut lines = vec![
        Line::styled(format!("{} {}", job.kind, job.id), scene.theme.heading()),
        Line::from(vec![
            Span::raw("state      "),
            Span::styled(job.state.as_str(), scene.theme.state(&job.state)),
            Span::raw(format!(", try {} of {}, queue {}", job.tries, job.max_tries, job.queue)),
        ]),
        Line::raw(format!("enqueued   {}", at(job.created_at))),
        Line::raw(format!("not before {}", at(job.run_at))),
        Line::raw(format!("started    {}", at(job.started_at))),
        Line::raw(format!("ended      {}", at(job.ended_at))),
    ];
    if let Some(progress) = &job.progress {
        let bar = bar(progress, BAR, scene.theme.bar());
        let text =
            format!("progress   {bar} {}/{} {}", progress.done, progress.total, progress.text);
        lines.push(Line::raw(text));
    }
    if let Some(error) = &job.error {
        lines.push(Line::styled(format!("error      {error}"), scene.theme.bad()));
    }
    lines.push(Line::raw(format!("arguments  {}", arguments(&job.args))));
    lines
}

fn arguments(args: &Value) -> String {
    match args {
        Value::Null => "none".to_owned(),
        Value::Object(members) if members.is_empty() => "none".to_owned(),
        args => harmless(&args.to_string()),
    }
}

fn line<'a>(scene: Scene<'_>, one: &'a Try) -> Line<'a> {
    let took = match (one.started_at, one.ended_at) {
        (Some(from), Some(to)) => format!("{from} for {}", between(from, to)),
        (Some(from), None) => from.to_string(),
        _ => String::new(),
    };
    let style = match one.outcome.as_str() {
        "succeeded" => scene.theme.good(),
        "failed" | "timed_out" | "panicked" => scene.theme.bad(),
        _ => scene.theme.odd(),
    };
    let error = one.error.as_deref().unwrap_or_default();
    Line::from(vec![
        Span::raw(format!("{:>3} {took} ", one.number)),
        Span::styled(one.outcome.as_str(), style),
        Span::raw(format!(" {error}")),
    ])
}
