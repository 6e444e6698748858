//! The token endpoint: a service account's signed word, or a refresh token.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::super::core::Caller;
use super::super::json::at;
use super::super::stage::Stage;
use super::super::{DOMAIN, PERSON, SERVICE_ACCOUNT, keys};
use super::request::{Asked, pairs};
use super::{Answer, ok, plain};

const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// Seconds that a signed word is good for.
const MOST: i64 = 3600;
/// Seconds that a clock may be off.
const SKEW: i64 = 60;

/// A refusal: a word, and why.
type No = (&'static str, &'static str);

pub(super) fn answer(stage: &Stage, asked: &Asked) -> Answer {
    let ordered = stage.faults().token_error;
    if !ordered.is_empty() {
        return refused(&ordered, "Told to refuse.");
    }
    let form = pairs(std::str::from_utf8(&asked.body).unwrap_or_default());
    let caller = match form.get("grant_type").map(String::as_str) {
        Some(JWT_BEARER) => by_signature(stage, &form),
        Some("refresh_token") => by_refresh(stage, &form),
        _ => Err(("unsupported_grant_type", "Invalid grant_type")),
    };
    match caller {
        Ok(caller) => ok(&stage.issue(caller)),
        Err((error, why)) => refused(error, why),
    }
}

fn refused(error: &str, why: &str) -> Answer {
    let body = json!({ "error": error, "error_description": why });
    let status =
        if error == "unauthorized_client" || error == "invalid_client" { 401 } else { 400 };
    plain(status, "application/json; charset=utf-8", body.to_string())
}

fn by_refresh(stage: &Stage, form: &BTreeMap<String, String>) -> Result<Caller, No> {
    let known = stage.authorized_user();
    let same =
        |name: &str| form.get(name).map(String::as_str) == known.get(name).and_then(Value::as_str);
    if !same("client_id") || !same("client_secret") {
        return Err(("invalid_client", "The OAuth client was not found."));
    }
    if !same("refresh_token") {
        return Err(("invalid_grant", "Token has been expired or revoked."));
    }
    Ok(Caller { email: PERSON.to_owned(), service: false, ..Stage::service_caller() })
}

fn by_signature(stage: &Stage, form: &BTreeMap<String, String>) -> Result<Caller, No> {
    let bad = ("invalid_grant", "Invalid JWT Signature.");
    let word = form.get("assertion").ok_or(bad)?;
    let (message, signature) = word.rsplit_once('.').ok_or(bad)?;
    let (head, claims) = message.split_once('.').ok_or(bad)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| bad)?;
    let (head, claims) = (object(head).ok_or(bad)?, object(claims).ok_or(bad)?);
    if at(&head, "alg") != "RS256" || !keys::signed(message.as_bytes(), &signature) {
        return Err(bad);
    }
    if !at(&head, "kid").is_null() && at(&head, "kid") != keys::KEY_ID {
        return Err(("invalid_grant", "Invalid JWT: no such key."));
    }
    if at(&claims, "iss") != SERVICE_ACCOUNT {
        return Err(("invalid_grant", "Invalid grant: account not found"));
    }
    if at(&claims, "aud").as_str() != Some(&format!("{}/token", stage.url())) {
        return Err(("invalid_grant", "Invalid JWT: Failed audience check."));
    }
    let now = stage.now().as_millis() / 1000;
    let (made, ends) =
        (at(&claims, "iat").as_i64().unwrap_or(0), at(&claims, "exp").as_i64().unwrap_or(0));
    if ends - made > MOST || ends <= now - SKEW || made > now + SKEW {
        let why = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.";
        return Err(("invalid_grant", why));
    }
    let scopes: Vec<_> = at(&claims, "scope")
        .as_str()
        .unwrap_or_default()
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    if scopes.is_empty() {
        return Err(("invalid_scope", "Empty or missing scope not allowed."));
    }
    let caller = Caller { scopes, ..Stage::service_caller() };
    match at(&claims, "sub").as_str() {
        None => Ok(caller),
        Some(subject) => as_person(stage, caller, subject),
    }
}

/// Delegation: for people of the organisation, and the full scope.
fn as_person(stage: &Stage, caller: Caller, subject: &str) -> Result<Caller, No> {
    if !stage.world().accounts.contains(&subject.to_lowercase()) {
        return Err(("invalid_grant", "Invalid email or User ID"));
    }
    let of_domain = subject.rsplit_once('@').is_some_and(|(_, domain)| domain == DOMAIN);
    if !of_domain || caller.scopes.iter().any(|scope| !scope.ends_with("/auth/drive")) {
        let why = "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.";
        return Err(("unauthorized_client", why));
    }
    Ok(Caller { email: subject.to_owned(), service: false, ..caller })
}

fn object(text: &str) -> Option<Value> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    serde_json::from_slice(&bytes).ok().filter(Value::is_object)
}
