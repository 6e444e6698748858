//! Categories and resources.

use serde_json::{Value, json};

use super::{Call, Owner, World};

pub(super) const ROUTES: &[&str] = &[
    "POST /categories",
    "GET /categories",
    "GET /categories/{id}",
    "PUT /categories/{id}",
    "PATCH /categories/{id}",
    "DELETE /categories/{id}",
    "POST /resources",
    "GET /resources",
    "GET /resources/{id}",
    "PUT /resources/{id}",
    "PATCH /resources/{id}",
    "DELETE /resources/{id}",
];

pub(super) async fn call(world: &World, name: &str, owner: &Owner) -> Call {
    let call = Call::new(name);
    let (method, path) = name.split_once(' ').unwrap();
    let noun = path.trim_end_matches("/{id}");
    let draft = json!({"tenant_id": owner.tenant, "name": format!("A thing of {}", owner.mark)});
    match (method, path.ends_with("/{id}")) {
        ("POST", _) if noun == "/resources" => {
            let category = make(world, "/categories", &draft).await;
            let mut draft = draft;
            draft["category_id"] = json!(category);
            call.body(draft).naming(&owner.tenant).naming(&category)
        }
        ("POST", _) => call.body(draft).naming(&owner.tenant),
        (_, false) => {
            // A list has something to hide.
            make(world, noun, &draft).await;
            call
        }
        ("PUT" | "PATCH", true) => {
            let id = make(world, noun, &draft).await;
            call.at(&id).body(json!({"description": format!("Number {}", world.next())}))
        }
        _ => call.at(&make(world, noun, &draft).await),
    }
}

async fn make(world: &World, path: &str, draft: &Value) -> String {
    let made = world.operator.post(path, draft).await.is(201);
    made["id"].as_str().unwrap().to_owned()
}
