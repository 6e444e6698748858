//! People, the agenda and the audit from the command line.

use serde_json::{Value, json};

use crate::harness::Home;

/// What a command with `--json` prints.
async fn told<const N: usize>(home: &Home, args: [&str; N]) -> Value {
    let (code, out, wrong) = home.run(args).await;
    assert_eq!(code, 0, "{args:?}: {wrong}");
    serde_json::from_str(&out).unwrap_or_else(|error| panic!("{args:?}: {error}: {out}"))
}

#[tokio::test]
async fn people_are_cared_for_from_the_command_line() {
    let home = Home::new("").await;
    let daemon = home.start().await;
    let tenant = json!({"name": "Academia Sol", "domain": "sol.example"});
    let tenant = daemon.client().post("/tenants", &tenant).await.is(201);
    let draft = json!({"tenant_id": tenant["id"], "name": "Ana Rojas"});
    let user = daemon.client().post("/users", &draft).await.is(201);
    let id = user["id"].as_str().unwrap();

    let (code, table, _) = home.run(["users", "list"]).await;
    assert!(code == 0 && table.contains("Ana Rojas") && table.contains("ACTIVE"), "{table}");
    assert_eq!(told(&home, ["users", "show", id, "--json"]).await["name"], "Ana Rojas");
    assert_eq!(told(&home, ["users", "status", id, "--json"]).await["status"], "ACTIVE");

    let plan = ["users", "ban", id, "--at", "2100-01-01", "--reason", "debt", "--json"];
    assert_eq!(told(&home, plan).await["next_status"], "BANNED");
    let later = ["users", "status", id, "--at", "2100-06-01", "--json"];
    assert_eq!(told(&home, later).await["status"], "BANNED");
    let to_come = ["agenda", "--kind", "ban,job", "--to", "2100-02-01", "--json"];
    let agenda = told(&home, to_come).await;
    assert_eq!((agenda.as_array().unwrap().len(), &agenda[0]["user_id"]), (1, &user["id"]));
    assert_eq!(home.run(["users", "unban", id]).await.0, 0);
    assert_eq!(told(&home, to_come).await, json!([]));

    let tried = ["users", "ban", id, "--reason", "debt", "--dry-run", "--json"];
    assert_eq!(told(&home, tried).await["status"], "BANNED");
    assert_eq!(told(&home, ["users", "status", id, "--json"]).await["status"], "ACTIVE");
    assert_eq!(home.run(["users", "ban", id, "--reason", "debt"]).await.0, 0);
    assert_eq!(told(&home, ["users", "status", id, "--json"]).await["status"], "BANNED");
    assert_eq!(home.run(["users", "unban", id, "--reason", "paid"]).await.0, 0);

    let timeline = told(&home, ["users", "timeline", id, "--json"]).await;
    assert_eq!(timeline[0]["type"], "user.status_changed");
    assert_eq!(told(&home, ["users", "sessions", id, "--json"]).await, json!([]));
    assert_eq!(told(&home, ["users", "export", id]).await["user"]["id"], user["id"]);
    let entries = told(&home, ["audit", "--record", "user", "--id", id, "--json"]).await;
    let actions: Vec<_> = entries.as_array().unwrap().iter().map(|e| &e["action"]).collect();
    let expected =
        ["user.set_status", "user.set_status", "user.call_off_ban", "user.plan_ban", "user.create"];
    assert_eq!(actions, expected);

    assert_eq!(home.run(["users", "delete", id, "--erase"]).await.0, 0);
    assert_eq!(home.run(["users", "show", id]).await.0, 1);
    assert_eq!(home.run(["users", "ban", id, "--at", "2100-01-01"]).await.0, 2);
    daemon.stop().await;
    assert_eq!(home.run(["users", "list"]).await.0, 3);
}
