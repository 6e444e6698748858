//! `sudo`, which drops variables unless it is told to keep them, and may be told so.

use std::collections::BTreeMap;

use super::super::super::faults::Sudo;
use super::super::super::stage::Stage;
use super::{Output, programs};

/// What was asked of it.
struct Asked<'a> {
    user: String,
    keep: Vec<String>,
    set: Vec<(String, String)>,
    command: &'a [String],
}

fn parse(arguments: &[String]) -> Option<Asked<'_>> {
    let mut asked = Asked { user: "root".into(), keep: Vec::new(), set: Vec::new(), command: &[] };
    let mut rest = arguments;
    while let Some((first, after)) = rest.split_first() {
        match first.as_str() {
            "-u" => {
                let (user, after) = after.split_first()?;
                user.clone_into(&mut asked.user);
                rest = after;
                continue;
            }
            "-n" | "-H" | "--" | "--non-interactive" => {}
            option if option.starts_with("--user=") => {
                option.trim_start_matches("--user=").clone_into(&mut asked.user);
            }
            option if option.starts_with("--preserve-env=") => {
                let list = option.trim_start_matches("--preserve-env=");
                asked.keep.extend(list.split(',').map(str::to_owned));
            }
            option if option.starts_with('-') => return None,
            word => {
                if let Some((name, value)) = word.split_once('=') {
                    asked.set.push((name.to_owned(), value.to_owned()));
                } else {
                    asked.command = rest;
                    return Some(asked);
                }
            }
        }
        rest = after;
    }
    None
}

/// Runs a command as somebody else.
pub(super) async fn run(
    stage: &Stage,
    folder: &str,
    arguments: &[String],
    seen: BTreeMap<String, String>,
) -> Output {
    let Some(asked) = parse(arguments) else {
        return Output::err(1, "usage: sudo -h | -K | -k | -V\n");
    };
    match stage.faults().sudo {
        Sudo::AsksPassword => {
            let words =
                "sudo: a terminal is required to read the password\nsudo: a password is required\n";
            return Output::err(1, words);
        }
        Sudo::KeepsNothing if !asked.keep.is_empty() || !asked.set.is_empty() => {
            let words = "sudo: sorry, you are not allowed to set the following environment variables: OC_PASS\n";
            return Output::err(1, words);
        }
        _ => {}
    }
    let kept = seen.into_iter().filter(|(name, _)| name == "PATH" || asked.keep.contains(name));
    let seen: BTreeMap<_, _> = kept.chain(asked.set.iter().cloned()).collect();
    let Some((name, arguments)) = asked.command.split_first() else { return Output::default() };
    stage.note_run(name);
    programs::run(stage, &asked.user, folder, name, arguments, seen).await
}
