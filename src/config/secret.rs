//! Secrets: given in place or by reference, never printed.
//!
//! ```toml
//! secret_key = "…"                             # in place
//! secret_key = { file = "secrets/key" }        # relative to the file
//! secret_key = { env = "ZELADOR_KEY" }
//! secret_key = { credential = "key" }          # systemd LoadCredential=
//! ```
//!
//! - `Debug` and `Serialize` print `***`, whatever the secret.
//! - No error of this file holds any part of a secret.

use std::fmt;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

use super::environment::Variables;

/// What is shown in a secret's place.
const MASK: &str = "***";
/// More than any key or password; a file beyond it was named by mistake.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// Where a secret is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// In the configuration itself.
    Inline,
    /// In a file, without the line break at its end.
    File(PathBuf),
    /// In an environment variable.
    Variable(String),
    /// In a credential that the service manager hands over.
    Credential(String),
}

/// A secret and where it is kept.
#[derive(Clone)]
pub struct Secret {
    reference: Reference,
    value: SecretString,
}

impl Secret {
    /// A secret given in place.
    pub fn inline(value: impl Into<SecretString>) -> Self {
        Self { reference: Reference::Inline, value: value.into() }
    }

    /// Where it is kept.
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// The secret itself: for the one place that needs it.
    pub fn expose(&self) -> &str {
        self.value.expose_secret()
    }

    /// Fetches what the reference names; relative files are under `base`.
    pub(super) fn resolve(&mut self, base: &Path, from: &Variables) -> Result<(), Unresolved> {
        let value = match &mut self.reference {
            Reference::Inline => return Ok(()),
            Reference::File(path) => {
                *path = base.join(&*path);
                read(path)?
            }
            Reference::Variable(name) => {
                from.get(name).ok_or_else(|| Unresolved::Unset(name.clone()))?.to_owned()
            }
            Reference::Credential(name) => {
                let dir = from.get("CREDENTIALS_DIRECTORY").ok_or(Unresolved::NoCredentials)?;
                read(&Path::new(dir).join(name))?
            }
        };
        self.value = value.into();
        if self.expose().is_empty() { Err(Unresolved::Empty) } else { Ok(()) }
    }
}

fn read(path: &Path) -> Result<String, Unresolved> {
    let unreadable = |source| Unresolved::Unreadable { path: path.to_owned(), source };
    let meta = std::fs::metadata(path).map_err(unreadable)?;
    if !meta.is_file() {
        // Reading a pipe could wait for ever.
        return Err(Unresolved::NotAFile(path.to_owned()));
    }
    if meta.len() > MAX_FILE_BYTES {
        return Err(Unresolved::TooLarge(path.to_owned()));
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let text = String::from_utf8(bytes).map_err(|_| Unresolved::NotText(path.to_owned()))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// A reference that leads to no secret.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unresolved {
    #[error("cannot read the secret file {}: {source}", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{} is not a file", .0.display())]
    NotAFile(PathBuf),
    #[error("the secret file {} is larger than 64 KiB", .0.display())]
    TooLarge(PathBuf),
    #[error("the secret file {} is not UTF-8 text", .0.display())]
    NotText(PathBuf),
    #[error("the environment variable {0} is not set")]
    Unset(String),
    #[error(
        "no credentials were handed over: $CREDENTIALS_DIRECTORY is not set \
             (systemd sets it for the service, with LoadCredential=)"
    )]
    NoCredentials,
    #[error("the secret is empty")]
    Empty,
}

/// Two secrets are equal if they are the same text kept in the same place.
impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.reference == other.reference && self.expose() == other.expose()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(MASK)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(SecretVisitor)
    }
}

const EXPECTED: &str =
    "expected text, or one of { file = \"…\" }, { env = \"…\" }, { credential = \"…\" }";

/// Serde's own errors repeat the value; these do not.
struct SecretVisitor;

impl<'de> de::Visitor<'de> for SecretVisitor {
    type Value = Secret;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Secret, E> {
        Ok(Secret::inline(text))
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Secret, E> {
        Err(E::custom(EXPECTED))
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Secret, E> {
        Err(E::custom(EXPECTED))
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Secret, E> {
        Err(E::custom(EXPECTED))
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Secret, E> {
        Err(E::custom(EXPECTED))
    }

    fn visit_map<M: de::MapAccess<'de>>(self, mut map: M) -> Result<Secret, M::Error> {
        let refused = || Err(de::Error::custom(EXPECTED));
        let Some((way, name)) = map.next_entry::<String, Value>()? else { return refused() };
        let Value::String(name) = name else { return refused() };
        let reference = match way.as_str() {
            "file" => Reference::File(PathBuf::from(name)),
            "env" => Reference::Variable(name),
            "credential" if name.contains('/') || name == ".." => {
                return Err(de::Error::custom("a credential is named without a path"));
            }
            "credential" => Reference::Credential(name),
            _ => return refused(),
        };
        if map.next_key::<String>()?.is_some() {
            return refused();
        }
        Ok(Secret { reference, value: SecretString::default() })
    }
}

/// A secret that is written as `""` where there is none.
pub(super) mod optional {
    use super::{Deserialize, Deserializer, Reference, Secret, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "the signature that serde asks for")]
    pub(in crate::config) fn serialize<S: Serializer>(
        secret: &Option<Secret>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match secret {
            Some(secret) => secret.serialize(to),
            None => to.serialize_str(""),
        }
    }

    pub(in crate::config) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Secret>, D::Error> {
        let given =
            |secret: &Secret| secret.reference != Reference::Inline || !secret.expose().is_empty();
        Secret::deserialize(from).map(|secret| Some(secret).filter(given))
    }
}
