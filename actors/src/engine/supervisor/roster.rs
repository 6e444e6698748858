//! Actors by key: one for each user, resource or tenant that is being worked on.
//!
//! An actor is started by the first message to its key, on the arbiter that the
//! key falls to, and put to rest when nobody has asked it anything for a while.
//! It handles one message at a time, to the end; or, if it can, all that wait, with
//! one commit (`errand`).
//!
//! Who asks is always answered: by the actor, or, if it falls, at once: whose
//! message was being handled with a fault, whoever waited behind it with "busy".
//! A message past its deadline is not begun; one begun is finished.

use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::hash::{BuildHasher, Hash};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use actix::dev::SendError;
use actix::{
    Actor, ActorContext, ActorFutureExt, Addr, ArbiterHandle, AsyncContext, Context, Handler,
    Message, WrapFuture,
};
use parking_lot::Mutex;
use tokio::time::Instant;
use zelador_store::Store;

use super::board::Board;
use super::errand::{self, Errand};
use super::rules::{Falls, Verdict};
use crate::engine::Shell;
use crate::error::Error;

/// As many as a disk that takes 50 ms for a commit serves well within [`DEADLINE`]:
/// who comes when a popular place opens waits rather than try again, and a longer
/// queue would only hide a slow disk.
const MAILBOX: usize = 128;

/// How long a caller waits before it is told to come back.
const DEADLINE: Duration = Duration::from_secs(10);

/// What a refused caller is told to wait.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// What an actor of a roster is: a key and the rules to serve it by. It keeps
/// nothing between messages that the store does not hold.
pub trait Member: Clone + Send + Sync + Unpin + 'static {
    /// What there is one actor of.
    type Key: Eq + Hash + Clone + std::fmt::Display + Send + Sync + Unpin + 'static;
    /// The noun, for logs and `/status`.
    const NAME: &'static str;
    /// The concern it belongs to.
    const CONCERN: &'static str;

    /// The same member on a draft of the store, if it may decide on what it decided
    /// before and nobody has been told yet; such a one tells nobody but the sender.
    fn on(&self, _draft: &Store) -> Option<Self> {
        None
    }
}

/// Serves one kind of message.
pub trait Serve<M>: Member {
    /// What `Ok` answers.
    type Answer: Send + 'static;

    /// Load, decide, commit, tell. It may await nothing but the store.
    fn serve(
        &self,
        key: Self::Key,
        message: &M,
    ) -> impl Future<Output = Result<Self::Answer, Error>> + Send;
}

/// The threads on which actors live.
#[derive(Clone)]
pub struct Floor(Arc<[ArbiterHandle]>);

impl Floor {
    /// A floor of these arbiters; at least one.
    pub fn new(arbiters: Vec<ArbiterHandle>) -> Self {
        Self(arbiters.into())
    }

    fn of(&self, key: &impl Hash) -> Option<&ArbiterHandle> {
        let hash = std::hash::BuildHasherDefault::<std::hash::DefaultHasher>::default();
        let count = u64::try_from(self.0.len()).ok().filter(|count| *count > 0)?;
        self.0.get(usize::try_from(hash.hash_one(key) % count).ok()?)
    }
}

/// The actors of one noun; clones are the same roster.
pub struct Roster<A: Member>(Arc<Inner<A>>);

impl<A: Member> Clone for Roster<A> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

struct Inner<A: Member> {
    member: A,
    shell: Shell,
    floor: Floor,
    board: Board,
    idle: Duration,
    seats: Mutex<HashMap<A::Key, Seat<A>>>,
    waiting: AtomicUsize,
    gate: Mutex<Gate>,
}

/// Where an actor is reached, and how many messages are on their way to it.
struct Seat<A: Member> {
    addr: Addr<Desk<A>>,
    coming: Arc<AtomicUsize>,
}

impl<A: Member> Clone for Seat<A> {
    fn clone(&self) -> Self {
        Self { addr: self.addr.clone(), coming: self.coming.clone() }
    }
}

/// Shut while the roster is marked down.
#[derive(Default)]
struct Gate {
    falls: Falls,
    shut_until: Option<Instant>,
}

