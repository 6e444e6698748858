//! Keeps the daemon's parts running: loops and actors, each rebuilt from what
//! the store holds when it falls.
//!
//! `actix::Supervisor` restarts an actor that stops, not one that panics: the
//! panic unwinds through the supervisor's own future. So each part is a task of
//! its own whose end is awaited here.
//!
//! ```text
//!        falls, ≤ 10 in 60 s: after 1 ms, 2 ms … 0.8 s
//!   up ───────────────────────────────────────────────▶ up
//!   up ── falls for the 11th time in 60 s ──▶ down ── every 30 s ──▶ up
//! ```
//!
//! Invariants:
//! - A fall of one part stops no other.
//! - A part is rebuilt from the store alone; what only it knew is lost, so it
//!   must know nothing the store does not hold.
//! - Nobody who asked a part that fell is left hanging (`roster`).

mod board;
mod errand;
#[cfg(feature = "testkit")]
mod faults;
mod roster;
mod rules;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub use board::{Board, Part};
pub use roster::{Floor, Member, Roster, Serve};
pub use rules::{Falls, LIMIT, RETRY_DOWN, Verdict, WINDOW};

use crate::engine::Clock;
use crate::engine::jobs::said;
use crate::error::Error;

/// Keeps loops running until it is stopped.
pub struct Supervisor {
    board: Board,
    clock: Clock,
    stopping: CancellationToken,
    tasks: JoinSet<()>,
}

impl Supervisor {
    /// One that keeps nothing yet.
    pub fn new(clock: Clock) -> Self {
        Self {
            board: Board::default(),
            clock,
            stopping: CancellationToken::new(),
            tasks: JoinSet::new(),
        }
    }

    /// What is up and what is down.
    pub fn board(&self) -> Board {
        self.board.clone()
    }

    /// Keeps a loop running: `make` begins it anew whenever it falls. A loop that
    /// ends well has ended for good.
    pub fn keep<M, F>(&mut self, name: &str, concern: &'static str, make: M)
    where
        M: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), Error>> + Send + 'static,
    {
        self.board.change(name, concern, |part| part.up = true);
        let kept = keep(name.to_owned(), concern, make, self.board.clone(), self.clock.clone());
        let stopping = self.stopping.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                () = kept => {}
                () = stopping.cancelled() => {}
            }
        });
    }

    /// Ends all loops that have not ended by themselves within `patience`.
    pub async fn stop(mut self, patience: Duration) {
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(patience, ended).await.is_err() {
            self.stopping.cancel();
            while self.tasks.join_next().await.is_some() {}
        }
    }
}

async fn keep<M, F>(name: String, concern: &'static str, make: M, board: Board, clock: Clock)
where
    M: Fn() -> F,
    F: Future<Output = Result<(), Error>>,
{
    let mut falls = Falls::default();
    loop {
        // Making it may panic as well as running it.
        let work = async { make().await };
        #[cfg(feature = "testkit")]
        let work = faults::beside(&name, work);
        let run = AssertUnwindSafe(work).catch_unwind();
        let word = match run.await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.chain(),
            Err(panic) => format!("panicked: {}", said(panic.as_ref())),
        };
        let now = clock.now();
        board.fell(&name, concern, now, &word);
        let (wait, down) = match falls.note(now) {
            Verdict::Restart(wait) => (wait, false),
            Verdict::Down(wait) => (wait, true),
        };
        tracing::error!(part = name, error = word, down, again_in = ?wait, "a part fell");
        board.change(&name, concern, |part| (part.up, part.down) = (false, down));
        tokio::time::sleep(wait).await;
        board.change(&name, concern, |part| part.up = true);
        if falls.recent(clock.now()) <= LIMIT {
            board.change(&name, concern, |part| part.down = false);
        }
    }
}
