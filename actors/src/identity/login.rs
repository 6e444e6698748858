//! Signing in, staying signed in, signing out.
//!
//! Whether an account exists is told by nothing: not by the answer, not by the
//! limit, and not by the time, for who has no password is checked against a
//! hash as well and every refusal waits out the same floor.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use tokio::time::Instant;
use zelador_store::author::Author;
use zelador_store::fold::fold_address;
use zelador_store::id::{SessionId, TenantId, UserId};
use zelador_store::kv::Term;
use zelador_store::session::{
    Credential, Credentials, IdNumberLogin, Session, Sessions, SessionsByUser,
};
use zelador_store::tenant::TenantsByDomain;
use zelador_store::user::{Users, UsersByAddress, UsersByEmail};
use zelador_store::{Query, Stored, Write};

use super::desk::{From, Granted, IdentityDesk};
use super::number;
use super::passwords::Verdict;
use super::refresh::{RefreshToken, Worth};
use crate::engine::Tries;
use crate::engine::audit::{Deed, note};
use crate::error::{During, Error, Refusal};

/// Sessions that a person can have at once; the oldest gives way.
pub(super) const SESSIONS: usize = 32;
/// A refused attempt is answered no sooner than this: longer than any hash that
/// is brought along takes, so that its time tells nothing.
const REFUSED_AFTER: Duration = Duration::from_millis(350);
/// Bytes of a program's name that are kept.
const AGENT: usize = 200;
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Which tenant somebody signs in to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whither {
    /// The only one that knows the address.
    Any,
    /// The one with this id.
    Tenant(TenantId),
    /// The one of this domain.
    Domain(String),
}

impl IdentityDesk {
    /// Signs somebody in.
    pub async fn login(
        &self,
        email: &str,
        password: SecretString,
        whither: Whither,
        caller: (&From, &Author),
    ) -> Result<Granted, Error> {
        let began = Instant::now();
        let outcome = match self.0.limits().count(Some(email), caller.0.address) {
            Ok(()) => self.try_login(email, password, whither, caller).await,
            Err(error) => Err(error),
        };
        count(&outcome);
        if let Err(Error::Refused(_)) = &outcome {
            tokio::time::sleep_until(began + REFUSED_AFTER).await;
        }
        outcome
    }

    async fn try_login(
        &self,
        email: &str,
        password: SecretString,
        whither: Whither,
        (from, by): (&From, &Author),
    ) -> Result<Granted, Error> {
        let found = self.whose(email, whither).await?;
        let credential = match found {
            Some(user) => self.credential(user).await?,
            None => None,
        };
        let hash = credential.as_ref().and_then(|stored| stored.row.password.clone());
        let verdict = self.0.passwords.verify(password.clone(), hash).await?;
        let (Some(user), Some(credential)) = (found, credential) else { return Err(unknown()) };
        let before = credential.row.clone();
        let replaced = match verdict {
            Verdict::Right => None,
            Verdict::RightButOld => {
                let hash = self.0.passwords.hash(password, self.0.shell.dice.salt()).await?;
                Some(Credential { password: Some(hash), ..before })
            }
            Verdict::Wrong if self.opens_by_number(user, &before, &password).await? => {
                Some(Credential { id_number: IdNumberLogin::Spent, must_change: true, ..before })
            }
            Verdict::Wrong => {
                tracing::info!(%user, address = %from.address, "a wrong password");
                return Err(unknown());
            }
        };
        self.begin(user, &credential, replaced, (from, by)).await
    }

    /// Whether somebody without a password shows the number of the identity card
    /// for the first time.
    async fn opens_by_number(
        &self,
        user: UserId,
        credential: &Credential,
        shown: &SecretString,
    ) -> Result<bool, Error> {
        let found = self.0.shell.store.get::<Users>(&user).await.during("reading a user")?;
        let once = IdNumberLogin::Once;
        Ok(found.is_some_and(|found| number::opens(credential, once, &found.row, shown)))
    }

