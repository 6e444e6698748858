//! What is wrong with an instance as somebody describes it.

use secrecy::{ExposeSecret as _, SecretString};
use zelador_store::nextcloud::{Instance, Method};

use super::super::messages::{ApiDraft, InstanceDraft, NewSecret, SecretChange, SshDraft};
use crate::error::Flaw;

/// The most that a name of a credential, a file or a variable has.
const MOST: usize = 1024;
/// The most that a secret has: a private key of any sort fits.
const MOST_SECRET: usize = 32 * 1024;

/// All that is wrong with a draft, given the instance as it is, if it is one.
pub fn flaws(draft: &InstanceDraft, before: Option<&Instance>) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    text(&mut flaws, "name", &draft.name);
    match draft.method {
        Method::Api => match &draft.api {
            Some(api) => of_api(&mut flaws, api, before),
            None => flaws.push(Flaw::new("api", "required")),
        },
        Method::Ssh => match &draft.ssh {
            Some(ssh) => of_ssh(&mut flaws, ssh, before),
            None => flaws.push(Flaw::new("ssh", "required")),
        },
    }
    flaws
}

fn of_api(flaws: &mut Vec<Flaw>, api: &ApiDraft, before: Option<&Instance>) {
    text(flaws, "api.username", &api.username);
    if api.username.contains(':') {
        flaws.push(Flaw::new("api.username", "invalid"));
    }
    let known = before.is_some_and(|instance| instance.api.is_some());
    if !secret(flaws, "api.password", &api.password, known) {
        flaws.push(Flaw::new("api.password", "required"));
    }
}

fn of_ssh(flaws: &mut Vec<Flaw>, ssh: &SshDraft, before: Option<&Instance>) {
    let run_as = ssh.run_as.as_deref().unwrap_or("-");
    let texts = [
        ("ssh.host", ssh.host.as_str()),
        ("ssh.user", &ssh.user),
        ("ssh.occ_path", &ssh.occ_path),
        ("ssh.php", &ssh.php),
        ("ssh.run_as", run_as),
    ];
    for (name, value) in texts {
        text(flaws, name, value);
    }
    if ssh.port == 0 {
        flaws.push(Flaw::new("ssh.port", "minimum").with("limit", 1));
    }
    let known = before.and_then(|instance| instance.ssh.as_ref());
    let key = known.is_some_and(|ssh| ssh.private_key.is_some());
    let password = known.is_some_and(|ssh| ssh.password.is_some());
    let has_key = secret(flaws, "ssh.private_key", &ssh.private_key, key);
    let has_password = secret(flaws, "ssh.password", &ssh.password, password);
    secret(flaws, "ssh.passphrase", &ssh.passphrase, false);
    if !has_key && !has_password {
        flaws.push(Flaw::new("ssh.private_key", "required"));
    }
}

fn text(flaws: &mut Vec<Flaw>, field: &str, value: &str) {
    if value.trim().is_empty() {
        flaws.push(Flaw::new(field, "empty"));
    } else if value.chars().any(char::is_control) {
        flaws.push(Flaw::new(field, "invalid"));
    }
}

/// Whether there is a secret after the change; `known`: there was one before.
fn secret(flaws: &mut Vec<Flaw>, field: &str, change: &SecretChange, known: bool) -> bool {
    let new = match change {
        SecretChange::Keep => return known,
        SecretChange::Remove => return false,
        SecretChange::Replace(new) => new,
    };
    let wrong = match new {
        NewSecret::Given(text) => is_wrong_secret(text),
        NewSecret::Credential(name) => name.is_empty() || name.len() > MOST || name.contains('/'),
        NewSecret::File(path) => !path.starts_with('/') || path.len() > MOST,
        NewSecret::Env(name) => name.is_empty() || name.len() > MOST || name.contains('='),
    };
    if wrong {
        flaws.push(Flaw::new(field, "secret_reference"));
    }
    true
}

fn is_wrong_secret(text: &SecretString) -> bool {
    let text = text.expose_secret();
    text.is_empty() || text.len() > MOST_SECRET || text.contains('\0')
}
