//! Signatures, against values that others computed.

use secrecy::{ExposeSecret as _, SecretString};

use crate::engine::webhooks::rules::{body, sign};

fn secret(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}

/// The example of the Standard Webhooks specification and its libraries.
#[test]
fn the_example_of_the_specification() {
    let key = secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    let body = r#"{"test": 2432232314}"#;
    let signed = sign::standard(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
    assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

/// HMAC-SHA-256 of the famous sentence under the key `key`.
#[test]
fn the_seeds_header_is_the_hex_of_the_mac() {
    let signed = sign::plain(&secret("key"), "The quick brown fox jumps over the lazy dog");
    assert_eq!(signed, "sha256=f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8");
}

#[test]
fn a_plain_secret_signs_with_its_own_bytes() {
    let plain = secret("meu-secret-opcional");
    // base64 of its bytes, which is what a verifier of the standard is given.
    let as_key = secret("whsec_bWV1LXNlY3JldC1vcGNpb25hbA==");
    let signed = |key| sign::standard(key, "id", 1, "{}");
    assert_eq!(signed(&plain), signed(&as_key));
    // The seed's header takes the text as it was given.
    assert_ne!(sign::plain(&plain, "{}"), sign::plain(&as_key, "{}"));
}

#[test]
fn secrets_are_long_enough_and_of_their_form() {
    let made = sign::secret_of([7; 32]);
    assert!(made.expose_secret().starts_with("whsec_"));
    assert!(sign::is_secret(made.expose_secret()));
    for good in ["meu-secret-opcional", "12345678", "pässwörter sind länger"] {
        assert!(sign::is_secret(good), "{good}");
    }
    let long = "x".repeat(257);
    for bad in ["", "1234567", "with\nbreak", "whsec_", "whsec_AAAA", "whsec_not base64!!!!", &long]
    {
        assert!(!sign::is_secret(bad), "{bad}");
    }
}

#[test]
fn the_body_is_the_event_and_its_payload_with_the_tenant() {
    let tenant = "0198c5a8-5f00-7000-8000-000000000000".parse().unwrap();
    let with = body::body("booking.created", tenant, r#"{"booking_id":"b","tenant_id":"t"}"#);
    assert_eq!(with, r#"{"event":"booking.created","data":{"booking_id":"b","tenant_id":"t"}}"#);
    let without = body::body("job.failed", tenant, r#"{"job_id":"j"}"#);
    assert_eq!(
        without,
        r#"{"event":"job.failed","data":{"job_id":"j","tenant_id":"0198c5a8-5f00-7000-8000-000000000000"}}"#
    );
}