/// The actor around a member.
struct Desk<A: Member> {
    member: A,
    key: A::Key,
    store: Store,
    asked_at: Instant,
    /// Messages that have come, and are not being served.
    waiting: VecDeque<Box<dyn Errand<A>>>,
    /// A turn is on its way, or under way.
    at_turn: bool,
    coming: Arc<AtomicUsize>,
    roster: Weak<Inner<A>>,
}

impl<A: Member> Actor for Desk<A> {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(2 * MAILBOX);
        let idle = self.roster.upgrade().map_or(Duration::from_secs(60), |roster| roster.idle);
        ctx.run_interval(idle, move |desk, ctx| {
            if desk.asked_at.elapsed() >= idle && desk.may_rest() {
                ctx.stop();
            }
        });
    }
}

impl<A: Member> Desk<A> {
    /// Gives up the seat, unless a message is on its way: whoever asks finds the
    /// seat and announces a message under the same lock, so none is lost.
    fn may_rest(&self) -> bool {
        let Some(roster) = self.roster.upgrade() else { return true };
        let mut seats = roster.seats.lock();
        if self.coming.load(Ordering::SeqCst) > 0 {
            return false;
        }
        seats.remove(&self.key);
        true
    }
}

/// A message to the actor.
struct Ask<A: Member>(Box<dyn Errand<A>>);

impl<A: Member> Message for Ask<A> {
    type Result = ();
}

impl<A: Member> Handler<Ask<A>> for Desk<A> {
    type Result = ();

    fn handle(&mut self, Ask(errand): Ask<A>, ctx: &mut Self::Context) {
        self.asked_at = Instant::now();
        self.waiting.push_back(errand);
        if self.at_turn {
            return;
        }
        self.at_turn = true;
        if self.coming.load(Ordering::SeqCst) > 1 {
            // Those behind it come first, to be served with it.
            ctx.notify(Turn);
        } else {
            self.take_turn(ctx);
        }
    }
}

/// It is time to serve those who wait.
struct Turn;

impl Message for Turn {
    type Result = ();
}

impl<A: Member> Handler<Turn> for Desk<A> {
    type Result = ();

    fn handle(&mut self, _: Turn, ctx: &mut Self::Context) {
        self.take_turn(ctx);
    }
}

impl<A: Member> Desk<A> {
    /// Serves some of those who wait; nothing else is done meanwhile.
    fn take_turn(&mut self, ctx: &mut Context<Self>) {
        let several = self.waiting.len() > 1 && self.member.on(&self.store).is_some();
        let count = if several { errand::TOGETHER.min(self.waiting.len()) } else { 1 };
        let errands: Vec<_> = self.waiting.drain(..count.min(self.waiting.len())).collect();
        self.coming.fetch_sub(errands.len(), Ordering::SeqCst);
        let (member, key, store) = (self.member.clone(), self.key.clone(), self.store.clone());
        let work = errand::serve(member, key, store, errands);
        let done = work.into_actor(self).map(|(), desk, ctx| {
            desk.at_turn = !desk.waiting.is_empty();
            if desk.at_turn {
                ctx.notify(Turn);
            }
        });
        ctx.wait(done);
    }
}

pub(super) fn busy(what: &'static str) -> Error {
    Error::Busy { what, retry_after: RETRY_AFTER }
}

impl<A: Member> Roster<A> {
    /// A roster without actors; each rests after `idle` without a message.
    pub fn new(member: A, shell: Shell, floor: Floor, board: Board, idle: Duration) -> Self {
        board.change(A::NAME, A::CONCERN, |part| part.up = true);
        Self(Arc::new(Inner {
            member,
            shell,
            floor,
            board,
            idle,
            seats: Mutex::default(),
            waiting: AtomicUsize::new(0),
            gate: Mutex::default(),
        }))
    }

    /// Asks the actor of a key, and waits for its answer.
    pub async fn ask<M>(&self, key: &A::Key, message: M) -> Result<A::Answer, Error>
    where
        A: Serve<M>,
        M: Send + Sync + 'static,
    {
        self.admit()?;
        let _waiting = Waiting::new(&self.0);
        let deadline = Instant::now() + DEADLINE;
        let (errand, begun, answer) = errand::new::<A, M>(message, deadline);
        let mut ask = Ask(errand);
        let seat = loop {
            let seat = self.seat(key)?;
            ask = match seat.addr.try_send(ask) {
                Ok(()) => break seat,
                Err(SendError::Full(_)) => {
                    seat.coming.fetch_sub(1, Ordering::SeqCst);
                    return Err(busy(A::NAME));
                }
                Err(SendError::Closed(ask)) => {
                    // It has fallen since: the next one takes over.
                    self.leave(key, &seat);
                    ask
                }
            };
        };
        match tokio::time::timeout_at(deadline, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(self.lost(key, &seat, begun.load(Ordering::SeqCst))),
            Err(_) if begun.load(Ordering::SeqCst) => {
                Err(Error::fault("waiting for the answer of an actor", "it took too long"))
            }
            Err(_) => Err(busy(A::NAME)),
        }
    }

