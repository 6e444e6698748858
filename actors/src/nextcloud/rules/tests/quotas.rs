//! Quotas: what is taken, how it is told, how what is shown is compared.

#![expect(clippy::cast_precision_loss, reason = "the server rounds, too")]

use proptest::prelude::*;

use super::super::{Quota, SeenQuota};

const GB: u64 = 1024 * 1024 * 1024;

#[test]
fn plain_texts_are_taken() {
    for (text, bytes, told) in [
        ("5 GB", 5 * GB, "5 GB"),
        ("10GB", 10 * GB, "10 GB"),
        ("1.5 gb", GB + GB / 2, "1536 MB"),
        ("200 GB", 200 * GB, "200 GB"),
        ("500 MB", 500 * 1024 * 1024, "500 MB"),
        ("1 TB", 1024 * GB, "1 TB"),
        ("1024 MB", GB, "1 GB"),
    ] {
        let quota = Quota::parse(text).unwrap();
        assert_eq!((quota, quota.text().as_str()), (Quota::Limit(bytes), told), "{text}");
    }
    assert_eq!(Quota::parse("none"), Ok(Quota::Unlimited));
}

#[test]
fn what_nextcloud_would_misread_is_refused() {
    for text in [
        "5 GiB",
        "1,5 GB",
        "banana",
        "",
        "-1",
        "0 GB",
        "0.0001 MB",
        "5",
        "5 B",
        "1.2345 GB",
        "GB",
        "5 GB x",
    ] {
        assert!(Quota::parse(text).is_err(), "{text}");
    }
}

#[test]
fn what_is_shown_is_read() {
    for (text, seen) in [
        ("5 GB", SeenQuota::Bytes(5 * GB)),
        ("none", SeenQuota::Unlimited),
        ("default", SeenQuota::Unlimited),
        ("5 B", SeenQuota::Bytes(5)),
        ("5", SeenQuota::Bytes(5)),
        ("banana", SeenQuota::Unreadable),
        ("5 GiB", SeenQuota::Unreadable),
    ] {
        assert_eq!(SeenQuota::of_text(text), seen, "{text}");
    }
    assert_eq!(SeenQuota::of_number(-3.0), SeenQuota::Unlimited);
    assert_eq!(SeenQuota::of_number(1.000_000_000_337_6e22), SeenQuota::Bytes(u64::MAX));
    assert_eq!(SeenQuota::of_number(f64::NAN), SeenQuota::Unreadable);
}

#[test]
fn five_bytes_are_not_five_gigabytes() {
    let wanted = Quota::parse("5 GB").unwrap();
    assert!(wanted.is_shown_as(SeenQuota::Bytes(5 * GB)));
    for wrong in
        [SeenQuota::Bytes(5), SeenQuota::Unlimited, SeenQuota::Unreadable, SeenQuota::Bytes(6 * GB)]
    {
        assert!(!wanted.is_shown_as(wrong), "{wrong:?}");
    }
    assert!(Quota::Unlimited.is_shown_as(SeenQuota::Unlimited));
}

proptest! {
    #[test]
    fn a_quota_is_told_as_it_is_read(megabytes in 1_u64..10_000_000) {
        let quota = Quota::Limit(megabytes * 1024 * 1024);
        prop_assert_eq!(Quota::parse(&quota.text()), Ok(quota));
    }

    /// The server keeps one decimal of the largest unit that fits.
    #[test]
    fn what_a_server_rounded_is_the_same(megabytes in 1_u64..10_000_000) {
        let bytes = megabytes * 1024 * 1024;
        let unit = [1024 * GB, GB, 1024 * 1024].into_iter().find(|unit| bytes >= *unit).unwrap();
        let tenths = (bytes as f64 * 10.0 / unit as f64).round();
        let shown = (tenths * unit as f64 / 10.0).floor();
        prop_assert!(Quota::Limit(bytes).is_shown_as(SeenQuota::of_number(shown)));
    }
}
