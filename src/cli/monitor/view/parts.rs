//! Actors and consumers.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::Span;
use ratatui::widgets::{Cell, Row};

use super::Scene;
use crate::cli::monitor::facts::{Actor, Consumer, Look};

const WIDTHS: [Constraint; 4] =
    [Constraint::Fill(1), Constraint::Length(10), Constraint::Length(10), Constraint::Length(10)];

/// Draws them; both lists scroll together.
pub(super) fn draw(scene: Scene<'_>, look: &Look, area: Rect, buf: &mut Buffer) {
    let count = |count: usize| u16::try_from(count).unwrap_or(u16::MAX).saturating_add(2);
    let consumers = count(look.status.consumers.len()).min(area.height / 2);
    let parts = Layout::vertical([Constraint::Min(0), Constraint::Length(consumers)]);
    let [upper, lower] = parts.areas(area);
    let rest = scene.title(&format!("Actors ({})", look.status.actors.len()), upper, buf);
    let skip = usize::from(scene.state.scroll).min(look.status.actors.len().saturating_sub(1));
    let rows = look.status.actors.iter().skip(skip).map(|actor| actor_row(scene, actor));
    let headings = ["actor", "up", "restarts", "waiting"];
    scene.table((headings, WIDTHS), rows.collect(), None, rest, buf);
    let rest = scene.title(&format!("Consumers ({})", look.status.consumers.len()), lower, buf);
    let skip = usize::from(scene.state.scroll).min(look.status.consumers.len().saturating_sub(1));
    let rows = look.status.consumers.iter().skip(skip).map(|one| consumer_row(scene, one));
    let headings = ["consumer", "cursor", "behind", "parked"];
    scene.table((headings, WIDTHS), rows.collect(), None, rest, buf);
}

fn actor_row<'a>(scene: Scene<'_>, actor: &'a Actor) -> Row<'a> {
    let theme = scene.theme;
    let (word, style) = if actor.up { ("up", theme.good()) } else { ("DOWN", theme.bad()) };
    Row::new([
        Cell::from(actor.name.as_str()),
        Cell::from(Span::styled(word, style)),
        many(actor.restarts, theme.odd()),
        many(actor.mailbox, theme.odd()),
    ])
}

fn consumer_row<'a>(scene: Scene<'_>, one: &'a Consumer) -> Row<'a> {
    Row::new([
        Cell::from(one.name.as_str()),
        Cell::from(one.cursor.to_string()),
        many(one.lag, scene.theme.odd()),
        many(one.parked, scene.theme.bad()),
    ])
}

fn many<'a>(count: u64, style: Style) -> Cell<'a> {
    let style = if count > 0 { style } else { Style::new() };
    Cell::from(Span::styled(count.to_string(), style))
}
