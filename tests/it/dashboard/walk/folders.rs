//! Folders in the browser: some that cannot be made, and are; files that failed; how
//! files are noticed.

use serde_json::{Value, json};

use super::Walker;
use crate::dashboard::CONFIG;
use crate::dashboard::scene::Scene;
use crate::drive::stand_in;
use crate::harness::{Client, Home, PATIENCE, eventually};

/// Has the stand-in of Google refuse to make folders, or not.
async fn refuse(home: &Home, status: u16) {
    let switches = json!({
        "status": status, "reason": "storageQuotaExceeded", "only": "POST /drive/v3/files",
    });
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/faults", stand_in(&home.log()));
    assert_eq!(client.patch(url).json(&switches).send().await.unwrap().status(), 200);
}

async fn stands(client: &Client, user: &str, what: &str, fits: impl Fn(&Value) -> bool) {
    eventually(what, PATIENCE, || async {
        let seen = client.get(&format!("/folders/{user}")).await.is(200);
        fits(&seen).then_some(())
    })
    .await;
}

impl Walker {
    pub(super) async fn tends_folders(&mut self, (home, client): (&Home, &Client), made: &Scene) {
        self.mends(home, client, &made.other).await;
        let own = format!("/dashboard/folders/{}", made.user);
        // The file that the program refused lies in `erros`, and the page says so.
        self.go(&own).await;
        let row = "[...document.querySelectorAll('#folder tr')]\
                   .find(row => row.textContent.includes('broken.pdf')).textContent";
        let row = self.pilot.eval(row).await;
        for part in ["failed", "erros", "A note beside the file"] {
            assert!(row.as_str().unwrap().contains(part), "{part}: {row}");
        }
        self.shows("polling", "Google Drive: polling").await;
        self.go("/").await;
        self.drive_says("Looked for every 1 s").await;

        // With an address that Google reaches, it tells.
        let address = format!("poll_seconds = 1\npublic_url = \"{}\"", self.base);
        home.configure(&CONFIG.replace("poll_seconds = 1", &address));
        stands(client, &made.user, "by push", |seen| seen["watch"]["mode"] == "push").await;
        self.go("/").await;
        self.drive_says("Google tells of changes (push)").await;
        self.see("overview-push", "/").await;
        self.see("folder-push", &own).await;
        self.shows("push", "Google Drive: push until").await;
        self.see("folders-push", "/dashboard/folders").await;
    }

    /// Folders that cannot be made say why, and are made once they can be.
    async fn mends(&mut self, home: &Home, client: &Client, user: &str) {
        refuse(home, 403).await;
        let own = format!("/dashboard/folders/{user}");
        self.go(&own).await;
        self.pilot.enter("form[action$='/create'] button").await;
        let why = "document.querySelector('#folder .flash.bad')?.textContent ?? ''";
        self.pilot.until("it says why", &format!("({why}).includes('storageQuota')")).await;
        let job = client.get(&format!("/folders/{user}")).await.is(200)["job_id"].clone();
        self.see("folder-failed", &own).await;
        self.see("folders-failed", "/dashboard/folders?status=failed").await;
        self.go("/").await;
        self.drive_says("failed").await;

        // Still no room: the same words, from another job.
        self.go(&own).await;
        self.pilot.enter("form[action$='/recreate'] button").await;
        assert!(self.said().await.contains("looked at"), "{}", self.said().await);
        let again = |seen: &Value| seen["status"] == "failed" && seen["job_id"] != job;
        stands(client, user, "it failed again", again).await;
        refuse(home, 0).await;
        self.pilot.eval("window.untouched = true").await;
        self.pilot.press("form[action$='/recreate'] button").await;
        let ready = "document.querySelector('#folder h1').textContent.includes('ready')";
        self.pilot.until("they are made", ready).await;
        self.picture("folder-mended").await;
    }

    /// The page says, sooner or later, how files are noticed.
    async fn shows(&mut self, what: &str, text: &str) {
        let script =
            format!("document.querySelector('#folder').textContent.includes({})", json!(text));
        self.pilot.until(what, &script).await;
    }

    async fn drive_says(&mut self, text: &str) {
        let script =
            format!("document.querySelector('#drive').textContent.includes({})", json!(text));
        self.pilot.until(text, &script).await;
    }
}
