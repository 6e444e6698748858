//! Server-sent events as the HTML standard writes them.

use std::fmt::Write as _;

/// The content type.
pub const CONTENT_TYPE: &str = "text/event-stream";

/// Milliseconds after which a browser that lost its stream asks again.
const RETRY: u32 = 2000;

/// What a stream begins with.
pub fn opening() -> String {
    format!("retry: {RETRY}\n\n")
}

/// One message. `data` is one line, as JSON is; none of them holds a line end.
pub fn message(to: &mut String, id: u64, event: &str, data: &str) {
    // Writing to a string does not fail.
    let _ = write!(to, "id: {id}\nevent: {event}\ndata: {data}\n\n");
}

/// A sign of life, which also moves the reader's place on: a message without data
/// reaches no listener, but its id is remembered.
pub fn heartbeat(id: u64) -> String {
    format!(":\nid: {id}\n\n")
}

/// One message as a reader finds it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message {
    /// The last id that was said.
    pub id: String,
    /// Its type.
    pub event: String,
    /// Its data.
    pub data: String,
}

/// Reads a stream piece by piece.
#[derive(Debug, Default)]
pub struct Reader {
    rest: Vec<u8>,
    building: Message,
}

impl Reader {
    /// The messages that this piece completes. One without data is given, too:
    /// its id is news.
    pub fn read(&mut self, piece: &[u8]) -> Vec<Message> {
        self.rest.extend_from_slice(piece);
        let mut found = Vec::new();
        while let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.rest.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line);
            self.line(line.trim_end_matches(['\n', '\r']), &mut found);
        }
        found
    }

    fn line(&mut self, line: &str, found: &mut Vec<Message>) {
        if line.is_empty() {
            let id = self.building.id.clone();
            let message = std::mem::replace(&mut self.building, Message { id, ..<_>::default() });
            found.push(message);
            return;
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "id" => value.clone_into(&mut self.building.id),
            "event" => value.clone_into(&mut self.building.event),
            "data" => {
                if !self.building.data.is_empty() {
                    self.building.data.push('\n');
                }
                self.building.data.push_str(value);
            }
            // Comments, the hint when to come again, and what may be added.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_however_it_is_cut() {
        let mut text = opening();
        message(&mut text, 7, "user.created", r#"{"name":"Zé\n"}"#);
        text.push_str(&heartbeat(9));
        message(&mut text, 10, "job.failed", "{}");
        for size in [1, 2, 3, 7, text.len()] {
            let mut reader = Reader::default();
            let found: Vec<_> =
                text.as_bytes().chunks(size).flat_map(|piece| reader.read(piece)).collect();
            let ids: Vec<_> = found.iter().map(|message| message.id.as_str()).collect();
            assert_eq!(ids, ["", "7", "9", "10"], "{size}");
            assert_eq!(found[1].data, r#"{"name":"Zé\n"}"#);
            assert_eq!((found[2].event.as_str(), found[2].data.as_str()), ("", ""));
            assert_eq!(found[3].event, "job.failed");
        }
    }
}
