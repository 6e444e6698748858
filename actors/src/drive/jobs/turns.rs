//! One at a time, for each user.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use tokio::sync::{Mutex as Turn, OwnedMutexGuard};
use zelador_store::id::UserId;

/// Whose turn it is with whom. What nobody waits for is forgotten.
#[derive(Default)]
pub(super) struct Turns(Mutex<HashMap<UserId, Weak<Turn<()>>>>);

impl Turns {
    /// Waits for the turn with a user, and holds it until the guard is dropped.
    pub(super) async fn of(&self, user: UserId) -> OwnedMutexGuard<()> {
        let turn = {
            let mut all = self.0.lock();
            all.retain(|_, turn| turn.strong_count() > 0);
            let found = all.get(&user).and_then(Weak::upgrade);
            let turn = found.unwrap_or_default();
            all.insert(user, Arc::downgrade(&turn));
            turn
        };
        turn.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use zelador_store::Timestamp;

    #[tokio::test(flavor = "multi_thread")]
    async fn never_two_at_once_for_one_user() {
        let (turns, inside) = (Arc::new(Turns::default()), Arc::new(AtomicUsize::new(0)));
        let user = UserId::new(Timestamp::EPOCH, [0; 10]);
        let one = |turns: Arc<Turns>, inside: Arc<AtomicUsize>| async move {
            for _ in 0..50 {
                let _turn = turns.of(user).await;
                assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                tokio::task::yield_now().await;
                inside.fetch_sub(1, Ordering::SeqCst);
            }
        };
        let all: Vec<_> =
            (0..4).map(|_| tokio::spawn(one(turns.clone(), inside.clone()))).collect();
        for task in all {
            task.await.unwrap();
        }
        let _other = turns.of(UserId::new(Timestamp::EPOCH, [1; 10])).await;
        assert_eq!(turns.0.lock().len(), 1, "who is gone is forgotten");
    }
}
