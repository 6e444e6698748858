/// A bounded queue from many writers to one taker.
///
/// Nothing accepted is ever dropped: whoever is let in is taken, even after
/// the queue was closed.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    state: Mutex<State<T>>,
    news: Condvar,
    bounds: Bounds,
}

/// What may wait at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// Entries.
    pub(crate) entries: usize,
    /// The sum of their weights. An entry heavier than this is let into an
    /// empty queue.
    pub(crate) weight: usize,
}

#[derive(Debug)]
struct State<T> {
    waiting: VecDeque<(T, usize)>,
    weight: usize,
    closed: bool,
    nudged: bool,
    /// The taker sleeps: whoever comes wakes it.
    asleep: bool,
}

/// Why an entry was not let in; the entry comes back.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused<T> {
    /// The bounds are reached.
    Full(T),
    /// The queue takes nothing any more.
    Closed(T),
}

/// What the taker found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken<T> {
    /// Entries, in the order they came.
    Entries(Vec<T>),
    /// None came in time, or somebody nudged.
    Nothing,
    /// None are left and none will come.
    Closed,
}

impl<T> Queue<T> {
    /// An empty queue.
    pub(crate) fn new(bounds: Bounds) -> Self {
        let state = State {
            waiting: VecDeque::new(),
            weight: 0,
            closed: false,
            nudged: false,
            asleep: false,
        };
        Self { state: Mutex::new(state), news: Condvar::new(), bounds }
    }

    /// Lets an entry in, or says at once why not.
    pub(crate) fn push(&self, entry: T, weight: usize) -> Result<(), Refused<T>> {
        let mut state = self.lock();
        if state.closed {
            return Err(Refused::Closed(entry));
        }
        let fits = state.waiting.len() < self.bounds.entries
            && state.weight.saturating_add(weight) <= self.bounds.weight;
        if !fits && !state.waiting.is_empty() {
            return Err(Refused::Full(entry));
        }
        state.waiting.push_back((entry, weight));
        state.weight = state.weight.saturating_add(weight);
        self.wake(state);
        Ok(())
    }

    /// Takes what waits, up to `most`; waits for something to come, though not
    /// longer than `patience`.
    pub(crate) fn take(&self, most: Bounds, patience: Duration) -> Taken<T> {
        let mut state = self.lock();
        if state.waiting.is_empty() && !state.closed && !state.nudged {
            state.asleep = true;
            state = match self.news.wait_timeout(state, patience) {
                Ok((state, _)) => state,
                Err(poisoned) => poisoned.into_inner().0,
            };
            state.asleep = false;
        }
        state.nudged = false;
        let entries = state.take(most);
        match entries.is_empty() {
            false => Taken::Entries(entries),
            true if state.closed => Taken::Closed,
            true => Taken::Nothing,
        }
    }

    /// Makes the taker look up, even if nothing waits.
    pub(crate) fn nudge(&self) {
        let mut state = self.lock();
        state.nudged = true;
        self.wake(state);
    }

    /// Lets nothing in any more; what waits is still taken.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        self.wake(state);
    }

    /// How many entries wait.
    pub(crate) fn waiting(&self) -> usize {
        self.lock().waiting.len()
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // Nothing here panics while it holds the lock.
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn wake(&self, state: MutexGuard<'_, State<T>>) {
        let asleep = state.asleep;
        drop(state);
        if asleep {
            self.news.notify_one();
        }
    }
}

impl<T> State<T> {
    fn take(&mut self, most: Bounds) -> Vec<T> {
        let mut weight = 0;
        let mut count = 0;
        for (_, next) in self.waiting.iter().take(most.entries) {
            if count > 0 && weight + next > most.weight {
                break;
            }
            weight += next;
            count += 1;
        }
        self.weight = self.weight.saturating_sub(weight);
        self.waiting.drain(..count).map(|(entry, _)| entry).collect()
    }
}
