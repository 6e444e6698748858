//! The guard: a name is resolved once, all that it leads to is looked at, and the
//! very addresses that were looked at are connected to.
//!
//! It stands in the HTTP client as its resolver, so that there is no second look-up
//! whose answer could differ. Addresses that stand in a URL itself never come here;
//! [`rules::url`](super::rules::url) has looked at them.
//!
//! Invariants:
//! - A name that leads to one address that is not public leads nowhere.
//! - A connection is made to an address that was found good for that connection;
//!   one that is used again still leads where it led.

pub mod ranges;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Addresses of a name that are looked at; who has more is not served.
const MOST: usize = 32;

/// Turns names into addresses.
#[async_trait]
pub trait LookUp: Send + Sync + 'static {
    /// All addresses of a name.
    async fn look_up(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// What the machine is configured to ask.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemLookUp;

#[async_trait]
impl LookUp for SystemLookUp {
    async fn look_up(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host((name, 0)).await?;
        Ok(found.map(|address| address.ip()).collect())
    }
}

/// Why a name leads nowhere. It names no address: who set the URL shall not learn
/// what is in here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Nothing answers to it.
    #[error("the host name was not found")]
    Unknown,
    /// It leads to this machine or a private network.
    #[error("the host name leads to an address that is not public")]
    NotPublic,
}

/// Resolves names to addresses that may be connected to.
#[derive(Clone)]
pub struct Guard {
    look_up: Arc<dyn LookUp>,
    /// `localhost` is this machine, and permitted.
    localhost: bool,
}

impl Guard {
    /// One that asks `look_up`; `localhost`: whether that name is permitted.
    pub fn new(look_up: Arc<dyn LookUp>, localhost: bool) -> Self {
        Self { look_up, localhost }
    }

    /// Where a name leads, if all of it is permitted.
    pub async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, Denied> {
        let mut found = self.look_up.look_up(name).await.map_err(|_| Denied::Unknown)?;
        found.dedup();
        if found.is_empty() || found.len() > MOST {
            return Err(Denied::Unknown);
        }
        let good = |address: &IpAddr| {
            if self.localhost && name == "localhost" {
                address.is_loopback()
            } else {
                ranges::is_public(*address)
            }
        };
        if found.iter().all(good) { Ok(found) } else { Err(Denied::NotPublic) }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let found = guard.addresses(name.as_str()).await?;
            // Port 0 stands for the URL's own.
            let found = found.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(found) as Addrs)
        })
    }
}
