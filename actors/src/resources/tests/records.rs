//! Making and changing; who is faster than whom.

use futures::future::BoxFuture;
use zelador_store::audit::Audit;

use super::*;
use crate::testkit;

#[tokio::test]
async fn a_resource_is_of_a_living_category_of_its_tenant() {
    let bench = Bench::new();
    let (own, other) = (bench.tenant("own.example").await, bench.tenant("other.example").await);
    let foreign = bench.category(other, "Salas").await;
    assert_eq!(refused(bench.make(own, draft("x", Some(foreign))).await), NO_CATEGORY);
    let category = bench.category(own, "Salas").await;
    let id = bench.resource(own, "Sala 1", Some(category)).await;
    assert_eq!(refused(bench.revise(id, draft("Sala 1", Some(foreign))).await), NO_CATEGORY);
    let in_use = refused(bench.end_category(category).await);
    assert_eq!(in_use, rules::category::in_use(1));
    bench.revise(id, draft("Sala 1", None)).await.unwrap();
    bench.end_category(category).await.unwrap();
    assert_eq!(refused(bench.make(own, draft("x", Some(category))).await), NO_CATEGORY);
    let gone = queries::category(bench.shell(), category, None).await;
    assert_eq!(refused(gone), NO_CATEGORY);
    bench.assert_sound();
}

#[tokio::test]
async fn others_do_not_see_it() {
    let bench = Bench::new();
    let (own, other) = (bench.tenant("own.example").await, bench.tenant("other.example").await);
    let category = bench.category(own, "Salas").await;
    let id = bench.resource(own, "Sala 1", Some(category)).await;
    let within = Some(other);
    assert_eq!(refused(queries::resource(bench.shell(), id, within).await), NO_RESOURCE);
    assert_eq!(refused(queries::category(bench.shell(), category, within).await), NO_CATEGORY);
    let delete = Delete { id, within, if_version: None, by: by() };
    assert_eq!(refused(bench.desk.foresee(&delete).await), NO_RESOURCE);
    assert_eq!(refused(bench.desk.delete_resource(delete).await), NO_RESOURCE);
    let delete = Delete { id: category, within, if_version: None, by: by() };
    assert_eq!(refused(bench.desk.delete_category(delete).await), NO_CATEGORY);
}

#[tokio::test]
async fn changes_are_told_and_minded() {
    let bench = Bench::new();
    let tenant = bench.tenant("one.example").await;
    let id = bench.resource(tenant, "Sala 1", None).await;
    let attributes = r#"{"door":"blue","alarm_token":"1234"}"#.to_owned();
    let wanted = ResourceDraft { is_active: false, attributes, ..draft("Sala 1", None) };
    let stale = Revise { id, within: None, draft: wanted.clone(), if_version: Some(9), by: by() };
    assert_eq!(refused(bench.desk.revise_resource(stale).await), Refusal::Stale);
    let revised = bench.revise(id, wanted.clone()).await.unwrap();
    assert_eq!(revised.resource.version, 2);
    // Nothing new: nothing is written.
    assert_eq!(bench.revise(id, wanted).await.unwrap(), revised);
    bench.end(id).await.unwrap();
    assert_eq!(refused(bench.end(id).await), NO_RESOURCE);
    assert_eq!(bench.events("resource.created").await.len(), 1);
    let updated = bench.events("resource.updated").await;
    assert_eq!(updated.len(), 1);
    assert_eq!(updated[0]["changed"], serde_json::json!(["attributes", "is_active"]));
    let deleted = bench.events("resource.deleted").await;
    assert_eq!(deleted[0]["resource_id"], id.to_string());
    assert_eq!(deleted[0]["tenant_id"], tenant.to_string());
    let entries = bench.shell().store.page::<Audit>(&Query::all()).await.unwrap().rows;
    let of = |action: &str| entries.iter().find(|entry| entry.row.action == action).unwrap();
    let after = of("resource.update").row.after.clone().unwrap();
    assert_eq!(after, r#"{"attributes":{"door":"blue"},"is_active":false}"#);
    assert_eq!(of("resource.delete").row.after, None);
    bench.assert_sound();
}

#[tokio::test]
async fn hours_make_sense_with_those_above() {
    let bench = Bench::new();
    let tenant = bench.tenant("one.example").await;
    let mut late = draft("x", None);
    late.settings.working_hours_start = Some(jiff::civil::time(18, 0, 0, 0));
    let field = Refusal::field("settings.working_hours_end", "not_after_start");
    assert_eq!(refused(bench.make(tenant, late.clone()).await), field);
    let id = bench.resource(tenant, "x", None).await;
    assert_eq!(refused(bench.revise(id, late.clone()).await), field);
    late.settings.working_hours_end = Some(jiff::civil::time(23, 0, 0, 0));
    bench.revise(id, late).await.unwrap();
}

/// Runs `command` up to its write, then `meanwhile`, then the rest.
async fn overtaken<T: Send + 'static>(
    bench: &Bench,
    command: impl FnOnce(ResourceDesk) -> BoxFuture<'static, T>,
    meanwhile: impl AsyncFnOnce(),
) -> T {
    testkit::overtaken(&bench.world, |store| command(bench.on(store)), meanwhile()).await
}

