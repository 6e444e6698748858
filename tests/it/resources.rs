//! Categories and resources on the real daemon: kept across a restart, seen from
//! the command line, gone with their tenant.

use serde_json::{Value, json};

use crate::harness::{Home, PATIENCE};

async fn json_of<const N: usize>(home: &Home, args: [&str; N]) -> Value {
    let (code, out, err) = home.run(args).await;
    assert_eq!(code, 0, "{args:?}: {out}{err}");
    serde_json::from_str(&out).unwrap_or_else(|error| panic!("{args:?}: {error}: {out}"))
}

fn id(record: &Value) -> &str {
    record["id"].as_str().unwrap()
}

#[tokio::test]
async fn what_can_be_booked_is_kept_seen_and_gone_with_its_tenant() {
    let home = Home::new("").await;
    let daemon = home.start().await;
    let client = daemon.client();
    let draft = json!({"name": "Academia Fit", "domain": "academia-fit.com"});
    let tenant = client.post("/tenants", &draft).await.is(201);
    let draft = json!({"tenant_id": id(&tenant), "name": "Salas de Aula"});
    let category = client.post("/categories/", &draft).await.is(201);
    let draft = json!({
        "tenant_id": id(&tenant), "category_id": id(&category), "name": "Sala 1 - Spinning",
        "availability_schedule": {"friday": [{"start": "22:00", "end": "02:00"}]},
    });
    let resource = client.post("/resources/", &draft).await.is(201);
    assert_eq!(daemon.stop().await.0, Some(0));

    let daemon = home.start().await;
    let path = format!("/resources/{}", id(&resource));
    assert_eq!(daemon.client().get(&path).await.is(200), resource);
    let shown = json_of(&home, ["resources", "show", id(&resource), "--json"]).await;
    assert_eq!(shown, resource);
    let listed = ["resources", "list", "--category", id(&category), "--search", "SALA", "--json"];
    assert_eq!(json_of(&home, listed).await, json!([resource]));
    let listed = ["categories", "list", "--tenant", id(&tenant), "--json"];
    assert_eq!(json_of(&home, listed).await, json!([category]));
    let (_, table, _) = home.run(["resources", "list"]).await;
    assert!(table.contains("Sala 1 - Spinning") && table.contains("SEATS"), "{table}");

    daemon.client().delete(&format!("/tenants/{}", id(&tenant))).await.is(204);
    daemon.client().get(&path).await.is(404);
    let told = "/events?type=resource.deleted,category.deleted";
    daemon.answers(told, PATIENCE, "both are gone", |events| events[1].is_object()).await;
    let purged = "/jobs?kind=tenant.purge&state=succeeded";
    daemon.answers(purged, PATIENCE, "the purge ends", |jobs| jobs[0].is_object()).await;
    assert_eq!(daemon.stop().await.0, Some(0));
    let (code, out, err) = home.run(["check-store"]).await;
    assert_eq!(code, 0, "{out}{err}");
}
