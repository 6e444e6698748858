//! Access tokens: JSON Web Tokens (RFC 7519) signed with a shared key.
//!
//! Several keys can be good at a time: the first signs, all verify. Which one is
//! named by `kid`, so a key is rotated by putting a new one in front and taking
//! the old one away once its last token has expired.

use std::collections::HashSet;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zelador_store::Timestamp;
use zelador_store::id::{SessionId, TenantId, UserId};

use crate::error::Error;

/// How access tokens are signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum JwtAlgorithm {
    /// HMAC with SHA-256.
    HS256,
    /// HMAC with SHA-384.
    HS384,
    /// HMAC with SHA-512.
    #[default]
    HS512,
}

impl From<JwtAlgorithm> for Algorithm {
    fn from(algorithm: JwtAlgorithm) -> Self {
        match algorithm {
            JwtAlgorithm::HS256 => Self::HS256,
            JwtAlgorithm::HS384 => Self::HS384,
            JwtAlgorithm::HS512 => Self::HS512,
        }
    }
}

/// What an access token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Whose it is.
    pub sub: UserId,
    /// Whose user.
    pub tenant_id: TenantId,
    /// Which session it belongs to.
    pub sid: SessionId,
    /// `user` or `admin`, for those who read the token; the record decides.
    pub user_type: String,
    /// When it was made, in seconds.
    pub iat: i64,
    /// From when on it is refused, in seconds.
    pub exp: i64,
}

struct Key {
    id: String,
    signs: EncodingKey,
    verifies: DecodingKey,
}

impl Key {
    fn new(secret: &str) -> Self {
        let bytes = secret.as_bytes();
        // Says which key it was and nothing about it.
        let mut id = hex::encode(Sha256::digest([b"zelador jwt ", bytes].concat()));
        id.truncate(16);
        Self {
            id,
            signs: EncodingKey::from_secret(bytes),
            verifies: DecodingKey::from_secret(bytes),
        }
    }
}

/// The keys that are good.
pub struct Keys {
    algorithm: JwtAlgorithm,
    current: Key,
    previous: Vec<Key>,
}

impl Keys {
    /// The first secret signs, the others still verify.
    pub fn new<'a>(
        algorithm: JwtAlgorithm,
        current: &str,
        previous: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let previous = previous.into_iter().map(Key::new).collect();
        Self { algorithm, current: Key::new(current), previous }
    }

    /// The token that says this.
    pub fn sign(&self, claims: &Claims) -> Result<String, Error> {
        let header =
            Header { kid: Some(self.current.id.clone()), ..Header::new(self.algorithm.into()) };
        jsonwebtoken::encode(&header, claims, &self.current.signs)
            .map_err(|error| Error::fault("signing a token", error))
    }

    /// What a token says, if one of our keys signed it and it has not expired.
    pub fn verify(&self, token: &str, now: Timestamp) -> Option<Claims> {
        let kid = jsonwebtoken::decode_header(token).ok()?.kid?;
        let key = std::iter::once(&self.current).chain(&self.previous).find(|key| key.id == kid)?;
        let mut validation = Validation::new(self.algorithm.into());
        // Every algorithm of the family: the one in force may have changed.
        validation.algorithms = vec![Algorithm::HS256, Algorithm::HS384, Algorithm::HS512];
        // Time is ours to tell.
        validation.validate_exp = false;
        validation.required_spec_claims = HashSet::new();
        let claims = jsonwebtoken::decode::<Claims>(token, &key.verifies, &validation).ok()?.claims;
        (now < Timestamp::from_seconds(claims.exp)).then_some(claims)
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("current", &self.current.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "the first key, which is long enough to be one";
    const TWO: &str = "the second key, which is long enough as well";

    fn claims() -> Claims {
        let at = Timestamp::from_seconds(1_000);
        Claims {
            sub: UserId::new(at, [1; 10]),
            tenant_id: TenantId::new(at, [2; 10]),
            sid: SessionId::new(at, [3; 10]),
            user_type: "user".to_owned(),
            iat: 1_000,
            exp: 2_000,
        }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn a_token_is_good_until_it_expires() {
        let keys = Keys::new(JwtAlgorithm::HS512, ONE, []);
        let token = keys.sign(&claims()).unwrap();
        assert_eq!(keys.verify(&token, at(1_999)), Some(claims()));
        assert_eq!(keys.verify(&token, at(2_000)), None);
        let header = jsonwebtoken::decode_header(&token).unwrap();
        assert_eq!(header.alg, Algorithm::HS512);
    }

    #[test]
    fn a_rotated_key_is_good_as_long_as_it_is_listed() {
        let old = Keys::new(JwtAlgorithm::HS256, ONE, []).sign(&claims()).unwrap();
        let overlap = Keys::new(JwtAlgorithm::HS512, TWO, [ONE]);
        assert!(overlap.verify(&old, at(1_500)).is_some());
        let new = overlap.sign(&claims()).unwrap();
        let after = Keys::new(JwtAlgorithm::HS512, TWO, []);
        assert!(after.verify(&new, at(1_500)).is_some());
        assert!(after.verify(&old, at(1_500)).is_none());
    }

    #[test]
    fn what_we_did_not_sign_is_nothing() {
        let keys = Keys::new(JwtAlgorithm::HS512, ONE, []);
        let token = keys.sign(&claims()).unwrap();
        let (head, signature) = token.rsplit_once('.').unwrap();
        let other = Keys::new(JwtAlgorithm::HS512, TWO, []).sign(&claims()).unwrap();
        let unsigned = {
            // RFC 8725, 2.1: `alg: none` with a header of ours.
            let body = head.split('.').nth(1).unwrap();
            format!("eyJhbGciOiJub25lIn0.{body}.")
        };
        for wrong in
            [other, unsigned, head.to_owned(), format!("{head}.x{signature}"), String::new()]
        {
            assert_eq!(keys.verify(&wrong, at(1_500)), None, "{wrong}");
        }
    }
}