    /// The user of an address; `None` if nobody is, or if it is not clear who.
    async fn whose(&self, email: &str, whither: Whither) -> Result<Option<UserId>, Error> {
        let (store, doing) = (&self.0.shell.store, "looking for who signs in");
        let address = Term::new(&fold_address(email));
        let tenant = match whither {
            Whither::Any => {
                let query = Query::under_key(&address).limit(2);
                let page = store.page_by::<UsersByAddress>(&query).await.during(doing)?;
                let [only] = page.rows.as_slice() else { return Ok(None) };
                return Ok(Some(only.key));
            }
            Whither::Tenant(id) => id,
            Whither::Domain(domain) => {
                let term = Term::new(&domain.to_lowercase());
                match store.find::<TenantsByDomain>(&term).await.during(doing)? {
                    Some(tenant) => tenant.key,
                    None => return Ok(None),
                }
            }
        };
        let found = store.find::<UsersByEmail>(&(tenant, address)).await.during(doing)?;
        Ok(found.map(|user| user.key))
    }

    pub(super) async fn credential(
        &self,
        user: UserId,
    ) -> Result<Option<Stored<Credentials>>, Error> {
        self.0.shell.store.get::<Credentials>(&user).await.during("reading a credential")
    }

    /// A new session, whose commit expects the user unchanged: nobody slips in
    /// beside a ban.
    async fn begin(
        &self,
        id: UserId,
        credential: &Stored<Credentials>,
        replaced: Option<Credential>,
        (from, by): (&From, &Author),
    ) -> Result<Granted, Error> {
        let shell = &self.0.shell;
        let mut tries = Tries::of("beginning a session");
        loop {
            let now = shell.now();
            let Some((user, _)) = self.0.active(id, now).await? else {
                return Err(Refusal::Forbidden { code: "account_not_active" }.into());
            };
            let session: SessionId = shell.id();
            let token = RefreshToken::first(session, shell.dice.secret());
            let (family, refresh) = token.hashes();
            let row = Session {
                tenant: user.row.tenant,
                user: id,
                family,
                refresh,
                created_at: now,
                refreshed_at: now,
                expires_at: now + DAY * self.0.settings().refresh_token_days,
                must_change: replaced.as_ref().unwrap_or(&credential.row).must_change,
                address: Some(from.address.to_string()),
                agent: from.agent.as_deref().map(shortened),
                revoked_at: None,
                revoked_for: None,
            };
            let mut write = Write::new();
            write.expect(&user);
            write.insert::<Sessions>(&session, &row);
            match &replaced {
                Some(replaced) => write.update::<Credentials>(credential, replaced),
                // The password that was checked is still the one.
                None => write.expect(credential),
            };
            self.make_room(id, &mut write).await?;
            self.note_login(&mut write, by, (id, session), &row);
            match shell.store.commit(write).await {
                Ok(_) => {
                    tracing::info!(user = %id, tenant_id = %row.tenant, session = %session, "signed in");
                    return self.granted(&token, session, &user, row.must_change);
                }
                Err(error) => {
                    let known = self.credential(id).await?;
                    if known.map(|known| known.row) != Some(credential.row.clone()) {
                        return Err(unknown());
                    }
                    tries.again(error)?;
                }
            }
        }
    }

    /// The entry of a session that begins; those of a session that goes on are
    /// none, its row tells.
    fn note_login(
        &self,
        write: &mut Write,
        by: &Author,
        (user, session): (UserId, SessionId),
        row: &Session,
    ) {
        // Whoever knows the password is the person.
        let by = Author { id: user.to_string(), ..by.clone() };
        let deed = Deed::new("user.login", user).of(row.tenant).about(user);
        let deed = deed.with(&json!({ "session_id": session, "agent": row.agent }));
        note(&self.0.shell, write, &by, deed);
    }

