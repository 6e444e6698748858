//! The `[api]` section: the HTTP edge.

use std::net::{Ipv4Addr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::network::Network;

/// A language that people are answered in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Locale {
    /// Portuguese of Brazil.
    #[default]
    #[serde(rename = "pt-BR")]
    PtBr,
    /// Spanish.
    #[serde(rename = "es")]
    Es,
    /// English.
    #[serde(rename = "en")]
    En,
}

impl Locale {
    /// The language tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::PtBr => "pt-BR",
            Self::Es => "es",
            Self::En => "en",
        }
    }
}

/// `[api]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ApiSettings {
    /// The address and port that are listened on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Host names, beside the loopback ones, that requests may be addressed to.
    pub allowed_hosts: Vec<String>,
    /// Declares that a proxy in front ends TLS.
    pub behind_proxy: bool,
    /// Proxies whose word about the client's address is taken.
    pub trusted_proxies: Vec<Network>,
    /// The language when neither the caller nor the tenant names one.
    pub locale: Locale,
    /// `[api.cors]`.
    pub cors: CorsSettings,
    /// `[api.limits]`.
    pub limits: LimitSettings,
}

impl Default for ApiSettings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8000)),
            allowed_hosts: Vec::new(),
            behind_proxy: false,
            trusted_proxies: Vec::new(),
            locale: Locale::default(),
            cors: CorsSettings::default(),
            limits: LimitSettings::default(),
        }
    }
}

/// `[api.cors]`: which web pages may call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CorsSettings {
    /// Whether cross-origin calls are answered at all.
    pub enabled: bool,
    /// Origins (`https://app.example.com`) that may call; `*`: every one.
    pub origins: Vec<String>,
    /// Whether browsers may send credentials.
    pub allow_credentials: bool,
    /// Seconds for which a browser may keep a preflight answer.
    pub max_age_seconds: u32,
}

impl Default for CorsSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            origins: vec!["*".to_owned()],
            allow_credentials: false,
            max_age_seconds: 600,
        }
    }
}

impl CorsSettings {
    /// Whether every origin may call.
    pub fn any_origin(&self) -> bool {
        self.origins.iter().any(|origin| origin == "*")
    }
}

/// `[api.limits]`: how much one caller may ask for. Rates are requests per
/// second, sustained; bursts are requests at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitSettings {
    /// Connections open at once, of all callers.
    pub connections: u32,
    /// Streams of events open at once, of all callers.
    pub streams: u32,
    /// Rate for one token.
    pub token_per_second: u32,
    /// Burst for one token.
    pub token_burst: u32,
    /// Rate for one tenant, all its tokens together.
    pub tenant_per_second: u32,
    /// Burst for one tenant.
    pub tenant_burst: u32,
    /// Rate for one client address.
    pub address_per_second: u32,
    /// Burst for one client address.
    pub address_burst: u32,
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self {
            connections: 512,
            streams: 64,
            token_per_second: 50,
            token_burst: 200,
            tenant_per_second: 200,
            tenant_burst: 800,
            address_per_second: 100,
            address_burst: 400,
        }
    }
}
