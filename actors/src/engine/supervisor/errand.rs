//! Messages on their way to an actor, and how they are served: alone, or several with
//! one commit.
//!
//! ```text
//!  those who wait ──▶ each decided on a draft ──▶ one commit ──▶ each answered
//!                           │                        │
//!                           └──fell, or overtaken────┴──▶ each alone, with its own
//! ```
//! While a popular resource is asked for by many, a commit for each would have them
//! all wait for the disk in turn.
//!
//! Invariants:
//! - Nobody is answered before what their answer rests on is on disk: a refusal for
//!   want of a place that was decided on the draft waits as well.
//! - A message past its deadline is not begun.
//! - Whatever goes wrong on a draft leaves no trace; each is then served as if it had
//!   been alone.

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use tokio::sync::oneshot;
use tokio::time::Instant;
use tracing::Instrument as _;
use zelador_store::{Draft, Store};

use super::roster::{Member, Serve, busy};
use crate::error::Error;

/// Messages served together at most: the first waits for the last.
pub(super) const TOGETHER: usize = 32;

/// A draft that would take this many bytes of the journal takes no more messages.
const ENOUGH: usize = 256 * 1024;

/// A message of any type on its way to a member.
pub(super) trait Errand<A: Member>: Send {
    /// Whether it must not be begun any more.
    fn is_late(&self) -> bool;
    /// Says whether it has been begun.
    fn begun(&self, begun: bool);
    /// Serves it, and keeps the answer.
    fn serve<'a>(&'a mut self, member: &'a A, key: &'a A::Key) -> BoxFuture<'a, ()>;
    /// Sends the answer that was kept; without one: that the actor is busy.
    fn answer(self: Box<Self>);
}

/// A message, and how its sender is answered.
struct Sent<A: Serve<M>, M> {
    message: M,
    begun: Arc<AtomicBool>,
    deadline: Instant,
    span: tracing::Span,
    reply: oneshot::Sender<Result<A::Answer, Error>>,
    kept: Option<Result<A::Answer, Error>>,
}

type Reply<A, M> = oneshot::Receiver<Result<<A as Serve<M>>::Answer, Error>>;

/// A message to be sent: whether it was begun, and where the answer comes.
pub(super) fn new<A, M>(
    message: M,
    deadline: Instant,
) -> (Box<dyn Errand<A>>, Arc<AtomicBool>, Reply<A, M>)
where
    A: Serve<M>,
    M: Send + Sync + 'static,
{
    let (reply, answer) = oneshot::channel();
    let begun = Arc::new(AtomicBool::new(false));
    let span = tracing::Span::current();
    let sent = Sent { message, begun: begun.clone(), deadline, span, reply, kept: None };
    (Box::new(sent), begun, answer)
}

impl<A, M> Errand<A> for Sent<A, M>
where
    A: Serve<M>,
    M: Send + Sync + 'static,
{
    fn is_late(&self) -> bool {
        Instant::now() >= self.deadline
    }

    fn begun(&self, begun: bool) {
        self.begun.store(begun, Ordering::SeqCst);
    }

    fn serve<'a>(&'a mut self, member: &'a A, key: &'a A::Key) -> BoxFuture<'a, ()> {
        // Made where it is run: the work of a member is large, and would be moved.
        Box::pin(async move {
            let serving = member.serve(key.clone(), &self.message);
            self.kept = Some(serving.instrument(self.span.clone()).await);
        })
    }

    fn answer(self: Box<Self>) {
        // A caller that has gone has its answer in the store.
        let _ = self.reply.send(self.kept.unwrap_or_else(|| Err(busy(A::NAME))));
    }
}

/// Serves messages in their order.
pub(super) async fn serve<A: Member>(
    member: A,
    key: A::Key,
    store: Store,
    errands: Vec<Box<dyn Errand<A>>>,
) {
    let mut waiting = VecDeque::from(errands);
    while waiting.len() > 1 {
        let draft = Draft::over(&store);
        let Some(drafting) = member.on(draft.store()) else { break };
        let (served, done) = together(&drafting, &key, draft, &mut waiting).await;
        for errand in served {
            if done {
                errand.answer();
            } else {
                alone(&member, &key, errand).await;
            }
        }
    }
    for errand in waiting {
        alone(&member, &key, errand).await;
    }
}

async fn alone<A: Member>(member: &A, key: &A::Key, mut errand: Box<dyn Errand<A>>) {
    if !errand.is_late() {
        errand.begun(true);
        #[cfg(feature = "testkit")]
        super::faults::strike(A::NAME).await;
        errand.serve(member, key).await;
    }
    errand.answer();
}

/// Serves the first of those who wait on a draft: who was served, and whether what
/// they were is on disk.
async fn together<A: Member>(
    member: &A,
    key: &A::Key,
    draft: Draft,
    waiting: &mut VecDeque<Box<dyn Errand<A>>>,
) -> (Vec<Box<dyn Errand<A>>>, bool) {
    let mut served = Vec::with_capacity(waiting.len());
    let deciding = async {
        while draft.weight() < ENOUGH
            && let Some(errand) = waiting.pop_front()
        {
            served.push(errand);
            let Some(errand) = served.last_mut().filter(|errand| !errand.is_late()) else {
                continue;
            };
            errand.begun(true);
            errand.serve(member, key).await;
        }
    };
    let fell = AssertUnwindSafe(deciding).catch_unwind().await.is_err();
    // A failed commit is found by each again, and told then.
    let done = !fell && draft.commit().await.unwrap_or(false);
    if !done {
        for errand in &served {
            errand.begun(false);
        }
    }
    (served, done)
}
