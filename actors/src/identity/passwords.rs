//! Passwords: what may be one, and their hashes.
//!
//! Hashing takes tens of milliseconds of a processor by design. It runs on the
//! runtime's blocking threads, so many at a time as there is a permit for and
//! never on an actor's thread; who would wait too long is told to come again.
//!
//! New hashes are argon2id (RFC 9106) with 19 MiB and two passes, the least that
//! OWASP's password storage cheat sheet asks for. Hashes of Laravel (`$2y$`) and
//! of Python's `passlib` (`$2b$`) are bcrypt: they are verified, and then replaced.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::error::{Error, Flaw, Refusal};

/// Characters of a password, at least (NIST SP 800-63B, 3.1.1.2, as a single
/// factor of a service with a limit on attempts).
pub const SHORTEST: usize = 8;
/// Bytes of a password, at most: it is hashed, not kept.
pub const LONGEST: usize = 1024;
/// The highest cost of a bcrypt hash that is brought along.
const DEAREST_BCRYPT: u8 = 14;
/// The most KiB and passes of an argon2 hash that is brought along.
const DEAREST_ARGON: (u32, u32) = (128 * 1024, 10);
/// How many may wait for a hash before the next is sent away.
const WAITING: usize = 256;
/// The hash of no password: who has none is checked against it, so that it takes
/// as long as for everybody else.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$9kg4tYbIRt7zL2kGUVFWi5Rj9VBlxmgkOUpEi+9LKbU";

/// What a password turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The right one.
    Right,
    /// The right one, behind a hash that is to be replaced.
    RightButOld,
    /// Not the right one.
    Wrong,
}

/// What everybody tries first, of those long enough (NIST SP 800-63B, 3.1.1.2).
const COMMON: &[&str] = &[
    "12345678",
    "123456789",
    "1234567890",
    "87654321",
    "abcd1234",
    "abc12345",
    "admin123",
    "administrador",
    "asdfghjk",
    "changeme",
    "contrasena",
    "contraseña",
    "iloveyou",
    "mudar123",
    "password",
    "password1",
    "password123",
    "passw0rd",
    "qwerty123",
    "qwertyui",
    "qwertyuiop",
    "secret123",
    "senha123",
    "senha1234",
    "trocar123",
    "welcome1",
    "zelador123",
];

/// Refuses what is too short, too long or too common to be a password.
pub fn check(field: &str, password: &SecretString) -> Result<(), Refusal> {
    let text = password.expose_secret();
    let flaw = if text.chars().count() < SHORTEST {
        Flaw::new(field, "too_short").with("limit", SHORTEST)
    } else if text.len() > LONGEST {
        Flaw::new(field, "too_long").with("limit", LONGEST)
    } else if is_common(text) {
        Flaw::new(field, "too_common")
    } else {
        return Ok(());
    };
    Err(Refusal::Invalid(vec![flaw]))
}

/// One of the usual ones, or one character again and again.
fn is_common(text: &str) -> bool {
    let lower = text.to_lowercase();
    let first = lower.chars().next();
    COMMON.contains(&lower.as_str()) || lower.chars().all(|c| Some(c) == first)
}

/// Whether a text is a hash that [`Passwords::verify`] understands, and that does
/// not take for ever.
pub fn is_hash(text: &str) -> bool {
    if is_bcrypt(text) {
        let cost = text.get(4..6).and_then(|cost| cost.parse::<u8>().ok());
        return text.len() == 60 && cost.is_some_and(|cost| (4..=DEAREST_BCRYPT).contains(&cost));
    }
    let Ok(hash) = PasswordHash::new(text) else { return false };
    let Ok(params) = argon2::Params::try_from(&hash) else { return false };
    text.starts_with("$argon2")
        && hash.hash.is_some()
        && params.m_cost() <= DEAREST_ARGON.0
        && params.t_cost() <= DEAREST_ARGON.1
}

fn is_bcrypt(hash: &str) -> bool {
    ["$2y$", "$2b$", "$2a$"].iter().any(|prefix| hash.starts_with(prefix))
}

/// Hashes and verifies, so many at a time; clones share the permits.
#[derive(Clone, Debug)]
pub struct Passwords {
    permits: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
}

impl Passwords {
    /// With this many hashes at a time; at least one.
    pub fn new(at_once: usize) -> Self {
        Self { permits: Arc::new(Semaphore::new(at_once.max(1))), waiting: Arc::default() }
    }

    /// The hash of a new password.
    pub async fn hash(&self, password: SecretString, salt: [u8; 16]) -> Result<String, Error> {
        let hashed = self.work(move || {
            let hash = Argon2::default()
                .hash_password_with_salt(password.expose_secret().as_bytes(), &salt);
            hash.map(|hash| hash.to_string())
        });
        hashed.await?.map_err(|error| Error::fault("hashing a password", error.to_string()))
    }

