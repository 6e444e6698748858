//! Who calls, and what they may.
//!
//! Every route names its [`Need`]; this is the one table of what each need asks
//! of each role. An opaque token is 256 random bits that only its bearer knows: the
//! store holds its SHA-256. Anything else is taken for a person's access token.
//! Nothing here caches: a token revoked now, a person banned now, is refused by the
//! next request.

use std::fmt::Write as _;

use async_trait::async_trait;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;
use warp::http::header::{self, HeaderMap, HeaderName};
use zelador_actors::Error;
use zelador_actors::identity::Person;
use zelador_store::Timestamp;
use zelador_store::id::{TenantId, TokenId, UserId};
use zelador_store::token::{Role, Token};

/// The other header that carries a token.
pub const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// What every token begins with, so that one left in a file can be recognised.
pub const TOKEN_PREFIX: &str = "zld_";

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// Nobody we know; only [`Need::Open`] routes see this.
    Anyone,
    /// May do everything.
    Operator {
        /// With which token.
        token: TokenId,
    },
    /// May do what its scopes say.
    Service {
        /// With which token.
        token: TokenId,
        /// Such as `folders:write`, `bookings:*` or `*`.
        scopes: Vec<String>,
        /// The one tenant it is good for; `None`: all.
        tenant: Option<TenantId>,
    },
    /// Somebody of a tenant, signed in.
    Person(Person),
}

impl Who {
    /// Whether records of this tenant exist for the caller; if not, they are
    /// absent (404), never forbidden.
    pub fn sees(&self, tenant: TenantId) -> bool {
        match self {
            Self::Anyone => false,
            Self::Operator { .. } => true,
            Self::Service { tenant: bound, .. } => bound.is_none_or(|bound| bound == tenant),
            Self::Person(person) => person.tenant == tenant,
        }
    }

    /// The one tenant the caller is bound to.
    pub fn tenant(&self) -> Option<TenantId> {
        match self {
            Self::Service { tenant, .. } => *tenant,
            Self::Person(person) => Some(person.tenant),
            Self::Anyone | Self::Operator { .. } => None,
        }
    }

    /// What tells callers apart, whatever the tokens they show: the opaque token,
    /// or the person.
    pub fn bearer(&self) -> Option<Uuid> {
        match self {
            Self::Anyone => None,
            Self::Operator { token } | Self::Service { token, .. } => Some(token.uuid()),
            Self::Person(person) => Some(person.user.uuid()),
        }
    }

    /// The user who calls, if it is one.
    pub fn user(&self) -> Option<UserId> {
        match self {
            Self::Person(person) => Some(person.user),
            _ => None,
        }
    }

    /// Whether the caller is the operator.
    pub fn is_operator(&self) -> bool {
        matches!(self, Self::Operator { .. })
    }

    /// Whether the caller's role covers `scope`, such as `folders:write`.
    pub fn may(&self, scope: &str) -> bool {
        match self {
            Self::Anyone => false,
            Self::Operator { .. } => true,
            Self::Service { scopes, .. } => scopes.iter().any(|held| covers(held, scope)),
            Self::Person(person) => person.admin || permits(person, scope),
        }
    }
}

/// The scopes that a plain user's permissions are worth, beside what everybody
/// may do with what is their own.
fn permits(person: &Person, scope: &str) -> bool {
    match scope.split_once(':') {
        Some(("users", _)) => person.permissions.can_manage_users,
        Some(("bookings", "read")) => {
            person.permissions.can_view_all_bookings || person.permissions.can_manage_bookings
        }
        Some(("bookings", _)) => person.permissions.can_manage_bookings,
        Some(("resources", _)) => person.permissions.can_manage_resources,
        _ => false,
    }
}

/// Whether a held scope covers an asked one.
fn covers(held: &str, asked: &str) -> bool {
    held == "*"
        || held == asked
        || held
            .strip_suffix(":*")
            .is_some_and(|noun| asked.split_once(':').is_some_and(|(asked, _)| asked == noun))
}

