//! Signatures: the seed's, and beside it those of Standard Webhooks 1.0.0.
//!
//! | header | what signs | over |
//! |---|---|---|
//! | `X-Webhook-Signature` | the secret's text as it was given | the body |
//! | `webhook-signature` | of `whsec_…` the bytes that its base64 stands for, of any other text its own bytes | `id.timestamp.body` |

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;
use zeroize::Zeroizing;

/// What a secret of Standard Webhooks begins with.
const PREFIX: &str = "whsec_";

/// The characters of a secret, whatever it is.
pub const LENGTH: std::ops::RangeInclusive<usize> = 8..=256;

/// The bytes that a `whsec_…` may stand for.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// A new secret of 256 random bits.
pub fn secret_of(random: [u8; 32]) -> SecretString {
    SecretString::from(format!("{PREFIX}{}", STANDARD.encode(random)))
}

/// Whether a text can be a secret: `whsec_` must be followed by what Standard
/// Webhooks asks for.
pub fn is_secret(text: &str) -> bool {
    let printable = text.chars().all(|c| !c.is_control());
    printable
        && LENGTH.contains(&text.chars().count())
        && text.strip_prefix(PREFIX).is_none_or(|rest| {
            STANDARD.decode(rest).is_ok_and(|key| KEY_BYTES.contains(&key.len()))
        })
}

/// The seed's header.
pub fn plain(secret: &SecretString, body: &str) -> String {
    format!("sha256={}", hex::encode(mac(secret.expose_secret().as_bytes(), &[body])))
}

/// One signature of `webhook-signature`, by this secret; `seconds` since 1970.
pub fn standard(secret: &SecretString, id: &str, seconds: i64, body: &str) -> String {
    let key = key_of(secret);
    let signed = mac(&key, &[id, ".", &seconds.to_string(), ".", body]);
    format!("v1,{}", STANDARD.encode(signed))
}

fn key_of(secret: &SecretString) -> Zeroizing<Vec<u8>> {
    let text = secret.expose_secret();
    let decoded = text.strip_prefix(PREFIX).and_then(|rest| STANDARD.decode(rest).ok());
    Zeroizing::new(decoded.unwrap_or_else(|| text.as_bytes().to_vec()))
}

/// HMAC-SHA-256, which takes a key of any length.
fn mac(key: &[u8], parts: &[&str]) -> Vec<u8> {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    for part in parts {
        mac.update(part.as_bytes());
    }
    mac.finalize().into_bytes().to_vec()
}
