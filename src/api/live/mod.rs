//! Answers that go on: pieces sent as they come, until their source ends.
//!
//! ```text
//!            a task makes pieces ──▶ a few wait ──▶ the connection takes them
//!  ends when: the source has no more │ the reader is too slow │ the reader is gone
//!             the daemon stops       │ the caller is no longer who it was
//! ```
//!
//! Invariants:
//! - No more than [`WAITING`] pieces wait for a reader.
//! - A stop ends them all at once; nobody waits for a reader.
//! - How many there are at once is bounded, and one caller never takes all places.

mod places;
pub mod sse;

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use futures::Stream;
use futures::stream;
use hyper::body::Bytes;
use parking_lot::Mutex;
use tokio::sync::mpsc;

pub use places::{Pace, Place, Streams};

/// Pieces that may wait for a reader.
pub const WAITING: usize = 4;

/// A body whose pieces are still to come; clones are the same one.
#[derive(Clone)]
pub struct Live {
    content_type: &'static str,
    source: Arc<Mutex<Option<mpsc::Receiver<Bytes>>>>,
}

impl Live {
    /// A body, and where its pieces are put. It ends when the sender is dropped.
    pub fn new(content_type: &'static str) -> (mpsc::Sender<Bytes>, Self) {
        let (sender, receiver) = mpsc::channel(WAITING);
        let source = Arc::new(Mutex::new(Some(receiver)));
        (sender, Self { content_type, source })
    }

    /// What it is.
    pub(crate) fn content_type(&self) -> &'static str {
        self.content_type
    }

    /// The pieces; whoever asks first has them.
    pub(crate) fn pieces(&self) -> impl Stream<Item = Result<Bytes, Infallible>> + use<> {
        let mut source = self.source.lock().take();
        stream::poll_fn(move |cx| match &mut source {
            Some(source) => source.poll_recv(cx).map(|piece| piece.map(Ok)),
            None => std::task::Poll::Ready(None),
        })
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live").field("content_type", &self.content_type).finish_non_exhaustive()
    }
}

/// What goes out as a body.
#[derive(Debug)]
pub(crate) enum Outgoing {
    /// All of it is here.
    Whole(Bytes),
    /// It comes.
    Live(Live),
}
