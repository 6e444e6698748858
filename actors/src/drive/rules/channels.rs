//! Which channel is kept, when the next one is opened, and when one that says nothing
//! is taken for dead.
//!
//! ```text
//!  none ─▶ opened ─▶ (3/4 of its life) the next is opened ─▶ a look ─▶ the first is closed
//!             └─ things change and nobody tells ─────▲
//! ```

use std::time::Duration;

use zelador_store::Timestamp;

/// How long a channel is asked for: the most that Google gives for changes.
pub const ASKED: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// Looks that find what nobody told of, before a channel is taken for dead.
const LOOKS: u32 = 2;
/// How often that number is doubled while no channel ever says anything.
const DOUBLED: u32 = 5;

/// A channel as it is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Held {
    /// It is of this Drive, and of this address.
    pub ours: bool,
    /// Google has answered that it is open.
    pub answered: bool,
    /// When it was asked for.
    pub opened_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// From 0 up to, not including, 1, and its own: not all are renewed at once.
    pub spread: f64,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// The channel that stays, by its place; all others are closed, but not before
    /// somebody has looked.
    pub keep: Option<usize>,
    /// Another one is to be opened now.
    pub open: bool,
    /// When it is to be decided anew; `None`: there is nothing to wait for.
    pub again: Option<Timestamp>,
}

/// Decides. `wanted`: there is an address at which Google reaches the daemon.
/// `silent`: the newest is taken for dead.
pub fn plan(held: &[Held], wanted: bool, silent: bool, now: Timestamp) -> Plan {
    if !wanted {
        return Plan { keep: None, open: false, again: None };
    }
    let lives = |held: &&Held| held.ours && held.answered && held.expires_at > now;
    let newest = held
        .iter()
        .enumerate()
        .filter(|(_, held)| lives(held))
        .max_by_key(|(_, held)| (held.opened_at, held.expires_at));
    let Some((keep, newest)) = newest else {
        return Plan { keep: None, open: true, again: None };
    };
    let due = renew_at(newest);
    Plan { keep: Some(keep), open: silent || due <= now, again: Some(due) }
}

/// When the next one is opened: at about three quarters of its life.
pub fn renew_at(held: &Held) -> Timestamp {
    let life = held.expires_at.since(held.opened_at);
    held.opened_at + life.mul_f64(0.75 - 0.05 * held.spread.clamp(0.0, 1.0))
}

/// Whether a channel is taken for dead, after so many looks in a row that found what
/// nobody had told of. `replaced`: so many channels before were taken for dead, too,
/// and nothing was heard since: it may be the way here that is closed.
pub fn is_silent(unheard: u32, replaced: u32) -> bool {
    unheard >= LOOKS << replaced.min(DOUBLED)
}
