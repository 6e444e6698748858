//! Where a webhook may point. Looked at when it is written, and again at each try,
//! since what is permitted may have changed; where the name leads is the
//! [guard](crate::engine::webhooks::guard)'s business.

use reqwest::Url;
use url::Host;

use crate::engine::webhooks::guard::ranges;
use crate::engine::webhooks::settings::WebhookSettings;
use crate::error::Flaw;

/// The longest URL, in bytes.
pub const MAX_LEN: usize = 2048;

/// Names that never lead to the public, whatever resolves them.
const PRIVATE: &[&str] = &[
    "localhost",
    "local",
    "localdomain",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "private",
    "home.arpa",
    "onion",
    "test",
    "invalid",
];

/// What a URL leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// As it is sent to.
    pub url: Url,
    /// It is this very machine, which is permitted here.
    pub local: bool,
}

/// Reads a URL; a flaw names `url` and says how to mend it.
pub fn check(text: &str, settings: &WebhookSettings) -> Result<Target, Flaw> {
    let flaw = |code| Flaw::new("url", code);
    if text.len() > MAX_LEN {
        return Err(flaw("too_long").with("limit", MAX_LEN));
    }
    // What parsers drop in silence, or read as a slash, is not guessed at.
    if text.chars().any(|c| c.is_ascii_control() || c.is_whitespace() || c == '\\') {
        return Err(flaw("webhook_url"));
    }
    let url = Url::parse(text).map_err(|_| flaw("webhook_url"))?;
    if has_userinfo(text, &url) {
        return Err(flaw("webhook_userinfo"));
    }
    if text.contains('#') {
        return Err(flaw("webhook_fragment"));
    }
    let local = settings.localhost && is_local(text);
    match url.scheme() {
        "http" | "https" if local => return Ok(Target { url, local }),
        "https" => {}
        _ => return Err(flaw("webhook_scheme")),
    }
    is_public(text, &url).then_some(()).ok_or_else(|| flaw("webhook_host"))?;
    let port = url.port_or_known_default().unwrap_or_default();
    if !settings.allowed_ports.contains(&port) {
        let ports: Vec<_> = settings.allowed_ports.iter().map(u16::to_string).collect();
        return Err(flaw("webhook_port").with("ports", ports.join(", ")));
    }
    Ok(Target { url, local: false })
}

/// Even an empty one: `https://@example.com`.
fn has_userinfo(text: &str, url: &Url) -> bool {
    let rest = text.split_once("//").map_or("", |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    !url.username().is_empty() || url.password().is_some() || authority.contains('@')
}

/// The three names of this machine that development may use, written as they are.
fn is_local(text: &str) -> bool {
    let host = host_of(text).to_ascii_lowercase();
    matches!(host.as_str(), "localhost" | "127.0.0.1" | "[::1]")
}

/// Whether the host can be of the public internet: an address that is, written as
/// addresses are; or a name of at least two labels under no private ending.
fn is_public(text: &str, url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => {
            ranges::is_public(address.into()) && host_of(text) == address.to_string()
        }
        Some(Host::Ipv6(address)) => ranges::is_public(address.into()),
        Some(Host::Domain(name)) => {
            let name = name.strip_suffix('.').unwrap_or(name);
            let private = |end: &&str| {
                let front = name.strip_suffix(*end);
                front.is_some_and(|front| front.is_empty() || front.ends_with('.'))
            };
            name.contains('.') && !name.starts_with('.') && !PRIVATE.iter().any(private)
        }
        None => false,
    }
}

/// The host as it was written; `0x7f.1` is an address too, but nobody means well
/// who writes one so.
fn host_of(text: &str) -> &str {
    let rest = text.split_once("//").map_or("", |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let bracketed = authority.find(']').and_then(|end| authority.get(..=end));
    bracketed.or_else(|| Some(authority.rsplit_once(':')?.0)).unwrap_or(authority)
}
