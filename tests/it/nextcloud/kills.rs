//! The daemon against three stand-ins that outlive it: faults on, SIGKILL in the
//! middle. The large one is `benches/src/bin/nextcloud.rs`.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use zelador::sandbox::nextcloud::{ADMIN, Faults, OCC, Plan, SSH_USER, Sandbox};

use super::flow::{id_of, person, tenant};
use super::sandbox_with;
use crate::harness::{Client, Home, PATIENCE, eventually};

const CONFIG: &str = "
[nextcloud]
mode = \"live\"
unwell_seconds = 1
per_instance = 8
[queues.nextcloud]
concurrency = 24
[jobs.\"nextcloud.create_user\"]
tries = 20
backoff_seconds = [0]
";

/// People of the small storm.
const PEOPLE: usize = 110;

/// Registers a stand-in as a real server; its id.
pub(super) async fn join(client: &Client, sandbox: &Sandbox, ssh: bool, room: u32) -> String {
    let own = Plan::default();
    let mut body = json!({
        "name": format!("nc-{}", sandbox.http.port()), "base_url": sandbox.url(),
        "management_method": if ssh { "ssh" } else { "api" }, "max_users": room,
    });
    if ssh {
        body["ssh"] = json!({
            "host": "127.0.0.1", "port": sandbox.ssh.port(), "user": SSH_USER,
            "password": own.password, "host_key": sandbox.host_key(), "occ_path": OCC,
        });
    } else {
        body["api"] = json!({ "username": ADMIN, "password": own.app_password });
    }
    id_of(&client.post("/admin/instances", &body).await.is(201))
}

/// Every user with where the account stands.
pub(super) async fn everybody(client: &Client, tenant: &str) -> Vec<Value> {
    let (mut all, mut path) = (Vec::new(), format!("/users?tenant_id={tenant}&limit=500"));
    loop {
        let answer = client.get(&path).await;
        all.extend(answer.is(200).as_array().unwrap().clone());
        let Some(link) = answer.headers.get("link") else { return all };
        let link = link.to_str().unwrap().to_owned();
        let (from, to) = (link.find('<').unwrap() + 1, link.find('>').unwrap());
        link[from..to].clone_into(&mut path);
    }
}

fn is_over(user: &Value) -> bool {
    ["active", "failed"].iter().any(|state| user["nextcloud_status"] == *state)
}

#[tokio::test]
async fn everybody_ends_in_one_place_whatever_is_killed() {
    let faults = Faults {
        create_ms: 15,
        workers: 8,
        slow_percent: 10,
        slow_ms: 150,
        error_after_insert_percent: 5,
        error_after_create_percent: 5,
        cut_after_insert_percent: 5,
        cut_after_create_percent: 5,
        ..Faults::default()
    };
    let mut sandboxes = BTreeMap::new();
    let home = Home::new(CONFIG).await;
    let mut daemon = home.start().await;
    for (ssh, room) in [(false, 30), (true, 40), (false, 60)] {
        let sandbox = sandbox_with(faults.clone()).await;
        let id = join(daemon.client(), &sandbox, ssh, room).await;
        sandboxes.insert(id, (sandbox, room));
    }
    let owner = tenant(daemon.client(), "sol.example").await;
    for number in 0..PEOPLE {
        // Some names are alike before the @.
        person(daemon.client(), &owner, &format!("ana{number}")).await;
        if number == PEOPLE / 2 {
            daemon.kill().await;
            daemon = home.start().await;
        }
    }
    // In the middle of the rest.
    eventually("half are settled", PATIENCE, || async {
        let all = everybody(daemon.client(), &owner).await;
        (all.iter().filter(|user| is_over(user)).count() > PEOPLE / 2).then_some(())
    })
    .await;
    daemon.kill().await;
    daemon = home.start().await;
    judge(daemon.client(), &owner, &sandboxes).await;
}

/// Everybody has one whole account, and nobody else has one.
async fn judge(client: &Client, owner: &str, sandboxes: &BTreeMap<String, (Sandbox, u32)>) {
    let people = eventually("everybody is settled", 2 * PATIENCE, || async {
        let all = everybody(client, owner).await;
        all.iter().all(is_over).then_some(all)
    })
    .await;
    assert_eq!(people.len(), PEOPLE);
    let mut placed: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for user in &people {
        assert_eq!(user["nextcloud_status"], "active", "{user}");
        let account = client.get(&format!("/users/{}/nextcloud", id_of(user))).await.is(200);
        let instance = account["instance_id"].as_str().unwrap().to_owned();
        let id = account["account_id"].as_str().unwrap().to_owned();
        let seen = sandboxes[&instance].0.account(&id).unwrap();
        assert_eq!(seen["quota"]["quota"], 10_u64 << 30, "{seen}");
        assert_eq!((&seen["enabled"], &seen["language"]), (&json!(true), &json!("pt_BR")));
        placed.entry(instance).or_default().push(id);
    }
    for (id, (sandbox, room)) in sandboxes {
        let mut ours = placed.remove(id).unwrap_or_default();
        assert!(ours.len() <= *room as usize, "{} of {room}", ours.len());
        let row = client.get(&format!("/admin/instances/{id}")).await.is(200);
        assert_eq!(row["current_users"], ours.len());
        ours.push(ADMIN.to_owned());
        ours.sort();
        let mut theirs = sandbox.ids();
        theirs.sort();
        assert_eq!(ours, theirs, "no account without its user, and none twice");
    }
}
