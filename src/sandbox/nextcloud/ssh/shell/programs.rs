//! The programs that are installed where SSH leads to.

use std::collections::BTreeMap;

use super::super::super::stage::Stage;
use super::super::occ;
use super::{Output, sudo};

/// Where Nextcloud lies.
const ROOT: &str = "/var/www/nextcloud";

/// Runs a program.
pub(super) async fn run(
    stage: &Stage,
    user: &str,
    folder: &str,
    name: &str,
    arguments: &[String],
    seen: BTreeMap<String, String>,
) -> Output {
    match name.rsplit('/').next().unwrap_or(name) {
        "sudo" => Box::pin(sudo::run(stage, folder, arguments, seen)).await,
        "env" => Box::pin(env(stage, user, folder, arguments, seen)).await,
        "php" | "php8.2" if !stage.faults().php_missing => {
            php(stage, user, folder, arguments, &seen).await
        }
        "echo" => Output::out(0, format!("{}\n", arguments.join(" "))),
        "printf" => Output::out(0, printf(arguments)),
        "id" | "whoami" => Output::out(0, format!("{user}\n")),
        "rm" | "touch" | "mkdir" | "cat" | "ls" => Output::default(),
        _ => Output::err(127, format!("sh: 1: {name}: not found\n")),
    }
}

fn printf(arguments: &[String]) -> String {
    let Some((form, values)) = arguments.split_first() else { return String::new() };
    let form = form.replace("\\n", "\n");
    if values.is_empty() {
        return form;
    }
    values.iter().map(|value| form.replace("%s", value)).collect()
}

async fn env(
    stage: &Stage,
    user: &str,
    folder: &str,
    arguments: &[String],
    mut seen: BTreeMap<String, String>,
) -> Output {
    let mut rest = arguments;
    while let Some((first, after)) = rest.split_first() {
        let Some((name, value)) = first.split_once('=') else { break };
        seen.insert(name.to_owned(), value.to_owned());
        rest = after;
    }
    let Some((name, arguments)) = rest.split_first() else { return Output::default() };
    stage.note_run(name);
    run(stage, user, folder, name, arguments, seen).await
}

/// `php [-d name=value] …/occ …`.
async fn php(
    stage: &Stage,
    user: &str,
    folder: &str,
    arguments: &[String],
    seen: &BTreeMap<String, String>,
) -> Output {
    let mut rest = arguments;
    while rest.first().is_some_and(|first| first == "-d") {
        rest = rest.get(2..).unwrap_or_default();
    }
    let Some((script, arguments)) = rest.split_first() else { return Output::default() };
    let path = if script.starts_with('/') { script.clone() } else { format!("{folder}/{script}") };
    if path.replace("/./", "/") != format!("{ROOT}/occ") {
        return Output::out(1, format!("Could not open input file: {script}\n"));
    }
    occ::run(stage, user, arguments, seen).await
}
