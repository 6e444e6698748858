//! When a connection has been silent, or talking without saying anything, for too
//! long.
//!
//! ```text
//! quiet ──first byte──▸ head ──request──▸ busy ──answered──▸ quiet
//!   │ 30 s                │ 5 s
//!   ▾                     ▾
//! closed                closed
//! ```
//!
//! An answer that is still being sent does not count as quiet while its bytes are
//! taken. At a stop, who takes none is waited for a second only.
//!
//! HTTP/2 has no `head`: its frames are read outside requests, too. A body's time
//! is bounded where it is received.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until};

/// A head must be complete so soon after its first byte.
pub(crate) const HEAD_WITHIN: Duration = Duration::from_secs(5);
/// A connection without a request is closed after so long.
pub(crate) const QUIET_FOR: Duration = Duration::from_secs(30);
/// The same while the server stops.
const QUIET_AT_STOP: Duration = Duration::from_secs(1);

#[derive(Debug, Clone, Copy)]
enum Phase {
    Quiet(Instant),
    Head(Instant),
    Busy(usize),
}

#[derive(Debug)]
struct State {
    phase: Phase,
    written: Instant,
    speaks_h2: Option<bool>,
    quiet_for: Duration,
}

/// What a connection is at; shared by its stream, its requests and its watcher.
#[derive(Debug, Clone)]
pub(crate) struct Pulse(Arc<Mutex<State>>);

impl Pulse {
    pub(crate) fn new() -> Self {
        let now = Instant::now();
        let state =
            State { phase: Phase::Quiet(now), written: now, speaks_h2: None, quiet_for: QUIET_FOR };
        Self(Arc::new(Mutex::new(state)))
    }

    /// The server stops: whoever takes nothing is not waited for.
    pub(crate) fn hurry(&self) {
        self.0.lock().quiet_for = QUIET_AT_STOP;
    }

    /// A request has begun; it ends when the guard is dropped.
    pub(crate) fn request(&self) -> Beat {
        let mut state = self.0.lock();
        state.phase = match state.phase {
            Phase::Busy(requests) => Phase::Busy(requests + 1),
            Phase::Quiet(_) | Phase::Head(_) => Phase::Busy(1),
        };
        Beat(self.clone())
    }

    /// Resolves when the connection should be closed.
    pub(crate) async fn expired(&self) {
        loop {
            let now = Instant::now();
            let deadline = self.deadline();
            if deadline.is_some_and(|at| at <= now) {
                return;
            }
            // No head that begins from now on is due before this.
            let glance = now + HEAD_WITHIN;
            sleep_until(deadline.map_or(glance, |at| at.min(glance))).await;
        }
    }

    fn deadline(&self) -> Option<Instant> {
        let state = self.0.lock();
        match state.phase {
            Phase::Quiet(since) => Some(since.max(state.written) + state.quiet_for),
            Phase::Head(since) => Some(since + HEAD_WITHIN),
            Phase::Busy(_) => None,
        }
    }

    fn read(&self, bytes: &[u8]) {
        let mut state = self.0.lock();
        let speaks_h2 = *state.speaks_h2.get_or_insert_with(|| {
            b"PRI * HTTP/2".starts_with(bytes.get(..bytes.len().min(12)).unwrap_or_default())
        });
        if let (Phase::Quiet(_), false) = (state.phase, speaks_h2) {
            state.phase = Phase::Head(Instant::now());
        }
    }

    fn wrote(&self) {
        self.0.lock().written = Instant::now();
    }
}

/// A request under way.
#[derive(Debug)]
pub(crate) struct Beat(Pulse);

impl Drop for Beat {
    fn drop(&mut self) {
        let mut state = self.0.0.lock();
        state.phase = match state.phase {
            Phase::Busy(requests) if requests > 1 => Phase::Busy(requests - 1),
            _ => Phase::Quiet(Instant::now()),
        };
    }
}

/// A stream that tells its pulse.
pub(crate) struct Felt {
    stream: TcpStream,
    pulse: Pulse,
}

impl Felt {
    pub(crate) fn new(stream: TcpStream, pulse: Pulse) -> Self {
        Self { stream, pulse }
    }
}

impl AsyncRead for Felt {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if let Some(new) = buffer.filled().get(before..)
            && !new.is_empty()
        {
            self.pulse.read(new);
        }
        result
    }
}

impl AsyncWrite for Felt {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(cx, bytes);
        if let Poll::Ready(Ok(1..)) = result {
            self.pulse.wrote();
        }
        result
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        if let Poll::Ready(Ok(1..)) = result {
            self.pulse.wrote();
        }
        result
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
