//! Signing in with the number of the identity card: once, by somebody who was
//! brought along from elsewhere and has no password yet, to choose one.
//!
//! Nothing of the number is derived or kept for it: the record itself is compared.

use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use zelador_store::session::{Credential, IdNumberLogin};
use zelador_store::user::User;

use crate::id_number::{IdNumber, Letter};

/// Whether what was shown stands for the password that was never set.
pub(super) fn opens(
    credential: &Credential,
    state: IdNumberLogin,
    user: &User,
    shown: &SecretString,
) -> bool {
    credential.password.is_none() && credential.id_number == state && is_of(user, shown)
}

/// Whether a text is the person's own number, however it is written. A number
/// that cannot be read is nobody's.
pub(super) fn is_of(user: &User, shown: &SecretString) -> bool {
    let own = user.id_number.as_deref().and_then(IdNumber::parse);
    let (Some(own), Some(shown)) = (own, IdNumber::parse(shown.expose_secret())) else {
        return false;
    };
    let digits = bool::from(own.bare().as_bytes().ct_eq(shown.bare().as_bytes()));
    let plain = matches!(shown, IdNumber::Cedula { letter: None, .. });
    let readable = !matches!(own, IdNumber::Raw(_));
    readable && digits && (plain || own.meaning(Letter::V).is_same(&shown))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::users::UserDraft;

    fn user(number: &str) -> User {
        let draft = UserDraft { id_number: Some(number.into()), ..UserDraft::default() };
        let tenant = "01890000-0000-7000-8000-000000000002".parse().unwrap();
        let now = zelador_store::Timestamp::from_seconds(0);
        crate::users::rules::record::register(
            tenant,
            draft,
            zelador_store::user::Status::Active,
            now,
        )
    }

    #[track_caller]
    fn check(number: &str, shown: &str, expected: bool) {
        assert_eq!(is_of(&user(number), &shown.to_owned().into()), expected, "{number}: {shown}");
    }

    #[test]
    fn the_number_opens_however_it_is_written() {
        for shown in ["12345678", "V-12345678", "v 12.345.678", "V-12345678-1"] {
            check("V-12345678", shown, true);
        }
        check("E-84123456", "84123456", true);
        for shown in ["E-12345678", "12345679", "", "1234567", "J-00020200-1"] {
            check("V-12345678", shown, false);
        }
        check("SIN CEDULA", "SIN CEDULA", false);
        check("V-E-1", "V-E-1", false);
    }

    #[test]
    fn it_opens_in_its_state_alone_and_never_beside_a_password() {
        let shown = SecretString::from("12345678".to_owned());
        let user = user("V-12345678");
        let once = Credential { id_number: IdNumberLogin::Once, ..Credential::default() };
        assert!(opens(&once, IdNumberLogin::Once, &user, &shown));
        assert!(!opens(&once, IdNumberLogin::Spent, &user, &shown));
        assert!(!opens(&Credential::default(), IdNumberLogin::Once, &user, &shown));
        let with = Credential { password: Some("$argon2id$".into()), ..once };
        assert!(!opens(&with, IdNumberLogin::Once, &user, &shown));
    }
}
