//! What becomes of sessions and passwords once somebody is in.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use sha2::{Digest, Sha256};
use zelador_store::author::Author;
use zelador_store::id::{TenantId, UserId};
use zelador_store::session::{
    Credential, Credentials, CredentialsByInvite, IdNumberLogin, Invite, Session, Sessions,
};
use zelador_store::user::Users;
use zelador_store::{Stored, Timestamp, Write};

use super::desk::{From, IdentityDesk, Person};
use super::login::ended;
use super::number;
use super::passwords::{self, Verdict};
use crate::engine::Tries;
use crate::engine::audit::{Deed, note};
use crate::engine::notifications::Inviter;
use crate::error::{During, Error, Refusal};

/// What every invitation begins with.
const INVITE_PREFIX: &str = "zli_";

/// An invitation that was just made.
#[derive(Debug, Clone)]
pub struct Invited {
    /// Its text, which is never shown again.
    pub token: String,
    /// From when on it is refused.
    pub expires_at: Timestamp,
}

impl IdentityDesk {
    /// The hash of a password that somebody else chose for a user.
    pub async fn hash(&self, field: &str, password: SecretString) -> Result<String, Error> {
        passwords::check(field, &password)?;
        self.0.passwords.hash(password, self.0.shell.dice.salt()).await
    }

    /// Ends the session of a person.
    pub async fn logout(&self, person: &Person, by: &Author) -> Result<(), Error> {
        let mut tries = Tries::of("ending a session");
        loop {
            let store = &self.0.shell.store;
            let found = store.get::<Sessions>(&person.session).await.during("reading a session")?;
            let Some(found) = found.filter(|found| found.row.revoked_at.is_none()) else {
                return Ok(());
            };
            let mut write = Write::new();
            write.update::<Sessions>(&found, &ended(&found.row, "logout", self.0.shell.now()));
            self.note(&mut write, by, "user.logout", person.tenant, person.user);
            match store.commit(write).await {
                Ok(_) => return Ok(()),
                Err(error) => tries.again(error)?,
            }
        }
    }

    /// Gives a person another password; every other session ends.
    pub async fn change_password(
        &self,
        person: &Person,
        current: SecretString,
        new: SecretString,
        (from, by): (&From, &Author),
    ) -> Result<(), Error> {
        passwords::check("new_password", &new)?;
        self.0.limits().count(Some(&person.user.to_string()), from.address)?;
        let credential = self.credential(person.user).await?;
        let hash = credential.as_ref().and_then(|found| found.row.password.clone());
        let verdict = self.0.passwords.verify(current.clone(), hash).await?;
        let user = self.0.shell.store.get::<Users>(&person.user).await.during("reading a user")?;
        let right = |found: &Stored<Credentials>| {
            let spent = |user: &Stored<Users>| {
                number::opens(&found.row, IdNumberLogin::Spent, &user.row, &current)
            };
            verdict != Verdict::Wrong || user.as_ref().is_some_and(spent)
        };
        let Some(credential) = credential.filter(right) else {
            return Err(Refusal::field("current_password", "wrong_password").into());
        };
        // Whoever came in with the number must not go on with it.
        let number = credential.row.id_number != IdNumberLogin::Never
            && user.as_ref().is_some_and(|user| number::is_of(&user.row, &new));
        if number || current.expose_secret() == new.expose_secret() {
            return Err(Refusal::field("new_password", "same_password").into());
        }
        let hash = self.0.passwords.hash(new, self.0.shell.dice.salt()).await?;
        let mut tries = Tries::of("changing a password");
        loop {
            let mut write = Write::new();
            write.update::<Credentials>(&credential, &chosen(hash.clone(), self.0.shell.now()));
            self.note(&mut write, by, "user.set_password", person.tenant, person.user);
            for session in self.open_sessions(person.user).await? {
                let row = if session.key == person.session {
                    Session { must_change: false, ..session.row.clone() }
                } else {
                    ended(&session.row, "password", self.0.shell.now())
                };
                if row != session.row {
                    write.update::<Sessions>(&session, &row);
                }
            }
            match self.0.shell.store.commit(write).await {
                Ok(_) => {
                    tracing::info!(user = %person.user, "password changed");
                    return Ok(());
                }
                Err(error) => {
                    let now = self.credential(person.user).await?.map(|found| found.row);
                    if now.as_ref() != Some(&credential.row) {
                        return Err(Refusal::field("current_password", "wrong_password").into());
                    }
                    tries.again(error)?;
                }
            }
        }
    }

    /// The sessions of a user that are good, the newest first.
    pub async fn sessions(&self, user: UserId) -> Result<Vec<Stored<Sessions>>, Error> {
        let now = self.0.shell.now();
        let mut open = self.open_sessions(user).await?;
        open.retain(|session| session.row.is_live(now));
        open.reverse();
        Ok(open)
    }

    /// Ends all sessions of a user; answers how many there were.
    pub async fn revoke_all(
        &self,
        tenant: TenantId,
        user: UserId,
        by: &Author,
    ) -> Result<usize, Error> {
        let mut tries = Tries::of("ending sessions");
        loop {
            let open = self.open_sessions(user).await?;
            let mut write = Write::new();
            for session in &open {
                let row = ended(&session.row, "revoked", self.0.shell.now());
                write.update::<Sessions>(session, &row);
            }
            if write.is_empty() {
                return Ok(0);
            }
            let deed = Deed::new("user.revoke_sessions", user).of(tenant).about(user);
            let deed = deed.with(&json!({ "sessions": open.len() }));
            note(&self.0.shell, &mut write, by, deed);
            match self.0.shell.store.commit(write).await {
                Ok(_) => {
                    tracing::info!(%user, sessions = open.len(), "sessions ended");
                    return Ok(open.len());
                }
                Err(error) => tries.again(error)?,
            }
        }
    }

