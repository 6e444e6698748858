//! The seed's flow over a real script in Python: the request, the folders on the VM and on
//! Drive, the share, the callback; a file, the notification, the processing, the move.

use serde_json::{Value, json};
use tokio::time::Instant;
use zelador::sandbox::drive::{SHARED_DRIVE, Sandbox};
use zelador_actors::engine::webhooks::sink::{Say, Sink};

use super::outside::{Outside, by_push, folder, person, tenant};
use super::script::python;
use crate::harness::{Client, PATIENCE, eventually, skipped, undisturbed};

/// As `M1_Criar_Tecnico.py` does it: makes the folders on the VM and on Drive and shares
/// `novos`, with nothing but what Python brings.
const SCRIPT: &str = r#"import json, os, sys, urllib.parse, urllib.request
asked = json.load(sys.stdin)
with open(os.environ["GOOGLE_APPLICATION_CREDENTIALS"]) as file:
    keys = json.load(file)

def call(url, body, token=None):
    headers = {"Content-Type": "application/json"} if token else {}
    if token:
        headers["Authorization"] = "Bearer " + token
        body = json.dumps(body).encode()
    else:
        body = urllib.parse.urlencode(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, body, headers)) as answer:
        return json.load(answer)

token = call(keys["token_uri"], {"grant_type": "refresh_token", "client_id": keys["client_id"],
    "client_secret": keys["client_secret"], "refresh_token": keys["refresh_token"]})["access_token"]
drive = os.environ["DRIVE_URL"] + "/drive/v3/files"

def folder(name, parent):
    return call(drive + "?supportsAllDrives=true&fields=id", {"name": name, "parents": [parent],
        "mimeType": "application/vnd.google-apps.folder"}, token)["id"]

user = asked["user"]
root, folders = folder(user["name"], os.environ["DRIVE_PARENT"]), {}
for name in asked["folders"]:
    path = os.path.join(os.environ["VM_ROOT"], user["id"], name)
    os.makedirs(path, exist_ok=True)
    folders[name] = folder(name, root)
    print(json.dumps({"type": "folder", "key": name, "drive_id": folders[name], "path": path}))
call(drive + "/" + folders["novos"] + "/permissions?supportsAllDrives=true&sendNotificationEmail=false",
    {"role": "writer", "type": "user", "emailAddress": user["email"]}, token)
print(json.dumps({"type": "result", "ok": True, "root_id": root, "folders": folders,
                  "shared_with": user["email"]}))
"#;

/// Reads the file, and says where it goes.
const PROCESSOR: &str = r#"import json, sys
asked = json.load(sys.stdin)
with open(asked["file"]["path"]) as file:
    text = file.read()
assert asked["action"] == "process_file" and len(text) == asked["file"]["size"]
print(json.dumps({"type": "result", "ok": True, "to": "notas" if "nota" in text else "processados"}))
"#;

/// How often the whole way is gone: the fastest one counts, for others use the machine,
/// too.
const TIMES: usize = 3;

async fn outside(python: &str, sink: &Sink, push: bool) -> Outside {
    let outside = Outside::new(7, None, "").await;
    let (script, processor) =
        (outside.secret("M1_Criar_Tecnico.py", SCRIPT), outside.secret("process.py", PROCESSOR));
    let config = std::fs::read_to_string(outside.home.config()).unwrap();
    let config = if push { config } else { config.replace("public_url", "# public_url") };
    outside.home.configure(&format!(
        "{config}provider = \"script\"\npoll_seconds = {poll}\n\
         folders = [\"novos\", \"processados\", \"notas\", \"erros\"]\n\
         [drive.script]\ncommand = [\"{python}\", \"{script}\"]\n\
         [drive.script.env]\nGOOGLE_APPLICATION_CREDENTIALS = \"{credentials}\"\n\
         DRIVE_URL = \"{url}\"\nDRIVE_PARENT = \"{SHARED_DRIVE}\"\nVM_ROOT = \"{root}\"\n\
         [drive.processor]\ncommand = [\"{python}\", \"{processor}\"]\n\
         [drive.callback]\nurl = \"{callback}\"\napi_key = \"backend-key\"\n",
        poll = if push { 86_400 } else { 1 },
        credentials = outside.home.path().join("google.json").display(),
        url = outside.sandbox.url(),
        root = outside.home.path().join("tecnicos").display(),
        callback = sink.url(),
    ));
    outside
}

