//! Keeps one event on one line.
//!
//! The text formats write a field that is shown by `Display` as it is, line
//! breaks included: a name with one could forge a line of the log.

use std::io::{self, Write};

use tracing_subscriber::fmt::MakeWriter;

/// Makes writers that let no event break its line.
#[derive(Clone, Debug)]
pub(super) struct OneLine<M> {
    inner: M,
    /// The format itself writes escape sequences; it escapes those in fields.
    colours: bool,
}

impl<M> OneLine<M> {
    pub(super) fn new(inner: M, colours: bool) -> Self {
        Self { inner, colours }
    }
}

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for OneLine<M> {
    type Writer = Cleaned<M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        Cleaned { inner: self.inner.make_writer(), colours: self.colours }
    }
}

/// A writer for one event: the format hands the whole line over at once.
#[derive(Debug)]
pub(super) struct Cleaned<W> {
    inner: W,
    colours: bool,
}

impl<W: Write> Write for Cleaned<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.inner.write_all(clean(&String::from_utf8_lossy(line), self.colours).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Escapes the control characters of a line, but for the break at its end.
fn clean(line: &str, colours: bool) -> String {
    let (text, end) = match line.strip_suffix('\n') {
        Some(text) => (text, "\n"),
        None => (line, ""),
    };
    let mut cleaned = String::with_capacity(line.len());
    for c in text.chars() {
        let separates = matches!(c, '\u{2028}' | '\u{2029}');
        if separates || (c.is_control() && c != '\t' && !(colours && c == '\u{1b}')) {
            cleaned.extend(c.escape_default());
        } else {
            cleaned.push(c);
        }
    }
    cleaned + end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_one() {
        assert_eq!(clean("plain\n", false), "plain\n");
        assert_eq!(clean("a\nb\r\u{1b}[2J\n", false), "a\\nb\\r\\u{1b}[2J\n");
        assert_eq!(clean("\u{1b}[32mok\u{1b}[0m a\nb\n", true), "\u{1b}[32mok\u{1b}[0m a\\nb\n");
        assert_eq!(clean("ção\u{2028}x\t\u{85}", false), "ção\\u{2028}x\t\\u{85}");
    }
}
