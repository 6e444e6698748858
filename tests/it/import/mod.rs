//! Moving in: dumps in the shape of the old systems' own, a real daemon, the
//! program.

pub(crate) mod dumps;

use serde_json::{Value, json};

use crate::harness::{Client, Home};

/// Runs an import: its exit code, and what it tells.
async fn import<const N: usize>(home: &Home, args: [&str; N]) -> (i32, Value) {
    let (code, out, wrong) = home.run(args).await;
    let told = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{args:?}: {out}{wrong}"));
    (code, told)
}

fn write(home: &Home, name: &str, text: &str) -> String {
    let file = home.path().join(name);
    std::fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

/// What an import decides of each user; accounts go on being made meanwhile.
async fn decided(client: &Client) -> Vec<[Value; 4]> {
    let members = ["id", "status", "next_status", "name"];
    users(client).await.iter().map(|user| members.map(|member| user[member].clone())).collect()
}

async fn users(client: &Client) -> Vec<Value> {
    client.get("/users").await.is(200).as_array().unwrap().clone()
}

fn counts(created: u64, there: u64, left: u64, wrong: u64) -> Value {
    json!({"created": created, "already_there": there, "left_out": left, "wrong": wrong})
}

async fn login(client: &Client, email: &str, password: &str, tenant: &Value) -> u16 {
    let body = json!({"email": email, "password": password, "tenant_id": tenant});
    client.anonymous().post("/auth/login", &body).await.status
}

#[tokio::test]
async fn a_laravel_system_moves_in() {
    let home = Home::new("").await;
    let daemon = home.start().await;
    let client = daemon.client();
    let tenant = json!({"name": "Red Sol", "domain": "sol.example",
        "settings": {"timezone": "America/Caracas"}});
    let tenant = client.post("/tenants", &tenant).await.is(201)["id"].clone();
    let dump = write(&home, "laravel.sql", &dumps::laravel());
    let id = tenant.as_str().unwrap();
    let line = ["import", "laravel", &dump, "--tenant", id, "--json"];

    let trial = ["import", "laravel", &dump, "--tenant", id, "--json", "--dry-run"];
    let (code, told) = import(&home, trial).await;
    assert_eq!((code, &told["dry_run"]), (1, &json!(true)), "{told}");
    assert_eq!(told["tables"]["users"], counts(3, 0, 0, 1), "{told}");
    assert!(users(client).await.is_empty(), "a dry run calls nobody");

    let (code, told) = import(&home, line).await;
    assert_eq!(code, 1, "{told}");
    assert_eq!(told["tables"]["users"], counts(3, 0, 0, 1), "{told}");
    assert_eq!(told["tables"]["scheduled_bans"], counts(1, 0, 0, 0), "{told}");
    assert_eq!(told["tables"]["nextcloud_accounts"]["wrong"], 0, "{told}");
    let wrong = &told["wrong"][0];
    assert_eq!(
        (&wrong["table"], &wrong["id"], &wrong["field"]),
        (&json!("users"), &json!("4"), &json!("email")),
        "{told}"
    );
    assert!(told["notes"][0].as_str().unwrap().contains("zelador sync wispro"), "{told}");
    let failed = told["left_out"].as_array().unwrap();
    assert!(failed.iter().any(|left| left["table"] == "failed_jobs"), "{told}");

    let all = users(client).await;
    let named = |name: &str| all.iter().find(|user| user["name"] == name).unwrap().clone();
    let (ana, beto) = (named("Ana \"La Jefa\" O'Higgins"), named("Beto"));
    assert_eq!(login(client, "ana@sol.example", "de siempre", &tenant).await, 200);
    assert_eq!(login(client, "beto@sol.example", "de siempre", &tenant).await, 403);
    assert_eq!(
        (&ana["next_status"], &ana["scheduled_ban_reason"]),
        (&json!("BANNED"), &json!("deuda"))
    );
    assert_eq!(ana["scheduled_status_change_at"], "2099-12-24T12:00:00Z");
    assert_eq!((&beto["status"], &ana["zone"]), (&json!("BANNED"), &json!("Norte")));

    // What was changed here since stays, and nothing is made twice.
    let pardon = json!({"status": "ACTIVE", "reason": "paid"});
    let path = format!("/users/{}/status", beto["id"].as_str().unwrap());
    client.put(&path, &pardon).await.is(200);
    let before = decided(client).await;
    let (code, told) = import(&home, line).await;
    assert_eq!(code, 1);
    assert_eq!(told["tables"]["users"], counts(0, 3, 0, 1), "{told}");
    assert_eq!(told["tables"]["scheduled_bans"], counts(0, 1, 0, 0), "{told}");
    assert_eq!(decided(client).await, before);
    daemon.stop().await;
    assert_eq!(home.run(line).await.0, 3, "without a daemon nothing is brought over");
}

#[tokio::test]
async fn the_fastapi_services_move_in() {
    let home = Home::new("").await;
    let daemon = home.start().await;
    let client = daemon.client();
    // Bookings first, as the names of the dumps sort.
    let bookings = write(&home, "bookings.sql", &dumps::bookings());
    let rest = write(&home, "rest.sql", &dumps::services());
    let line = ["import", "fastapi", &bookings, &rest, "--json"];
    let (code, told) = import(&home, line).await;
    assert_eq!(code, 1, "{told}");
    let tables = &told["tables"];
    for table in ["tenants", "categories", "resources", "webhooks"] {
        assert_eq!(tables[table], counts(1, 0, 0, 0), "{table}: {told}");
    }
    assert_eq!(tables["users"], counts(2, 0, 0, 0), "{told}");
    assert_eq!(tables["bookings"], counts(1, 0, 2, 1), "{told}");
    let wrong = &told["wrong"][0];
    assert_eq!((&wrong["id"], &wrong["field"]), (&json!("b-4"), &json!("resource_id")), "{told}");

    let tenant = client.get("/tenants").await.is(200)[0].clone();
    assert_eq!(tenant["settings"]["booking_interval"], 60, "{tenant}");
    assert_eq!(login(client, "joao@sol.example", "segredo1", &tenant["id"]).await, 200);
    let standing = client.get("/bookings").await.is(200);
    let booking = &standing[0];
    assert_eq!((standing.as_array().unwrap().len(), &booking["status"]), (1, &json!("confirmado")));
    let start = booking["start_time"].as_str().unwrap();
    assert!(start.ends_with("T14:00:00Z"), "{start}");
    let resource = client.get("/resources").await.is(200)[0].clone();
    assert_eq!(booking["resource_id"], resource["id"]);
    assert_eq!(resource["availability_schedule"]["monday"][0]["start"], "08:00", "{resource}");

    let (code, told) = import(&home, line).await;
    assert_eq!(code, 1);
    let tables = &told["tables"];
    for (table, there) in
        [("tenants", 1), ("users", 2), ("categories", 1), ("resources", 1), ("webhooks", 1)]
    {
        assert_eq!(tables[table], counts(0, there, 0, 0), "{table}: {told}");
    }
    assert_eq!(tables["bookings"], counts(0, 1, 2, 1), "{told}");
    assert_eq!(client.get("/bookings").await.is(200), standing);
    assert_eq!(client.get("/users").await.is(200).as_array().unwrap().len(), 2);
    daemon.stop().await;
}
