//! A corpus of URLs: where a webhook may point.

use std::net::IpAddr;

use super::settings;
use crate::engine::webhooks::guard::ranges::is_public;
use crate::engine::webhooks::rules::{filter, url};

/// Permitted everywhere.
const GOOD: &[&str] = &[
    "https://example.com/webhook",
    "https://example.com",
    "https://example.com/?a=1&b=%20",
    "https://EXAMPLE.com/Hook",
    "https://hooks.empresa.com.br/zelador/v1",
    "https://example.com:443/",
    "https://example.com:8443/in",
    "https://xn--caf-dma.example.com/",
    "https://café.example.com/",
    "https://8.8.8.8/",
    "https://1.1.1.1:8443/x",
    "https://[2606:4700:4700::1111]/",
    "https://[2606:4700:4700::1111]:8443/",
    "https://[64:ff9b::808:808]/",
    "https://example.com./",
    "https://localhost.example.com/",
    "https://local.example.com/a//b",
];

/// Refused everywhere, with the code.
const BAD: &[(&str, &str)] = &[
    // What is no URL, or is read differently by different readers.
    ("", "webhook_url"),
    ("example.com/webhook", "webhook_url"),
    ("//example.com/", "webhook_url"),
    ("https://", "webhook_url"),
    ("https://exa mple.com/", "webhook_url"),
    (" https://example.com/", "webhook_url"),
    ("https://example.com/\n", "webhook_url"),
    ("https://example.com/\u{0}", "webhook_url"),
    ("https://exam\tple.com/", "webhook_url"),
    ("https:\\\\example.com\\", "webhook_url"),
    ("https://example.com\\@127.0.0.1/", "webhook_url"),
    ("https://[::1/", "webhook_url"),
    ("https://256.1.1.1/", "webhook_url"),
    ("https://1.2.3.4.5/", "webhook_url"),
    ("https://example.com:99999/", "webhook_url"),
    ("https://%00.example.com/", "webhook_url"),
    // Other schemes.
    ("http://example.com/", "webhook_scheme"),
    ("http://8.8.8.8/", "webhook_scheme"),
    ("http://10.0.0.1/", "webhook_scheme"),
    ("ftp://example.com/", "webhook_scheme"),
    ("file:///etc/passwd", "webhook_scheme"),
    ("gopher://127.0.0.1:6379/_FLUSHALL", "webhook_scheme"),
    ("javascript:alert(1)", "webhook_scheme"),
    ("data:text/plain,x", "webhook_scheme"),
    ("ws://example.com/", "webhook_scheme"),
    ("unix:/run/docker.sock", "webhook_scheme"),
    ("ldap://example.com/", "webhook_scheme"),
    // Who is who before the at sign.
    ("https://user@example.com/", "webhook_userinfo"),
    ("https://user:pass@example.com/", "webhook_userinfo"),
    ("https://@example.com/", "webhook_userinfo"),
    ("https://:@example.com/", "webhook_userinfo"),
    ("https://example.com@127.0.0.1/", "webhook_userinfo"),
    ("https://127.0.0.1@example.com/", "webhook_userinfo"),
    ("https://example.com/#part", "webhook_fragment"),
    ("https://example.com/#", "webhook_fragment"),
    // Names of this machine and of private networks.
    ("https://localhost./", "webhook_host"),
    ("https://a.localhost/", "webhook_host"),
    ("https://localhost.localdomain/", "webhook_host"),
    ("https://intranet/", "webhook_host"),
    ("https://printer.local/", "webhook_host"),
    ("https://db.internal/", "webhook_host"),
    ("https://metadata.google.internal/computeMetadata/v1/", "webhook_host"),
    ("https://router.lan/", "webhook_host"),
    ("https://nas.home.arpa/", "webhook_host"),
    ("https://x.corp/", "webhook_host"),
    ("https://redis/", "webhook_host"),
    ("https://.example.com/", "webhook_host"),
    // IPv4, and the many ways to write it.
    ("https://127.1/", "webhook_host"),
    ("https://127.255.255.254/", "webhook_host"),
    ("https://0x7f.1/", "webhook_host"),
    ("https://0x7f000001/", "webhook_host"),
    ("https://2130706433/", "webhook_host"),
    ("https://017700000001/", "webhook_host"),
    ("https://0177.0.0.1/", "webhook_host"),
    ("https://0/", "webhook_host"),
    ("https://0.0.0.0/", "webhook_host"),
    ("https://0.1.2.3/", "webhook_host"),
    ("https://①②⑦.⓪.⓪.①/", "webhook_host"),
    ("https://127.0.0.1./", "webhook_host"),
    ("https://%31%32%37.0.0.1/", "webhook_host"),
    ("https://10.0.0.1/", "webhook_host"),
    ("https://10.255.255.255/", "webhook_host"),
    ("https://100.64.0.1/", "webhook_host"),
    ("https://100.100.100.200/latest/meta-data/", "webhook_host"),
    ("https://100.127.255.255/", "webhook_host"),
    ("https://168.63.129.16/", "webhook_host"),
    ("https://169.254.169.254/latest/meta-data/", "webhook_host"),
    ("https://169.254.170.2/", "webhook_host"),
    ("https://0xA9FEA9FE/", "webhook_host"),
    ("https://2852039166/", "webhook_host"),
    ("https://172.16.0.1/", "webhook_host"),
    ("https://172.31.255.255/", "webhook_host"),
    ("https://192.0.0.1/", "webhook_host"),
    ("https://192.0.0.192/", "webhook_host"),
    ("https://192.0.2.1/", "webhook_host"),
    ("https://192.88.99.1/", "webhook_host"),
    ("https://192.168.0.1/", "webhook_host"),
    ("https://192.168.1/", "webhook_host"),
    ("https://198.18.0.1/", "webhook_host"),
    ("https://198.19.255.255/", "webhook_host"),
    ("https://198.51.100.1/", "webhook_host"),
    ("https://203.0.113.1/", "webhook_host"),
    ("https://224.0.0.1/", "webhook_host"),
    ("https://239.255.255.255/", "webhook_host"),
    ("https://240.0.0.1/", "webhook_host"),
    ("https://255.255.255.255/", "webhook_host"),
    // Public, but written so that nobody sees it.
    ("https://0x08.0x08.0x08.0x08/", "webhook_host"),
    ("https://134744072/", "webhook_host"),
    // IPv6, and IPv4 in it.
    ("https://[::]/", "webhook_host"),
    ("https://[0:0:0:0:0:0:0:1]/", "webhook_host"),
    ("https://[::ffff:127.0.0.1]/", "webhook_host"),
    ("https://[::ffff:7f00:1]/", "webhook_host"),
    ("https://[::ffff:8.8.8.8]/", "webhook_host"),
    ("https://[::127.0.0.1]/", "webhook_host"),
    ("https://[::ffff:0:127.0.0.1]/", "webhook_host"),
    ("https://[64:ff9b::127.0.0.1]/", "webhook_host"),
    ("https://[64:ff9b::a9fe:a9fe]/", "webhook_host"),
    ("https://[64:ff9b:1::808:808]/", "webhook_host"),
    ("https://[100::1]/", "webhook_host"),
    ("https://[2001::1]/", "webhook_host"),
    ("https://[2001:0:7f00:1::]/", "webhook_host"),
    ("https://[2001:2::1]/", "webhook_host"),
    ("https://[2001:10::1]/", "webhook_host"),
    ("https://[2001:20::1]/", "webhook_host"),
    ("https://[2001:db8::1]/", "webhook_host"),
    ("https://[2002:7f00:1::]/", "webhook_host"),
    ("https://[2002:808:808::]/", "webhook_host"),
    ("https://[2606:4700::5efe:a00:1]/", "webhook_host"),
    ("https://[3fff::1]/", "webhook_host"),
    ("https://[5f00::1]/", "webhook_host"),
    ("https://[fc00::1]/", "webhook_host"),
    ("https://[fd00:ec2::254]/latest/meta-data/", "webhook_host"),
    ("https://[fe80::1]/", "webhook_host"),
    ("https://[fec0::1]/", "webhook_host"),
    ("https://[ff02::1]/", "webhook_host"),
    // Ports of other services.
    ("https://example.com:22/", "webhook_port"),
    ("https://example.com:80/", "webhook_port"),
    ("https://example.com:0/", "webhook_port"),
    ("https://example.com:6379/", "webhook_port"),
    ("https://8.8.8.8:8080/", "webhook_port"),
    ("https://[2606:4700:4700::1111]:444/", "webhook_port"),
];

