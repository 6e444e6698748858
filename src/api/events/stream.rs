//! `GET /events/stream`: the log as it grows, by server-sent events.
//!
//! A message is what `GET /events` lists: its id is the place in the log, its
//! event the type. A reader that lost its stream says where it was
//! (`Last-Event-ID`, as browsers do, or `after=`) and loses nothing; if what comes
//! next is no longer kept, a message `reset` says so first.
//!
//! Nothing is remembered about a reader: one that is too slow is cut off and
//! comes again.

use hyper::body::Bytes;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout};
use tracing::Instrument as _;
use utoipa::ToSchema;
use warp::http::Method;
use zelador_actors::engine::events::{EventDesk, EventFilter};
use zelador_actors::{Error, Flaw};
use zelador_store::event::Event;
use zelador_store::kv::Bell;

use super::{record, tenant_of};
use crate::api::auth::{Need, Who};
use crate::api::call::Call;
use crate::api::doors::Doors;
use crate::api::gate::Credential;
use crate::api::live::{Live, Pace, Place, sse};
use crate::api::problem::Problem;
use crate::api::reply::Reply;
use crate::api::route::Route;

/// Events read at once.
const PAGE: usize = 50;
/// A piece is sent when it is this long, in bytes.
const PIECE: usize = 32 * 1024;

/// Which events.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StreamQuery {
    /// After this sequence number; the header `Last-Event-ID` wins. Without either:
    /// what happens from now on.
    #[schema(minimum = 0)]
    #[serde(default)]
    after: Option<u64>,
    /// Only of these types, separated by commas.
    #[schema(max_items = 64, example = "user.status_changed")]
    #[serde(default)]
    r#type: Vec<String>,
    /// Only of this tenant.
    #[serde(default)]
    tenant_id: Option<String>,
    /// Whether to wait for more at the end of the log.
    #[schema(default = true)]
    #[serde(default = "yes")]
    follow: bool,
}

fn yes() -> bool {
    true
}

/// The route.
pub(super) fn route() -> Route<Doors> {
    Route::get("/events/stream", Need::Scope("events:read"), open)
        .summary("Follow the event log by server-sent events")
        .filters::<StreamQuery>()
        .streams()
        .refuses(503, "too_many_streams")
}

