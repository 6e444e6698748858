//! Lists: whose, which, in what order, a page at a time.

use zelador_store::Cursor;

use super::*;
use crate::error::Refusal;
use crate::users::queries::{Filter, list};
use Status::{Active, Banned, Suspended};

/// Ids of one millisecond come in any order: this one comes after all others.
async fn later(bench: &Bench, tenant: TenantId, name: &str) -> UserId {
    bench.world.hand.advance(std::time::Duration::from_millis(1));
    bench.user(tenant, name).await
}

/// All pages of a list, each at most `limit` long.
async fn all(bench: &Bench, filter: &Filter, limit: usize) -> Vec<String> {
    let (mut names, mut after) = (Vec::new(), None);
    loop {
        let page = list(&bench.world.shell, filter, after, limit).await.unwrap();
        assert!(page.rows.len() <= limit);
        names.extend(page.rows.into_iter().map(|record| record.user.name));
        after = page.next;
        if after.is_none() {
            return names;
        }
    }
}

#[tokio::test]
async fn the_status_in_force_is_what_is_listed() {
    let bench = Bench::new();
    let tenant = bench.tenant("one.example").await;
    let other = bench.tenant("two.example").await;
    bench.user(other, "Foreign").await;
    let mut ids = Vec::new();
    for name in ["Ana", "Bia", "Caio", "Davi", "Eva"] {
        ids.push(later(&bench, tenant, name).await);
    }
    bench.set(ids[1], Banned).await;
    bench.ban(ids[3], "2025-12-01T13:00:00Z").await.unwrap();
    bench.change(ids[4], Suspended, "2025-12-01T13:00:00Z").await.unwrap();
    let of = |statuses: &[Status]| Filter {
        tenant: Some(tenant),
        statuses: statuses.to_vec(),
        beginning: None,
        cloud: Vec::new(),
    };
    for limit in [1, 2, 3, 50] {
        assert_eq!(all(&bench, &of(&[Banned]), limit).await, ["Bia"]);
        assert_eq!(all(&bench, &of(&[Active]), limit).await, ["Ana", "Caio", "Davi", "Eva"]);
    }
    // Due, though no job has run.
    bench.to("2025-12-01T13:00:00Z");
    for limit in [1, 2, 3, 50] {
        assert_eq!(all(&bench, &of(&[Banned]), limit).await, ["Bia", "Davi"]);
        assert_eq!(all(&bench, &of(&[Active]), limit).await, ["Ana", "Caio"]);
        assert_eq!(all(&bench, &of(&[Suspended]), limit).await, ["Eva"]);
        assert_eq!(all(&bench, &of(&[Suspended, Banned]), limit).await, ["Bia", "Davi", "Eva"]);
        assert_eq!(all(&bench, &of(&[]), limit).await, ["Ana", "Bia", "Caio", "Davi", "Eva"],);
    }
    let everywhere = Filter { statuses: vec![Active], ..Filter::default() };
    assert_eq!(all(&bench, &everywhere, 2).await, ["Foreign", "Ana", "Caio"]);
}

#[tokio::test]
async fn a_beginning_finds_names_and_addresses() {
    let bench = Bench::new();
    let tenant = bench.tenant("one.example").await;
    let mut ids = Vec::new();
    for (name, email) in [
        ("José Peña", "jp@example.com"),
        ("Joana", "joana@example.com"),
        ("Ana", "JOSEFA@example.com"),
        ("jose\u{301} maria", "x@example.com"),
        ("Maria José", "y@example.com"),
    ] {
        let draft =
            UserDraft { name: name.into(), email: Some(email.into()), ..UserDraft::default() };
        ids.push(bench.register(tenant, draft).await.unwrap().id);
    }
    let search = |text: &str| Filter {
        tenant: Some(tenant),
        statuses: Vec::new(),
        beginning: Some(text.to_owned()),
        cloud: Vec::new(),
    };
    for limit in [1, 2, 50] {
        let found = all(&bench, &search("JOSE"), limit).await;
        assert_eq!(found, ["jose\u{301} maria", "José Peña", "Ana"]);
        // Found by name, and not once more by address.
        assert_eq!(all(&bench, &search("joan"), limit).await, ["Joana"]);
        assert_eq!(all(&bench, &search("josé pe"), limit).await, ["José Peña"]);
        assert!(all(&bench, &search("jj"), limit).await.is_empty());
        assert_eq!(all(&bench, &search("  "), limit).await.len(), 5);
    }
    let anywhere = Filter { tenant: None, ..search("jos") };
    assert_eq!(all(&bench, &anywhere, 2).await.len(), 3);
    bench.tell(ids[0], What::Delete).await.unwrap();
    assert_eq!(all(&bench, &search("jose"), 50).await.len(), 2);
    let long = "x".repeat(200);
    assert!(all(&bench, &search(&long), 50).await.is_empty());
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    let bench = Bench::new();
    let tenant = bench.tenant("one.example").await;
    let foreign = Cursor::after(&(1_u8, 2_u8));
    for beginning in [None, Some("a".to_owned())] {
        let filter = Filter { tenant: Some(tenant), beginning, ..Filter::default() };
        let page = list(&bench.world.shell, &filter, Some(foreign.clone()), 5).await;
        assert_eq!(refused(page.map(|_| ())), Refusal::field("cursor", "cursor"));
    }
}

#[tokio::test]
async fn the_timeline_tells_the_newest_first() {
    let bench = Bench::new();
    let tenant = bench.tenant("one.example").await;
    let id = bench.user(tenant, "Ana").await;
    for minute in 1..=4 {
        bench.to(&format!("2025-12-01T12:0{minute}:00Z"));
        bench.set(id, if minute % 2 == 0 { Active } else { Suspended }).await;
    }
    let (mut kinds, mut after) = (Vec::new(), None);
    loop {
        let page = queries::timeline(&bench.world.shell, id, None, after, 2).await.unwrap();
        kinds.extend(page.rows.into_iter().map(|event| (event.kind, event.at.to_string())));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(kinds.len(), 5);
    assert_eq!(kinds[0].1, "2025-12-01T12:04:00.000Z");
    assert_eq!(kinds[4].0, "user.created");
}
