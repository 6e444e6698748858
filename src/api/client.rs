//! Where a client is, and whether that is this machine.

use std::net::IpAddr;

use warp::http::header::{FORWARDED, HeaderMap, HeaderName};

use crate::config::Network;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// A client's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Client {
    /// Its address; a trusted proxy's word for it, else the peer's.
    pub(crate) address: IpAddr,
    /// Whether it is on this machine, and no proxy says that it speaks for another.
    pub(crate) local: bool,
}

impl Client {
    /// The client behind `peer`. Only proxies in `trusted` are believed, from the
    /// nearest to the farthest; the first that is not one is the client.
    pub(super) fn of(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> Self {
        let peer = peer.to_canonical();
        let hops = hops(headers);
        let speaks_for_another = !hops.is_empty() || names_a_proxy(headers);
        let believed = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
        let mut address = peer;
        for hop in hops.iter().rev() {
            if !believed(address) {
                break;
            }
            let Some(next) = hop else { break };
            address = *next;
        }
        let local = address.is_loopback() && (!speaks_for_another || believed(peer));
        Self { address, local }
    }

    /// What is counted as one client: an IPv4 address, or the 64 bits of an IPv6
    /// address that a network gives to one customer.
    pub(super) fn counted(&self) -> IpAddr {
        match self.address {
            IpAddr::V4(_) => self.address,
            IpAddr::V6(address) => IpAddr::V6((address.to_bits() & !u128::from(u64::MAX)).into()),
        }
    }
}

fn names_a_proxy(headers: &HeaderMap) -> bool {
    headers.contains_key(FORWARDED) || headers.contains_key(X_FORWARDED_FOR)
}

/// The addresses that proxies wrote down, oldest first; `None` for what is not an
/// address. `Forwarded` wins over `X-Forwarded-For`.
fn hops(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let name = if headers.contains_key(FORWARDED) { FORWARDED } else { X_FORWARDED_FOR };
    let is_standard = name == FORWARDED;
    headers
        .get_all(name)
        .iter()
        .flat_map(|value| value.to_str().unwrap_or("?").split(','))
        .map(|hop| if is_standard { forwarded_for(hop) } else { address(hop.trim()) })
        .collect()
}

/// The `for` of one element of RFC 7239.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let value = element.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then_some(value)
    })?;
    address(value.trim().trim_matches('"'))
}

/// With or without a port, with or without brackets.
fn address(text: &str) -> Option<IpAddr> {
    if let Some(rest) = text.strip_prefix('[') {
        return rest.split(']').next()?.parse().ok();
    }
    let bare = text.parse().ok();
    bare.or_else(|| text.rsplit_once(':')?.0.parse().ok())
        .map(|address: IpAddr| address.to_canonical())
}