async fn open(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let query: StreamQuery = call.query()?;
    let asked = asked(&call, query.after)?;
    let (sender, live) = Live::new(sse::CONTENT_TYPE);
    if call.method == Method::HEAD {
        return Ok(Reply::live(live));
    }
    // Of a tenant that does not exist, or not for this caller, there are none.
    let filter = tenant_of(&call, query.tenant_id.as_deref())
        .map(|tenant| EventFilter { kinds: query.r#type, tenant });
    let place = doors.streams.enter(&call.who)?;
    let feed = Feed {
        events: doors.events.clone(),
        bell: doors.shell.store.listen(Bell::Events),
        filter,
        follow: query.follow,
        at: 0,
        pace: doors.streams.pace(),
        who: call.who,
        credential: call.credential,
        sender,
        _place: place,
    };
    let streams = doors.streams.clone();
    let running = async move {
        let ended = tokio::select! {
            ended = feed.run(asked) => ended,
            () = streams.closing() => Ended::Stopping,
        };
        tracing::debug!(?ended, "an event stream has ended");
    };
    tokio::spawn(running.in_current_span());
    Ok(Reply::live(live))
}

/// After which event the reader wants to go on.
fn asked(call: &Call, after: Option<u64>) -> Result<Option<u64>, Problem> {
    match call.last_event_id.as_deref().map(str::trim).filter(|id| !id.is_empty()) {
        Some(id) => id
            .parse()
            .map(Some)
            .map_err(|_| Problem::invalid(vec![Flaw::new("Last-Event-ID", "invalid")])),
        None => Ok(after),
    }
}

/// Why a stream is over.
#[derive(Debug)]
enum Ended {
    /// All was said, and more was not wanted.
    Complete,
    /// The reader is gone.
    Gone,
    /// The reader did not take what was there.
    Slow,
    /// The caller is no longer who it was.
    Refused,
    /// The daemon stops.
    Stopping,
    /// The log cannot be read.
    Unread,
}

impl From<Error> for Ended {
    fn from(error: Error) -> Self {
        tracing::warn!(error = error.chain(), "an event stream cannot go on");
        Self::Unread
    }
}

/// One reader's stream.
struct Feed {
    events: EventDesk,
    bell: watch::Receiver<u64>,
    /// `None`: nothing is for this reader.
    filter: Option<EventFilter>,
    follow: bool,
    /// The last event that was passed.
    at: u64,
    pace: Pace,
    who: Who,
    credential: Credential,
    sender: mpsc::Sender<Bytes>,
    _place: Place,
}

impl Feed {
    async fn run(mut self, asked: Option<u64>) -> Ended {
        match self.tell(asked).await {
            Ok(()) => Ended::Complete,
            Err(ended) => ended,
        }
    }

    async fn tell(&mut self, asked: Option<u64>) -> Result<(), Ended> {
        self.begin(asked).await?;
        let mut check_at = Instant::now() + self.pace.check;
        let mut beat_at = Instant::now() + self.pace.heartbeat;
        loop {
            self.bell.mark_unchanged();
            let (told, more) = self.page().await?;
            if told {
                beat_at = Instant::now() + self.pace.heartbeat;
            }
            if Instant::now() >= check_at {
                if !self.credential.still(&self.who).await {
                    return Err(Ended::Refused);
                }
                check_at = Instant::now() + self.pace.check;
            }
            if Instant::now() >= beat_at {
                self.send(sse::heartbeat(self.at)).await?;
                beat_at = Instant::now() + self.pace.heartbeat;
            }
            if more {
                continue;
            }
            if !self.follow {
                return Ok(());
            }
            tokio::select! {
                _ = self.bell.changed() => {}
                () = sleep_until(beat_at.min(check_at)) => {}
                () = self.sender.closed() => return Err(Ended::Gone),
            }
        }
    }

    /// Finds the place to begin at, and says if it is not the one that was asked
    /// for.
    async fn begin(&mut self, asked: Option<u64>) -> Result<(), Ended> {
        let tip = self.events.tip().await?;
        let oldest = self.events.oldest().await?;
        let mut text = sse::opening();
        self.at = asked.unwrap_or(tip);
        if let Some(next) = asked.and_then(|asked| elsewhere(asked, oldest, tip)) {
            self.at = next - 1;
            let data = json!({ "asked_after": asked, "continues_at": next });
            sse::message(&mut text, self.at, "reset", &data.to_string());
        }
        self.send(text).await
    }

    /// Sends what there is, at most a page; whether anything was, and whether
    /// there may be more.
    async fn page(&mut self) -> Result<(bool, bool), Ended> {
        let Some(filter) = &self.filter else { return Ok((false, false)) };
        let page = self.events.page(self.at, filter, PAGE).await?;
        let told = !page.rows.is_empty();
        let mut text = String::new();
        for (seq, event) in page.rows {
            write(&mut text, seq, event);
            if text.len() >= PIECE {
                self.send(std::mem::take(&mut text)).await?;
            }
        }
        if !text.is_empty() {
            self.send(text).await?;
        }
        self.at = page.seen;
        Ok((told, page.next.is_some()))
    }

    async fn send(&self, text: String) -> Result<(), Ended> {
        match timeout(self.pace.patience, self.sender.send(Bytes::from(text))).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Ended::Gone),
            Err(_) => Err(Ended::Slow),
        }
    }
}

/// With which event a reader must go on, if not with the one after `asked`: that
/// one is forgotten, or this log has never had it.
fn elsewhere(asked: u64, oldest: u64, tip: u64) -> Option<u64> {
    if asked > tip {
        Some(tip + 1)
    } else if asked > 0 && asked + 1 < oldest {
        Some(oldest)
    } else {
        None
    }
}

fn write(to: &mut String, seq: u64, event: Event) {
    let kind = event.kind.clone();
    // A record of text and numbers can always be written.
    if let Ok(data) = serde_json::to_string(&record(seq, event)) {
        sse::message(to, seq, &kind, &data);
    }
}

#[cfg(test)]
mod tests {
    use super::elsewhere;

    #[test]
    fn a_reader_is_told_when_it_missed_something() {
        // The log holds 5 to 9.
        for (asked, next) in
            [(0, None), (3, Some(5)), (1, Some(5)), (4, None), (7, None), (9, None), (10, Some(10))]
        {
            assert_eq!(elsewhere(asked, 5, 9), next, "{asked}");
        }
        assert_eq!(elsewhere(0, 1, 0), None, "an empty log");
        assert_eq!(elsewhere(3, 1, 0), Some(1), "another log");
    }
}
