//! Folders as an operator meets them: made, made good, looked into; each file's journey.

use serde_json::json;

use super::CONFIG;
use super::deeds::done;
use super::reader::Reader;
use super::scene::{dropped, folder};
use crate::harness::{Client, Home, PATIENCE, eventually};

async fn person(client: &Client, domain: &str, name: &str) -> String {
    let tenant = json!({ "name": domain, "domain": domain });
    let tenant = client.post("/tenants", &tenant).await.is(201)["id"].clone();
    let email = format!("ana@{domain}");
    let draft = json!({ "tenant_id": tenant, "name": name, "email": email });
    client.post("/users", &draft).await.is(201)["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn folders_are_made_made_good_and_looked_into() {
    let home = Home::new(CONFIG).await;
    let daemon = home.start().await;
    let client = daemon.client();
    let mut reader = Reader::signed_in(client).await;
    let page = reader.get("/dashboard/folders").await.text;
    assert!(page.contains("No folders yet") && page.contains("aria-current=\"page\">Folders<"));
    let ana = person(client, "sol.example", "Ana Rojas").await;
    let own = format!("/dashboard/folders/{ana}");
    let page = reader.get(&own).await.text;
    assert!(page.contains("/create\"") && !page.contains("/process\""), "{page}");

    let said = done(&mut reader, &own, &format!("{own}/create"), &[]).await;
    assert!(said.starts_with("good"), "{said}");
    let top = folder(client, &ana).await;
    let page = reader.get("/dashboard/folders").await.text;
    for part in [own.as_str(), "Ana Rojas", "is-ok\">ready", "ana@sol.example", "polling"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(reader.get("/dashboard/folders?status=failed").await.text.contains("No folders with"));

    // What was taken away is made again.
    std::fs::remove_dir(top.join("processados")).unwrap();
    done(&mut reader, &own, &format!("{own}/recreate"), &[]).await;
    eventually("it is there again", PATIENCE, || async {
        top.join("processados").is_dir().then_some(())
    })
    .await;
    folder(client, &ana).await;

    let deeds = client.get("/audit?action=folder.recreate").await.is(200);
    assert_eq!(deeds.as_array().unwrap().len(), 1, "on record");

    dropped(client, &ana, "nota.pdf", "processed").await;
    dropped(client, &ana, "broken.pdf", "failed").await;
    let said = done(&mut reader, &own, &format!("{own}/process"), &[]).await;
    assert!(said.contains("Files are being looked for"), "{said}");
    let page = reader.get(&own).await.text;
    for part in [
        "nota.pdf",
        "is-ok\">moved",
        "processados",
        "broken.pdf",
        "is-failed\">failed",
        "A note beside the file",
        ">1/",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    others(client, &ana).await;
    assert_eq!(daemon.stop().await.0, Some(0));
}

/// Who may look only finds no button; who is of another tenant finds nothing.
async fn others(client: &Client, ana: &str) {
    let own = format!("/dashboard/folders/{ana}");
    let token = json!({ "name": "looks", "scopes": ["folders:read"] });
    let token = client.post("/tokens", &token).await.is(201)["token"].as_str().unwrap().to_owned();
    let mut looks = Reader::new(client);
    looks.sign_in(&token).await;
    let page = looks.get(&own).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("nota.pdf") && !page.text.contains("/recreate\""), "{}", page.text);
    let refused = done(&mut looks, &own, &format!("{own}/recreate"), &[]).await;
    assert!(refused.starts_with("bad"), "{refused}");

    let other = person(client, "lua.example", "Rui").await;
    let tenant = client.get(&format!("/users/{other}")).await.is(200)["tenant_id"].clone();
    let token = json!({ "name": "lua", "scopes": ["*"], "tenant_id": tenant });
    let token = client.post("/tokens", &token).await.is(201)["token"].as_str().unwrap().to_owned();
    let mut theirs = Reader::new(client);
    theirs.sign_in(&token).await;
    let page = theirs.get("/dashboard/folders").await;
    assert!(page.status == 200 && page.text.contains("No folders yet"), "{}", page.text);
    assert_eq!(theirs.get(&own).await.status, 404);
    let refused = done(&mut theirs, "/dashboard/folders", &format!("{own}/recreate"), &[]).await;
    assert!(refused.starts_with("bad"), "{refused}");
}
