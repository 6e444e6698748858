//! Uploads: at once, with what describes the file beside it, or in parts.

use bytes::Bytes;
use serde_json::Value;

use super::super::core::{Caller, Content, Refused};
use super::super::json::put;
use super::super::stage::{Stage, Upload};
use super::request::{Asked, read_json};
use super::{Outcome, files, no_such, plain, with};

/// Parts are multiples of this, but the last.
const PART: usize = 256 * 1024;

/// `POST` makes a file, `PATCH` changes one.
pub(super) fn begin(stage: &Stage, asked: &Asked, caller: &Caller, path: &[&str]) -> Outcome {
    let id = match (asked.method.as_str(), path) {
        ("POST", []) => None,
        ("PATCH", [id]) => Some((*id).to_owned()),
        _ => return Err(no_such(asked)),
    };
    caller.may_write()?;
    match asked.query.get("uploadType").map(String::as_str) {
        Some("media") => {
            let mime = asked.header("content-type").map(str::to_owned);
            let about = Value::Object(serde_json::Map::new());
            store(stage, asked, caller, (id, about, mime, asked.body.clone()))
        }
        Some("multipart") => {
            let (about, mime, bytes) = related(asked)?;
            store(stage, asked, caller, (id, about, Some(mime), bytes))
        }
        Some("resumable") => {
            let upload = Upload {
                caller: caller.clone(),
                id,
                about: asked.json()?,
                mime: asked.header("x-upload-content-type").map(str::to_owned),
                held: Vec::new(),
                query: asked.query.clone(),
            };
            let session = stage.begin_upload(upload);
            let at = format!(
                "{}/upload/drive/v3/files?uploadType=resumable&upload_id={session}",
                stage.url()
            );
            Ok(with(plain(200, "text/plain", ""), "location", &at))
        }
        _ => Err(Refused::new(400, "badRequest", "Invalid upload type")),
    }
}

/// What came, and what it is.
type Arrived = (Option<String>, Value, Option<String>, Bytes);

fn store(stage: &Stage, asked: &Asked, caller: &Caller, arrived: Arrived) -> Outcome {
    let (id, mut about, mime, bytes) = arrived;
    if let (Some(mime), true) = (mime, about.get("mimeType").is_none()) {
        put(&mut about, "mimeType", mime);
    }
    let content = Some(Content::new(bytes, stage.fresh_id()));
    match id {
        None => files::create(stage, asked, caller, files::new_file(&about, content)?),
        Some(id) => files::update(stage, asked, caller, &id, files::patch(asked, &about, content)?),
    }
}

/// `multipart/related`: JSON, then the content.
fn related(asked: &Asked) -> Result<(Value, String, Bytes), Refused> {
    let bad = || Refused::new(400, "badContent", "Malformed multipart body.");
    let kind = asked.header("content-type").filter(|kind| kind.starts_with("multipart/related"));
    let boundary = kind.and_then(|kind| kind.split_once("boundary=")).ok_or_else(bad)?.1;
    let boundary = boundary.split(';').next().unwrap_or_default().trim().trim_matches('"');
    let mark = format!("--{boundary}");
    let mut parts = Vec::new();
    let mut rest: &[u8] = &asked.body;
    while let Some(at) = find(rest, mark.as_bytes()) {
        parts.push(rest.get(..at).unwrap_or_default());
        rest = rest.get(at + mark.len()..).unwrap_or_default();
    }
    // Before the first mark there is nothing of interest; after the last, two dashes.
    let [_, about, content] = parts.as_slice() else { return Err(bad()) };
    let (_, about) = part_of(about).ok_or_else(bad)?;
    let (mime, content) = part_of(content).ok_or_else(bad)?;
    if !rest.starts_with(b"--") {
        return Err(bad());
    }
    Ok((read_json(about)?, mime, Bytes::copy_from_slice(content)))
}

/// Its type, and its content.
fn part_of(part: &[u8]) -> Option<(String, &[u8])> {
    let part = part.strip_prefix(b"\r\n")?.strip_suffix(b"\r\n")?;
    let end = find(part, b"\r\n\r\n")?;
    let head = std::str::from_utf8(part.get(..end)?).ok()?;
    let kind = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-type").then(|| value.trim().to_owned())
    });
    Some((kind?, part.get(end + 4..)?))
}

fn find(whole: &[u8], part: &[u8]) -> Option<usize> {
    whole.windows(part.len()).position(|window| window == part)
}

/// A part of an upload, or the question how much is there.
pub(super) fn part(stage: &Stage, asked: &Asked, session: &str, path: &[&str]) -> Outcome {
    if asked.method.as_str() != "PUT" || !path.is_empty() {
        return Err(no_such(asked));
    }
    let gone = || Refused::new(404, "notFound", "Upload session not found.");
    let bad = |message: &str| Refused::new(400, "badRequest", message);
    let range = asked.header("content-range").unwrap_or_default().to_owned();
    let (span, total) = match range.strip_prefix("bytes ").and_then(|text| text.split_once('/')) {
        Some((span, total)) => (span.to_owned(), total.parse::<usize>().ok()),
        None if range.is_empty() => {
            let length = asked.body.len();
            (format!("0-{}", length.saturating_sub(1)), Some(length))
        }
        None => return Err(bad("Invalid Content-Range")),
    };
    let held = if span == "*" {
        stage.add_part(session, usize::MAX, &Bytes::new()).ok_or_else(gone)?
    } else {
        let from = span.split_once('-').and_then(|(from, _)| from.parse::<usize>().ok());
        let from = from.ok_or_else(|| bad("Invalid Content-Range"))?;
        let last = total.is_some_and(|total| from + asked.body.len() >= total);
        if !last && !asked.body.len().is_multiple_of(PART) {
            return Err(bad("Chunks must be multiples of 256 KiB."));
        }
        stage.add_part(session, from, &asked.body).ok_or_else(gone)?
    };
    if total.is_none_or(|total| held < total) {
        let more = plain(308, "text/plain", "");
        let range = format!("bytes=0-{}", held.saturating_sub(1));
        return Ok(if held == 0 { more } else { with(more, "range", &range) });
    }
    let upload = stage.take_upload(session).ok_or_else(gone)?;
    let asked = Asked::again(asked, upload.query);
    let arrived = (upload.id, upload.about, upload.mime, Bytes::from(upload.held));
    store(stage, &asked, &upload.caller, arrived)
}