/// Permitted in development alone.
const LOCAL: &[&str] = &[
    "http://localhost/",
    "http://localhost:9000/hook",
    "http://127.0.0.1:1/",
    "http://[::1]:65535/x?y=z",
    "https://localhost/",
    "https://localhost:9000/hook",
    "https://127.0.0.1/",
    "https://127.0.0.1:8443/",
    "https://[::1]/",
    "https://LOCALHOST/",
];

/// This machine by other names: refused in development too.
const NOT_LOCAL: &[&str] = &[
    "http://127.0.0.2/",
    "http://localhost.:80/",
    "http://a.localhost/",
    "http://0.0.0.0/",
    "http://[::]/",
    "http://127.1/",
    "http://[::ffff:127.0.0.1]/",
];

#[test]
fn the_corpus_is_decided() {
    assert!(GOOD.len() + BAD.len() + LOCAL.len() + NOT_LOCAL.len() >= 150);
    for localhost in [false, true] {
        let settings = settings(localhost);
        for text in GOOD {
            let found =
                url::check(text, &settings).unwrap_or_else(|flaw| panic!("{text}: {flaw:?}"));
            assert!(!found.local, "{text}");
        }
        for (text, code) in BAD {
            let flaw = url::check(text, &settings).expect_err(text);
            assert_eq!((flaw.field.as_str(), flaw.code), ("url", *code), "{text}");
        }
        for text in LOCAL {
            assert_eq!(
                url::check(text, &settings).is_ok_and(|found| found.local),
                localhost,
                "{text}"
            );
        }
        for text in NOT_LOCAL {
            assert!(url::check(text, &settings).is_err(), "{text}");
        }
    }
}

