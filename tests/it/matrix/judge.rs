//! What each caller must be answered.

use super::cases;
use super::operation::{Need, Operation};
use super::world::{Call, World};
use crate::harness::Answer;

/// Routes that are not GET and leave no entry, each with the reason.
const UNAUDITED: &[&str] = &[
    // The session was noted when it began, and its row says when it was refreshed.
    "POST /auth/refresh",
    // Programs ask many times a second; who holds which event, since when, is a row
    // of its own.
    "POST /events/consumers/{name}/read",
    "POST /events/consumers/{name}/ack",
    "POST /events/consumers/{name}/claim",
    // Google says that something changed; what comes of it is noted with each file.
    "POST /drive/notifications",
];

/// Tries a route as everybody; what is wrong is added to `wrong`.
pub(super) async fn judge(world: &World, operation: &Operation, wrong: &mut Vec<String>) {
    let call = cases::call(world, &operation.name, &world.own).await;
    let mut told = Told { operation, wrong };
    match &operation.need {
        Need::Open => told.served("nobody", &world.ask(None, &call).await),
        Need::Local => {
            let home = world.operator.anonymous().call(call.method.clone(), &call.path, None).await;
            told.served("nobody on this machine", &home.unwrap());
            strangers(world, &call, &mut told).await;
        }
        Need::Operator => strangers(world, &call, &mut told).await,
        Need::Scope(scope) => scoped(world, &call, scope, &mut told).await,
        Need::Own(scope) => {
            scoped(world, &call, scope, &mut told).await;
            oneself(world, &mut told).await;
        }
        Need::Member(scope) => {
            scoped(world, &call, scope, &mut told).await;
            let plain = ("a plain user", world.persons.plain.as_str());
            tenants(world, operation, plain, &mut told).await;
        }
        Need::SignedIn => {
            strangers(world, &call, &mut told).await;
            return signed_in(world, &call, &mut told).await;
        }
    }
    let again = cases::call(world, &operation.name, &world.own).await;
    let answer = world.operator.send(again.of(&world.operator)).await.unwrap();
    told.served("the operator", &answer);
    if again.method != reqwest::Method::GET && !UNAUDITED.contains(&operation.name.as_str()) {
        audited(world, &answer, &mut told).await;
    }
}

/// What a scope opens.
async fn scoped(world: &World, call: &Call, scope: &str, told: &mut Told<'_>) {
    strangers(world, call, told).await;
    let operation = told.operation;
    let bound = world.service(&[scope.to_owned()], Some(&world.own)).await;
    tenants(world, operation, ("a token of a tenant", &bound), told).await;
    tenants(world, operation, ("an admin", &world.persons.admin), told).await;
    // What was refused has changed nothing: the same call works.
    let token = world.service(&[scope.to_owned()], None).await;
    told.served("a service with the scope", &world.ask(Some(&token), call).await);
}

/// A person is served about itself, and nobody else.
async fn oneself(world: &World, told: &mut Told<'_>) {
    let name = &told.operation.name;
    let (id, token) = world.person().await;
    let other = cases::call(world, name, &world.own).await;
    let answer = world.ask(Some(&token), &other).await;
    if cases::OWN_LISTS.contains(&name.as_str()) {
        // Nothing of it is theirs.
        if answer.status != 200 || answer.text.trim() != "[]" {
            told.note("a plain user", &format!("must see nothing of others: {answer:?}"));
        }
    } else {
        told.refused("a plain user", &answer, 403, "forbidden");
    }
    let foreign = cases::call(world, name, &world.foreign).await;
    let absent = foreign.absent();
    let seen = world.ask(Some(&token), &foreign).await;
    let nothing = world.ask(Some(&token), &absent).await;
    let hidden = seen.status == 404 || (foreign.ids.is_empty() && seen.text.trim() == "[]");
    if masked(&seen, &foreign) != masked(&nothing, &absent) || !hidden {
        let both = format!("can tell a foreign record from none:\n  {seen:?}\n  {nothing:?}");
        told.note("a plain user", &both);
    }
    let own = cases::own(world, name, &world.own, &id).await;
    told.served("the person itself", &world.ask(Some(&token), &own).await);
}

/// Only people have signed in.
async fn signed_in(world: &World, call: &Call, told: &mut Told<'_>) {
    let operator = world.ask(Some(&world.operator.bearer()), call).await;
    told.refused("the operator", &operator, 403, "forbidden");
    let (_, token) = world.person().await;
    told.served("a person", &world.ask(Some(&token), call).await);
}

