//! Credentials and queries.

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::calls::quoted;
use super::credentials::{Credentials, Flawed, SCOPE};
use crate::drive::rules::preflight::Account;

fn read(file: &Value) -> Result<Credentials, Flawed> {
    Credentials::read(&SecretString::from(file.to_string()))
}

#[test]
fn a_service_account_signs_what_google_wants_to_read() {
    let key = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let body = STANDARD.encode(key.as_der().unwrap().as_ref());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
    let file = json!({
        "type": "service_account", "client_email": "z@p.iam", "private_key_id": "k",
        "private_key": pem, "token_uri": "https://t/token",
    });
    let credentials = read(&file).unwrap();
    assert_eq!(credentials.token_uri(), "https://t/token");
    assert_eq!(credentials.account(""), Account::Service);
    assert_eq!(credentials.account("ana@x"), Account::Delegated);
    let form = credentials.form("ana@x", "https://t/token", 1000).unwrap();
    let word = form[1].1.expose_secret();
    let (message, signature) = word.rsplit_once('.').unwrap();
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key().as_ref());
    public.verify(message.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
    let part = |text: &str| -> Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
    };
    let (head, claims) = message.split_once('.').unwrap();
    assert_eq!(part(head), json!({"alg": "RS256", "typ": "JWT", "kid": "k"}));
    let expected = json!({
        "iss": "z@p.iam", "scope": SCOPE, "aud": "https://t/token", "iat": 990, "exp": 4590, "sub": "ana@x",
    });
    assert_eq!(part(claims), expected);
    let alone = credentials.form("", "https://t/token", 1000).unwrap();
    let claims = alone[1].1.expose_secret().split('.').nth(1).unwrap().to_owned();
    assert_eq!(part(&claims)["sub"], Value::Null);
    assert_eq!(format!("{credentials:?}"), "Credentials(***)");
}

#[test]
fn a_person_shows_the_refresh_token() {
    let file = json!({
        "type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r",
    });
    let credentials = read(&file).unwrap();
    assert_eq!(credentials.token_uri(), "https://oauth2.googleapis.com/token");
    assert_eq!(credentials.account(""), Account::Person);
    let form = credentials.form("", "x", 0).unwrap();
    let shown: Vec<_> = form.iter().map(|(name, value)| (*name, value.expose_secret())).collect();
    let expected = [
        ("grant_type", "refresh_token"),
        ("client_id", "c"),
        ("client_secret", "s"),
        ("refresh_token", "r"),
    ];
    assert_eq!(shown, expected);
}

#[test]
fn what_is_no_key_file_says_why_and_not_what() {
    let told = |file: Value| read(&file).unwrap_err().to_string();
    assert!(told(json!({"type": "external_account"})).contains("external_account"));
    assert!(told(json!({"type": "service_account"})).contains("client_email is missing"));
    let key = json!({"type": "service_account", "client_email": "e", "private_key": "SECRET"});
    assert!(told(key.clone()).contains("RSA") && !told(key).contains("SECRET"));
    let wrong = told(json!({"type": "service_account", "client_email": ["SECRET"]}));
    assert!(wrong.contains("line 1") && !wrong.contains("SECRET"), "{wrong}");
}

#[test]
fn texts_in_queries_are_escaped() {
    assert_eq!(quoted(r"it's a \"), r"'it\'s a \\'");
    assert_eq!(quoted("x' or name contains '"), r"'x\' or name contains \''");
}
