//! Secrets at rest: sealed before they become part of a row, opened where they
//! are used.
//!
//! XChaCha20-Poly1305 under a key that HKDF-SHA-256 (RFC 5869) derives from
//! `secret.key`. Its nonces are long enough to be drawn by chance.
//!
//! Invariants:
//! - What is sealed opens only for the place it was sealed for: a row copied to
//!   another webhook, instance or person opens nothing there.
//! - A secret leaves this file in a type that does not print.
//! - The key signs nothing, and no other key seals.

use std::sync::Arc;

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;
use zelador_store::sealed::Sealed;

use super::Dice;

/// The first byte of what is sealed this way, should there be another one day.
const FORM: u8 = 1;

/// Bytes of a nonce.
const NONCE: usize = 24;

/// What keys are derived for (HKDF's `info`).
const PURPOSE: &[u8] = b"zelador: secrets at rest";

/// Seals and opens secrets. Clones share the keys.
#[derive(Clone)]
pub struct Seal {
    dice: Dice,
    /// The first one seals; each of them opens.
    ciphers: Arc<[XChaCha20Poly1305]>,
}

/// A secret that none of the keys opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a sealed secret does not open: was secret.key replaced, or the store restored without it?"
)]
pub struct Unsealed;

impl Seal {
    /// With the key that seals, and those that only open what was sealed before it
    /// was replaced.
    pub fn new<'a>(
        dice: Dice,
        first: &'a SecretString,
        older: impl IntoIterator<Item = &'a SecretString>,
    ) -> Self {
        let ciphers = std::iter::once(first).chain(older).filter_map(cipher).collect();
        Self { dice, ciphers }
    }

    /// Seals `plain` for one place, such as `webhook/` and an id.
    pub fn seal(&self, about: &str, plain: &SecretString) -> Sealed {
        let nonce: [u8; NONCE] = self.dice.bytes();
        let payload = Payload { msg: plain.expose_secret().as_bytes(), aad: about.as_bytes() };
        // Fails for a text of 256 GiB only; what is sealed then opens nowhere.
        let sealed =
            self.ciphers.first().and_then(|c| c.encrypt(&XNonce::from(nonce), payload).ok());
        Sealed::new([&[FORM], nonce.as_slice(), &sealed.unwrap_or_default()].concat())
    }

    /// Opens what was sealed for that place.
    pub fn open(&self, about: &str, sealed: &Sealed) -> Result<SecretString, Unsealed> {
        let rest = sealed.bytes().strip_prefix(&[FORM]).ok_or(Unsealed)?;
        let (nonce, msg) = rest.split_first_chunk::<NONCE>().ok_or(Unsealed)?;
        let nonce = XNonce::from(*nonce);
        let opened = self
            .ciphers
            .iter()
            .find_map(|cipher| cipher.decrypt(&nonce, Payload { msg, aad: about.as_bytes() }).ok());
        let text = String::from_utf8(opened.ok_or(Unsealed)?).map_err(|_| Unsealed)?;
        Ok(SecretString::from(text))
    }
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Seal({} keys)", self.ciphers.len())
    }
}

/// The cipher under what is derived from a line of `secret.key`.
fn cipher(secret: &SecretString) -> Option<XChaCha20Poly1305> {
    let mut key = Key::default();
    let derived = Hkdf::<Sha256>::new(None, secret.expose_secret().as_bytes());
    // Fails only for outputs of more than 8,160 bytes.
    derived.expand(PURPOSE, &mut key).ok()?;
    Some(XChaCha20Poly1305::new(&key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> SecretString {
        SecretString::from(text.to_owned())
    }

    fn seal(first: &str, older: &[&str]) -> Seal {
        let older: Vec<_> = older.iter().copied().map(key).collect();
        Seal::new(Dice::seeded(7), &key(first), &older)
    }

    fn opened(seal: &Seal, about: &str, sealed: &Sealed) -> Option<String> {
        seal.open(about, sealed).ok().map(|text| text.expose_secret().to_owned())
    }

    #[test]
    fn what_is_sealed_opens_in_its_place_only() {
        let ours = seal("one", &[]);
        let sealed = ours.seal("webhook/1", &key("wh\u{f6}: p\u{e4}ss"));
        assert_eq!(opened(&ours, "webhook/1", &sealed).as_deref(), Some("wh\u{f6}: p\u{e4}ss"));
        assert_eq!(opened(&ours, "webhook/2", &sealed), None);
        assert_eq!(opened(&seal("two", &[]), "webhook/1", &sealed), None);
    }

    #[test]
    fn a_replaced_key_goes_on_opening_and_seals_no_more() {
        let old = seal("old", &[]);
        let both = seal("new", &["old"]);
        let before = old.seal("a", &key("x"));
        assert_eq!(opened(&both, "a", &before).as_deref(), Some("x"));
        let after = both.seal("a", &key("x"));
        assert_eq!(opened(&old, "a", &after), None);
        assert_eq!(opened(&seal("new", &[]), "a", &after).as_deref(), Some("x"));
    }

    #[test]
    fn no_changed_byte_goes_unnoticed_and_no_two_are_alike() {
        let ours = seal("one", &[]);
        let sealed = ours.seal("a", &key("secret"));
        assert_ne!(sealed, ours.seal("a", &key("secret")));
        assert!(!sealed.bytes().windows(6).any(|part| part == b"secret"));
        for at in 0..sealed.bytes().len() {
            let mut bytes = sealed.bytes().to_vec();
            bytes[at] ^= 1;
            assert_eq!(opened(&ours, "a", &Sealed::new(bytes)), None, "byte {at}");
        }
        for shorter in 0..sealed.bytes().len() {
            let cut = Sealed::new(sealed.bytes()[..shorter].to_vec());
            assert_eq!(opened(&ours, "a", &cut), None, "{shorter} bytes");
        }
    }

    #[test]
    fn neither_prints_what_it_holds() {
        let ours = seal("topsecret", &[]);
        let shown = format!("{ours:?} {:?}", ours.seal("a", &key("hidden")));
        assert_eq!(shown, "Seal(1 keys) Sealed(47 bytes)");
    }
}
