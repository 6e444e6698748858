//! What is wrong with `[drive]`.

use std::collections::BTreeSet;

use reqwest::Url;
use zelador_actors::drive::rules::names::legal;
use zelador_actors::drive::settings::{ERROS, NOVOS};
use zelador_actors::drive::{Mode, ProgramSettings, Provider};

use super::super::DriveSection;
use super::Checker;

/// Characters of a key that opens the door.
const SHORTEST: usize = 16;
/// Folders that a user may have.
const MOST_FOLDERS: usize = 20;

pub(super) fn check(to: &mut Checker, drive: &DriveSection) {
    to.range("drive.poll_seconds", drive.poll_seconds, 1..=86_400);
    folders(to, drive);
    for (name, text) in
        [("api_base_url", &drive.api_base_url), ("upload_base_url", &drive.upload_base_url)]
    {
        address(to, &["drive", name], text, "https://www.googleapis.com");
    }
    if !drive.token_url.is_empty() {
        address(
            to,
            &["drive", "token_url"],
            &drive.token_url,
            "https://oauth2.googleapis.com/token",
        );
    }
    let public = &drive.public_url;
    if !public.is_empty() && !is_https(public) && !is_on_this_machine(public) {
        let message = format!("`{public}` is no https address");
        to.problem(&["drive", "public_url"], message, "Google notifies https addresses alone");
    }
    if drive.mode == Mode::Live && drive.credentials.is_none() && drive.provider == Provider::Native
    {
        let remedy = "set it, or the variable GOOGLE_APPLICATION_CREDENTIALS";
        to.problem(&["drive", "credentials"], "is needed to go live".to_owned(), remedy);
    }
    if drive.provider == Provider::Script && drive.script.command.is_empty() {
        let message = "is needed where provider = \"script\"".to_owned();
        let remedy = "[\"/usr/bin/python3\", \"/opt/zelador/M1_Criar_Tecnico.py\"]";
        to.problem(&["drive", "script", "command"], message, remedy);
    }
    program(to, "script", &drive.script);
    program(to, "processor", &drive.processor);
    callback(to, &drive.callback.url);
    if !drive.callback.own_url.is_empty() {
        let own = &drive.callback.own_url;
        address(to, &["drive", "callback", "own_url"], own, "https://zelador.example");
    }
    if drive.api_key.as_ref().is_some_and(|key| key.expose().trim().len() < SHORTEST) {
        let message = "is too short to be a secret".to_owned();
        to.problem(&["drive", "api_key"], message, "16 characters at least");
    }
}

fn folders(to: &mut Checker, drive: &DriveSection) {
    let key = ["drive", "folders"];
    let unique: BTreeSet<_> = drive.folders.iter().collect();
    if unique.len() != drive.folders.len() || drive.folders.len() > MOST_FOLDERS {
        let message = format!("must be {MOST_FOLDERS} different names at most");
        to.problem(&key, message, "each once");
    }
    for needed in [NOVOS, ERROS] {
        if !drive.folders.iter().any(|name| name == needed) {
            to.problem(
                &key,
                format!("has no {needed:?}"),
                "users drop files into novos; those that fail go to erros",
            );
        }
    }
    for name in drive.folders.iter().filter(|name| legal(name) != **name) {
        to.problem(
            &key,
            format!("{name:?} is no name of a folder"),
            "no slashes, no dots at its ends",
        );
    }
    for (at, route) in drive.routes.iter().enumerate() {
        let known = drive.folders.contains(&route.to) && route.to != NOVOS;
        if !known {
            let message =
                format!("route {}: {:?} is no folder that files can go to", at + 1, route.to);
            to.problem(&["drive", "routes"], message, "one of folders, but not novos");
        }
    }
}

fn program(to: &mut Checker, name: &str, settings: &ProgramSettings) {
    let numbers = settings.run_as.split_once(':');
    let sound =
        numbers.is_some_and(|(uid, gid)| uid.parse::<u32>().is_ok() && gid.parse::<u32>().is_ok());
    if !settings.run_as.is_empty() && !sound {
        let message = format!("`{}` is not uid:gid", settings.run_as);
        to.problem(&["drive", name, "run_as"], message, "two numbers, such as 1001:1001");
    }
    if settings.command.first().is_some_and(|path| !path.starts_with('/')) {
        let message = "does not begin with an absolute path".to_owned();
        to.problem(
            &["drive", name, "command"],
            message,
            "where the program is, such as /usr/bin/python3",
        );
    }
}

fn callback(to: &mut Checker, text: &str) {
    if !text.is_empty() && !is_on_this_machine(text) && !is_https(text) {
        let message = format!("`{text}` is neither an https address nor http on this machine");
        to.problem(&["drive", "callback", "url"], message, "https://…");
    }
}

fn address(to: &mut Checker, key: &[&str], text: &str, remedy: &str) {
    let sound = Url::parse(text)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if !sound {
        to.problem(key, format!("`{text}` is no address"), remedy);
    }
}

/// Plain http that no wire sees; of all that notify, the stand-in alone takes it.
fn is_on_this_machine(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| {
        url.scheme() == "http"
            && matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"))
    })
}

fn is_https(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| url.scheme() == "https" && url.has_host())
}
