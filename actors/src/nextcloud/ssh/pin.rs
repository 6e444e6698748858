//! The host key that an instance must show.

use russh::keys::{HashAlg, PublicKey};

/// A pinned host key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostPin {
    /// The key itself.
    Key(Box<PublicKey>),
    /// Its fingerprint, `SHA256:…`, as `ssh-keygen -l` prints it.
    Fingerprint(String),
}

/// The text pins no host key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a host key is an OpenSSH line (`ssh-ed25519 AAAA…`), a line of known_hosts or a fingerprint (`SHA256:…`)"
)]
pub struct NotAHostKey;

impl HostPin {
    /// Reads an OpenSSH line, a line of `known_hosts` or a fingerprint.
    pub fn parse(text: &str) -> Result<Self, NotAHostKey> {
        let text = text.trim();
        if let Some(hash) = text.strip_prefix("SHA256:") {
            // 32 bytes in base64, without padding.
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '+' || c == '/';
            let right = hash.len() == 43 && hash.chars().all(plain);
            return if right { Ok(Self::Fingerprint(text.to_owned())) } else { Err(NotAHostKey) };
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        let is_kind = |word: &&&str| word.starts_with("ssh-") || word.starts_with("ecdsa-");
        let at = words.iter().take(2).position(|word| is_kind(&word)).ok_or(NotAHostKey)?;
        let line = words.iter().skip(at).take(2).copied().collect::<Vec<_>>().join(" ");
        let key = PublicKey::from_openssh(&line).map_err(|_| NotAHostKey)?;
        Ok(Self::Key(Box::new(key)))
    }

    /// Whether this is the key.
    pub fn is(&self, shown: &PublicKey) -> bool {
        match self {
            Self::Key(key) => key.key_data() == shown.key_data(),
            Self::Fingerprint(hash) => fingerprint(shown) == *hash,
        }
    }

    /// As people compare it.
    pub fn fingerprint(&self) -> String {
        match self {
            Self::Key(key) => fingerprint(key),
            Self::Fingerprint(hash) => hash.clone(),
        }
    }
}

/// A key's fingerprint.
pub(super) fn fingerprint(key: &PublicKey) -> String {
    key.fingerprint(HashAlg::Sha256).to_string()
}
