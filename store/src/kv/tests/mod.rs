//! The conformance suite that every engine passes, and what it is run with.
//!
//! An engine is handed to the suite as a [`Subject`], which can also be
//! disturbed: told to tidy up, closed and opened, killed and opened. None of
//! that may show.

mod cases;
mod damage;
mod drafts;
mod full;
mod model;
mod power;
mod subject;

use bytes::Bytes;

use self::subject::{MemorySubject, SledSubject};

macro_rules! conformance {
    ($($case:ident),* $(,)?) => {
        mod memory {
            $(#[tokio::test]
            async fn $case() {
                super::cases::$case(&mut super::MemorySubject::default()).await;
            })*
        }
        mod embedded {
            $(#[tokio::test]
            async fn $case() {
                super::cases::$case(&mut super::SledSubject::new()).await;
            })*
        }
    };
}

conformance!(
    a_batch_lands_whole_or_not_at_all,
    expectations_are_checked_in_order_and_named,
    a_log_is_numbered_without_gaps_even_after_its_front_is_gone,
    a_number_that_becomes_zero_is_gone,
    ops_of_a_batch_see_each_other,
    scans_go_both_ways_within_their_bounds,
    a_page_shows_changes_over_what_was_drained,
    what_was_read_follows_what_is_written,
    large_values_come_back,
    rows_that_live_briefly_leave_nothing,
    a_deleted_row_stays_deleted,
    of_many_who_race_one_wins,
    numbers_add_up_under_load,
);

fn bytes(bytes: &[u8]) -> Bytes {
    Bytes::copy_from_slice(bytes)
}

/// A pair of nobody else's.
fn own((key, value): super::engine::Pair) -> (Vec<u8>, Vec<u8>) {
    (key.to_vec(), value.to_vec())
}

fn put(key: &[u8], value: &[u8]) -> super::engine::Op {
    super::engine::Op::Put { key: bytes(key), value: bytes(value), fresh: false }
}

fn fresh(key: &[u8], value: &[u8]) -> super::engine::Op {
    super::engine::Op::Put { key: bytes(key), value: bytes(value), fresh: true }
}

fn delete(key: &[u8]) -> super::engine::Op {
    super::engine::Op::Delete { key: bytes(key) }
}

fn batch(ops: Vec<super::engine::Op>) -> super::engine::Batch {
    super::engine::Batch { expects: Vec::new(), ops }
}
