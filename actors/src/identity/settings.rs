//! What the operator decides about signing in.

/// How people sign in; a part of `[auth]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentitySettings {
    /// Hours that an access token is good for.
    pub access_token_hours: u32,
    /// Days without a refresh after which a session ends.
    pub refresh_token_days: u32,
    /// Hours that an invitation can be accepted.
    pub invite_hours: u32,
    /// Attempts to sign in to one account, in a minute.
    pub account_per_minute: u32,
    /// Attempts to sign in from one address, in a minute.
    pub address_per_minute: u32,
}

impl Default for IdentitySettings {
    fn default() -> Self {
        Self {
            access_token_hours: 24,
            refresh_token_days: 30,
            invite_hours: 168,
            account_per_minute: 10,
            address_per_minute: 60,
        }
    }
}
