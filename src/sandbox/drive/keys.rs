//! The service account's key: made once in a process, for it takes a moment.

use std::sync::OnceLock;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::SERVICE_ACCOUNT;

/// The number of the key.
pub(super) const KEY_ID: &str = "5a4db0c5a4d05a4db0c5a4d05a4db0c5a4d05a4d";

struct Pair {
    /// PKCS#8.
    private: Vec<u8>,
    /// PKCS#1.
    public: Vec<u8>,
}

/// `None`: the system has no randomness.
fn pair() -> Option<&'static Pair> {
    static PAIR: OnceLock<Option<Pair>> = OnceLock::new();
    let make = || {
        let key = RsaKeyPair::generate(KeySize::Rsa2048).ok()?;
        let private = key.as_der().ok()?.as_ref().to_vec();
        Some(Pair { private, public: key.public_key().as_ref().to_vec() })
    };
    PAIR.get_or_init(make).as_ref()
}

/// The key file, as Google's console hands it out.
pub(super) fn key_file(url: &str) -> Value {
    let private = pair().map(|pair| STANDARD.encode(&pair.private)).unwrap_or_default();
    let lines: Vec<&str> =
        private.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    let pem =
        format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"));
    json!({
        "type": "service_account",
        "project_id": "sandbox",
        "private_key_id": KEY_ID,
        "private_key": pem,
        "client_email": SERVICE_ACCOUNT,
        "client_id": "100000000000000000001",
        "token_uri": format!("{url}/token"),
    })
}

/// Whether the service account signed this.
pub(super) fn signed(message: &[u8], signature: &[u8]) -> bool {
    pair().is_some_and(|pair| {
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &pair.public);
        public.verify(message, signature).is_ok()
    })
}
