//! Pages against a map, and torn writes.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

type Map = BTreeMap<Vec<u8>, Vec<u8>>;
type Changes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

fn tree() -> (sled::Db, AtomicU64) {
    (sled::Config::new().temporary(true).open().unwrap(), AtomicU64::new(0))
}

fn put(tree: &Tree, moves: &AtomicU64, changes: &Changes) {
    let changes = changes.iter().map(|(key, value)| (key.as_slice(), value.as_deref()));
    apply(tree, changes, moves).unwrap();
}

fn key() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(0..3_u8, 0..3),
        prop::collection::vec(0..4_u8, 4),
        (0..2_u8, 0..400_u16).prop_map(|(tag, n)| [&[0, tag][..], &n.to_be_bytes()].concat()),
    ]
}

fn changes() -> impl Strategy<Value = Changes> {
    let value = (any::<u8>(), prop_oneof![0..40_usize, 0..2500_usize]);
    let value = value.prop_map(|(byte, length)| vec![byte; length]);
    prop::collection::btree_map(key(), prop::option::weighted(0.7, value), 0..60)
}

fn bound() -> impl Strategy<Value = Bound<Vec<u8>>> {
    prop_oneof![
        Just(Bound::Unbounded),
        key().prop_map(Bound::Included),
        key().prop_map(Bound::Excluded),
    ]
}

fn change(map: &mut Map, changes: &Changes) {
    for (key, value) in changes {
        match value {
            Some(value) => drop(map.insert(key.clone(), value.clone())),
            None => drop(map.remove(key)),
        }
    }
}

fn listed(tree: &Tree, bounds: &Bounds, reverse: bool) -> Vec<(Vec<u8>, Vec<u8>)> {
    let pairs = Pairs::new(tree, bounds.clone(), reverse).unwrap();
    pairs.map(|pair| pair.map(|(key, value)| (key.to_vec(), value.to_vec())).unwrap()).collect()
}

/// A range of a map that does not mind an empty one.
fn expected(map: &Map, bounds: &Bounds, reverse: bool) -> Vec<(Vec<u8>, Vec<u8>)> {
    let after = |key: &Vec<u8>| match &bounds.0 {
        Bound::Included(from) => key >= from,
        Bound::Excluded(from) => key > from,
        Bound::Unbounded => true,
    };
    let before = |key: &Vec<u8>| match &bounds.1 {
        Bound::Included(to) => key <= to,
        Bound::Excluded(to) => key < to,
        Bound::Unbounded => true,
    };
    let within = map.iter().filter(|(key, _)| after(key) && before(key));
    let mut all: Vec<_> = within.map(|(key, value)| (key.clone(), value.clone())).collect();
    if reverse {
        all.reverse();
    }
    all
}

fn whole() -> Bounds {
    (Bound::Unbounded, Bound::Unbounded)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn pages_hold_what_a_map_holds(
        rounds in prop::collection::vec(changes(), 1..8),
        probes in prop::collection::vec((bound(), bound(), key()), 12),
    ) {
        let ((tree, moves), mut map) = (tree(), Map::new());
        for changes in &rounds {
            put(&tree, &moves, changes);
            change(&mut map, changes);
            for reverse in [false, true] {
                prop_assert_eq!(
                    listed(&tree, &whole(), reverse), expected(&map, &whole(), reverse)
                );
            }
            let walked = Pairs::passing(&tree).unwrap().map(Result::unwrap);
            let walked: Vec<_> = walked.map(|(key, value)| (key.to_vec(), value.to_vec())).collect();
            prop_assert_eq!(walked, expected(&map, &whole(), false));
            for (from, to, key) in &probes {
                let found = get(&tree, key).unwrap().map(|part| part.to_vec());
                prop_assert_eq!(found.as_ref(), map.get(key));
                let bounds = (from.clone(), to.clone());
                if sled_would_take(&bounds) {
                    for reverse in [false, true] {
                        prop_assert_eq!(
                            listed(&tree, &bounds, reverse), expected(&map, &bounds, reverse)
                        );
                    }
                }
            }
        }
    }

    /// What a kill leaves of an apply is any number of its first steps.
    #[test]
    fn an_apply_that_was_cut_short_is_made_good_by_itself(
        before in changes(),
        torn in changes(),
        later in changes(),
        cut in 0..40_usize,
    ) {
        let (tree, moves) = tree();
        put(&tree, &moves, &before);
        let old: Vec<_> = tree.iter().map(Result::unwrap).collect();
        let mut steps = tree.watch_prefix([]);
        put(&tree, &moves, &torn);
        let mut seen = Vec::new();
        let made = tree.get(b"\xff\xff end").unwrap();
        assert!(made.is_none());
        tree.insert(b"\xff\xff end", b"").unwrap();
        for event in &mut steps {
            match event {
                sled::Event::Insert { key, .. } if key == b"\xff\xff end" => break,
                other => seen.push(other),
            }
        }
        tree.clear().unwrap();
        for (key, value) in old {
            tree.insert(key, value).unwrap();
        }
        for step in seen.into_iter().take(cut) {
            match step {
                sled::Event::Insert { key, value } => drop(tree.insert(key, value).unwrap()),
                sled::Event::Remove { key } => drop(tree.remove(key).unwrap()),
            }
        }
        let mut map = Map::new();
        change(&mut map, &before);
        // Whatever is not being changed is there as ever.
        for (key, value) in map.iter().filter(|(key, _)| !torn.contains_key(*key)) {
            let found = get(&tree, key).unwrap().map(|part| part.to_vec());
            prop_assert_eq!(found.as_ref(), Some(value));
        }
        put(&tree, &moves, &torn);
        change(&mut map, &torn);
        prop_assert_eq!(listed(&tree, &whole(), false), expected(&map, &whole(), false));
        put(&tree, &moves, &later);
        change(&mut map, &later);
        for reverse in [false, true] {
            prop_assert_eq!(
                listed(&tree, &whole(), reverse), expected(&map, &whole(), reverse)
            );
        }
    }
}

/// sled panics at a range that ends before it begins; nobody asks for one.
fn sled_would_take((from, to): &Bounds) -> bool {
    match (from, to) {
        (Bound::Unbounded, _) | (_, Bound::Unbounded) => true,
        (Bound::Excluded(a), Bound::Excluded(b)) => a < b,
        (Bound::Included(a) | Bound::Excluded(a), Bound::Included(b) | Bound::Excluded(b)) => {
            a <= b
        }
    }
}
