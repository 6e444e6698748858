//! "Look again": a stream of server-sent events that says when a page may have
//! changed. What it shows now, the page itself says: it is fetched again, and its
//! live parts are exchanged. So there is one way in which a page is written.

use std::time::Duration;

use hyper::body::Bytes;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};
use tracing::Instrument as _;
use warp::http::StatusCode;
use zelador_store::job::JobState;
use zelador_store::kv::Bell;

use super::Dashboard;
use super::visit::Visit;
use crate::api::doors::Doors;
use crate::api::live::{Live, sse};
use crate::api::{Call, Need, Problem, Reply, Route};

/// No more often than this is a page looked at again.
const LEAST: Duration = Duration::from_millis(800);
/// At least so often, for what changes without a bell: times, plots, upstreams.
const MOST: Duration = Duration::from_secs(10);

pub(super) fn routes(dashboard: &Dashboard) -> Vec<Route<Doors>> {
    let dashboard = dashboard.clone();
    vec![
        Route::get("/dashboard/live", Need::Open, move |_, call| open(dashboard.clone(), call))
            .page()
            .streams(),
    ]
}

async fn open(dashboard: Dashboard, call: Call) -> Result<Reply, Problem> {
    let visit = Visit::new(dashboard, call).await?;
    if !visit.is_known() {
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "token_required"));
    }
    let streams = visit.dashboard.0.streams.clone();
    let place = streams.enter(&visit.who)?;
    let (sender, live) = Live::new(sse::CONTENT_TYPE);
    let following = async move {
        tokio::select! {
            () = follow(&visit, &sender) => {}
            () = streams.closing() => {}
        }
        drop(place);
    };
    tokio::spawn(following.in_current_span());
    Ok(Reply::live(live))
}

/// Says "look" until the reader is gone, or is no longer who it was.
async fn follow(visit: &Visit, sender: &mpsc::Sender<Bytes>) {
    let shared = &visit.dashboard.0;
    let (mut jobs, mut events) =
        (shared.store.listen(Bell::Jobs), shared.store.listen(Bell::Events));
    let patience = shared.streams.pace().patience;
    let mut count = 0;
    let mut text = sse::opening();
    // What was told last may change without a bell: a job's end rings none.
    let mut is_moving = false;
    loop {
        sse::message(&mut text, count, "look", "{}");
        let piece = Bytes::from(std::mem::take(&mut text));
        if !matches!(timeout(patience, sender.send(piece)).await, Ok(Ok(()))) {
            return;
        }
        count += 1;
        jobs.mark_unchanged();
        events.mark_unchanged();
        sleep(LEAST).await;
        let until = Instant::now() + MOST;
        while Instant::now() < until {
            let was_moving = std::mem::replace(&mut is_moving, is_busy(visit).await);
            if is_moving || was_moving {
                break;
            }
            tokio::select! {
                _ = jobs.changed() => { is_moving = true; break }
                _ = events.changed() => break,
                () = sender.closed() => return,
                () = sleep(LEAST) => {}
            }
        }
        // A store that does not answer has not said otherwise.
        if !visit.within.who().await.is_ok_and(|who| who.as_ref() == Some(&visit.who)) {
            return;
        }
    }
}

/// Whether a job runs: its progress rings no bell.
async fn is_busy(visit: &Visit) -> bool {
    let queues = visit.dashboard.0.jobs.queues().await;
    queues.is_ok_and(|queues| queues.iter().any(|queue| queue.count(JobState::Running) > 0))
}