/// Whatever a caller changes, one entry of the audit names the request.
async fn audited(world: &World, answer: &Answer, told: &mut Told<'_>) {
    let request = answer.header("x-request-id");
    let newest = world.operator.get("/audit?limit=500").await.is(200);
    let entries = newest.as_array().unwrap().iter();
    let own: Vec<_> = entries.filter(|entry| entry["request_id"] == request).collect();
    // Where nobody needs to be known, whoever it turned out to be.
    let kind = if told.operation.need == Need::Open { "user" } else { "operator" };
    let named = |entry: &&serde_json::Value| {
        entry["initiated_by"]["kind"] == kind && entry["address"].is_string()
    };
    if own.len() != 1 || !own.iter().all(named) {
        told.note("the audit", &format!("must have one entry of the request: {own:#?}"));
    }
}

/// Those who are not known, and those who may not.
async fn strangers(world: &World, call: &Call, told: &mut Told<'_>) {
    let wrong = format!("zld_{}", "0".repeat(64));
    for (who, token) in [
        ("nobody", None),
        ("a wrong token", Some(wrong.as_str())),
        ("no token at all", Some("x")),
        ("an expired token", Some(world.expired.as_str())),
        ("a revoked token", Some(world.revoked.as_str())),
        ("a session that was ended", Some(world.persons.revoked.as_str())),
        ("somebody banned", Some(world.persons.banned.as_str())),
    ] {
        let answer = world.ask(token, call).await;
        let code = if token.is_some() { "bad_token" } else { "token_required" };
        told.refused(who, &answer, 401, code);
        if answer.header("www-authenticate").is_empty() {
            told.note(who, "is not told how to say who it is");
        }
    }
    let lacking = world.lacking(&told.operation.need).await;
    told.refused("too narrow a token", &world.ask(Some(&lacking), call).await, 403, "forbidden");
    if !matches!(told.operation.need, Need::Own(_) | Need::Member(_) | Need::SignedIn) {
        let plain = world.ask(Some(&world.persons.plain), call).await;
        told.refused("a plain user", &plain, 403, "forbidden");
    }
}

/// A token of one tenant learns nothing of another's records, not even that they
/// are.
async fn tenants(
    world: &World,
    operation: &Operation,
    (who, token): (&str, &str),
    told: &mut Told<'_>,
) {
    let foreign = cases::call(world, &operation.name, &world.foreign).await;
    let answer = world.ask(Some(token), &foreign).await;
    if operation.global {
        return told.refused(who, &answer, 403, "forbidden");
    }
    let own = cases::call(world, &operation.name, &world.own).await;
    told.served(who, &world.ask(Some(token), &own).await);
    for secret in [world.foreign.mark, &world.foreign.tenant] {
        if !foreign.ids.iter().any(|id| id == secret) && answer.text.contains(secret) {
            told.note(who, &format!("sees {secret}: {}", answer.text));
        }
    }
    if foreign.ids.is_empty() {
        // A list: its own records alone.
        return;
    }
    let absent = foreign.absent();
    let nothing = world.ask(Some(token), &absent).await;
    if masked(&answer, &foreign) != masked(&nothing, &absent) {
        let both = format!("can tell a foreign record from none:\n  {answer:?}\n  {nothing:?}");
        told.note(who, &both);
    }
    if answer.is_success() && !answer.text.trim().is_empty() && answer.text.trim() != "[]" {
        told.note(who, &format!("is served: {answer:?}"));
    }
}

/// Everything of an answer but the ids of this call: status, headers, body.
fn masked(answer: &Answer, call: &Call) -> String {
    let mut text = answer.text.clone();
    let mut headers: Vec<_> = answer
        .headers
        .iter()
        .filter(|(name, _)| !["x-request-id", "date"].contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    headers.sort();
    for id in &call.ids {
        text = text.replace(id, "ID");
        for header in &mut headers {
            *header = header.replace(id, "ID");
        }
    }
    if let Ok(serde_json::Value::Object(mut problem)) = serde_json::from_str(&text) {
        problem.remove("trace_id");
        text = serde_json::Value::Object(problem).to_string();
    }
    format!("{} {headers:?} {text}", answer.status)
}

/// What is said of one route.
struct Told<'a> {
    operation: &'a Operation,
    wrong: &'a mut Vec<String>,
}

impl Told<'_> {
    fn note(&mut self, who: &str, what: &str) {
        self.wrong.push(format!("{}: {who}: {what}", self.operation.name));
    }

    fn served(&mut self, who: &str, answer: &Answer) {
        if answer.status != self.operation.success {
            self.note(who, &format!("is not served: {answer:?}"));
        }
    }

    fn refused(&mut self, who: &str, answer: &Answer, status: u16, code: &str) {
        let right = answer.status == status
            && answer.header("content-type") == "application/problem+json"
            && answer.json()["error"] == code;
        if !right {
            self.note(who, &format!("must be answered {status} {code}: {answer:?}"));
        }
    }
}
