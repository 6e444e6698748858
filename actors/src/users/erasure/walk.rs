//! Rows, a page a commit, each kept, changed or removed.

use zelador_store::{Cursor, Page, Stored, Table, Write};

use crate::engine::jobs::{Failure, JobCx};

/// What becomes of a row.
pub(super) enum Fate<R> {
    /// It stays as it is.
    Keep,
    /// It becomes this.
    Change(Box<R>),
    /// It goes.
    Remove,
}

impl<R: PartialEq> Fate<R> {
    /// The row becomes this, if that is another one.
    pub(super) fn of(old: &R, new: R) -> Self {
        if *old == new { Self::Keep } else { Self::Change(Box::new(new)) }
    }
}

/// Decides a page of rows in one commit.
pub(super) async fn settle<T: Table>(
    cx: &JobCx,
    page: Page<Stored<T>>,
    fate: impl Fn(&Stored<T>) -> Fate<T::Row>,
) -> Result<Settled, Failure> {
    let mut write = Write::new();
    let mut count = 0;
    for stored in &page.rows {
        match fate(stored) {
            Fate::Keep => continue,
            Fate::Change(row) => write.update::<T>(stored, &row),
            Fate::Remove => write.remove::<T>(stored),
        };
        count += 1;
    }
    if !write.is_empty() {
        match cx.shell.store.commit(write).await {
            Ok(_) => {}
            Err(error) if error.is_conflict() => return Ok(Settled::Again),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Settled::Done { count, next: page.next })
}

/// What became of a page.
pub(super) enum Settled {
    /// Something was changed meanwhile: look again.
    Again,
    /// So many rows were changed or removed.
    Done {
        /// How many.
        count: u64,
        /// Where to go on.
        next: Option<Cursor>,
    },
}