    /// Ends the oldest sessions of somebody who has too many.
    async fn make_room(&self, user: UserId, write: &mut Write) -> Result<(), Error> {
        let now = self.0.shell.now();
        let mut open = self.open_sessions(user).await?;
        open.sort_by_key(|session| session.row.refreshed_at);
        let beyond = (open.len() + 1).saturating_sub(SESSIONS);
        for session in open.iter().take(beyond) {
            write.update::<Sessions>(session, &ended(&session.row, "displaced", now));
        }
        Ok(())
    }

    fn granted(
        &self,
        token: &RefreshToken,
        session: SessionId,
        user: &Stored<Users>,
        must_change: bool,
    ) -> Result<Granted, Error> {
        let access = self.0.access(session, user.key, &user.row)?;
        Ok(Granted { access, refresh: token.text(), lasts: self.0.lasts(), must_change })
    }

    /// New tokens for those of a session. A refresh token that was used before
    /// ends its session.
    pub async fn refresh(&self, token: &SecretString, from: &From) -> Result<Granted, Error> {
        self.0.limits().count(None, from.address)?;
        let refused = || Error::from(Refusal::Unknown { code: "bad_refresh_token" });
        let shown = RefreshToken::parse(token.expose_secret()).ok_or_else(refused)?;
        let shell = &self.0.shell;
        let mut tries = Tries::of("refreshing a session");
        loop {
            let now = shell.now();
            let found = shell.store.get::<Sessions>(&shown.session).await;
            let found = found.during("reading a session")?.ok_or_else(refused)?;
            if !found.row.is_live(now) {
                return Err(refused());
            }
            let mut write = Write::new();
            let next = shown.next(shell.dice.secret());
            let worth = shown.worth(&found.row);
            let user = self.0.active(found.row.user, now).await?;
            match (worth, &user) {
                (Worth::Foreign, _) | (Worth::Current, None) => return Err(refused()),
                (Worth::Used, _) => {
                    write.update::<Sessions>(&found, &ended(&found.row, "reuse", now));
                }
                (Worth::Current, Some(_)) => {
                    let expires_at = now + DAY * self.0.settings().refresh_token_days;
                    let refresh = next.hashes().1;
                    let row =
                        Session { refresh, refreshed_at: now, expires_at, ..found.row.clone() };
                    write.update::<Sessions>(&found, &row);
                }
            }
            match (shell.store.commit(write).await, user) {
                (Ok(_), Some((user, _))) if worth == Worth::Current => {
                    return self.granted(&next, found.key, &user, found.row.must_change);
                }
                (Ok(_), _) => {
                    tracing::warn!(session = %found.key, user = %found.row.user,
                        address = %from.address, "a used refresh token was shown again");
                    return Err(refused());
                }
                (Err(error), _) => tries.again(error)?,
            }
        }
    }

    /// The sessions of a user that nobody has ended.
    pub(super) async fn open_sessions(&self, user: UserId) -> Result<Vec<Stored<Sessions>>, Error> {
        let query = Query::under_key(&user).limit(2 * SESSIONS);
        let page = self.0.shell.store.page_by::<SessionsByUser>(&query).await;
        Ok(page.during("listing sessions")?.rows)
    }
}

/// The session once it is over.
pub(crate) fn ended(session: &Session, why: &str, now: zelador_store::Timestamp) -> Session {
    Session { revoked_at: Some(now), revoked_for: Some(why.to_owned()), ..session.clone() }
}

/// Attempts to sign in, by what came of them: whoever guesses shows here.
fn count(outcome: &Result<Granted, Error>) {
    let outcome = match outcome {
        Ok(_) => "granted",
        Err(Error::Refused(_)) => "refused",
        Err(Error::TooMany { .. }) => "limited",
        Err(_) => "error",
    };
    metrics::counter!("zelador_sign_ins_total", "outcome" => outcome).increment(1);
}

fn unknown() -> Error {
    Refusal::Unknown { code: "bad_credentials" }.into()
}

fn shortened(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(AGENT).collect()
}
