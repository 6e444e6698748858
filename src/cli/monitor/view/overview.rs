//! The overview: queues, what runs, the latest, what failed.

use std::fmt::Write as _;

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Cell, Row};

use super::Scene;
use super::jobs::{COLUMNS, row};
use crate::cli::monitor::bar::span;
use crate::cli::monitor::facts::{Job, Look, Queue};

/// With fewer lines there is room for the queues and what runs, and no more.
const ROOMY: u16 = 18;

const QUEUES: [&str; 8] =
    ["queue", "", "ready", "sched.", "running", "failed", "per min", "oldest wait"];

const WIDTHS: [Constraint; 8] = [
    Constraint::Fill(1),
    Constraint::Length(6),
    Constraint::Length(8),
    Constraint::Length(8),
    Constraint::Length(9),
    Constraint::Length(7),
    Constraint::Length(8),
    Constraint::Length(12),
];

/// Draws it.
pub(super) fn draw(scene: Scene<'_>, look: &Look, area: Rect, buf: &mut Buffer) {
    let all = u16::try_from(look.queues.len()).unwrap_or(u16::MAX).saturating_add(2);
    let most = if area.height < ROOMY { area.height / 2 } else { area.height / 2 + 1 };
    let rest = u16::from(area.height >= ROOMY);
    let parts = Layout::vertical([
        Constraint::Length(all.min(most)),
        Constraint::Fill(1),
        Constraint::Fill(rest),
        Constraint::Fill(rest),
    ]);
    let [queues, running, latest, failed] = parts.areas(area);
    draw_queues(scene, look, queues, buf);
    list(scene, "Running", &look.running, running, buf);
    list(scene, "Latest", &look.jobs, latest, buf);
    list(scene, "Failed", &look.failed, failed, buf);
}

fn draw_queues(scene: Scene<'_>, look: &Look, area: Rect, buf: &mut Buffer) {
    let trouble = trouble(look);
    let rest = scene.title(&format!("Queues{trouble}"), area, buf);
    let rows = look.queues.iter().map(|queue| queue_row(scene, queue)).collect();
    scene.table((QUEUES, WIDTHS), rows, Some(scene.state.queue_at()), rest, buf);
}

/// What is wrong elsewhere, for who looks only here.
fn trouble(look: &Look) -> String {
    let down = look.status.actors.iter().filter(|actor| !actor.up).count();
    let lag = look.status.consumers.iter().map(|one| one.lag).max().unwrap_or(0);
    let parked: u64 = look.status.consumers.iter().map(|one| one.parked).sum();
    let mut text = String::new();
    for (count, word) in [(down as u64, "parts down"), (lag, "events behind"), (parked, "parked")] {
        if count > 0 {
            let _ = write!(text, "   {count} {word}");
        }
    }
    text
}

fn queue_row<'a>(scene: Scene<'_>, queue: &'a Queue) -> Row<'a> {
    let theme = scene.theme;
    let count = |count: u64, style: Style| {
        let style = if count > 0 { style } else { theme.quiet() };
        Cell::from(Line::from(Span::styled(count.to_string(), style)))
    };
    let wait = queue.oldest_wait_seconds.map_or_else(String::new, |seconds| {
        span(std::time::Duration::try_from_secs_f64(seconds).unwrap_or_default().as_secs())
    });
    let paused = if queue.paused { "PAUSED" } else { "" };
    Row::new([
        Cell::from(queue.name.as_str()),
        Cell::from(Span::styled(paused, theme.odd())),
        count(queue.ready, theme.odd()),
        count(queue.scheduled, Style::new()),
        Cell::from(format!("{}/{}", queue.running, queue.concurrency)),
        count(queue.failed, theme.bad()),
        Cell::from(format!("{:.1}", queue.throughput)),
        Cell::from(wait),
    ])
}

fn list(scene: Scene<'_>, title: &str, jobs: &[Job], area: Rect, buf: &mut Buffer) {
    if area.height == 0 {
        return;
    }
    let rest = scene.title(&format!("{title} ({})", jobs.len()), area, buf);
    let rows = jobs.iter().map(|job| row(scene, job)).collect();
    scene.table(COLUMNS, rows, None, rest, buf);
}