#[tokio::test]
async fn nothing_slips_under_a_tenant_while_it_is_deleted() {
    let bench = Bench::new();
    let tenant = bench.tenant("one.example").await;
    let register = Register { tenant, draft: draft("x", None), by: by(), keep: None };
    let made = overtaken(
        &bench,
        |desk| Box::pin(async move { desk.register_resource(register).await }),
        async || bench.end_tenant(tenant).await,
    )
    .await;
    assert_eq!(refused(made), Refusal::Absent { what: "tenant" });
    assert!(bench.events("resource.created").await.is_empty());
    bench.assert_sound();
}

#[tokio::test]
async fn no_resource_slips_into_a_category_while_that_is_deleted() {
    let bench = Bench::new();
    let tenant = bench.tenant("one.example").await;
    let category = bench.category(tenant, "Salas").await;
    let wanted = draft("x", Some(category));
    let register = Register { tenant, draft: wanted, by: by(), keep: None };
    let made = overtaken(
        &bench,
        |desk| Box::pin(async move { desk.register_resource(register).await }),
        async || bench.end_category(category).await.unwrap(),
    )
    .await;
    assert_eq!(refused(made), NO_CATEGORY);
    bench.assert_sound();
}

#[tokio::test]
async fn no_category_is_deleted_while_a_resource_comes_into_it() {
    let bench = Bench::new();
    let tenant = bench.tenant("one.example").await;
    let category = bench.category(tenant, "Salas").await;
    let delete = Delete { id: category, within: None, if_version: None, by: by() };
    let deleted = overtaken(
        &bench,
        |desk| Box::pin(async move { desk.delete_category(delete).await }),
        async || {
            bench.resource(tenant, "x", Some(category)).await;
        },
    )
    .await;
    assert_eq!(refused(deleted), rules::category::in_use(1));
    bench.assert_sound();
}

/// Those who add resources to one category are not in each other's way.
#[tokio::test]
async fn many_come_into_a_category_at_once() {
    let bench = Bench::new();
    let tenant = bench.tenant("one.example").await;
    let category = bench.category(tenant, "Salas").await;
    let others = async || {
        for number in 0..30 {
            bench.resource(tenant, &format!("Sala {number}"), Some(category)).await;
        }
    };
    let register = Register { tenant, draft: draft("x", Some(category)), by: by(), keep: None };
    let made = overtaken(
        &bench,
        |desk| Box::pin(async move { desk.register_resource(register).await }),
        others,
    );
    made.await.unwrap();
    assert_eq!(bench.events("resource.created").await.len(), 31);
    assert_eq!(refused(bench.end_category(category).await), rules::category::in_use(31));
    bench.assert_sound();
}
