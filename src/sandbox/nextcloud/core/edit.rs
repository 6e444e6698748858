//! Changing one value of an account, as HTTP does: with checks that `occ` lacks.

use super::account::Account;
use super::create::speaks;
use super::policy::{self, Weak};
use super::quota::{self, Given};

/// The longest name that may be shown, in characters.
const LONGEST_NAME: usize = 64;

/// Why an edit is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EditFlaw {
    /// There is no such key.
    UnknownKey,
    /// The value will not do, in the server's words (which may be none).
    Value(String),
    /// The policy speaks.
    Password(String),
    /// The server stumbles.
    Stumbled,
}

impl EditFlaw {
    fn words(text: impl Into<String>) -> Self {
        Self::Value(text.into())
    }
}

pub(crate) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '@';
    !local.is_empty()
        && domain.len() > 2
        && domain.contains('.')
        && text.replace('@', "").chars().all(plain)
}

/// Sets one value.
pub(crate) fn edit(user: &mut Account, key: &str, value: &str) -> Result<(), EditFlaw> {
    match key {
        "quota" => match quota::given(value) {
            Given::Stored(stored) => user.set("files", "quota", &stored),
            Given::Refused => return Err(EditFlaw::words(format!("Invalid quota value: {value}"))),
            Given::Stumbles => return Err(EditFlaw::Stumbled),
        },
        "email" if value.is_empty() => user.unset("settings", "email"),
        "email" if !is_email(value) => return Err(EditFlaw::words("")),
        "displayname" | "display" if value.chars().count() > LONGEST_NAME => {
            return Err(EditFlaw::words("Invalid displayname"));
        }
        "displayname" | "display" => user.set("settings", "display_name", value),
        "language" if !speaks(value) => return Err(EditFlaw::words("Invalid language")),
        "language" => user.set("core", "lang", value),
        "locale" | "timezone" => user.set("core", key, value),
        "phone" if !value.is_empty() && !value.starts_with('+') => {
            return Err(EditFlaw::words("Invalid phone"));
        }
        "email" | "phone" | "manager" => user.set("settings", key, value),
        "password" => {
            policy::check(value).map_err(|weak| match weak {
                Weak::TooLong => EditFlaw::words("Invalid password value"),
                Weak::Policy(words) => EditFlaw::Password(words),
            })?;
            value.clone_into(&mut user.password);
        }
        _ => return Err(EditFlaw::UnknownKey),
    }
    Ok(())
}