/// What a route asks of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nothing.
    Open,
    /// To be on this machine, or the operator.
    Local,
    /// The operator.
    Operator,
    /// This scope; handlers then hide other tenants' records ([`Who::sees`]).
    Scope(&'static str),
    /// This scope, of a token that is not bound to one tenant.
    Global(&'static str),
    /// This scope, or to be the person whom the record is about; handlers then
    /// tell the two apart ([`Call::permit`](super::call::Call::permit)).
    Own(&'static str),
    /// This scope, or to be a person of any tenant: what everybody of a tenant may
    /// see of it. Handlers hide other tenants' records ([`Who::sees`]).
    Member(&'static str),
    /// To be a person who has signed in.
    SignedIn,
}

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Go on.
    Granted,
    /// Say who you are (401).
    Unknown,
    /// This role never can (403).
    Never,
    /// First a password is to be chosen (403).
    PasswordFirst,
}

impl Need {
    /// The one authorisation table. `local`: the caller is on this machine.
    pub fn verdict(self, who: &Who, local: bool) -> Verdict {
        let granted = match self {
            Self::Open => true,
            Self::Local => local || who.is_operator(),
            Self::Operator => who.is_operator(),
            Self::Scope(scope) => who.may(scope),
            Self::Global(scope) => who.may(scope) && who.tenant().is_none(),
            Self::Own(scope) | Self::Member(scope) => who.may(scope) || who.user().is_some(),
            Self::SignedIn => who.user().is_some(),
        };
        let free = matches!(self, Self::Open | Self::Local | Self::SignedIn);
        match (granted, who) {
            (true, Who::Person(person)) if person.must_change && !free => Verdict::PasswordFirst,
            (true, _) => Verdict::Granted,
            (false, Who::Anyone) => Verdict::Unknown,
            (false, _) => Verdict::Never,
        }
    }
}

/// Where opaque tokens are found.
#[async_trait]
pub trait TokenSource: Send + Sync {
    /// The token with this SHA-256, as the disk has it at this moment.
    async fn find(&self, hash: [u8; 32]) -> Result<Option<(TokenId, Token)>, Error>;
}

/// Where people are recognised.
#[async_trait]
pub trait PersonSource: Send + Sync {
    /// Who shows this access token, as the disk has it at this moment.
    async fn recognise(&self, token: &str, now: Timestamp) -> Result<Option<Person>, Error>;
}

/// What the headers hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presented {
    /// No token.
    Nothing,
    /// This text.
    Token(String),
    /// Something that cannot be one: another scheme, or two tokens that differ.
    Unusable,
}

/// The token in the headers: `Authorization: Bearer` or `X-API-Key`.
pub fn presented(headers: &HeaderMap) -> Presented {
    let bearer = headers.get(header::AUTHORIZATION).map(|value| {
        let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    let key = headers.get(API_KEY).map(|value| value.to_str().ok().map(str::trim));
    match (bearer, key) {
        (None, None) => Presented::Nothing,
        (Some(Some(token)), None) | (None, Some(Some(token))) => Presented::Token(token.to_owned()),
        (Some(Some(one)), Some(Some(other))) if one == other => Presented::Token(one.to_owned()),
        _ => Presented::Unusable,
    }
}

/// SHA-256 of a token's text: what the store knows of it.
pub fn hash_of(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// The text of a new token from 256 random bits.
pub fn mint(random: [u8; 32]) -> String {
    let mut text = TOKEN_PREFIX.to_owned();
    for byte in random {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Who a found token makes its bearer; `None` if it is not good (any more).
pub fn admit(id: TokenId, token: Token, hash: [u8; 32], now: Timestamp) -> Option<Who> {
    let good = bool::from(token.hash.ct_eq(&hash))
        && token.revoked_at.is_none()
        && token.expires_at.is_none_or(|at| now < at);
    let who = match token.role {
        Role::Operator => Who::Operator { token: id },
        Role::Service => Who::Service { token: id, scopes: token.scopes, tenant: token.tenant },
    };
    good.then_some(who)
}
