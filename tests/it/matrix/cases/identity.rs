//! Signing in and out, sessions and invitations.

use serde_json::json;

use super::{Call, Owner, World};
use crate::matrix::persons::{acceptance, login, password_change, person};

pub(super) const ROUTES: &[&str] = &[
    "POST /auth/login",
    "POST /auth/refresh",
    "POST /auth/accept-invite",
    "POST /auth/logout",
    "PUT /auth/password",
    "GET /users/{id}/sessions",
    "DELETE /users/{id}/sessions",
    "POST /users/{id}/invite",
    "POST /users/{id}/invite/send",
];

pub(super) async fn call(world: &World, name: &str, owner: &Owner) -> Call {
    let call = Call::new(name);
    let who = format!("p{}", world.next());
    let operator = &world.operator;
    match name {
        "POST /auth/logout" => call,
        "PUT /auth/password" => call.body(password_change()),
        "POST /auth/login" => {
            person(operator, owner, &who, json!({})).await;
            call.body(login(owner, &who))
        }
        "POST /auth/refresh" => {
            person(operator, owner, &who, json!({})).await;
            let tokens =
                operator.anonymous().post("/auth/login", &login(owner, &who)).await.is(200);
            call.body(json!({"refresh_token": tokens["refresh_token"]}))
        }
        "POST /auth/accept-invite" => {
            let (id, _) = person(operator, owner, &who, json!({})).await;
            let invite = format!("/users/{id}/invite");
            let made = operator.post(&invite, &json!({})).await.is(201);
            call.body(acceptance(&made["token"]))
        }
        _ => call.at(&person(operator, owner, &who, json!({})).await.0),
    }
}
