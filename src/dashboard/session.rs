//! Who has signed in: a token, sealed into a cookie.
//!
//! The cookie is the session: it holds the token, sealed with a key derived from
//! `secret.key`, and so outlives a restart of the daemon. A token that is revoked, a
//! person who is banned, ends it at the next request. Signing out is remembered until
//! the cookie would have ended anyway, by this process; a person's session ends for
//! good with it.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parking_lot::Mutex;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zelador_actors::engine::seal::Seal;
use zelador_store::Timestamp;
use zelador_store::sealed::Sealed;

/// How long a session lasts.
pub(super) const LASTS: Duration = Duration::from_hours(12);
/// Sessions that were ended by hand and are remembered.
const MOST_ENDED: usize = 4096;
/// What the seal is for.
const ABOUT: &str = "dashboard/session";

/// Somebody who has signed in.
#[derive(Clone)]
pub(super) struct Session {
    /// With this token.
    pub(super) token: SecretString,
    /// Known to its own pages alone.
    secret: String,
    until: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Written {
    token: String,
    secret: String,
    until: i64,
}

impl Session {
    /// What a form of this session carries.
    pub(super) fn form_token(&self) -> String {
        form_token(&self.secret)
    }

    fn id(&self) -> [u8; 32] {
        Sha256::new().chain_update("session").chain_update(&self.secret).finalize().into()
    }
}

/// What a form carries that only a page for the bearer of `secret` can hold.
pub(super) fn form_token(secret: &str) -> String {
    hex::encode(Sha256::new().chain_update("form").chain_update(secret).finalize())
}

/// Makes sessions, reads them, ends them.
pub(super) struct Sessions {
    seal: Seal,
    ended: Mutex<BTreeMap<[u8; 32], Timestamp>>,
}

impl Sessions {
    pub(super) fn new(seal: Seal) -> Self {
        Self { seal, ended: Mutex::default() }
    }

    /// The cookie of a new session. `secret` is chance.
    pub(super) fn begin(&self, token: &str, secret: String, now: Timestamp) -> String {
        let until = (now + LASTS).as_millis();
        let written = Written { token: token.to_owned(), secret, until };
        // Text and a number can always be written.
        let text = serde_json::to_string(&written).unwrap_or_default();
        let sealed = self.seal.seal(ABOUT, &SecretString::from(text));
        URL_SAFE_NO_PAD.encode(sealed.bytes())
    }

    /// The session of a cookie, if it is one of ours and goes on.
    pub(super) fn read(&self, cookie: &str, now: Timestamp) -> Option<Session> {
        let sealed = Sealed::new(URL_SAFE_NO_PAD.decode(cookie).ok()?);
        let text = self.seal.open(ABOUT, &sealed).ok()?;
        let Written { token, secret, until } = serde_json::from_str(text.expose_secret()).ok()?;
        let until = Timestamp::from_millis(until);
        let session = Session { token: SecretString::from(token), secret, until };
        let goes_on = now < until && !self.ended.lock().contains_key(&session.id());
        goes_on.then_some(session)
    }

    /// Ends a session.
    pub(super) fn end(&self, session: &Session, now: Timestamp) {
        let mut ended = self.ended.lock();
        ended.retain(|_, until| now < *until);
        while ended.len() >= MOST_ENDED {
            let soonest = ended.iter().min_by_key(|(_, until)| **until).map(|(id, _)| *id);
            let Some(id) = soonest else { break };
            ended.remove(&id);
        }
        ended.insert(session.id(), session.until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zelador_actors::testkit::World;

    #[test]
    fn a_session_lasts_until_its_end_or_until_it_is_ended() {
        let world = World::new();
        let (shell, hours) = (&world.shell, |count| Duration::from_hours(count));
        let key = "a key for tests".to_owned().into();
        let sessions = Sessions::new(Seal::new(shell.dice.clone(), &key, []));
        let now = shell.now();
        let cookie = sessions.begin("zld_1", "chance".to_owned(), now);
        assert!(!cookie.contains("zld"), "{cookie}");
        let session = sessions.read(&cookie, now + hours(11)).unwrap();
        assert_eq!(session.token.expose_secret(), "zld_1");
        assert!(sessions.read(&cookie, now + hours(12)).is_none());
        // A restarted daemon has the same key, another one has not.
        let restarted = Sessions::new(Seal::new(shell.dice.clone(), &key, []));
        assert!(restarted.read(&cookie, now).is_some());
        let other = "another key".to_owned().into();
        let other = Sessions::new(Seal::new(shell.dice.clone(), &other, []));
        assert!(other.read(&cookie, now).is_none() && sessions.read("x", now).is_none());
        let second = sessions.begin("zld_1", "more chance".to_owned(), now);
        sessions.end(&session, now);
        assert!(sessions.read(&cookie, now).is_none());
        let second = sessions.read(&second, now).unwrap();
        assert_ne!(second.form_token(), session.form_token());
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let world = World::new();
        let key = "a key for tests".to_owned().into();
        let sessions = Sessions::new(Seal::new(world.shell.dice.clone(), &key, []));
        let now = world.shell.now();
        for number in 0..MOST_ENDED + 10 {
            let session = Session {
                token: String::new().into(),
                secret: number.to_string(),
                until: now + LASTS,
            };
            sessions.end(&session, now);
        }
        assert_eq!(sessions.ended.lock().len(), MOST_ENDED);
    }
}
