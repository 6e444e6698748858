//! Refresh tokens, as text.
//!
//! ```text
//! zlr_ · session id (16 bytes) · family (16 bytes) · turn (16 bytes)     in hex
//! ```
//! The family stays with the session, the turn changes with every refresh. Who
//! shows the right family with another turn has a copy of a token that was used
//! already, and the session ends (RFC 9700, 4.14.2); who shows another family
//! has nothing, and ends nobody's session.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;
use zelador_store::id::SessionId;
use zelador_store::session::Session;

/// What every refresh token begins with.
const PREFIX: &str = "zlr_";
const PART: usize = 16;

/// The parts of a refresh token.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct RefreshToken {
    /// Whose.
    pub(super) session: SessionId,
    family: [u8; PART],
    turn: [u8; PART],
}

/// What a refresh token is to its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Worth {
    /// The one that is good now.
    Current,
    /// One that was used before.
    Used,
    /// None of its tokens.
    Foreign,
}

impl RefreshToken {
    /// The first token of a session, from random bits.
    pub(super) fn first(session: SessionId, random: [u8; 32]) -> Self {
        let (family, turn) = halves(random);
        Self { session, family, turn }
    }

    /// The next one of the same session.
    pub(super) fn next(&self, random: [u8; 32]) -> Self {
        Self { turn: halves(random).1, ..self.clone() }
    }

    /// The token of a text.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix(PREFIX)?;
        let session = Uuid::try_parse(text.get(..32)?).ok()?;
        let part = |range| Some(Uuid::try_parse(text.get(range)?).ok()?.into_bytes());
        let (family, turn) = (part(32..64)?, part(64..96)?);
        (text.len() == 96).then_some(Self { session: SessionId::from_uuid(session), family, turn })
    }

    /// The text of the token.
    pub(super) fn text(&self) -> String {
        let hex = |bytes| Uuid::from_bytes(bytes).simple().to_string();
        format!("{PREFIX}{}{}{}", self.session.uuid().simple(), hex(self.family), hex(self.turn))
    }

    /// What the session's row knows of it: the hashes of family and turn.
    pub(super) fn hashes(&self) -> ([u8; 32], [u8; 32]) {
        (hash(self.family), hash(self.turn))
    }

    /// What it is to this session.
    pub(super) fn worth(&self, session: &Session) -> Worth {
        let (family, turn) = self.hashes();
        if !bool::from(family.ct_eq(&session.family)) {
            Worth::Foreign
        } else if turn.ct_eq(&session.refresh).into() {
            Worth::Current
        } else {
            Worth::Used
        }
    }
}

fn halves(random: [u8; 32]) -> ([u8; PART], [u8; PART]) {
    let (mut one, mut other) = ([0; PART], [0; PART]);
    let (left, right) = random.split_at(PART);
    one.copy_from_slice(left);
    other.copy_from_slice(right);
    (one, other)
}

fn hash(part: [u8; PART]) -> [u8; 32] {
    Sha256::digest(part).into()
}

#[cfg(test)]
mod tests {
    use zelador_store::Timestamp;
    use zelador_store::id::{TenantId, UserId};

    use super::*;

    fn session(token: &RefreshToken) -> Session {
        let at = Timestamp::from_seconds(0);
        let (family, refresh) = token.hashes();
        Session {
            tenant: TenantId::new(at, [1; 10]),
            user: UserId::new(at, [2; 10]),
            family,
            refresh,
            created_at: at,
            refreshed_at: at,
            expires_at: at,
            must_change: false,
            address: None,
            agent: None,
            revoked_at: None,
            revoked_for: None,
        }
    }

    #[test]
    fn a_token_is_current_then_used_and_a_strangers_is_nothing() {
        let id = SessionId::new(Timestamp::from_seconds(9), [9; 10]);
        let first = RefreshToken::first(id, [1; 32]);
        assert_eq!(first.worth(&session(&first)), Worth::Current);
        let second = first.next([2; 32]);
        assert_eq!(first.worth(&session(&second)), Worth::Used);
        assert_eq!(second.worth(&session(&second)), Worth::Current);
        let stranger = RefreshToken::first(id, [3; 32]);
        assert_eq!(stranger.worth(&session(&second)), Worth::Foreign);
    }

    #[test]
    fn texts_come_back_and_others_are_none() {
        let id = SessionId::new(Timestamp::from_seconds(9), [9; 10]);
        let token = RefreshToken::first(id, *b"0123456789abcdef0123456789ABCDEF");
        let text = token.text();
        assert!(RefreshToken::parse(&text) == Some(token));
        for wrong in
            ["", "zlr_", &text[1..], &text[..99], &format!("{text}0"), &text.replace('3', "g")]
        {
            assert!(RefreshToken::parse(wrong).is_none(), "{wrong}");
        }
    }
}
