//! Creating an account, which is many steps and no transaction.
//!
//! ```text
//! check ──▶ (others may be faster) ──▶ insert ──▶ listeners ──▶ name ─▶ quota ─▶ groups ─▶ email ─▶ language
//! ```
//! Whoever is cut off between two steps leaves an account with what it has by then.

use super::account::Account;
use super::cloud::Cloud;
use super::policy::{self, Weak};
use super::{names, quota};

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct NewUser {
    pub(crate) id: String,
    pub(crate) password: Option<String>,
    pub(crate) display_name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) quota: Option<String>,
    pub(crate) groups: Vec<String>,
    pub(crate) language: Option<String>,
}

/// Why nothing was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NotCreated {
    /// The id is taken, in whatever letters.
    Exists,
    /// The id breaks a rule.
    Name(&'static str),
    /// The password is refused.
    Password(Weak),
    /// Neither a password nor an address to send a link to.
    NoEmail,
    /// A group that does not exist.
    NoGroup(String),
    /// Somebody else was faster: a unique key was violated.
    Race,
}

/// What is done to an account that was just inserted, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    DisplayName,
    Quota,
    Groups,
    Email,
    Language,
}

impl Step {
    pub(crate) const ALL: [Self; 5] =
        [Self::DisplayName, Self::Quota, Self::Groups, Self::Email, Self::Language];
}

/// Why a step failed; the account stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StepFlaw {
    /// The quota means nothing.
    Quota(String),
    /// The server stumbled.
    Stumbled,
    /// The language is unknown.
    Language,
}

/// Languages that the server speaks; a few of them.
const LANGUAGES: [&str; 8] = ["en", "en_GB", "de", "de_DE", "es", "fr", "pt_BR", "pt_PT"];

pub(crate) fn speaks(language: &str) -> bool {
    LANGUAGES.contains(&language)
}

impl Cloud {
    /// Everything that is looked at before anything is written.
    pub(crate) fn check_new(&self, new: &NewUser) -> Result<(), NotCreated> {
        if self.user(&new.id).is_some() {
            return Err(NotCreated::Exists);
        }
        if let Some(group) = new.groups.iter().find(|group| !self.groups.contains(*group)) {
            return Err(NotCreated::NoGroup(group.clone()));
        }
        if new.password.is_none() && new.email.is_none() {
            return Err(NotCreated::NoEmail);
        }
        if let Some(rule) = names::broken_rule(&new.id, &self.folders) {
            return Err(NotCreated::Name(rule));
        }
        match &new.password {
            Some(password) => policy::check(password).map_err(NotCreated::Password),
            None => Ok(()),
        }
    }

    /// The row. Fails only against those who were faster.
    pub(crate) fn insert(&mut self, new: &NewUser) -> Result<(), NotCreated> {
        if self.user(&new.id).is_some() {
            return Err(NotCreated::Race);
        }
        let password = new.password.clone().unwrap_or_else(|| "set by link".to_owned());
        let account = Account::new(&new.id, &password);
        self.users.insert(new.id.to_lowercase(), account);
        Ok(())
    }

    /// One step; an account that is gone by now has nothing done to it.
    pub(crate) fn apply(&mut self, step: Step, new: &NewUser) -> Result<(), StepFlaw> {
        let Some(user) = self.user_mut(&new.id) else { return Ok(()) };
        match step {
            Step::DisplayName => {
                if let Some(name) = &new.display_name {
                    user.set("settings", "display_name", name);
                }
            }
            Step::Quota => {
                return new.quota.as_deref().map_or(Ok(()), |text| set_quota(user, text));
            }
            Step::Groups => user.groups.extend(new.groups.iter().cloned()),
            Step::Email => {
                if let Some(email) = &new.email {
                    user.set("settings", "email", email);
                    self.mails.push(email.clone());
                }
            }
            Step::Language => match &new.language {
                Some(language) if !speaks(language) => return Err(StepFlaw::Language),
                Some(language) => user.set("core", "lang", language),
                None => {}
            },
        }
        Ok(())
    }
}

fn set_quota(user: &mut Account, text: &str) -> Result<(), StepFlaw> {
    match quota::given(text) {
        quota::Given::Stored(stored) => user.set("files", "quota", &stored),
        quota::Given::Refused => return Err(StepFlaw::Quota(text.to_owned())),
        quota::Given::Stumbles => return Err(StepFlaw::Stumbled),
    }
    Ok(())
}
