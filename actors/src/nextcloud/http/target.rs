//! Where an instance is reached over HTTP, and as whom.

use std::time::Duration;

use reqwest::{Certificate, Client, Url, redirect};
use secrecy::SecretString;

use super::super::port::Limits;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);

/// Which certificates are believed.
#[derive(Debug, Clone, Default)]
pub enum Trust {
    /// Those of the machine.
    #[default]
    Machine,
    /// Those that one of these authorities signed (PEM), and no other.
    Only(Vec<u8>),
}

/// An instance over HTTP.
#[derive(Debug, Clone)]
pub struct HttpTarget {
    /// Its address, such as `https://cloud.example.org` or with a path.
    pub base_url: String,
    /// The admin's name.
    pub username: String,
    /// The admin's password, or an app password.
    pub password: SecretString,
    /// Which certificates are believed.
    pub trust: Trust,
    /// How long calls may take.
    pub limits: Limits,
}

/// The target is none.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// The address is no URL, or of no server.
    #[error("base_url is no http or https address")]
    Address,
    /// The certificates cannot be read.
    #[error("the certificates to believe are not PEM")]
    Certificates(#[source] reqwest::Error),
    /// No client can be made.
    #[error("no HTTP client can be made")]
    Client(#[source] reqwest::Error),
}

impl HttpTarget {
    /// The address with a slash at its end, so that paths can be joined to it.
    pub(super) fn root(&self) -> Result<Url, Unusable> {
        let mut url = Url::parse(self.base_url.trim()).map_err(|_| Unusable::Address)?;
        let plain = url.username().is_empty() && url.password().is_none();
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() || !plain {
            return Err(Unusable::Address);
        }
        url.set_query(None);
        url.set_fragment(None);
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        Ok(url)
    }

    /// A client that speaks to it.
    pub(super) fn client(&self) -> Result<Client, Unusable> {
        let mut builder = Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT)
            .timeout(self.limits.call)
            .pool_max_idle_per_host(8)
            .user_agent(concat!("zelador/", env!("CARGO_PKG_VERSION")));
        if let Trust::Only(pem) = &self.trust {
            let authorities = Certificate::from_pem_bundle(pem).map_err(Unusable::Certificates)?;
            builder = builder.tls_certs_only(authorities);
        }
        builder.build().map_err(Unusable::Client)
    }
}
