//! Which addresses are of the public internet. Pure.
//!
//! From IANA's registries of special-purpose addresses (RFC 6890 and its
//! followers), and addresses at which clouds answer their own machines.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// IPv4 ranges that are not public: base, length of the prefix.
const V4: &[([u8; 4], u32)] = &[
    ([0, 0, 0, 0], 8),        // this network
    ([10, 0, 0, 0], 8),       // private
    ([100, 64, 0, 0], 10),    // carriers' NAT; 100.100.100.200 is a cloud's metadata
    ([127, 0, 0, 0], 8),      // loopback
    ([168, 63, 129, 16], 32), // a cloud's agent
    ([169, 254, 0, 0], 16),   // link-local; 169.254.169.254 is metadata
    ([172, 16, 0, 0], 12),    // private
    ([192, 0, 0, 0], 24),     // protocol assignments; 192.0.0.192 is metadata
    ([192, 0, 2, 0], 24),     // documentation
    ([192, 31, 196, 0], 24),  // AS112
    ([192, 52, 193, 0], 24),  // AMT
    ([192, 88, 99, 0], 24),   // 6to4 relays
    ([192, 168, 0, 0], 16),   // private
    ([192, 175, 48, 0], 24),  // AS112
    ([198, 18, 0, 0], 15),    // benchmarks
    ([198, 51, 100, 0], 24),  // documentation
    ([203, 0, 113, 0], 24),   // documentation
    ([224, 0, 0, 0], 4),      // multicast
    ([240, 0, 0, 0], 4),      // reserved, and broadcast
];

/// IPv6 ranges within `2000::/3` that are not public: the first segments, and the
/// length of the prefix. What is outside of `2000::/3` is not public but for NAT64.
const V6: &[([u16; 3], u32)] = &[
    ([0x2001, 0x0000, 0], 23), // protocol assignments: Teredo, ORCHID, benchmarks
    ([0x2001, 0x0db8, 0], 32), // documentation
    ([0x2002, 0x0000, 0], 16), // 6to4: an IPv4 address in disguise
    ([0x2620, 0x004f, 0x8000], 48), // AS112
    ([0x3fff, 0x0000, 0], 20), // documentation
];

/// Whether this is an address of the public internet.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let bits = u32::from(address);
    !V4.iter().any(|(base, len)| same(u32::from(Ipv4Addr::from(*base)), bits, *len))
}

fn same(base: u32, bits: u32, len: u32) -> bool {
    (base ^ bits).leading_zeros() >= len
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let bits = u128::from(address);
    // 64:ff9b::/96 stands for the IPv4 address in its last 32 bits.
    if bits >> 32 == 0x0064_ff9b_u128 << 64 {
        return is_public_v4(last_32(bits));
    }
    if bits >> 125 != 1 {
        return false;
    }
    // ISATAP: an IPv4 address behind a mark.
    if matches!((bits >> 32) & 0xffff_ffff, 0x0000_5efe | 0x0200_5efe) {
        return false;
    }
    !V6.iter().any(|([a, b, c], len)| {
        let base = u128::from(Ipv6Addr::new(*a, *b, *c, 0, 0, 0, 0, 0));
        (base ^ bits).leading_zeros() >= *len
    })
}

fn last_32(bits: u128) -> Ipv4Addr {
    let [.., a, b, c, d] = bits.to_be_bytes();
    Ipv4Addr::new(a, b, c, d)
}