#[test]
fn a_url_has_its_length() {
    let text = |len: usize| format!("https://example.com/{}", "a".repeat(len - 20));
    assert!(url::check(&text(url::MAX_LEN), &settings(false)).is_ok());
    assert_eq!(url::check(&text(url::MAX_LEN + 1), &settings(false)).unwrap_err().code, "too_long");
}

#[test]
fn addresses_at_the_edges_of_ranges() {
    let check = |text: &str, public: bool| {
        let address: IpAddr = text.parse().unwrap();
        assert_eq!(is_public(address), public, "{text}");
    };
    for text in ["1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0"] {
        check(text, true);
    }
    for text in ["126.255.255.255", "128.0.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0"] {
        check(text, true);
    }
    for text in ["168.63.129.15", "169.253.255.255", "192.167.255.255", "198.20.0.0"] {
        check(text, true);
    }
    for text in ["223.255.255.255", "2000::1", "2001:200::1", "2003::1", "3ffe::1"] {
        check(text, true);
    }
    for text in ["0.255.255.255", "127.0.0.0", "172.16.0.0", "198.19.255.255", "224.0.0.0"] {
        check(text, false);
    }
    for text in ["1fff:ffff::", "4000::", "2001:1ff::", "fdff::1", "::808:808"] {
        check(text, false);
    }
}

#[test]
fn filters_take_what_they_name() {
    let takes = |filters: &[&str], kind| {
        let filters: Vec<_> = filters.iter().map(|one| (*one).to_owned()).collect();
        filter::takes(&filters, kind)
    };
    assert!(takes(&["*"], "booking.created"));
    assert!(takes(&["booking.*"], "booking.created"));
    assert!(takes(&["user.created", "booking.created"], "booking.created"));
    assert!(!takes(&["booking.created"], "booking.created_later"));
    assert!(!takes(&["booking.*"], "bookings.created"));
    assert!(!takes(&[], "booking.created"));
    for known in ["*", "booking.*", "booking.created", "webhook.disabled", "wispro.sync_braked"] {
        assert!(filter::is_known(known), "{known}");
    }
    for unknown in
        ["", "**", "booking", "booking.", "booking.craeted", "*.created", "x.*", "Booking.*"]
    {
        assert!(!filter::is_known(unknown), "{unknown}");
    }
}