async fn told(sink: &Sink, user: &str, event: &str) -> Value {
    eventually("the backend is told", PATIENCE, || async {
        let bodies = sink.got().into_iter().map(|got| got.body);
        let mut bodies = bodies.map(|body| serde_json::from_str::<Value>(&body).unwrap());
        bodies.find(|body| body["event"] == event && body["data"]["user_id"] == user)
    })
    .await
}

/// The whole way of one user, and how long the daemon took for it.
async fn way(client: &Client, sandbox: &Sandbox, sink: &Sink, user: &str) -> std::time::Duration {
    for number in 0..TIMES {
        sandbox.account(&format!("ana{number}@sandbox.example"));
    }
    let began = Instant::now();
    let asked = client.post("/folders", &json!({"user_id": user})).await.is(202);
    assert_eq!(asked["status"], "pending");
    let ready = told(sink, user, "folder.ready").await;
    let first = began.elapsed();
    let made = client.get(&format!("/folders/{user}")).await.is(200);
    assert_eq!(made["status"], "ready");
    let path = std::path::PathBuf::from(made["local_path"].as_str().unwrap());
    assert!(path.join("novos").is_dir() && path.join("notas").is_dir());
    let novos = made["novos_folder_id"].as_str().unwrap();
    assert_eq!(ready["data"]["novos_folder_id"], novos);
    let email = made["shared_with"].as_str().unwrap();
    assert_eq!(sandbox.shares(novos).get(email).map(String::as_str), Some("writer"));
    let began = Instant::now();
    sandbox.drop_file(email, novos, "setembro.txt", "a nota de setembro").unwrap();
    let processed = told(sink, user, "file.processed").await;
    let second = began.elapsed();
    assert_eq!(processed["data"]["file"]["to"], "notas");
    assert!(sandbox.folder(novos).is_empty());
    assert_eq!(sandbox.folder(&folder(sandbox, &made, "notas")).len(), 1);
    println!("folders {first:?}, the file {second:?}");
    first + second
}

#[tokio::test]
async fn the_seeds_flow_over_python_by_push() {
    let Some(python) = python() else { return skipped("there is no python3") };
    let _alone = undisturbed().await;
    let sink = Sink::start(|_| Say::Status(204)).await.unwrap();
    let outside = outside(python, &sink, true).await;
    let daemon = outside.start().await;
    let (client, sandbox) = (daemon.client(), &outside.sandbox);
    let tenant = tenant(client).await;
    // Somebody has folders, so that the channel can be seen.
    sandbox.account("primeira@sandbox.example");
    let first = person(client, &tenant, "primeira").await;
    client.post("/folders", &json!({"user_id": first})).await.is(202);
    super::folders(client, &first, "ready").await;
    by_push(client, &first).await;
    let mut least = std::time::Duration::MAX;
    for number in 0..TIMES {
        let user = person(client, &tenant, &format!("ana{number}")).await;
        least = least.min(way(client, sandbox, &sink, &user).await);
    }
    assert!(least < std::time::Duration::from_secs(2), "the whole way took {least:?}");
}

#[tokio::test]
async fn the_seeds_flow_over_python_by_polling() {
    let Some(python) = python() else { return skipped("there is no python3") };
    let sink = Sink::start(|_| Say::Status(204)).await.unwrap();
    let outside = outside(python, &sink, false).await;
    let daemon = outside.start().await;
    let client = daemon.client();
    let tenant = tenant(client).await;
    let user = person(client, &tenant, "ana0").await;
    way(client, &outside.sandbox, &sink, &user).await;
    let seen = client.get(&format!("/folders/{user}")).await.is(200);
    assert_eq!(seen["watch"]["mode"], "poll");
}
