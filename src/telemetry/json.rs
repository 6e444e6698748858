//! The log as JSON lines, for a file, a pipe, a container.
//!
//! ```json
//! {"timestamp":"…","level":"INFO","message":"booked","count":1,"target":"…",
//!  "spans":[{"request_id":"…","route":"/bookings","name":"request"}]}
//! ```
//! (on one line). What a span holds is written as JSON once, when it is opened; the
//! format that comes with the subscriber reads it again for every line.

use std::fmt;

use serde::Serializer as _;
use serde::ser::SerializeMap as _;
use tracing::span::Record;
use tracing::{Event, Subscriber};
use tracing_serde::SerdeMapVisitor;
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

/// Room for a usual line.
const LINE_BYTES: usize = 768;
/// Room for the fields of a usual span.
const OBJECT_BYTES: usize = 256;

/// The fields of a span, as an object.
#[derive(Debug, Default)]
pub(super) struct Fields;

/// An event, as an object on a line of its own.
#[derive(Debug, Default)]
pub(super) struct Line;

impl<'writer> FormatFields<'writer> for Fields {
    fn format_fields<R: RecordFields>(
        &self,
        mut writer: Writer<'writer>,
        fields: R,
    ) -> fmt::Result {
        let mut object = Vec::with_capacity(OBJECT_BYTES);
        let mut serializer = serde_json::Serializer::new(&mut object);
        let mut visitor = SerdeMapVisitor::new(serializer.serialize_map(None).map_err(failed)?);
        fields.record(&mut visitor);
        visitor.finish().map_err(failed)?;
        writer.write_str(text(&object)?)
    }

    fn add_fields(
        &self,
        current: &'writer mut FormattedFields<Self>,
        fields: &Record<'_>,
    ) -> fmt::Result {
        let mut more = FormattedFields::<Self>::default();
        self.format_fields(more.as_writer(), fields)?;
        let (held, added) = (members(&current.fields), members(&more.fields));
        let comma = if held.is_empty() || added.is_empty() { "" } else { "," };
        current.fields = format!("{{{held}{comma}{added}}}");
        Ok(())
    }
}

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    N: for<'writer> FormatFields<'writer> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = Vec::with_capacity(LINE_BYTES);
        write_event(&mut line, event)?;
        if let Some(spans) = context.event_scope() {
            // The brace that closes the event comes after its spans.
            line.pop();
            line.extend_from_slice(b",\"spans\":[");
            for (at, span) in spans.from_root().enumerate() {
                let extensions = span.extensions();
                let held = extensions.get::<FormattedFields<N>>().map_or("", |held| &held.fields);
                let held = members(held);
                if at > 0 {
                    line.push(b',');
                }
                line.push(b'{');
                line.extend_from_slice(held.as_bytes());
                let name: &[u8] = if held.is_empty() { b"\"name\":" } else { b",\"name\":" };
                line.extend_from_slice(name);
                serde_json::to_writer(&mut line, span.name()).map_err(failed)?;
                line.push(b'}');
            }
            line.extend_from_slice(b"]}");
        }
        line.push(b'\n');
        writer.write_str(text(&line)?)
    }
}

fn write_event(line: &mut Vec<u8>, event: &Event<'_>) -> fmt::Result {
    let mut timestamp = String::with_capacity(32);
    SystemTime.format_time(&mut Writer::new(&mut timestamp))?;
    let meta = event.metadata();
    let mut serializer = serde_json::Serializer::new(line);
    let mut map = serializer.serialize_map(None).map_err(failed)?;
    map.serialize_entry("timestamp", &timestamp).map_err(failed)?;
    map.serialize_entry("level", meta.level().as_str()).map_err(failed)?;
    let mut visitor = SerdeMapVisitor::new(map);
    event.record(&mut visitor);
    let mut map = visitor.take_serializer().map_err(failed)?;
    map.serialize_entry("target", meta.target()).map_err(failed)?;
    map.end().map_err(failed)
}

/// What is between the braces of an object.
fn members(object: &str) -> &str {
    let inner = object.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    inner.unwrap_or_default()
}

fn failed(_: serde_json::Error) -> fmt::Error {
    fmt::Error
}

/// JSON is text; looked at once when it is whole, not piece by piece.
fn text(json: &[u8]) -> Result<&str, fmt::Error> {
    std::str::from_utf8(json).map_err(|_| fmt::Error)
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use serde_json::{Value, json};
    use tracing::field::Empty;
    use tracing::subscriber::with_default;
    use tracing::{info, info_span, warn};
    use tracing_subscriber::fmt;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What is logged, line by line, without the time.
    fn logged(act: impl FnOnce()) -> Vec<Value> {
        let kept = Kept::default();
        let writer = kept.clone();
        let layer =
            fmt::layer().fmt_fields(Fields).event_format(Line).with_writer(move || writer.clone());
        with_default(tracing_subscriber::registry().with(layer), act);
        let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        let lines = text.lines().map(|line| {
            let mut line: Value = serde_json::from_str(line).unwrap();
            let time = line.as_object_mut().unwrap().shift_remove("timestamp").unwrap();
            assert!(time.as_str().unwrap().ends_with('Z'), "{time}");
            line
        });
        lines.collect()
    }

    #[test]
    fn a_line_has_its_fields_and_those_of_its_spans_from_the_outermost() {
        let lines = logged(|| {
            info!("alone");
            let _request =
                info_span!("request", route = "/x", tenant = Empty, user = Empty).entered();
            tracing::Span::current().record("tenant", "t-1");
            let _job = info_span!("job").entered();
            tracing::Span::current().record("unknown", 1);
            warn!(count = 3, ok = true, share = 0.5, id = %"a-b", word = ?Some("c"), "done");
        });
        let target = module_path!();
        assert_eq!(
            lines,
            [
                json!({"level": "INFO", "message": "alone", "target": target}),
                json!({"level": "WARN", "message": "done", "count": 3, "ok": true, "share": 0.5,
                    "id": "a-b", "word": "Some(\"c\")", "target": target, "spans": [
                        {"route": "/x", "tenant": "t-1", "name": "request"}, {"name": "job"}]}),
            ]
        );
    }

    #[test]
    fn nothing_in_a_field_forges_a_line_or_a_member() {
        let evil = "\",\"level\":\"ERROR\"}\n{\"x\":\"\u{1b}[2J\u{2028}";
        let lines = logged(|| {
            let _span = info_span!("request", path = evil, agent = Empty).entered();
            tracing::Span::current().record("agent", evil);
            info!(name = %evil, other = ?evil, "{evil}");
        });
        assert_eq!(lines.len(), 1);
        let line = &lines[0];
        assert_eq!((&line["level"], &line["name"]), (&json!("INFO"), &json!(evil)));
        assert_eq!((&line["message"], &line["spans"][0]["agent"]), (&json!(evil), &json!(evil)));
        assert_eq!(line["spans"][0]["path"], evil);
    }
}
