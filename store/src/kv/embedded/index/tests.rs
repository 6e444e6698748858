//! Who reads beside the one writer.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::*;

/// Pairs that the writer never changes are seen by everybody who reads beside it,
/// while the pages they are in are cut and taken away around them.
#[test]
fn who_reads_beside_the_writer_misses_nothing() {
    let mut moved = 0;
    for round in 0..60 {
        let place = tempfile::tempdir().unwrap();
        let index = Index::open(place.path(), 1024 * 1024).unwrap();
        beside_the_writer(&index, round);
        moved += index.moves.load(Ordering::SeqCst);
    }
    assert!(moved > 1000, "{moved}: next to nothing moved");
}

const KEPT: u16 = 300;

fn kept(n: u16) -> Vec<u8> {
    [&[7, 7][..], &n.to_be_bytes()].concat()
}

fn put(index: &Index, changes: &BTreeMap<Vec<u8>, Option<Vec<u8>>>) {
    let changes = changes.iter().map(|(key, value)| (key.as_slice(), value.as_deref()));
    index.apply(changes).unwrap();
}

/// How many of those that are kept a reader finds.
fn count(index: &Index, reverse: bool) -> usize {
    let whole = (Bound::Unbounded, Bound::Unbounded);
    let counted = index.range(&whole, reverse, |pairs| {
        let mut count = 0;
        for pair in pairs {
            count += usize::from(pair?.0.len() == 4);
        }
        Ok(count)
    });
    counted.unwrap()
}

fn beside_the_writer(index: &Index, round: u16) {
    // Pages with hardly any room.
    put(index, &(0..KEPT).map(|n| (kept(n), Some(vec![1; 100]))).collect());
    let ended = AtomicBool::new(false);
    let on = || !ended.load(Ordering::SeqCst);
    std::thread::scope(|scope| {
        for reverse in [false, true] {
            scope.spawn(move || {
                while on() {
                    assert_eq!(count(index, reverse), usize::from(KEPT), "down: {reverse}");
                }
            });
        }
        scope.spawn(|| {
            for n in (0..KEPT).cycle().take_while(|_| on()) {
                assert!(index.look_up(&kept(n)).unwrap().is_some(), "{n}");
            }
        });
        // Pages are cut by what comes, and taken away by what goes.
        let among = |n: u16| [kept((n * 7 + round) % KEPT), vec![1]].concat();
        for n in 0..40 {
            for value in [Some(vec![2; 3000]), None] {
                put(index, &BTreeMap::from([(among(n), value)]));
            }
        }
        ended.store(true, Ordering::SeqCst);
    });
}
