//! What the edge says about itself.

use serde_json::{Value, json};

use super::lab::lab;

#[tokio::test]
async fn the_document_tells_of_every_route() {
    let lab = lab().await;
    let answer = lab.ask("GET", "/openapi.json").send().await.unwrap();
    let whole: Value = answer.json().await.unwrap();
    assert_eq!(whole["openapi"], "3.1.0");
    assert!(whole["webhooks"].as_object().is_some_and(|kinds| !kinds.is_empty()));
    let create = &whole["paths"]["/crates"]["post"];
    assert_eq!(create["operationId"], "post_crates");
    assert_eq!(
        create["requestBody"]["content"]["application/json"]["example"],
        json!({"name": "Box"})
    );
    let statuses: Vec<&String> = create["responses"].as_object().unwrap().keys().collect();
    assert_eq!(statuses, ["201", "400", "401", "403", "409", "413", "415", "422", "429"]);
    let list = &whole["paths"]["/crates"]["get"]["parameters"];
    let names: Vec<&str> =
        list.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["size", "least", "broken", "limit", "cursor"]);
    assert!(whole["paths"]["/crates/{number}"]["patch"]["responses"].get("412").is_some());
    assert!(whole["paths"].get("/api-docs").is_none());
    let mut ids = Vec::new();
    for path in whole["paths"].as_object().unwrap().values() {
        for operation in path.as_object().unwrap().values() {
            assert_ne!(operation["summary"], "");
            ids.push(operation["operationId"].clone());
        }
    }
    let count = ids.len();
    ids.sort_by_key(ToString::to_string);
    ids.dedup();
    assert_eq!(ids.len(), count);
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    fn walk<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                members.values().for_each(|value| walk(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| walk(value, found)),
            _ => {}
        }
    }
    let lab = lab().await;
    let whole: Value = lab.ask("GET", "/openapi.json").send().await.unwrap().json().await.unwrap();
    let mut references = Vec::new();
    walk(&whole, &mut references);
    assert!(references.len() > 20);
    for reference in references {
        assert!(whole.pointer(&reference[1..]).is_some(), "{reference}");
    }
}

#[tokio::test]
async fn each_part_has_a_page_that_needs_nobody_else() {
    let lab = lab().await;
    for (path, base) in [
        ("/api-docs", "/api-docs/all/"),
        ("/api-docs/crates/", "/api-docs/crates/"),
        ("/api/api-docs/crates", "/api/api-docs/crates/"),
    ] {
        let page = lab.ask("GET", path).send().await.unwrap();
        assert_eq!(page.headers()["content-type"], "text/html");
        let page = page.text().await.unwrap();
        assert!(page.contains(&format!("<base href=\"{base}\">")), "{page}");
        assert!(!page.contains("http"), "{page}");
    }
    for file in ["swagger-ui.css", "swagger-ui-bundle.js", "swagger-initializer.js", "index.css"] {
        let path = format!("/api-docs/crates/{file}");
        let file = lab.ask("GET", &path).send().await.unwrap();
        assert_eq!(file.status(), 200, "{path}");
    }
    let start = lab.ask("GET", "/api-docs/crates/swagger-initializer.js").send().await.unwrap();
    assert!(start.text().await.unwrap().contains("openapi.json"));
    let part = lab.ask("GET", "/api-docs/crates/openapi.json").send().await.unwrap();
    let part: Value = part.json().await.unwrap();
    assert!(part["paths"].get("/crates").is_some() && part["paths"].get("/health").is_none());
    assert!(part.get("webhooks").is_none());
    for path in ["/api-docs/boats", "/api-docs/boats/index.html", "/api-docs/crates/nothing.js"] {
        assert_eq!(lab.ask("GET", path).send().await.unwrap().status(), 404, "{path}");
    }
}
