//! The desk of identity: people sign in, stay, and are recognised.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::watch;
use zelador_store::id::{SessionId, TenantId, UserId};
use zelador_store::session::Sessions;
use zelador_store::tenant::Tenants;
use zelador_store::user::{Permissions, Status, User, UserType, Users};
use zelador_store::{Stored, Timestamp};

use super::keys::{Claims, Keys};
use super::limits::Limits;
use super::passwords::Passwords;
use super::settings::IdentitySettings;
use crate::engine::Shell;
use crate::error::{During, Error};
use crate::users::rules::shown;

/// Somebody of a tenant, as the records say at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub user: UserId,
    /// Whose user.
    pub tenant: TenantId,
    /// Signed in how.
    pub session: SessionId,
    /// May everything within the tenant.
    pub admin: bool,
    /// What the person may do.
    pub permissions: Permissions,
    /// May do nothing but choose a password.
    pub must_change: bool,
}

/// Where somebody signs in from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct From {
    /// The address.
    pub address: IpAddr,
    /// The program, as it calls itself.
    pub agent: Option<String>,
}

/// What somebody who has signed in is given.
#[derive(Debug, Clone)]
pub struct Granted {
    /// The access token.
    pub access: String,
    /// The refresh token.
    pub refresh: String,
    /// How long the access token is good.
    pub lasts: Duration,
    /// It is good for choosing a password, and nothing else.
    pub must_change: bool,
}

/// Signs people in and recognises them; clones are the same desk.
#[derive(Clone)]
pub struct IdentityDesk(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) shell: Shell,
    pub(super) passwords: Passwords,
    keys: watch::Receiver<Arc<Keys>>,
    settings: watch::Receiver<Arc<IdentitySettings>>,
    limits: ArcSwap<Limits>,
}

impl IdentityDesk {
    /// A desk that hashes with `passwords`.
    pub fn new(
        shell: Shell,
        passwords: Passwords,
        keys: watch::Receiver<Arc<Keys>>,
        settings: watch::Receiver<Arc<IdentitySettings>>,
    ) -> Self {
        let limits = ArcSwap::from_pointee(Limits::new(&settings.borrow()));
        Self(Arc::new(Inner { shell, passwords, keys, settings, limits }))
    }

    /// Who shows this access token; `None` if it is nobody's, or not good any
    /// more. Nothing is remembered: a session that ended, or a person who is not
    /// active at this instant, is refused by the very next call.
    pub async fn recognise(&self, token: &str, now: Timestamp) -> Result<Option<Person>, Error> {
        let claims = self.0.keys.borrow().verify(token, now);
        let Some(claims) = claims else { return Ok(None) };
        let doing = "recognising a person";
        let session = self.0.shell.store.get::<Sessions>(&claims.sid).await.during(doing)?;
        let session = session
            .filter(|session| session.row.user == claims.sub && session.row.revoked_at.is_none());
        let Some(session) = session else { return Ok(None) };
        let Some((user, _)) = self.0.active(claims.sub, now).await? else { return Ok(None) };
        Ok(Some(Person {
            user: claims.sub,
            tenant: user.row.tenant,
            session: claims.sid,
            admin: user.row.user_type == UserType::Admin,
            permissions: shown::permissions(&user.row),
            must_change: session.row.must_change,
        }))
    }
}

impl Inner {
    pub(super) fn settings(&self) -> Arc<IdentitySettings> {
        self.settings.borrow().clone()
    }

    /// The limits in force; made anew, and so forgotten, when they change.
    pub(super) fn limits(&self) -> Arc<Limits> {
        let settings = self.settings();
        let limits = self.limits.load_full();
        if limits.are(&settings) {
            return limits;
        }
        let limits = Arc::new(Limits::new(&settings));
        self.limits.store(limits.clone());
        limits
    }

    /// A user who may use the service at this instant, and the tenant.
    pub(super) async fn active(
        &self,
        id: UserId,
        now: Timestamp,
    ) -> Result<Option<(Stored<Users>, Stored<Tenants>)>, Error> {
        let doing = "reading who signs in";
        let user = self.shell.store.get::<Users>(&id).await.during(doing)?;
        let Some(user) = user.filter(|user| is_active(&user.row, now)) else { return Ok(None) };
        let tenant = self.shell.store.get::<Tenants>(&user.row.tenant).await.during(doing)?;
        let tenant = tenant.filter(|tenant| tenant.row.is_live() && tenant.row.is_active);
        Ok(tenant.map(|tenant| (user, tenant)))
    }

    /// The access token of a session.
    pub(super) fn access(
        &self,
        session: SessionId,
        user: UserId,
        row: &User,
    ) -> Result<String, Error> {
        let now = self.shell.now().as_millis().div_euclid(1000);
        let lasts = i64::try_from(self.lasts().as_secs()).unwrap_or(i64::MAX);
        let user_type = match row.user_type {
            UserType::Admin => "admin",
            UserType::User => "user",
        };
        self.keys.borrow().sign(&Claims {
            sub: user,
            tenant_id: row.tenant,
            sid: session,
            user_type: user_type.to_owned(),
            iat: now,
            exp: now.saturating_add(lasts),
        })
    }

    /// How long an access token is good.
    pub(super) fn lasts(&self) -> Duration {
        Duration::from_secs(u64::from(self.settings().access_token_hours) * 3600)
    }
}

/// Whether a user may book at this instant, late jobs or not.
pub fn may_book(user: &User, now: Timestamp) -> bool {
    let may = user.user_type == UserType::Admin || user.permissions.can_book;
    may && is_active(user, now)
}

/// Whether a user may use the service at this instant, late jobs or not.
fn is_active(user: &User, now: Timestamp) -> bool {
    user.is_live() && shown::in_force(user, now).status == Status::Active
}
