//! journald, in its own protocol.
//!
//! The message is the whole line, fields included, so that `journalctl -f`
//! shows them; each field is native too, so that `journalctl JOB_ID=…` finds
//! them. (`tracing-journald` sends the fields, but its message lacks them.)
//!
//! A record is bounded: what is longer is cut, never refused.

use std::fmt::{Debug, Write as _};
use std::io;
use std::os::unix::net::UnixDatagram;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

const SOCKET: &str = "/run/systemd/journal/socket";
/// Bytes of one value; a datagram holds some of them.
const MAX_VALUE: usize = 8 * 1024;
/// Fields of one record, those of its spans included.
const MAX_FIELDS: usize = 64;

/// Sends events to journald.
#[derive(Debug)]
pub(super) struct Journal {
    socket: UnixDatagram,
}

impl Journal {
    pub(super) fn open() -> io::Result<Self> {
        let socket = UnixDatagram::unbound()?;
        socket.connect(SOCKET)?;
        Ok(Self::to(socket))
    }

    pub(super) fn to(socket: UnixDatagram) -> Self {
        Self { socket }
    }
}

/// Fields in the order they were recorded; the message apart.
#[derive(Debug, Default)]
struct Fields {
    message: String,
    fields: Vec<(&'static str, String)>,
}

impl Fields {
    fn add(&mut self, field: &Field, mut value: String) {
        cut(&mut value);
        if field.name() == "message" {
            self.message = value;
        } else if self.fields.len() < MAX_FIELDS {
            self.fields.push((field.name(), value));
        }
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, value.to_owned());
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        let mut text = value.to_string();
        let mut cause = value.source();
        while let Some(inner) = cause {
            let _ = write!(text, ": {inner}");
            cause = inner.source();
        }
        self.add(field, text);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.add(field, format!("{value:?}"));
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Journal {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        span.extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut own = Fields::default();
        event.record(&mut own);
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(outer) = span.extensions().get::<Fields>() {
                let room = MAX_FIELDS.saturating_sub(own.fields.len());
                own.fields.extend(outer.fields.iter().take(room).cloned());
            }
        }
        let meta = event.metadata();
        // With nobody to tell, there is nothing to be done about it.
        let _ = self.socket.send(&record(*meta.level(), meta.target(), &own));
    }
}

fn record(level: Level, target: &str, fields: &Fields) -> Vec<u8> {
    let mut record = Vec::with_capacity(512);
    put(&mut record, "PRIORITY", priority(level));
    put(&mut record, "SYSLOG_IDENTIFIER", "zelador");
    put(&mut record, "TARGET", target);
    put(&mut record, "MESSAGE", &line(fields));
    for (name, value) in &fields.fields {
        put(&mut record, &native(name), value);
    }
    record
}

/// The line that people read.
fn line(fields: &Fields) -> String {
    let mut line = fields.message.clone();
    for (name, value) in &fields.fields {
        let separator = if line.is_empty() { "" } else { " " };
        let plain = !value.is_empty() && !value.contains([' ', '"', '=']);
        let _ = if plain {
            write!(line, "{separator}{name}={value}")
        } else {
            write!(line, "{separator}{name}={value:?}")
        };
    }
    cut(&mut line);
    // Line breaks would show as further lines.
    line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

const fn priority(level: Level) -> &'static str {
    match level {
        Level::ERROR => "3",
        Level::WARN => "4",
        Level::INFO => "6",
        Level::DEBUG | Level::TRACE => "7",
    }
}

/// A name as journald takes it: capitals, digits and `_`, beginning with a
/// letter (`_` begins what journald itself vouches for).
fn native(name: &str) -> String {
    let mapped = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' });
    let text: String = mapped.collect::<String>().to_ascii_uppercase();
    let text = text.trim_start_matches(|c: char| !c.is_ascii_alphabetic());
    match text {
        "" => "FIELD".to_owned(),
        "MESSAGE" | "PRIORITY" | "SYSLOG_IDENTIFIER" | "TARGET" => format!("F_{text}"),
        _ => text.chars().take(64).collect(),
    }
}

/// A field whose value may hold anything: name, length, value.
fn put(record: &mut Vec<u8>, name: &str, value: &str) {
    record.extend_from_slice(name.as_bytes());
    record.push(b'\n');
    record.extend_from_slice(&(value.len() as u64).to_le_bytes());
    record.extend_from_slice(value.as_bytes());
    record.push(b'\n');
}

fn cut(value: &mut String) {
    if value.len() > MAX_VALUE {
        value.truncate(value.floor_char_boundary(MAX_VALUE));
        value.push('…');
    }
}
