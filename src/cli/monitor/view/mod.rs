//! How everything looks: from what is known to a buffer of cells; pure.
//!
//! ```text
//!  head   which daemon, or that there is none
//!  tabs   the pages
//!  body   the page, or what lies over it
//!  foot   the keys, a question, or what became of the last key
//! ```

mod job;
mod jobs;
mod overview;
mod parts;

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Row, StatefulWidget, Table, TableState, Widget as _, Wrap};
use zelador_store::Timestamp;

use super::bar::{clock, size, span};
use super::facts::harmless;
use super::state::{Link, Over, Page, State};
use super::theme::Theme;

/// What is drawn from, and how.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    /// What is known.
    pub(super) state: &'a State,
    /// How it looks.
    pub(super) theme: Theme,
    /// The time of day.
    pub(super) now: Timestamp,
}

/// What each key does.
const KEYS: &str = "\
1 2 3, Tab      the pages: overview, jobs, parts
arrows, j k     up and down; Page Up, Page Down, Home, End go further
Enter           overview: the jobs of the queue; jobs: look into the job
p               overview: pause the queue, or let it go on
f F             jobs: another state
/               jobs: only those that hold these words; Esc undoes it
r               jobs: try the job again
c               jobs: call the job off (asks first)
R               try all failed jobs of the queue again (asks first)
l               look now
?               this page; Esc or q leaves it
q, Ctrl-C       end

All times are UTC. What is shown is asked for again and again; if the daemon goes
away, the first line says since when, and the last that was seen stays.";

impl Scene<'_> {
    /// Draws the whole terminal.
    pub(super) fn draw(self, area: Rect, buf: &mut Buffer) {
        let parts = Layout::vertical([
            Constraint::Length(1),
            Constraint::Length(1),
            Constraint::Min(0),
            Constraint::Length(1),
        ]);
        let [head, tabs, body, foot] = parts.areas(area);
        self.head(head, buf);
        self.tabs(tabs, buf);
        self.body(body, buf);
        self.foot(foot, buf);
    }

    fn body(self, area: Rect, buf: &mut Buffer) {
        match (&self.state.over, &self.state.look) {
            (Over::Help, _) => {
                Paragraph::new(KEYS).scroll((self.state.scroll, 0)).render(area, buf);
            }
            (Over::Job(one), _) => job::draw(self, one, area, buf),
            (_, None) => {
                let word = if matches!(self.state.link, Link::Away { .. }) {
                    "Nothing was seen yet. This goes on by itself once the daemon answers."
                } else {
                    "Looking ..."
                };
                Paragraph::new(word).wrap(Wrap { trim: true }).render(area, buf);
            }
            (_, Some(look)) => match self.state.page {
                Page::Overview => overview::draw(self, look, area, buf),
                Page::Jobs => jobs::draw(self, area, buf),
                Page::Parts => parts::draw(self, look, area, buf),
            },
        }
    }

    fn head(self, area: Rect, buf: &mut Buffer) {
        let time = clock(self.now, self.now);
        let (text, style) = match &self.state.link {
            Link::Looking => ("zelador".to_owned(), Theme::chosen()),
            Link::Up => (self.up(), Theme::chosen()),
            Link::Away { why, since, tries } => (
                format!(
                    "NOT REACHED since {} (try {tries}): {}",
                    clock(*since, self.now),
                    harmless(why)
                ),
                self.theme.bad().add_modifier(Modifier::REVERSED),
            ),
        };
        buf.set_style(area, style);
        Line::styled(text, style).render(area, buf);
        Line::styled(format!(" {time}Z"), style).right_aligned().render(area, buf);
    }

    fn up(self) -> String {
        let Some(look) = &self.state.look else { return "zelador".to_owned() };
        let status = &look.status;
        let sandbox = if status.sandbox.is_empty() {
            String::new()
        } else {
            format!("  SANDBOX: {}", status.sandbox.join(", "))
        };
        format!(
            "zelador {}  up {}  {}  {}{}",
            status.version,
            span(status.uptime_seconds),
            size(status.store_bytes),
            self.state.at,
            harmless(&sandbox)
        )
    }

    fn tabs(self, area: Rect, buf: &mut Buffer) {
        let pages =
            [(Page::Overview, "1 Overview"), (Page::Jobs, "2 Jobs"), (Page::Parts, "3 Parts")];
        let mut spans = Vec::new();
        for (page, name) in pages {
            let here = page == self.state.page;
            // The brackets say it where nothing else can.
            let text = if here { format!("[{name}]") } else { format!(" {name} ") };
            spans.push(Span::styled(text, if here { self.theme.heading() } else { Style::new() }));
            spans.push(Span::raw(" "));
        }
        let refused = self.state.look.as_ref().and_then(|look| look.status.config_error.as_ref());
        if let Some(error) = refused {
            let text = format!("THE NEWEST CONFIGURATION IS REFUSED: {}", harmless(error));
            spans.push(Span::styled(text, self.theme.bad()));
        }
        Line::from(spans).render(area, buf);
    }

    fn foot(self, area: Rect, buf: &mut Buffer) {
        let (text, style) = match (&self.state.over, &self.state.said) {
            (Over::Question(question, _), _) => {
                (format!("{question}  y: yes  any other key: no"), self.theme.odd())
            }
            (Over::Typing(words), _) => (format!("jobs that hold: {words}_"), self.theme.odd()),
            (_, Some(said)) => {
                let style = if said.bad { self.theme.bad() } else { self.theme.good() };
                (harmless(&said.text), style)
            }
            (over, None) => (self.hints(over).to_owned(), self.theme.quiet()),
        };
        Line::styled(text, style).render(area, buf);
    }

    fn hints(self, over: &Over) -> &'static str {
        match (over, self.state.page) {
            (Over::Help, _) => "Esc: back",
            (Over::Job(_), _) => "Esc: back  r: try again  c: call off  l: look now",
            (_, Page::Overview) => {
                "?: keys  Enter: its jobs  p: pause or go on  R: retry its failed  q: end"
            }
            (_, Page::Jobs) => {
                "?: keys  Enter: look into  f: state  /: words  r: retry  c: call off"
            }
            (_, Page::Parts) => "?: keys  arrows: scroll  q: end",
        }
    }

    /// A heading; what is below it is left.
    fn title(self, text: &str, area: Rect, buf: &mut Buffer) -> Rect {
        let [line, rest] =
            Layout::vertical([Constraint::Length(1), Constraint::Min(0)]).areas(area);
        Line::styled(text, self.theme.heading()).render(line, buf);
        rest
    }

    /// A table under its heading; `chosen` is the row that keys act on.
    fn table<const N: usize>(
        self,
        (headings, widths): ([&'static str; N], [Constraint; N]),
        rows: Vec<Row<'_>>,
        chosen: Option<usize>,
        area: Rect,
        buf: &mut Buffer,
    ) {
        let mark = if chosen.is_some() { ">" } else { "" };
        let table = Table::new(rows, widths)
            .header(Row::new(headings).style(self.theme.quiet()))
            .row_highlight_style(Theme::chosen())
            .highlight_symbol(mark);
        let mut place = TableState::new().with_selected(chosen);
        StatefulWidget::render(table, area, buf, &mut place);
    }
}