    /// How many actors there are.
    pub fn len(&self) -> usize {
        self.0.seats.lock().len()
    }

    /// Whether nobody is at work.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The actor of a key, started if need be, with a message announced to it.
    fn seat(&self, key: &A::Key) -> Result<Seat<A>, Error> {
        let mut seats = self.0.seats.lock();
        if let Some(seat) = seats.get(key).filter(|seat| seat.addr.connected()) {
            // actix grants every clone of an address one message beyond the
            // bound, so the bound is kept here.
            if seat.coming.load(Ordering::SeqCst) >= MAILBOX {
                return Err(busy(A::NAME));
            }
            seat.coming.fetch_add(1, Ordering::SeqCst);
            return Ok(seat.clone());
        }
        let arbiter = self.0.floor.of(key).ok_or_else(|| busy(A::NAME))?;
        let coming = Arc::new(AtomicUsize::new(1));
        let desk = Desk {
            member: self.0.member.clone(),
            key: key.clone(),
            store: self.0.shell.store.clone(),
            asked_at: Instant::now(),
            waiting: VecDeque::new(),
            at_turn: false,
            coming: coming.clone(),
            roster: Arc::downgrade(&self.0),
        };
        let seat = Seat { addr: Desk::start_in_arbiter(arbiter, |_| desk), coming };
        seats.insert(key.clone(), seat.clone());
        Ok(seat)
    }

    fn leave(&self, key: &A::Key, gone: &Seat<A>) {
        let mut seats = self.0.seats.lock();
        if seats.get(key).is_some_and(|seat| Arc::ptr_eq(&seat.coming, &gone.coming)) {
            seats.remove(key);
        }
    }

    /// The actor went away with the message.
    fn lost(&self, key: &A::Key, seat: &Seat<A>, begun: bool) -> Error {
        self.leave(key, seat);
        if !begun {
            return busy(A::NAME);
        }
        let now = self.0.shell.now();
        self.0.board.fell(A::NAME, A::CONCERN, now, &format!("panicked while serving {key}"));
        let mut gate = self.0.gate.lock();
        if let Verdict::Down(wait) = gate.falls.note(now) {
            gate.shut_until = Some(Instant::now() + wait);
            self.0.board.change(A::NAME, A::CONCERN, |part| (part.up, part.down) = (false, true));
            tracing::error!(part = A::NAME, again_in = ?wait, "a part fell too often");
        }
        Error::fault("serving a message", "the actor panicked")
    }

    /// Refuses while the roster is down, but for one try every now and then.
    fn admit(&self) -> Result<(), Error> {
        let mut gate = self.0.gate.lock();
        let Some(until) = gate.shut_until else { return Ok(()) };
        if Instant::now() < until {
            return Err(busy(A::NAME));
        }
        gate.shut_until = None;
        self.0.board.change(A::NAME, A::CONCERN, |part| (part.up, part.down) = (true, false));
        Ok(())
    }
}

/// Counts a caller as waiting for as long as it lives.
struct Waiting<'a, A: Member>(&'a Inner<A>);

impl<'a, A: Member> Waiting<'a, A> {
    fn new(inner: &'a Inner<A>) -> Self {
        let waiting = inner.waiting.fetch_add(1, Ordering::Relaxed) + 1;
        inner.board.change(A::NAME, A::CONCERN, |part| part.waiting = waiting);
        Self(inner)
    }
}

impl<A: Member> Drop for Waiting<'_, A> {
    fn drop(&mut self) {
        let waiting = self.0.waiting.fetch_sub(1, Ordering::Relaxed).saturating_sub(1);
        self.0.board.change(A::NAME, A::CONCERN, |part| part.waiting = waiting);
    }
}
