//! Colours where they are wanted, and signs that the terminal can show.

use ratatui::style::{Color, Modifier, Style};

/// How things look. Colour only ever repeats what a word says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Theme {
    /// Whether there is colour.
    pub(super) colour: bool,
    /// Whether more than ASCII can be shown.
    pub(super) unicode: bool,
}

/// Whether the terminal can do no more than lines.
pub(super) fn is_dumb(variable: impl Fn(&str) -> Option<String>) -> bool {
    variable("TERM").is_none_or(|term| term.is_empty() || term == "dumb")
}

impl Theme {
    /// As the environment asks (`NO_COLOR`, the locale).
    pub(super) fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set).unwrap_or_default();
        let locale = locale.to_lowercase();
        let unicode = locale.ends_with("utf-8") || locale.ends_with("utf8");
        Self { colour: set("NO_COLOR").is_none(), unicode }
    }

    fn colour(self, colour: Color) -> Style {
        if self.colour { Style::new().fg(colour) } else { Style::new() }
    }

    /// As it should be.
    pub(super) fn good(self) -> Style {
        self.colour(Color::Green)
    }

    /// Worth a look.
    pub(super) fn odd(self) -> Style {
        self.colour(Color::Yellow).add_modifier(Modifier::BOLD)
    }

    /// Wrong.
    pub(super) fn bad(self) -> Style {
        self.colour(Color::Red).add_modifier(Modifier::BOLD)
    }

    /// Beside the point.
    pub(super) fn quiet(self) -> Style {
        if self.colour { Style::new().add_modifier(Modifier::DIM) } else { Style::new() }
    }

    /// A heading.
    pub(super) fn heading(self) -> Style {
        self.colour(Color::Cyan).add_modifier(Modifier::BOLD)
    }

    /// What is chosen.
    pub(super) fn chosen() -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// How a job's state looks.
    pub(super) fn state(self, state: &str) -> Style {
        match state {
            "failed" => self.bad(),
            "running" => self.good(),
            "cancelled" => self.quiet(),
            "ready" => self.odd(),
            _ => Style::new(),
        }
    }

    /// The two cells of a bar.
    pub(super) fn bar(self) -> (char, char) {
        if self.unicode { ('█', '░') } else { ('#', '.') }
    }
}
