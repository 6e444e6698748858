//! What a notification must show to be heard. Pure: the secret is compared by its
//! digest, in constant time.

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// What a notification says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    /// `X-Goog-Channel-ID`.
    pub channel: String,
    /// `X-Goog-Channel-Token`.
    pub token: String,
    /// `X-Goog-Resource-ID`.
    pub resource: String,
    /// `X-Goog-Resource-State`.
    pub state: String,
    /// `X-Goog-Message-Number`.
    pub number: Option<u64>,
}

/// What is known of a channel.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// SHA-256 of its token.
    pub token: &'a [u8; 32],
    /// Google's name of what is watched; `None`: the answer that told it is not in yet.
    pub resource: Option<&'a str>,
    /// The greatest number that came.
    pub number: u64,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// Something changed: look.
    Look,
    /// The channel is open; or this was heard before. Nothing to do.
    Nothing,
    /// It is not from who it says: 403.
    Forged,
}

/// Judges a notification of a channel that is known.
pub fn judge(known: Known<'_>, shown: &Shown) -> Heard {
    let digest: [u8; 32] = Sha256::digest(shown.token.as_bytes()).into();
    let token = bool::from(digest.ct_eq(known.token));
    let resource = known.resource.is_none_or(|resource| resource == shown.resource);
    if !token || !resource {
        return Heard::Forged;
    }
    match shown.number {
        _ if shown.state == "sync" => Heard::Nothing,
        Some(number) if number <= known.number => Heard::Nothing,
        _ => Heard::Look,
    }
}

/// The digest under which a channel's token is kept.
pub fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
