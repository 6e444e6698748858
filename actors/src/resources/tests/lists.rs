//! Lists a page at a time.

use zelador_store::category::CategoryType;

use super::*;
use crate::resources::queries::{CategoryFilter, ResourceFilter};

async fn all(bench: &Bench, filter: &ResourceFilter, limit: usize) -> (Vec<String>, usize) {
    let (mut found, mut after, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = queries::resources(bench.shell(), filter, after, limit).await.unwrap();
        found.extend(page.rows.into_iter().map(|record| record.resource.name));
        (after, pages) = (page.next, pages + 1);
        if after.is_none() {
            return (found, pages);
        }
    }
}

#[tokio::test]
async fn every_filter_at_every_page_size() {
    let bench = Bench::new();
    let (one, two) = (bench.tenant("one.example").await, bench.tenant("two.example").await);
    let (salas, quadras) = (bench.category(one, "Salas").await, bench.category(one, "Q").await);
    bench.resource(one, "Sala Ágata", Some(salas)).await;
    bench.resource(one, "Quadra", Some(quadras)).await;
    let gone = bench.resource(one, "Sala Velha", Some(salas)).await;
    let idle = ResourceDraft { is_active: false, ..draft("SALA  agua", Some(salas)) };
    bench.make(one, idle).await.unwrap();
    bench.resource(one, "Sala 1", Some(salas)).await;
    bench.resource(two, "Sala de outros", None).await;
    bench.end(gone).await.unwrap();
    let of = |tenant: Option<TenantId>| ResourceFilter { tenant, ..ResourceFilter::default() };
    let begins = |text: &str| ResourceFilter { beginning: Some(text.into()), ..of(Some(one)) };
    let mine = ["Sala Ágata", "Quadra", "SALA  agua", "Sala 1"];
    let everything = ["Sala Ágata", "Quadra", "SALA  agua", "Sala 1", "Sala de outros"];
    let cases: [(ResourceFilter, &[&str]); 8] = [
        (of(None), &everything),
        (of(Some(one)), &mine),
        (of(Some(two)), &["Sala de outros"]),
        (
            ResourceFilter { category: Some(salas), ..of(Some(one)) },
            &["Sala Ágata", "SALA  agua", "Sala 1"],
        ),
        (ResourceFilter { category: Some(salas), ..of(Some(two)) }, &[]),
        (ResourceFilter { is_active: Some(false), ..of(None) }, &["SALA  agua"]),
        (begins("sala ag"), &["Sala Ágata", "SALA  agua"]),
        (
            ResourceFilter { is_active: Some(true), category: Some(salas), ..begins("SALÁ") },
            &["Sala 1", "Sala Ágata"],
        ),
    ];
    for (filter, expected) in cases {
        for limit in 1..=6 {
            let (found, pages) = all(&bench, &filter, limit).await;
            assert_eq!(found, expected, "{filter:?}, {limit} at a time");
            // No empty last page: a link to the next one is a promise.
            assert_eq!(pages, expected.len().div_ceil(limit).max(1), "{filter:?}");
        }
    }
}

#[tokio::test]
async fn categories_by_type_and_name() {
    let bench = Bench::new();
    let tenant = bench.tenant("one.example").await;
    bench.category(tenant, "Salas").await;
    bench.world.hand.advance(std::time::Duration::from_millis(1));
    let people = CategoryDraft {
        name: "Salão de gente".into(),
        category_type: CategoryType::Humano,
        ..CategoryDraft::default()
    };
    let command = Register { tenant, draft: people, by: by(), keep: None };
    bench.desk.register_category(command).await.unwrap();
    let list = async |filter: CategoryFilter| {
        let page = queries::categories(bench.shell(), &filter, None, 50).await.unwrap();
        page.rows.into_iter().map(|record| record.category.name).collect::<Vec<_>>()
    };
    let of = CategoryFilter { tenant: Some(tenant), ..CategoryFilter::default() };
    assert_eq!(list(of.clone()).await, ["Salas", "Salão de gente"]);
    let people = CategoryFilter { category_type: Some(CategoryType::Humano), ..of.clone() };
    assert_eq!(list(people).await, ["Salão de gente"]);
    let named = CategoryFilter { beginning: Some("salas".into()), ..of };
    assert_eq!(list(named).await, ["Salas"]);
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    let bench = Bench::new();
    let tenant = bench.tenant("one.example").await;
    for name in ["a", "ab"] {
        bench.resource(tenant, name, None).await;
    }
    let named = ResourceFilter {
        tenant: Some(tenant),
        beginning: Some("a".into()),
        ..ResourceFilter::default()
    };
    let page = queries::resources(bench.shell(), &named, None, 1).await.unwrap();
    let plain = ResourceFilter::default();
    let other = queries::resources(bench.shell(), &plain, page.next, 1).await;
    assert_eq!(refused(other), Refusal::field("cursor", "cursor"));
}
