//! Tokens.

use serde_json::json;

use super::{Call, Owner, World};

pub(super) const ROUTES: &[&str] = &["POST /tokens", "GET /tokens", "DELETE /tokens/{id}"];

pub(super) async fn call(world: &World, name: &str, owner: &Owner) -> Call {
    let token = json!({"name": owner.mark, "role": "service", "scopes": ["jobs:read"]});
    match name {
        "POST /tokens" => Call::new(name).body(token),
        "GET /tokens" => Call::new(name),
        _ => {
            let made = world.operator.post("/tokens", &token).await.is(201);
            Call::new(name).at(made["id"].as_str().unwrap())
        }
    }
}