    /// Invites a user to choose a password; an invitation that is open is
    /// replaced. The user must be there.
    pub async fn invite(&self, user: &Stored<Users>, by: &Author) -> Result<Invited, Error> {
        let text = format!("{INVITE_PREFIX}{}", hex::encode(self.0.shell.dice.secret()));
        let mut tries = Tries::of("inviting a user");
        loop {
            let now = self.0.shell.now();
            let lasts = Duration::from_secs(u64::from(self.0.settings().invite_hours) * 3600);
            let invite = Invite { hash: digest(&text), created_at: now, expires_at: now + lasts };
            let expires_at = invite.expires_at;
            let mut write = Write::new();
            write.expect(user);
            self.note(&mut write, by, "user.invite", user.row.tenant, user.key);
            match self.credential(user.key).await? {
                Some(found) => write.update::<Credentials>(
                    &found,
                    &Credential { invite: Some(invite), ..found.row.clone() },
                ),
                None => write.insert::<Credentials>(
                    &user.key,
                    &Credential { invite: Some(invite), ..Credential::default() },
                ),
            };
            match self.0.shell.store.commit(write).await {
                Ok(_) => {
                    tracing::info!(user = %user.key, "user invited");
                    return Ok(Invited { token: text, expires_at });
                }
                Err(error) => tries.again(error)?,
            }
        }
    }

    /// Has a user sent an invitation, which replaces one that is open; answers until
    /// when it is good. The user must be there.
    pub async fn send_invitation(
        &self,
        user: &Stored<Users>,
        inviter: &Inviter,
        by: &Author,
    ) -> Result<Timestamp, Error> {
        let mut tries = Tries::of("inviting a user");
        loop {
            let mut write = Write::new();
            write.expect(user);
            self.note(&mut write, by, "user.invite", user.row.tenant, user.key);
            let found = self.credential(user.key).await?;
            let of = (user.key, user.row.tenant);
            let until = inviter.stage(&self.0.shell, &mut write, of, found.as_ref(), by);
            match self.0.shell.store.commit(write).await {
                Ok(_) => {
                    tracing::info!(user = %user.key, "invitation is sent");
                    return Ok(until);
                }
                Err(error) => tries.again(error)?,
            }
        }
    }

    /// Whom an invitation that is good is for; nothing is done with it. One that is no
    /// good counts as an attempt.
    pub async fn invited(
        &self,
        token: &SecretString,
        from: &From,
    ) -> Result<Option<Stored<Users>>, Error> {
        let (hash, doing) = (digest(token.expose_secret()), "looking for an invitation");
        let store = &self.0.shell.store;
        let found = store.find::<CredentialsByInvite>(&hash).await.during(doing)?;
        let now = self.0.shell.now();
        let good = |invite: &Invite| now < invite.expires_at;
        let found = found.filter(|found| found.row.invite.as_ref().is_some_and(good));
        let user = match found {
            Some(found) => store.get::<Users>(&found.key).await.during(doing)?,
            None => None,
        };
        let user = user.filter(|user| user.row.is_live());
        if user.is_none() {
            self.0.limits().count(None, from.address)?;
        }
        Ok(user)
    }

    /// Accepts an invitation: the password is set, once. Sessions of an earlier
    /// password end.
    pub async fn accept(
        &self,
        token: &SecretString,
        new: SecretString,
        (from, by): (&From, &Author),
    ) -> Result<(), Error> {
        self.0.limits().count(None, from.address)?;
        passwords::check("new_password", &new)?;
        let refused = || Error::from(Refusal::Unknown { code: "bad_invite" });
        let hash = digest(token.expose_secret());
        let store = &self.0.shell.store;
        let doing = "looking for an invitation";
        // Before the work of hashing, which nobody shall have for nothing.
        store.find::<CredentialsByInvite>(&hash).await.during(doing)?.ok_or_else(refused)?;
        let password = self.0.passwords.hash(new, self.0.shell.dice.salt()).await?;
        let mut tries = Tries::of("accepting an invitation");
        loop {
            let now = self.0.shell.now();
            let found = store.find::<CredentialsByInvite>(&hash).await.during(doing)?;
            let found = found.ok_or_else(refused)?;
            let good = found.row.invite.as_ref().is_some_and(|invite| now < invite.expires_at);
            let user = store.get::<Users>(&found.key).await.during(doing)?;
            let Some(user) = user.filter(|user| good && user.row.is_live()) else {
                return Err(refused());
            };
            let mut write = Write::new();
            write.expect(&user);
            write.update::<Credentials>(&found, &chosen(password.clone(), now));
            // Whoever holds the invitation is the person.
            let by = Author { id: found.key.to_string(), ..by.clone() };
            self.note(&mut write, &by, "user.set_password", user.row.tenant, found.key);
            for session in self.open_sessions(found.key).await? {
                write.update::<Sessions>(&session, &ended(&session.row, "password", now));
            }
            match store.commit(write).await {
                Ok(_) => {
                    tracing::info!(user = %found.key, "invitation accepted");
                    return Ok(());
                }
                Err(error) => tries.again(error)?,
            }
        }
    }
}

impl IdentityDesk {
    /// What the audit says of a change of somebody's access: never what it is.
    fn note(
        &self,
        write: &mut Write,
        by: &Author,
        action: &'static str,
        tenant: TenantId,
        user: UserId,
    ) {
        note(&self.0.shell, write, by, Deed::new(action, user).of(tenant).about(user));
    }
}

/// The credential of somebody who has chosen a password.
fn chosen(hash: String, now: Timestamp) -> Credential {
    let password = Some(hash);
    Credential { password, set_at: Some(now), ..Credential::default() }
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}
