//! Credentials as Google hands them out: a service account's key, or what a person's
//! consent left behind. Pure.

use std::fmt;

use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;

use super::wire::secret;
use crate::drive::rules::preflight::Account;

/// The full scope: with less, what users drop is not seen.
pub(super) const SCOPE: &str = "https://www.googleapis.com/auth/drive";
/// Seconds that a signed word is good for: the most there is.
const LIFE: i64 = 3600;
/// Seconds that it is dated back, for clocks that are a little off.
const BACK: i64 = 10;
/// Where tokens are had, if the file does not say.
const TOKEN_URI: &str = "https://oauth2.googleapis.com/token";

/// Why credentials are none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Flawed {
    /// Not JSON of the right shape.
    #[error("the credentials are not a key file of Google's: {0}")]
    Shape(String),
    /// A sort that is not known.
    #[error(
        "credentials of type {0:?} are not known: use those of a service account or an authorised user"
    )]
    Sort(String),
    /// The private key cannot be read.
    #[error("the private key in the credentials is not an RSA key in PKCS#8 form")]
    Key,
}

#[derive(Deserialize)]
struct File {
    #[serde(rename = "type")]
    sort: String,
    #[serde(default)]
    token_uri: String,
    #[serde(default)]
    client_email: String,
    #[serde(default)]
    private_key_id: String,
    #[serde(default, deserialize_with = "secret")]
    private_key: SecretString,
    #[serde(default)]
    client_id: String,
    #[serde(default, deserialize_with = "secret")]
    client_secret: SecretString,
    #[serde(default, deserialize_with = "secret")]
    refresh_token: SecretString,
}

enum Sort {
    Service { email: String, key_id: String, key: Box<RsaKeyPair> },
    Person { id: String, secret: SecretString, refresh: SecretString },
}

/// Credentials that can be turned into tokens.
pub struct Credentials {
    sort: Sort,
    token_uri: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(***)")
    }
}

impl Credentials {
    /// Reads a key file.
    pub fn read(text: &SecretString) -> Result<Self, Flawed> {
        // What serde says of a value may quote it; where it is, is enough.
        let shape = |error: serde_json::Error| {
            Flawed::Shape(format!("line {}, column {}", error.line(), error.column()))
        };
        let file: File = serde_json::from_str(text.expose_secret()).map_err(shape)?;
        let token_uri =
            if file.token_uri.is_empty() { TOKEN_URI.to_owned() } else { file.token_uri };
        let needs = |given: bool, name: &str| {
            if given { Ok(()) } else { Err(Flawed::Shape(format!("{name} is missing"))) }
        };
        let sort = match file.sort.as_str() {
            "service_account" => {
                needs(!file.client_email.is_empty(), "client_email")?;
                let key = Box::new(key(&file.private_key)?);
                Sort::Service { email: file.client_email, key_id: file.private_key_id, key }
            }
            "authorized_user" => {
                needs(!file.client_id.is_empty(), "client_id")?;
                needs(!file.refresh_token.expose_secret().is_empty(), "refresh_token")?;
                let (secret, refresh) = (file.client_secret, file.refresh_token);
                Sort::Person { id: file.client_id, secret, refresh }
            }
            other => return Err(Flawed::Sort(other.chars().take(40).collect())),
        };
        Ok(Self { sort, token_uri })
    }

    /// Where tokens are had.
    pub fn token_uri(&self) -> &str {
        &self.token_uri
    }

    /// As whom they act, with this subject.
    pub fn account(&self, subject: &str) -> Account {
        match self.sort {
            Sort::Service { .. } if subject.is_empty() => Account::Service,
            Sort::Service { .. } => Account::Delegated,
            Sort::Person { .. } => Account::Person,
        }
    }

    /// What is posted for a token. `audience`: where; `seconds`: the time, since 1970.
    pub(super) fn form(
        &self,
        subject: &str,
        audience: &str,
        seconds: i64,
    ) -> Result<Vec<(&'static str, SecretString)>, Flawed> {
        match &self.sort {
            Sort::Person { id, secret, refresh } => Ok(vec![
                ("grant_type", "refresh_token".into()),
                ("client_id", id.clone().into()),
                ("client_secret", secret.clone()),
                ("refresh_token", refresh.clone()),
            ]),
            Sort::Service { email, key_id, key } => {
                let head = json!({ "alg": "RS256", "typ": "JWT", "kid": key_id });
                let made = seconds - BACK;
                let mut claims = json!({
                    "iss": email, "scope": SCOPE, "aud": audience, "iat": made, "exp": made + LIFE,
                });
                if let Some(claims) = claims.as_object_mut().filter(|_| !subject.is_empty()) {
                    claims.insert("sub".to_owned(), subject.into());
                }
                let grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
                let word = signed(key, &head.to_string(), &claims.to_string())?;
                Ok(vec![("grant_type", grant.into()), ("assertion", word.into())])
            }
        }
    }
}

fn signed(key: &RsaKeyPair, head: &str, claims: &str) -> Result<String, Flawed> {
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(head), URL_SAFE_NO_PAD.encode(claims));
    let mut signature = vec![0; key.public_modulus_len()];
    let chance = aws_lc_rs::rand::SystemRandom::new();
    key.sign(&RSA_PKCS1_SHA256, &chance, message.as_bytes(), &mut signature)
        .map_err(|_| Flawed::Key)?;
    Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// A private key as PEM: base64 between two lines.
fn key(pem: &SecretString) -> Result<RsaKeyPair, Flawed> {
    let lines = pem.expose_secret().lines().map(str::trim);
    let body: String = lines.filter(|line| !line.starts_with("-----")).collect();
    let der = zeroize::Zeroizing::new(STANDARD.decode(body).map_err(|_| Flawed::Key)?);
    RsaKeyPair::from_pkcs8(&der).map_err(|_| Flawed::Key)
}
