//! Pages of the log.

use super::{Bench, noting, tell};
use crate::engine::events::{EventFilter, EventPage};

fn seqs(page: &EventPage) -> Vec<u64> {
    page.rows.iter().map(|(seq, _)| *seq).collect()
}

fn of(kinds: &[&str]) -> EventFilter {
    EventFilter { kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(), tenant: None }
}

#[tokio::test]
async fn pages_follow_each_other() {
    let bench = Bench::new(noting());
    assert_eq!(bench.desk.tip().await.unwrap(), 0);
    let empty = bench.desk.page(0, &of(&[]), 10).await.unwrap();
    assert_eq!(empty, EventPage { rows: Vec::new(), next: None, seen: 0 });
    bench.tell(25).await;
    assert_eq!(bench.desk.tip().await.unwrap(), 25);
    let first = bench.desk.page(0, &of(&[]), 10).await.unwrap();
    assert_eq!((seqs(&first), first.next), ((1..=10).collect(), Some(10)));
    let last = bench.desk.page(20, &of(&[]), 10).await.unwrap();
    assert_eq!((seqs(&last), last.next), ((21..=25).collect(), None));
    let exact = bench.desk.page(15, &of(&[]), 10).await.unwrap();
    assert_eq!((seqs(&exact), exact.next), ((16..=25).collect(), Some(25)));
    let beyond = bench.desk.page(u64::MAX, &of(&[]), 10).await.unwrap();
    assert!(beyond.rows.is_empty());
}

#[tokio::test]
async fn a_filter_takes_types_and_a_tenant() {
    let bench = Bench::new(noting());
    let shell = &bench.world.shell;
    let (ours, theirs) = (Some(shell.id()), Some(shell.id()));
    tell(shell, 2, "user.created", ours).await;
    tell(shell, 2, "user.deleted", theirs).await;
    tell(shell, 2, "tenant.deleted", ours).await;
    let page = async |filter: &EventFilter| seqs(&bench.desk.page(0, filter, 50).await.unwrap());
    assert_eq!(page(&of(&["user.deleted", "tenant.deleted"])).await, [3, 4, 5, 6]);
    assert_eq!(page(&of(&["user"])).await, [0; 0]);
    assert_eq!(page(&EventFilter { kinds: Vec::new(), tenant: ours }).await, [1, 2, 5, 6]);
    let both = EventFilter { tenant: ours, ..of(&["user.created", "user.deleted"]) };
    assert_eq!(page(&both).await, [1, 2]);
}

#[tokio::test]
async fn looking_for_what_is_rare_is_bounded_and_finds_it_all_the_same() {
    let bench = Bench::new(noting());
    let shell = &bench.world.shell;
    bench.tell(12_000).await;
    tell(shell, 3, "user.deleted", None).await;
    let (mut after, mut found, mut pages) = (0, Vec::new(), 0);
    loop {
        let page = bench.desk.page(after, &of(&["user.deleted"]), 2).await.unwrap();
        found.extend(seqs(&page));
        pages += 1;
        match page.next {
            Some(next) => after = next,
            None => break,
        }
    }
    assert_eq!(found, [12_001, 12_002, 12_003]);
    assert!((3..=5).contains(&pages), "{pages}");
}
