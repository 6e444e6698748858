//! The agenda over HTTP.

use serde_json::{Value, json};

use crate::api::tests::house::{flaws, house, ok};

#[tokio::test]
async fn what_is_to_come_is_listed_by_time() {
    let house = house().await;
    let draft = json!({ "name": "Academia", "domain": "a.example" });
    let tenant = ok(house.order("POST", "/tenants").json(&draft), 201).await["id"].clone();
    let draft = json!({ "tenant_id": tenant, "name": "Ana" });
    let user = ok(house.order("POST", "/users").json(&draft), 201).await["id"].clone();
    let ban = json!({ "user_id": user, "date": "2025-12-05", "reason": "dívida" });
    ok(house.order("POST", "/admin/scheduled-bans").json(&ban), 201).await;
    let job = json!({ "kind": "diagnostic", "run_at": "2025-12-03T00:00:00Z" });
    let job = ok(house.order("POST", "/jobs").json(&job), 201).await["id"].clone();
    let ask = async |query: &str| {
        let list = ok(house.order("GET", &format!("/agenda{query}")), 200).await;
        list.as_array().unwrap().clone()
    };
    let all = ask("").await;
    let kinds: Vec<_> = all.iter().map(|item| &item["kind"]).collect();
    assert_eq!(kinds, ["job", "ban"], "a plan's job is the plan");
    assert_eq!((&all[0]["job_id"], &all[0]["what"]), (&job, &json!("diagnostic")));
    assert_eq!((&all[1]["user_id"], &all[1]["what"]), (&user, &json!("BANNED")));
    assert_eq!(all[1]["at"], "2025-12-05T03:00:00.000Z");
    assert!(all[1]["plan_id"].is_string());
    let tenant = tenant.as_str().unwrap();
    assert_eq!(ask(&format!("?tenant_id={tenant}&from=2025-12-05")).await, all[1..]);
    assert_eq!(ask(&format!("?tenant_id={tenant}&to=2025-12-05")).await, [] as [Value; 0]);
    assert_eq!(ask("?kind=job,schedule").await, all[..1]);
    let token = house.bound(tenant.parse().unwrap(), &["agenda:read"]).await;
    let own = ok(house.ask("GET", "/agenda").bearer_auth(&token), 200).await;
    assert_eq!(own, json!(all[1..]));
    let wrong = flaws(house.order("GET", "/agenda?to=2025-11-01T00:00:00Z")).await;
    assert_eq!(wrong, [("to".to_owned(), "not_after_start".to_owned())]);
}

#[tokio::test]
async fn a_leave_is_listed_by_its_ends() {
    let house = house().await;
    let draft = json!({ "name": "Academia", "domain": "a.example" });
    let tenant = ok(house.order("POST", "/tenants").json(&draft), 201).await["id"].clone();
    let draft = json!({ "tenant_id": tenant, "name": "Ana" });
    let user = ok(house.order("POST", "/users").json(&draft), 201).await["id"].clone();
    let user = user.as_str().unwrap();
    let leave = json!({ "date_in": "2025-12-02", "date_out": "2025-12-04" });
    let path = format!("/users/{user}/leave");
    let leave = ok(house.order("POST", &path).json(&leave), 201).await["id"].clone();
    let ask = async |query: &str| ok(house.order("GET", &format!("/agenda{query}")), 200).await;
    let all = ask("").await;
    let seen: Vec<_> =
        all.as_array().unwrap().iter().map(|item| (&item["what"], &item["at"])).collect();
    let expected = [
        (&json!("SUSPENDED"), &json!("2025-12-02T03:00:00.000Z")),
        (&json!("ACTIVE"), &json!("2025-12-04T03:00:00.000Z")),
    ];
    assert_eq!(seen, expected);
    for item in all.as_array().unwrap() {
        assert_eq!((&item["kind"], &item["leave_id"]), (&json!("leave"), &leave));
        assert_eq!((&item["user_id"], item["job_id"].is_string()), (&json!(user), true));
    }
    assert_eq!(ask("?kind=leave").await, all);
    assert_eq!(ask(&format!("?user_id={user}&kind=leave,job")).await, all);
    assert_eq!(ask("?kind=job,ban,status_change").await, json!([]));
    let path = format!("{path}/{}", leave.as_str().unwrap());
    assert_eq!(house.order("DELETE", &path).send().await.unwrap().status(), 204);
    assert_eq!(ask("").await, json!([]));
}
