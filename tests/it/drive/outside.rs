//! A Drive that outlives the daemon, as the real one does: the stand-in in this process,
//! to which the daemon talks as to the real one.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::{Value, json};
use tokio::process::Command;
use zelador::sandbox::drive::{SHARED_DRIVE, Sandbox};
use zelador_actors::engine::clock::{Clock, Dice};

use crate::harness::{Client, Daemon, Home, PATIENCE, eventually};

/// The stand-in, a daemon's home, and the port that every daemon there has.
pub(super) struct Outside {
    pub(super) sandbox: Sandbox,
    pub(super) home: Home,
    port: u16,
}

impl Outside {
    /// `root`: where folders are on the VM. `more`: further lines of `[drive]`, and
    /// further sections.
    pub(super) async fn new(seed: u64, root: Option<&Path>, more: &str) -> Self {
        let sandbox = Sandbox::start(Clock::system(), Dice::seeded(seed)).await.unwrap();
        let home = Home::alone("").await;
        // A port that was free a moment ago: the address that Google knows stays the same.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let outside = Self { sandbox, home, port };
        outside.secret("google.json", &outside.sandbox.authorized_user().to_string());
        let root = root.map_or_else(|| outside.home.path().join("drive"), Path::to_owned);
        outside.home.configure(&format!(
            "[drive]\nmode = \"live\"\napi_base_url = \"{url}\"\nupload_base_url = \"{url}\"\n\
             credentials = \"{credentials}\"\nshared_drive_id = \"{SHARED_DRIVE}\"\nroot = \"{root}\"\n\
             public_url = \"http://127.0.0.1:{port}\"\n{more}",
            url = outside.sandbox.url(),
            credentials = outside.home.path().join("google.json").display(),
            root = root.display(),
        ));
        outside
    }

    /// A file that nobody else may read; its path.
    pub(super) fn secret(&self, name: &str, text: &str) -> String {
        let path = self.home.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path.display().to_string()
    }

    pub(super) fn command(&self) -> Command {
        let mut command = self.home.command(["serve"]);
        command.env("ZELADOR__API__LISTEN", format!("127.0.0.1:{}", self.port));
        command
    }

    pub(super) async fn start(&self) -> Daemon {
        let mut daemon = Daemon::spawn(&self.home, self.command());
        daemon.ready().await;
        daemon
    }
}

/// Waits until Google tells the daemon of changes.
pub(super) async fn by_push(client: &Client, user: &str) {
    eventually("a channel tells of changes", PATIENCE, || async {
        let seen = client.get(&format!("/folders/{user}")).await.is(200);
        (seen["watch"]["mode"] == "push").then_some(())
    })
    .await;
}

/// A tenant.
pub(super) async fn tenant(client: &Client) -> String {
    let tenant = client.post("/tenants", &json!({"name": "Sol", "domain": "sol.example"})).await;
    tenant.is(201)["id"].as_str().unwrap().to_owned()
}

/// A person of it, whose address has an account.
pub(super) async fn person(client: &Client, tenant: &str, name: &str) -> String {
    let email = format!("{name}@sandbox.example");
    let draft = json!({"tenant_id": tenant, "name": name, "email": email});
    client.post("/users", &draft).await.is(201)["id"].as_str().unwrap().to_owned()
}

/// The id of one of a user's folders on Drive.
pub(super) fn folder(sandbox: &Sandbox, made: &Value, name: &str) -> String {
    let top = sandbox.folder(made["drive_folder_id"].as_str().unwrap());
    top.into_iter().find(|(known, _)| known == name).unwrap().1
}
