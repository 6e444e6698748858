//! The operator's own program makes the folders: a real script in Python.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::{Value, json};

use super::{folders, user};
use crate::harness::Home;

/// As `M1_Criar_Tecnico.py` would be: reads JSON, makes folders, says what it made.
/// The first try asks for another one.
const SCRIPT: &str = r#"import json, os, sys
asked = json.load(sys.stdin)
here = os.path.dirname(os.path.abspath(__file__))
print("criando pastas")
print(json.dumps({"type": "progress", "step": "vm", "done": 1, "total": 2, "msg": "pastas"}))
if asked["attempt"] == 1:
    sys.exit(75)
folders = {}
for name in asked["folders"]:
    path = os.path.join(here, "tec", asked["user"]["id"], name)
    os.makedirs(path, exist_ok=True)
    folders[name] = "1" + name
    print(json.dumps({"type": "folder", "key": name, "drive_id": "1" + name, "path": path}))
with open(os.path.join(here, "seen.json"), "w") as file:
    json.dump({"asked": asked, "argv": sys.argv[1:], "env": sorted(os.environ)}, file)
print(json.dumps({"type": "result", "ok": True, "root_id": "1Root", "folders": folders,
                  "shared_with": asked["user"]["email"]}))
"#;

pub(super) fn python() -> Option<&'static str> {
    ["/usr/bin/python3", "/usr/local/bin/python3"]
        .into_iter()
        .find(|path| Path::new(path).is_file())
}

/// The script, where nobody else can change it.
fn written(home: &Home, text: &str) -> String {
    let path = home.path().join("M1_Criar_Tecnico.py");
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    path.display().to_string()
}

fn config(python: &str, script: &str) -> String {
    format!(
        "[drive]\nprovider = \"script\"\n[drive.script]\ncommand = [\"{python}\", \"{script}\"]\n\
         args = [\"--email={{user.email}}\"]\n[jobs.\"drive.create_folder\"]\nbackoff_seconds = [1]\n"
    )
}

#[tokio::test]
async fn a_script_in_python_makes_the_folders() {
    let Some(python) = python() else {
        return crate::harness::skipped("there is no python3");
    };
    let home = Home::new("").await;
    let script = written(&home, SCRIPT);
    home.configure(&config(python, &script));
    let daemon = home.start().await;
    let client = daemon.client();
    let user = user(client, Some("ana@sol.example")).await;
    client.post("/folders", &json!({"user_id": user})).await.is(202);
    let made = folders(client, &user, "ready").await;
    let top = home.path().join("tec").join(&user);
    assert_eq!(made["local_path"], top.display().to_string(), "the parent of novos");
    assert_eq!(
        (&made["drive_folder_id"], &made["novos_folder_id"]),
        (&json!("1Root"), &json!("1novos"))
    );
    assert_eq!(
        (&made["shared_with"], &made["provider"]),
        (&json!("ana@sol.example"), &json!("script"))
    );
    let job = made["job_id"].as_str().unwrap();
    assert_eq!(client.get(&format!("/jobs/{job}")).await.is(200)["tries"], 2);
    let seen = std::fs::read_to_string(home.path().join("seen.json")).unwrap();
    let seen: Value = serde_json::from_str(&seen).unwrap();
    let asked = &seen["asked"];
    assert_eq!((&asked["v"], &asked["action"]), (&json!(1), &json!("create_user_folders")));
    assert_eq!((&asked["job_id"], &asked["user"]["name"]), (&json!(job), &json!("Ana Souza")));
    assert_eq!(seen["argv"], json!(["--email=ana@sol.example"]));
    let environment: Vec<_> =
        seen["env"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(
        environment.contains(&"ZELADOR_JOB_ID") && !environment.contains(&"HOME"),
        "{environment:?}"
    );
}

/// Ignores being asked to end, and leaves a child that does so, too.
const STUBBORN: &str = r#"import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
here = os.path.dirname(os.path.abspath(__file__))
child = os.fork()
with open(os.path.join(here, "pid.child" if child == 0 else "pid.parent"), "w") as file:
    file.write(str(os.getpid()))
time.sleep(600)
"#;

/// A stop waits for the drain and no longer, and nothing is left running.
#[tokio::test]
async fn a_script_that_will_not_end_holds_up_no_stop() {
    let Some(python) = python() else {
        return crate::harness::skipped("there is no python3");
    };
    let home = Home::new("").await;
    let script = written(&home, STUBBORN);
    home.configure(&format!("{}[service]\ndrain_seconds = 1\n", config(python, &script)));
    let daemon = home.start().await;
    let user = user(daemon.client(), Some("ana@sol.example")).await;
    daemon.client().post("/folders", &json!({"user_id": user})).await.is(202);
    let read = |name: &str| {
        let text = std::fs::read_to_string(home.path().join(name)).ok()?;
        text.parse::<i32>().ok().and_then(rustix::process::Pid::from_raw)
    };
    let pids = crate::harness::eventually("the script runs", crate::harness::PATIENCE, || async {
        Some([read("pid.parent")?, read("pid.child")?])
    })
    .await;
    let (code, took) = daemon.stop().await;
    assert_eq!(code, Some(0));
    assert!(took < std::time::Duration::from_secs(8), "the stop took {took:?}");
    for pid in pids {
        crate::harness::eventually("it is gone", crate::harness::PATIENCE, || async {
            // One that nobody has buried yet is gone all the same.
            let status = format!("/proc/{}/status", pid.as_raw_pid());
            let status = std::fs::read_to_string(status).unwrap_or_default();
            (status.is_empty() || status.contains("State:\tZ")).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn a_script_that_says_that_no_try_would_help_is_believed() {
    let Some(python) = python() else {
        return crate::harness::skipped("there is no python3");
    };
    let home = Home::new("").await;
    let script =
        written(&home, "import sys\nsys.stderr.write('e-mail invalido\\n')\nsys.exit(65)\n");
    home.configure(&config(python, &script));
    let daemon = home.start().await;
    let client = daemon.client();
    let user = user(client, Some("ana@sol.example")).await;
    client.post("/folders", &json!({"user_id": user})).await.is(202);
    let failed = folders(client, &user, "failed").await;
    let error = failed["error"].as_str().unwrap();
    assert!(error.contains("code 65") && error.contains("e-mail invalido"), "{error}");
    // One that others could change is not run at all.
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o622)).unwrap();
    client.post("/folders", &json!({"user_id": user})).await.is(202);
    let refused = crate::harness::eventually("it is refused", crate::harness::PATIENCE, || async {
        let seen = client.get(&format!("/folders/{user}")).await.is(200);
        let error = seen["error"].as_str().unwrap_or_default();
        error.contains("can be changed by others").then_some(())
    });
    refused.await;
}