    /// Whether the password is the one behind the hash; without a hash it is
    /// wrong, after as long.
    pub async fn verify(
        &self,
        password: SecretString,
        hash: Option<String>,
    ) -> Result<Verdict, Error> {
        self.work(move || match hash {
            Some(hash) if is_bcrypt(&hash) => match bcrypt::verify(password.expose_secret(), &hash)
            {
                Ok(true) => Verdict::RightButOld,
                _ => Verdict::Wrong,
            },
            Some(hash) if argon(&password, &hash) => Verdict::Right,
            Some(_) => Verdict::Wrong,
            None => {
                argon(&password, NOBODYS);
                Verdict::Wrong
            }
        })
        .await
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let place = Place::take(&self.waiting)?;
        let permit = self.permits.clone().acquire_owned().await;
        let permit = permit.map_err(|error| Error::fault("waiting to hash", error))?;
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop((permit, place));
            done
        });
        done.await.map_err(|error| Error::fault("hashing", error))
    }
}

fn argon(password: &SecretString, hash: &str) -> bool {
    Argon2::default().verify_password(password.expose_secret().as_bytes(), hash).is_ok()
}

/// A place among those who wait.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(waiting: &Arc<AtomicUsize>) -> Result<Self, Error> {
        if waiting.fetch_add(1, Ordering::SeqCst) < WAITING {
            return Ok(Self(waiting.clone()));
        }
        waiting.fetch_sub(1, Ordering::SeqCst);
        Err(Error::Busy { what: "password check", retry_after: Duration::from_secs(2) })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> SecretString {
        text.to_owned().into()
    }

    #[tokio::test]
    async fn what_was_hashed_is_recognised_and_nothing_else() {
        let passwords = Passwords::new(1);
        let hash = passwords.hash(secret("correcto caballo"), [7; 16]).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(is_hash(&hash));
        let verify = |text: &str| passwords.verify(secret(text), Some(hash.clone()));
        assert_eq!(verify("correcto caballo").await.unwrap(), Verdict::Right);
        assert_eq!(verify("correcto caballo ").await.unwrap(), Verdict::Wrong);
        let nobody = passwords.verify(secret("correcto caballo"), None).await.unwrap();
        assert_eq!(nobody, Verdict::Wrong);
        assert!(is_hash(NOBODYS), "the hash of nobody takes as long as any");
    }

    #[tokio::test]
    async fn hashes_of_the_original_systems_are_recognised_as_old() {
        let passwords = Passwords::new(1);
        let parts = bcrypt::hash_with_salt("senha-antiga", 4, [3; 16]).unwrap();
        for version in [bcrypt::Version::TwoY, bcrypt::Version::TwoB] {
            let hash = parts.format_for_version(version);
            assert!(is_hash(&hash), "{hash}");
            let verify = |text: &str| passwords.verify(secret(text), Some(hash.clone()));
            assert_eq!(verify("senha-antiga").await.unwrap(), Verdict::RightButOld);
            assert_eq!(verify("senha-nova").await.unwrap(), Verdict::Wrong);
        }
        for dear in ["$2y$31$", "$2b$xx$"] {
            assert!(!is_hash(&format!("{dear}{}", "a".repeat(53))), "{dear} takes for ever");
        }
        assert!(!is_hash(&NOBODYS.replace("m=19456", "m=9999999")));
        assert!(!is_hash("plain text"));
        let torn = passwords.verify(secret("x"), Some("$2y$10$short".to_owned())).await.unwrap();
        assert_eq!(torn, Verdict::Wrong);
    }

    #[tokio::test]
    async fn beyond_the_bound_callers_are_sent_away() {
        let passwords = Passwords::new(1);
        passwords.waiting.store(WAITING, Ordering::SeqCst);
        let refused = passwords.verify(secret("x"), None).await;
        assert!(matches!(refused, Err(Error::Busy { .. })), "{refused:?}");
        passwords.waiting.store(WAITING - 1, Ordering::SeqCst);
        assert!(passwords.verify(secret("x"), None).await.is_ok());
        assert_eq!(passwords.waiting.load(Ordering::SeqCst), WAITING - 1);
    }

    #[test]
    fn a_password_has_its_bounds() {
        let code = |text: &str| match check("password", &secret(text)) {
            Ok(()) => "fine",
            Err(Refusal::Invalid(flaws)) => flaws[0].code,
            Err(other) => panic!("{other}"),
        };
        assert_eq!(code("1234567"), "too_short");
        assert_eq!(code("ñandú123"), "fine");
        assert_eq!(code(&"xy".repeat(LONGEST / 2)), "fine");
        assert_eq!(code(&"x".repeat(LONGEST + 1)), "too_long");
        for common in ["password", "Senha123", "CONTRASEÑA", "00000000"] {
            assert_eq!(code(common), "too_common", "{common}");
        }
    }
}
