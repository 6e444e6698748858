//! Links in mails: by which people say that they want no more of a kind, and by
//! which they choose a password.
//!
//! A token to opt out names a person and a kind, until when it is good, and is
//! signed (HMAC-SHA-256) under a key that HKDF derives from `secret.key`: who does
//! not have the mail cannot make one, for anybody. The text of an invitation is the
//! HMAC of whom it is for and when it was made: so a mail that is tried again says
//! the same, and the text is kept nowhere, only its digest.

use std::sync::Arc;
use std::time::Duration;

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString, zeroize::Zeroizing};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;
use zelador_store::Timestamp;
use zelador_store::id::{Id, UserId};
use zelador_store::notice::NoticeKind;
use zelador_store::session::Invite;

/// How long a link is good: mails are kept for long.
const GOOD_FOR: Duration = Duration::from_hours(365 * 24);
/// What the key is derived for (HKDF's `info`).
const PURPOSE: &[u8] = b"zelador: links to opt out";
/// What the key for what is shown once is derived for.
const ONCE: &[u8] = b"zelador: links to what is shown once";
/// Bytes of a key: a block of SHA-256, so that HMAC takes it as it is (RFC 2104).
const BLOCK: usize = 64;
/// Bytes before the signature: person, kind, end.
const NAMED: usize = 16 + 1 + 8;
/// Bytes before the signature of what is shown once: person, moment, end.
const NAMED_ONCE: usize = 16 + 8 + 8;
/// Bytes of the signature.
const SIGNED: usize = 32;

/// Signs and reads tokens; clones share the keys.
#[derive(Clone)]
pub struct Links {
    keys: Keys,
    once: Keys,
}

type Keys = Arc<[Zeroizing<[u8; BLOCK]>]>;

/// What the text of an invitation is made of begins so, and is longer than what is
/// signed of a token: neither can stand for the other.
const INVITATION: &[u8] = b"invitation";
/// How the text of an invitation begins, so that it is recognised where it leaks.
const INVITE_PREFIX: &str = "zli_";

/// Who wants no more of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptOut {
    /// Who.
    pub user: UserId,
    /// Of what.
    pub kind: NoticeKind,
}

impl Links {
    /// With the key that signs, and those before it, whose links stay good.
    pub fn new<'a>(
        first: &'a SecretString,
        older: impl IntoIterator<Item = &'a SecretString>,
    ) -> Self {
        let all: Vec<_> = std::iter::once(first).chain(older).collect();
        let derived = |purpose| all.iter().map(|secret| derived(secret, purpose)).collect();
        Self { keys: derived(PURPOSE), once: derived(ONCE) }
    }

    /// The token of a link in a mail that was written at `at`.
    pub fn token(&self, of: OptOut, at: Timestamp) -> String {
        let mut bytes = of.user.as_bytes().to_vec();
        let code = NoticeKind::ALL.iter().position(|kind| *kind == of.kind).unwrap_or(0);
        bytes.push(u8::try_from(code).unwrap_or(u8::MAX));
        bytes.extend((at + GOOD_FOR).as_millis().to_be_bytes());
        signed(&self.keys, bytes)
    }

    /// What a token says; `None`: it is none of ours, or no longer good.
    pub fn read(&self, token: &str, now: Timestamp) -> Option<OptOut> {
        let named = verified(&self.keys, token, NAMED)?;
        let (user, rest) = named.split_first_chunk::<16>()?;
        let (code, until) = rest.split_first()?;
        let until = Timestamp::from_millis(i64::from_be_bytes(until.try_into().ok()?));
        let kind = NoticeKind::ALL.get(usize::from(*code)).copied()?;
        let user = Id::from_uuid(Uuid::from_bytes(*user));
        (now < until).then_some(OptOut { user, kind })
    }

    /// The token of a link that is good until `until`, to what was made for a person
    /// at a moment.
    pub fn once(&self, (user, made): (UserId, Timestamp), until: Timestamp) -> String {
        let mut bytes = user.as_bytes().to_vec();
        bytes.extend(made.as_millis().to_be_bytes());
        bytes.extend(until.as_millis().to_be_bytes());
        signed(&self.once, bytes)
    }

    /// What such a token says; `None`: it is none of ours, or no longer good.
    pub fn read_once(&self, token: &str, now: Timestamp) -> Option<(UserId, Timestamp)> {
        let named = verified(&self.once, token, NAMED_ONCE)?;
        let (user, rest) = named.split_first_chunk::<16>()?;
        let (made, until) = rest.split_first_chunk::<8>()?;
        let made = Timestamp::from_millis(i64::from_be_bytes(*made));
        let until = Timestamp::from_millis(i64::from_be_bytes(until.try_into().ok()?));
        (now < until).then_some((Id::from_uuid(Uuid::from_bytes(*user)), made))
    }
}

fn signed(keys: &Keys, mut bytes: Vec<u8>) -> String {
    let signature = keys.first().map(|key| sign(key, &bytes).finalize().into_bytes());
    bytes.extend(signature.unwrap_or_default());
    hex::encode(bytes)
}

/// What stands before the signature, if that is ours.
fn verified(keys: &Keys, token: &str, named: usize) -> Option<Vec<u8>> {
    if token.len() != 2 * (named + SIGNED) {
        return None;
    }
    let mut bytes = hex::decode(token).ok()?;
    let signature = bytes.split_off(named);
    let good = |key: &Zeroizing<[u8; BLOCK]>| sign(key, &bytes).verify_slice(&signature).is_ok();
    keys.iter().any(good).then_some(bytes)
}

