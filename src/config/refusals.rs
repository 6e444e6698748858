//! What production refuses to start on.

use std::path::PathBuf;

use zelador_actors::drive::Mode as DriveMode;
use zelador_actors::nextcloud;
use zelador_actors::wispro::Mode;

use super::problem::Problem;
use super::{Config, CorsSettings};

/// Bytes below which a secret key is short: those of the hash it keys.
const SHORT_KEY: usize = 32;
/// Texts that stand for a key in examples and templates.
const PLACEHOLDERS: &[&str] = &[
    "change",
    "default",
    "secret-key",
    "secret_key",
    "secretkey",
    "your-",
    "your_",
    "example",
    "password",
    "123456",
];

/// What the rules must know beside the configuration.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Files with secrets that everybody on the machine may read or write.
    pub world_readable: Vec<PathBuf>,
}

/// Everything that production refuses; nothing in development.
pub fn refusals(config: &Config, facts: &Facts) -> Vec<Problem> {
    if !config.is_production() {
        return Vec::new();
    }
    let mut found = cors(&config.api.cors);
    found.extend(secret_key(config));
    found.extend(facts.world_readable.iter().map(|path| {
        let message = format!("everybody may read the secret file {}", path.display());
        Problem::at(Vec::new(), message, format!("chmod 600 {}", path.display()))
    }));
    found.extend(listen(config));
    if config.nextcloud.mode == nextcloud::Mode::Sandbox {
        let remedy = "live, with real instances, or off";
        found.push(refused("nextcloud.mode", "the sandbox keeps nobody's files", remedy));
    }
    if config.wispro.mode == Mode::Sandbox {
        let remedy = "\"live\", or \"off\" without a Wispro";
        found.push(refused("wispro.mode", "the sandbox makes people up", remedy));
    }
    if config.drive.mode == DriveMode::Sandbox {
        let remedy = "\"live\", or \"off\" without a Google Drive";
        found.push(refused("drive.mode", "the sandbox keeps files in memory alone", remedy));
    }
    found
}

fn cors(cors: &CorsSettings) -> Vec<Problem> {
    let mut found = Vec::new();
    if !cors.enabled {
        return found;
    }
    let name_them = "list the origins of your web pages, or set api.cors.enabled = false";
    if cors.origins.is_empty() {
        found.push(refused("api.cors.origins", "is not set", name_them));
    }
    if cors.any_origin() {
        found.push(refused("api.cors.origins", "\"*\" lets every web page call", name_them));
        if cors.allow_credentials {
            let message = "credentials cannot be allowed to every origin";
            found.push(refused("api.cors.allow_credentials", message, name_them));
        }
    }
    found
}

fn secret_key(config: &Config) -> Option<Problem> {
    let key = config.auth.secret_key.as_ref()?.expose();
    let lower = key.to_lowercase();
    let message = if PLACEHOLDERS.iter().any(|text| lower.contains(text)) {
        "is the placeholder of an example"
    } else if key.len() < SHORT_KEY {
        "is short: at least 32 characters"
    } else if key.chars().collect::<std::collections::BTreeSet<_>>().len() < 8 {
        "is too regular to be a secret"
    } else {
        return None;
    };
    let remedy = "make one with `openssl rand -hex 64`, or leave it out and one is made";
    Some(refused("auth.secret_key", message, remedy))
}

fn listen(config: &Config) -> Option<Problem> {
    let listen = config.api.listen;
    if listen.ip().is_loopback() || config.api.behind_proxy {
        return None;
    }
    let message = format!("{listen} is reached from beyond this machine, without TLS");
    let remedy =
        "listen on 127.0.0.1, or put a proxy with TLS in front and set api.behind_proxy = true";
    Some(refused("api.listen", &message, remedy))
}

fn refused(key: &str, message: &str, remedy: &str) -> Problem {
    Problem::new(key, format!("refused in production: {message}"), remedy)
}
