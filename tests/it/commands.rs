//! People, the agenda and the audit from the command line.

use serde_json::{Value, json};

use crate::harness::Home;

/// What a command with `--json` prints.
pub(crate) async fn told<const N: usize>(home: &Home, args: [&str; N]) -> Value {
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
    let tried = told(&home, ["users", "unban", id, "--dry-run", "--json"]).await;
    assert_eq!(tried["next_status"], Value::Null);
    assert_eq!(tried["would"]["plans_ended"][0]["state"], "cancelled");
    assert_eq!(told(&home, to_come).await, agenda, "nothing was changed");
    assert_eq!(home.run(["users", "unban", id]).await.0, 0);
    assert_eq!(told(&home, to_come).await, json!([]));

    let tried = ["users", "ban", id, "--reason", "debt", "--dry-run", "--json"];
    assert_eq!(told(&home, tried).await["status"], "BANNED");
    assert_eq!(told(&home, ["users", "status", id, "--json"]).await["status"], "ACTIVE");
    assert_eq!(home.run(["users", "ban", id, "--reason", "debt"]).await.0, 0);
    assert_eq!(told(&home, ["users", "status", id, "--json"]).await["status"], "BANNED");
    let tried = ["users", "unban", id, "--reason", "paid", "--dry-run", "--json"];
    assert_eq!(told(&home, tried).await["status"], "ACTIVE");
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

#[tokio::test]
async fn leaves_are_planned_and_cancelled_from_the_command_line() {
    let home = Home::new("").await;
    let daemon = home.start().await;
    let tenant = json!({"name": "Academia Sol", "domain": "sol.example"});
    let tenant = daemon.client().post("/tenants", &tenant).await.is(201);
    let draft = json!({"tenant_id": tenant["id"], "name": "Ana Rojas"});
    let user = daemon.client().post("/users", &draft).await.is(201);
    let id = user["id"].as_str().unwrap();
    let list = ["users", "leave", id, "--json"];
    assert_eq!(told(&home, list).await, json!([]));

    let (from, to) = ("2100-01-04", "2100-01-18");
    let tried = ["users", "leave", id, "--from", from, "--to", to, "--dry-run", "--json"];
    assert_eq!(told(&home, tried).await["would"]["plans_ended"], json!([]));
    assert_eq!(told(&home, list).await, json!([]), "nothing was changed");
    let plan = ["users", "leave", id, "--from", from, "--to", to, "--reason", "trip", "--json"];
    let made = told(&home, plan).await;
    assert_eq!((&made["state"], &made["date_in"]), (&json!("planned"), &json!("2100-01-04")));
    let leaves = told(&home, list).await;
    assert_eq!((leaves.as_array().unwrap().len(), &leaves[0]), (1, &made));
    let (code, table, _) = home.run(["users", "leave", id]).await;
    assert!(code == 0 && table.contains("2100-01-18") && table.contains("planned"), "{table}");

    let to_come =
        ["agenda", "--kind", "leave", "--from", "2100-01-01", "--to", "2100-02-01", "--json"];
    let agenda = told(&home, to_come).await;
    let ends: Vec<_> = agenda.as_array().unwrap().iter().map(|item| &item["what"]).collect();
    assert_eq!(ends, ["SUSPENDED", "ACTIVE"]);

    let leave = made["id"].as_str().unwrap();
    let tried = ["users", "leave", id, "--cancel", leave, "--dry-run", "--json"];
    assert_eq!(told(&home, tried).await["would"]["plans_ended"][0]["id"], leave);
    assert_eq!(told(&home, list).await, leaves, "nothing was changed");
    assert_eq!(home.run(["users", "leave", id, "--cancel", leave]).await.0, 0);
    assert_eq!(told(&home, list).await[0]["state"], "cancelled");
    assert_eq!(told(&home, to_come).await, json!([]));
    assert_eq!(home.run(["users", "leave", id, "--cancel", leave]).await.0, 1);
    daemon.stop().await;
}

#[tokio::test]
async fn sessions_are_listed_and_ended_from_the_command_line() {
    let home = Home::new("").await;
    let daemon = home.start().await;
    let tenant = json!({"name": "Academia Sol", "domain": "sol.example"});
    let tenant = daemon.client().post("/tenants", &tenant).await.is(201);
    let (email, password) = ("ana@sol.example", "correto cavalo bateria");
    let draft = json!({
        "tenant_id": tenant["id"], "name": "Ana Rojas", "email": email, "password": password,
    });
    let user = daemon.client().post("/users", &draft).await.is(201);
    let id = user["id"].as_str().unwrap();
    let login = json!({"email": email, "password": password});
    daemon.client().post("/auth/login", &login).await.is(200);
    daemon.client().post("/auth/login", &login).await.is(200);

    let wrong = json!({"email": email, "password": "something else"});
    daemon.client().post("/auth/login", &wrong).await.refused(401, "bad_credentials");
    let metrics = daemon.client().get("/metrics").await.text;
    for (outcome, count) in [("granted", 2), ("refused", 1)] {
        let line = format!("zelador_sign_ins_total{{outcome=\"{outcome}\"}} {count}");
        assert!(metrics.contains(&line), "{metrics}");
    }

    let list = ["users", "sessions", id, "--json"];
    let sessions = told(&home, list).await;
    assert_eq!(sessions.as_array().unwrap().len(), 2);
    assert_eq!(sessions[0]["address"], "127.0.0.1");
    let (code, table, _) = home.run(["users", "sessions", id]).await;
    assert!(code == 0 && table.contains("127.0.0.1"), "{table}");
    assert_eq!(home.run(["users", "sessions", id, "--revoke"]).await.0, 0);
    assert_eq!(told(&home, list).await, json!([]));

    let entries = told(&home, ["audit", "--record", "user", "--id", id, "--json"]).await;
    let actions: Vec<_> = entries.as_array().unwrap().iter().map(|e| &e["action"]).collect();
    assert_eq!(actions, ["user.revoke_sessions", "user.login", "user.login", "user.create"]);
    assert_eq!(entries[0]["after"], json!({"sessions": 2}));
    let login = &entries[1];
    assert_eq!(login["initiated_by"], json!({"kind": "user", "id": id}));
    assert_eq!((&login["address"], &login["user_id"]), (&json!("127.0.0.1"), &user["id"]));
    assert_eq!(login["after"]["session_id"], sessions[0]["id"]);
    assert!(!entries.to_string().contains(password));
    daemon.stop().await;
}
