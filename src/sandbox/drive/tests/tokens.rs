//! Tokens: signed words and refresh tokens, and what they are good for.

use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::super::stage::Stage;
use super::super::{PERSON, SERVICE_ACCOUNT, SHARED_DRIVE};
use super::{ALL, Got, Rig, got};

pub(super) const NAMES: [&str; 10] = [
    "two-legged flow",
    "exp at most iat + 3600",
    "sub acts for a user",
    "unauthorized_client",
    "invalid_grant for a wrong key",
    "invalid_grant for an unknown sub",
    "refresh_token grant",
    "an ended token is 401",
    "drive.file does not see what users drop",
    "token_uri of the key file",
];

const NOW: i64 = 1_795_348_800;

/// A signed word of the service account's.
fn word(rig: &Rig, change: impl FnOnce(&mut Value)) -> String {
    let file = rig.sandbox.service_account();
    let pem = file["private_key"].as_str().unwrap();
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let key = RsaKeyPair::from_pkcs8(&STANDARD.decode(body).unwrap()).unwrap();
    let mut claims = json!({
        "iss": SERVICE_ACCOUNT, "scope": "https://www.googleapis.com/auth/drive",
        "aud": file["token_uri"], "iat": NOW, "exp": NOW + 3600,
    });
    change(&mut claims);
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let head = json!({"alg": "RS256", "typ": "JWT", "kid": file["private_key_id"]});
    let message = format!("{}.{}", part(&head), part(&claims));
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

async fn ask(rig: &Rig, form: &[(&str, &str)]) -> Got {
    let body: Vec<_> = form
        .iter()
        .map(|(name, value)| {
            let value =
                percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC);
            format!("{name}={value}")
        })
        .collect();
    let url = rig.sandbox.service_account()["token_uri"].as_str().unwrap().to_owned();
    got(rig.client.post(url).body(body.join("&"))).await
}

async fn exchange(rig: &Rig, word: &str) -> Got {
    let grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    ask(rig, &[("grant_type", grant), ("assertion", word)]).await
}

async fn email(rig: &Rig, token: &Value) -> String {
    let token = token["access_token"].as_str().unwrap();
    let about = rig.get_as(token, "about?fields=user(emailAddress)").await.ok();
    about["user"]["emailAddress"].as_str().unwrap().to_owned()
}

/// Rows: `two-legged flow`; `token_uri of the key file`; `sub acts for a user`.
#[tokio::test]
async fn a_signed_word_is_exchanged_for_a_token() {
    let rig = Rig::new().await;
    let token = exchange(&rig, &word(&rig, |_| {})).await.ok();
    assert_eq!((&token["expires_in"], &token["token_type"]), (&json!(3599), &json!("Bearer")));
    assert_eq!(email(&rig, &token).await, SERVICE_ACCOUNT);
    let token = exchange(&rig, &word(&rig, |claims| claims["sub"] = PERSON.into())).await.ok();
    assert_eq!(email(&rig, &token).await, PERSON);
}

/// Rows: `exp at most iat + 3600`; `invalid_grant for a wrong key`; `invalid_grant for
/// an unknown sub`; `unauthorized_client`.
#[tokio::test]
async fn a_word_that_is_not_good_is_refused() {
    let rig = Rig::new().await;
    let refused = |got: Got| (got.status, got.body["error"].as_str().unwrap().to_owned());
    let grant = (400, "invalid_grant".to_owned());
    for change in [
        (|claims: &mut Value| claims["exp"] = (NOW + 3601).into()) as fn(&mut Value),
        |claims| claims["iat"] = (NOW + 3600).into(),
        |claims| (claims["iat"], claims["exp"]) = ((NOW - 7200).into(), (NOW - 3600).into()),
        |claims| claims["aud"] = "https://oauth2.googleapis.com/token".into(),
        |claims| claims["iss"] = "other@sandbox.iam.gserviceaccount.com".into(),
        |claims| claims["sub"] = "nobody@sandbox.example".into(),
    ] {
        assert_eq!(refused(exchange(&rig, &word(&rig, change)).await), grant);
    }
    let mut forged = word(&rig, |_| {});
    forged.replace_range(forged.len() - 8.., "AAAAAAAA");
    assert_eq!(refused(exchange(&rig, &forged).await), grant);
    rig.sandbox.account("ana@elsewhere.example");
    let foreign = word(&rig, |claims| claims["sub"] = "ana@elsewhere.example".into());
    let unauthorized = (401, "unauthorized_client".to_owned());
    assert_eq!(refused(exchange(&rig, &foreign).await), unauthorized);
    let wide = |claims: &mut Value| {
        claims["sub"] = PERSON.into();
        claims["scope"] = "https://www.googleapis.com/auth/drive.readonly".into();
    };
    assert_eq!(refused(exchange(&rig, &word(&rig, wide)).await), unauthorized);
}

/// Rows: `refresh_token grant`.
#[tokio::test]
async fn a_refresh_token_is_exchanged_for_a_token() {
    let rig = Rig::new().await;
    let user = rig.sandbox.authorized_user();
    let of = |name: &str| user[name].as_str().unwrap().to_owned();
    let (id, secret, refresh) = (of("client_id"), of("client_secret"), of("refresh_token"));
    let form = |refresh: &'static str| refresh;
    let good = [
        ("grant_type", "refresh_token"),
        ("client_id", &id),
        ("client_secret", &secret),
        ("refresh_token", &refresh),
    ];
    let token = ask(&rig, &good).await.ok();
    assert_eq!(email(&rig, &token).await, PERSON);
    let mut revoked = good;
    revoked[3].1 = form("1//other");
    assert_eq!(ask(&rig, &revoked).await.body["error"], "invalid_grant");
    let mut wrong = good;
    wrong[2].1 = "other";
    assert_eq!(ask(&rig, &wrong).await.body["error"], "invalid_client");
}

/// Rows: `an ended token is 401`.
#[tokio::test]
async fn tokens_end() {
    let rig = Rig::new().await;
    rig.hand.advance(Duration::from_secs(3598));
    rig.get("about?fields=user").await.ok();
    rig.hand.advance(Duration::from_secs(2));
    rig.get("about?fields=user").await.refused(401, "authError");
    rig.sandbox.set(|faults| faults.token_error = "invalid_grant".to_owned());
    assert_eq!(exchange(&rig, &word(&rig, |_| {})).await.body["error"], "invalid_grant");
}

/// Rows: `drive.file does not see what users drop`.
#[tokio::test]
async fn a_narrow_scope_sees_little() {
    let rig = Rig::new().await;
    rig.sandbox.drop_file(PERSON, SHARED_DRIVE, "theirs.pdf", "x").unwrap();
    let scoped = |scope: &str| {
        let scopes = vec![format!("https://www.googleapis.com/auth/{scope}")];
        let caller = super::super::Caller { scopes, ..Stage::service_caller() };
        rig.sandbox.stage.issue(caller)["access_token"].as_str().unwrap().to_owned()
    };
    let list = format!("files?{ALL}");
    let seen = rig.get_as(&scoped("drive.readonly"), &list).await.ok();
    assert_eq!(seen["files"].as_array().unwrap().len(), 1);
    let seen = rig.get_as(&scoped("drive.file"), &list).await.ok();
    assert_eq!(seen["files"], json!([]));
    let url = format!("{}/drive/v3/files?{ALL}", rig.sandbox.url());
    let write = rig.client.post(url).bearer_auth(scoped("drive.readonly")).json(&json!({}));
    got(write).await.refused(403, "insufficientPermissions");
}
