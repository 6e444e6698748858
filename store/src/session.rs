//! Sessions and credentials: how a person proves to be who they are.
//!
//! ```text
//! login → session ──refresh──→ the same session, a new refresh token
//!                 ──────────→ revoked   (logout, a ban, a reused token, …)
//!                 ──────────→ expired
//! ```
//! Nothing here can be used to sign in: passwords are hashes, tokens SHA-256.

use serde::{Deserialize, Serialize};

use crate::id::{SessionId, TenantId, UserId};
use crate::kv::{IndexDef, Lookup, Table};
use crate::time::Timestamp;

/// A person signed in on some device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Whose user.
    pub tenant: TenantId,
    /// Who.
    pub user: UserId,
    /// SHA-256 of the part of its refresh tokens that stays: who shows it had a
    /// token of this session once.
    pub family: [u8; 32],
    /// SHA-256 of the refresh token that is good now; an older one is a copy
    /// that somebody kept.
    pub refresh: [u8; 32],
    /// When it began.
    pub created_at: Timestamp,
    /// When it was refreshed last.
    pub refreshed_at: Timestamp,
    /// From when on it cannot be refreshed.
    pub expires_at: Timestamp,
    /// It is good for choosing a password, and nothing else.
    pub must_change: bool,
    /// Where the person signed in.
    pub address: Option<String>,
    /// With what program.
    pub agent: Option<String>,
    /// When it was ended.
    pub revoked_at: Option<Timestamp>,
    /// Why, in a word: `logout`, `ban`, `reuse`, …
    pub revoked_for: Option<String>,
}

impl Session {
    /// Whether its tokens are good.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}

/// Sessions by id.
#[derive(Debug)]
pub struct Sessions;

impl Table for Sessions {
    const NAME: &'static str = "sessions";
    const TAG: u16 = 0x0801;
    const VERSION: u8 = 1;
    type Key = SessionId;
    type Row = Session;
    const INDEXES: &'static [IndexDef<Self>] =
        &[IndexDef::of::<SessionsByUser>(), IndexDef::of::<SessionsByExpiry>()];
}

/// The sessions of a user that nobody has ended, the oldest first.
#[derive(Debug)]
pub struct SessionsByUser;

impl Lookup for SessionsByUser {
    type Table = Sessions;
    const NAME: &'static str = "sessions by user";
    const TAG: u16 = 0x0802;
    const UNIQUE: bool = false;
    type Key = UserId;

    fn key(_: &SessionId, session: &Session) -> Option<UserId> {
        session.revoked_at.is_none().then_some(session.user)
    }
}

/// All sessions, in the order in which they are forgotten.
#[derive(Debug)]
pub struct SessionsByExpiry;

impl Lookup for SessionsByExpiry {
    type Table = Sessions;
    const NAME: &'static str = "sessions by expiry";
    const TAG: u16 = 0x0803;
    const UNIQUE: bool = false;
    type Key = Timestamp;

    fn key(_: &SessionId, session: &Session) -> Option<Timestamp> {
        Some(session.expires_at)
    }
}

/// What a user signs in with.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Credential {
    /// The hash of the password in PHC or bcrypt form; `None`: there is none yet.
    pub password: Option<String>,
    /// Whoever signs in may do nothing but choose a password.
    pub must_change: bool,
    /// When the password was set.
    pub set_at: Option<Timestamp>,
    /// An invitation to set one, if one is open.
    pub invite: Option<Invite>,
    /// Whether the number of the person's identity card stands for a password
    /// that was never set.
    pub id_number: IdNumberLogin,
}

/// Whether somebody without a password may sign in with the number of the
/// identity card, to choose one and for nothing else.
///
/// ```text
/// Never      Once ──sign in──→ Spent ──choose a password──→ Never
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IdNumberLogin {
    /// No.
    #[default]
    Never,
    /// Once.
    Once,
    /// It was done; the number confirms the choice of the password, no more.
    Spent,
}

/// A link that sets a password once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invite {
    /// SHA-256 of its text.
    pub hash: [u8; 32],
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is refused.
    pub expires_at: Timestamp,
}

/// Credentials by user; a user who cannot sign in has none.
#[derive(Debug)]
pub struct Credentials;

impl Table for Credentials {
    const NAME: &'static str = "credentials";
    const TAG: u16 = 0x0804;
    const VERSION: u8 = 1;
    type Key = UserId;
    type Row = Credential;
    const INDEXES: &'static [IndexDef<Self>] =
        &[IndexDef::of::<CredentialsByInvite>(), IndexDef::of::<InvitationsByExpiry>()];
}

/// The user of an open invitation.
#[derive(Debug)]
pub struct CredentialsByInvite;

impl Lookup for CredentialsByInvite {
    type Table = Credentials;
    const NAME: &'static str = "credentials by invite";
    const TAG: u16 = 0x0805;
    const UNIQUE: bool = true;
    type Key = [u8; 32];

    fn key(_: &UserId, credential: &Credential) -> Option<[u8; 32]> {
        credential.invite.as_ref().map(|invite| invite.hash)
    }
}

/// The users with an open invitation, by when it will be refused.
#[derive(Debug)]
pub struct InvitationsByExpiry;

impl Lookup for InvitationsByExpiry {
    type Table = Credentials;
    const NAME: &'static str = "invitations by expiry";
    const TAG: u16 = 0x0806;
    const UNIQUE: bool = false;
    type Key = Timestamp;

    fn key(_: &UserId, credential: &Credential) -> Option<Timestamp> {
        credential.invite.as_ref().map(|invite| invite.expires_at)
    }
}
