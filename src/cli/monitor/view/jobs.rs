//! A list of jobs.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Rect};
use ratatui::text::Span;
use ratatui::widgets::{Cell, Row};

use super::Scene;
use crate::cli::monitor::bar::{bar, between, clock};
use crate::cli::monitor::facts::Job;

/// Cells of a bar.
const BAR: usize = 12;

/// What is told of a job, and how wide it is.
pub(super) const COLUMNS: ([&str; 5], [Constraint; 5]) = (
    ["kind", "queue", "state", "try", ""],
    [
        Constraint::Max(26),
        Constraint::Max(18),
        Constraint::Length(9),
        Constraint::Length(5),
        Constraint::Fill(1),
    ],
);

/// Draws the page.
pub(super) fn draw(scene: Scene<'_>, area: Rect, buf: &mut Buffer) {
    let jobs = scene.state.jobs();
    let filter = &scene.state.filter;
    let state = scene.state.wanted_state().unwrap_or("all");
    let of = filter.queue.as_ref().map_or_else(String::new, |queue| format!(" of {queue}"));
    let words = if filter.words.is_empty() {
        String::new()
    } else {
        format!(" that hold \"{}\"", filter.words)
    };
    let title = format!("Jobs: {state}{of}{words} ({})", jobs.len());
    let rest = scene.title(&title, area, buf);
    let rows = jobs.iter().map(|job| row(scene, job)).collect();
    let chosen = (!jobs.is_empty()).then(|| scene.state.job_at());
    scene.table(COLUMNS, rows, chosen, rest, buf);
}

/// A job as a row.
pub(super) fn row<'a>(scene: Scene<'_>, job: &'a Job) -> Row<'a> {
    Row::new([
        Cell::from(job.kind.as_str()),
        Cell::from(job.queue.as_str()),
        Cell::from(Span::styled(job.state.as_str(), scene.theme.state(&job.state))),
        Cell::from(format!("{}/{}", job.tries, job.max_tries)),
        Cell::from(tail(scene, job)),
    ])
}

fn tail(scene: Scene<'_>, job: &Job) -> String {
    let now = scene.now;
    match (job.state.as_str(), &job.progress, &job.error) {
        ("running", Some(progress), _) if progress.total > 0 => {
            format!("{} {}", bar(progress, BAR, scene.theme.bar()), progress.text)
        }
        ("running", _, _) => {
            job.started_at.map_or_else(String::new, |at| format!("for {}", between(at, now)))
        }
        ("scheduled", _, error) => {
            let at =
                job.run_at.map_or_else(|| "held".to_owned(), |at| format!("at {}", clock(at, now)));
            error.as_ref().map_or_else(|| at.clone(), |error| format!("{at}: {error}"))
        }
        (_, _, Some(error)) => error.clone(),
        ("succeeded", _, _) => match (job.started_at, job.ended_at) {
            (Some(from), Some(to)) => format!("{} in {}", clock(to, now), between(from, to)),
            _ => String::new(),
        },
        _ => String::new(),
    }
}
