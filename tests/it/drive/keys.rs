//! What the original systems' variables do, and what a user's record shows of folders.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};
use zelador_actors::engine::webhooks::sink::{Say, Sink};

use super::script::python;
use super::{config, folders, told, user};
use crate::harness::{Daemon, Home, skipped};

const KEY: &str = "chave-da-vm-0123456789";

/// Leaves its result in the file, and says something else.
const SCRIPT: &str = r#"import json, os, sys
asked = json.load(sys.stdin)
print("nothing to say here")
with open(os.environ["ZELADOR_RESULT_FILE"], "w") as file:
    json.dump({"ok": True, "root_id": "1Root", "folders": {"novos": "1novos"}}, file)
"#;

#[tokio::test]
async fn the_original_systems_variables_have_their_effect() {
    let sink = Sink::start(|_| Say::Status(204)).await.unwrap();
    let home = Home::new(&config(&sink, "")).await;
    let mut command = home.command(["serve"]);
    command.env("VM_API_KEY", KEY).env("VM_API_URL", "https://vm.example/api");
    let mut daemon = Daemon::spawn(&home, command);
    daemon.ready().await;
    let operator = daemon.client();
    let user = user(operator, None).await;
    let backend = operator.with_token(KEY);
    let record = operator.get(&format!("/users/{user}")).await.is(200);
    assert_eq!(record["folder_status"], "none");
    backend.post("/folders", &json!({"user_id": user})).await.is(202);
    folders(&backend, &user, "ready").await;
    let record = operator.get(&format!("/users/{user}")).await.is(200);
    assert_eq!(record["folder_status"], "ready");
    let listed = operator.get("/users?limit=10").await.is(200);
    assert_eq!(listed[0]["folder_status"], "ready");
    backend.get("/tenants").await.refused(403, "forbidden");
    operator
        .with_token("chave-de-outro-0123456789")
        .get("/tenants")
        .await
        .refused(401, "bad_token");
    let body: Value = serde_json::from_str(&told(&sink).await.body).unwrap();
    assert_eq!(body["data"]["api_url"], "https://vm.example/api");
    // Once made, it stays one token.
    daemon.kill().await;
    let mut command = home.command(["serve"]);
    command.env("VM_API_KEY", KEY);
    let mut daemon = Daemon::spawn(&home, command);
    daemon.ready().await;
    let tokens = daemon.client().get("/tokens").await.is(200);
    let made = tokens.as_array().unwrap().iter().filter(|token| token["name"] == "VM_API_KEY");
    assert_eq!(made.count(), 1, "{tokens}");
}

#[tokio::test]
async fn a_result_may_be_left_in_a_file() {
    let Some(python) = python() else { return skipped("there is no python3") };
    let home = Home::new("").await;
    let script = home.path().join("M1_Criar_Tecnico.py");
    std::fs::write(&script, SCRIPT).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o600)).unwrap();
    home.configure(&format!(
        "[drive]\nprovider = \"script\"\n[drive.script]\ncommand = [\"{python}\", \"{}\"]\n",
        script.display()
    ));
    let daemon = home.start().await;
    let user = user(daemon.client(), None).await;
    daemon.client().post("/folders", &json!({"user_id": user})).await.is(202);
    let made = folders(daemon.client(), &user, "ready").await;
    assert_eq!(
        (&made["drive_folder_id"], &made["novos_folder_id"]),
        (&json!("1Root"), &json!("1novos"))
    );
    let (code, said, _) = home.run(["drive", "doctor"]).await;
    assert!(code == 0 && said.contains("the program may be run"), "{said}");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o622)).unwrap();
    let (code, said, _) = home.run(["drive", "doctor"]).await;
    assert!(code == 1 && said.contains("can be changed by others"), "{said}");
}
