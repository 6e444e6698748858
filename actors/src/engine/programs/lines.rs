//! Output as lines, whatever comes: no line ends, a flood, another encoding.
//!
//! The codecs at hand end a stream at the first line that is too long or not
//! UTF-8; a program's output goes on.

/// Bytes of a line that are kept.
pub(super) const MAX_LINE: usize = 64 * 1024;

/// Bytes in, lines out.
#[derive(Debug, Default)]
pub(super) struct Lines {
    line: Vec<u8>,
    /// Some of the line, or of what lies beyond the cap, was let go.
    pub(super) truncated: bool,
}

impl Lines {
    /// Takes a chunk, and tells each line that it ends.
    pub(super) fn push(&mut self, chunk: &[u8], mut each: impl FnMut(&str)) {
        let mut parts = chunk.split(|byte| *byte == b'\n').peekable();
        while let Some(part) = parts.next() {
            let room = MAX_LINE - self.line.len();
            self.truncated |= part.len() > room;
            self.line.extend(part.iter().take(room));
            if parts.peek().is_some() {
                self.tell(&mut each);
            }
        }
    }

    /// Tells what came after the last line's end.
    pub(super) fn end(&mut self, mut each: impl FnMut(&str)) {
        self.tell(&mut each);
    }

    fn tell(&mut self, each: &mut impl FnMut(&str)) {
        let text = String::from_utf8_lossy(&self.line);
        let text = text.trim_end_matches('\r');
        if !text.is_empty() {
            each(text);
        }
        self.line.clear();
    }
}

/// The end of what was said.
#[derive(Debug)]
pub(super) struct Tail {
    kept: Vec<u8>,
    most: usize,
    pub(super) truncated: bool,
}

impl Tail {
    pub(super) fn new(most: usize) -> Self {
        Self { kept: Vec::new(), most, truncated: false }
    }

    pub(super) fn push(&mut self, chunk: &[u8]) {
        self.kept.extend(chunk);
        if self.kept.len() > self.most {
            self.truncated = true;
            self.kept.drain(..self.kept.len() - self.most);
        }
    }

    /// As text, in which nothing steers a terminal.
    pub(super) fn text(&self) -> String {
        let text = String::from_utf8_lossy(&self.kept);
        text.chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect()
    }
}
