//! People of a tenant, signed in or not any more.

use serde_json::{Value, json};

use super::world::Owner;
use crate::harness::Client;

const PASSWORD: &str = "correto cavalo bateria";

/// Access tokens of people of one tenant.
pub(super) struct Persons {
    /// May everything within the tenant.
    pub(super) admin: String,
    /// May what everybody may.
    pub(super) plain: String,
    /// Was signed in until somebody ended it.
    pub(super) revoked: String,
    /// Was banned.
    pub(super) banned: String,
}

impl Persons {
    pub(super) async fn of(operator: &Client, owner: &Owner) -> Self {
        let revoked = person(operator, owner, "revoked", json!({})).await;
        operator.delete(&format!("/users/{}/sessions", revoked.0)).await.is(204);
        let banned = person(operator, owner, "banned", json!({})).await;
        let ban = json!({"status": "BANNED"});
        operator.put(&format!("/users/{}/status", banned.0), &ban).await.is(200);
        let admin = json!({"user_type": "admin"});
        Self {
            admin: person(operator, owner, "admin", admin).await.1,
            plain: person(operator, owner, "plain", json!({})).await.1,
            revoked: revoked.1,
            banned: banned.1,
        }
    }
}

/// The id and the access token of a new person; `more` are further members.
pub(super) async fn person(
    operator: &Client,
    owner: &Owner,
    name: &str,
    more: Value,
) -> (String, String) {
    let email = format!("{name}@{}.example", owner.mark);
    let mut draft = json!({"tenant_id": owner.tenant, "name": format!("{name} of {}", owner.mark),
        "email": email, "password": PASSWORD});
    draft.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let made = operator.post("/users", &draft).await.is(201);
    let tokens = operator.anonymous().post("/auth/login", &login(owner, name)).await.is(200);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&made["id"]), text(&tokens["access_token"]))
}

/// What a person of this name signs in with.
pub(super) fn login(owner: &Owner, name: &str) -> Value {
    let email = format!("{name}@{}.example", owner.mark);
    json!({"email": email, "password": PASSWORD, "tenant_id": owner.tenant})
}

/// The change of the password that [`person`] sets.
pub(super) fn password_change() -> Value {
    json!({"current_password": PASSWORD, "new_password": "another one, as good"})
}

/// A password for an invitation's token.
pub(super) fn acceptance(token: &Value) -> Value {
    json!({"token": token, "new_password": PASSWORD})
}