impl Links {
    /// An invitation for a person, made at `at` and good for so long.
    pub fn invite(&self, user: UserId, at: Timestamp, lasts: Duration) -> Invite {
        let text = self.keys.first().map(|key| invitation(key, user, at)).unwrap_or_default();
        Invite {
            hash: Sha256::digest(text.as_bytes()).into(),
            created_at: at,
            expires_at: at + lasts,
        }
    }

    /// The text of an invitation of ours; `None`: it was made in another way.
    pub fn text(&self, user: UserId, invite: &Invite) -> Option<SecretString> {
        let texts = self.keys.iter().map(|key| invitation(key, user, invite.created_at));
        let mut own = texts.filter(|text| Sha256::digest(text.as_bytes())[..] == invite.hash);
        own.next().map(SecretString::from)
    }
}

fn invitation(key: &[u8; BLOCK], user: UserId, at: Timestamp) -> String {
    let bytes = [INVITATION, user.as_bytes(), &at.as_millis().to_be_bytes()].concat();
    format!("{INVITE_PREFIX}{}", hex::encode(sign(key, &bytes).finalize().into_bytes()))
}

impl std::fmt::Debug for Links {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Links({} keys)", self.keys.len())
    }
}

fn derived(secret: &SecretString, purpose: &[u8]) -> Zeroizing<[u8; BLOCK]> {
    let mut key = Zeroizing::new([0; BLOCK]);
    let from = Hkdf::<Sha256>::new(None, secret.expose_secret().as_bytes());
    // Fails only for outputs of more than 8,160 bytes.
    let _ = from.expand(purpose, key.as_mut());
    key
}

fn sign(key: &[u8; BLOCK], bytes: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new(key.into());
    mac.update(bytes);
    mac
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Dice;

    fn links(first: &str, older: &[&str]) -> Links {
        let key = |text: &str| SecretString::from(text.to_owned());
        let older: Vec<_> = older.iter().copied().map(key).collect();
        Links::new(&key(first), &older)
    }

    fn at(day: i64) -> Timestamp {
        Timestamp::from_millis(1_764_590_400_000 + day * 86_400_000)
    }

    #[test]
    fn a_link_is_good_for_a_year_and_for_whom_it_was_made() {
        let user: UserId = Dice::seeded(1).id(at(0));
        for kind in NoticeKind::ALL {
            let of = OptOut { user, kind };
            let token = links("one", &[]).token(of, at(0));
            assert_eq!(links("one", &[]).read(&token, at(364)), Some(of));
            assert_eq!(links("two", &["one"]).read(&token, at(1)), Some(of), "an older key");
            assert_eq!(links("one", &[]).read(&token, at(365)), None);
            assert_eq!(links("two", &[]).read(&token, at(1)), None);
        }
    }

    #[test]
    fn an_invitation_says_the_same_again_and_to_nobody_else() {
        let [ana, rui]: [UserId; 2] = [1, 2].map(|seed| Dice::seeded(seed).id(at(0)));
        let lasts = Duration::from_hours(72);
        let invite = links("one", &[]).invite(ana, at(0), lasts);
        assert_eq!(invite.expires_at, at(3));
        let text =
            |of: &Links, user| of.text(user, &invite).map(|text| text.expose_secret().to_owned());
        let said = text(&links("one", &[]), ana).unwrap();
        assert!(said.starts_with("zli_") && said.len() == 68, "{said}");
        assert_eq!(text(&links("two", &["one"]), ana), Some(said.clone()), "an older key");
        assert_eq!(text(&links("two", &[]), ana), None);
        assert_eq!(text(&links("one", &[]), rui), None);
        let later = links("one", &[]).invite(ana, at(1), lasts);
        assert_ne!(later.hash, invite.hash);
    }

    #[test]
    fn a_link_to_what_is_shown_once_is_for_one_person_and_one_thing() {
        let user: UserId = Dice::seeded(1).id(at(0));
        let token = links("one", &[]).once((user, at(0)), at(7));
        assert_eq!(links("two", &["one"]).read_once(&token, at(6)), Some((user, at(0))));
        assert_eq!(links("one", &[]).read_once(&token, at(7)), None, "its time is over");
        assert_eq!(links("two", &[]).read_once(&token, at(1)), None);
        assert_eq!(links("one", &[]).read(&token, at(1)), None, "no link of another sort");
        let other = links("one", &[]).token(OptOut { user, kind: NoticeKind::BookingMade }, at(0));
        assert_eq!(links("one", &[]).read_once(&other, at(1)), None);
    }

    #[test]
    fn nothing_of_a_token_can_be_changed() {
        let of = OptOut { user: Dice::seeded(1).id(at(0)), kind: NoticeKind::BookingMade };
        let token = links("one", &[]).token(of, at(0));
        for place in 0..token.len() {
            let mut other: Vec<char> = token.chars().collect();
            other[place] = if other[place] == '0' { '1' } else { '0' };
            let other: String = other.into_iter().collect();
            assert_eq!(links("one", &[]).read(&other, at(0)), None, "{place}");
            assert_eq!(links("one", &[]).read(&token[..place], at(0)), None, "{place}");
        }
        assert_eq!(links("one", &[]).read("é", at(0)), None);
    }
}
