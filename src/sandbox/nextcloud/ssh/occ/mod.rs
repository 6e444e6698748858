//! `occ`: its commands, their exit codes, and which stream says what. Errors are
//! on standard output; standard error holds trouble with options and notices.

mod accounts;
mod add;
mod groups;
mod options;
mod server;
mod settings;

use std::collections::BTreeMap;

use self::options::{Given, Spec, boxed, read};
use super::super::stage::Stage;
use super::shell::Output;

/// What a command needs.
struct Cx<'a> {
    stage: &'a Stage,
    given: Given,
    /// The variables that PHP sees.
    seen: &'a BTreeMap<String, String>,
}

/// Runs `occ` with these words, as a unix user.
pub(super) async fn run(
    stage: &Stage,
    user: &str,
    words: &[String],
    seen: &BTreeMap<String, String>,
) -> Output {
    let faults = stage.faults();
    if user != faults.config_owner {
        return wrong_user(faults.config_readable, &faults.config_owner);
    }
    let Some((name, words)) = words.split_first() else {
        return Output::out(0, "Nextcloud 32.0.1\n");
    };
    let Some(spec) = spec(name) else {
        return Output::err(1, boxed(&format!("Command \"{name}\" is not defined.")));
    };
    stage.note_asked(&format!("occ {name}"));
    let given = match read(&spec, words) {
        Ok(given) => given,
        Err(words) => return Output::err(1, boxed(&words)),
    };
    let mut output = call(name, &Cx { stage, given, seen }).await;
    if stage.cloud().maintenance {
        let notice = "Nextcloud is in maintenance mode, no apps are loaded.\nCommands provided by apps are unavailable.\n";
        output.stderr.insert_str(0, notice);
    }
    output
}

/// Anybody but the owner of `config.php`: exit 0 where it cannot be read.
fn wrong_user(readable: bool, owner: &str) -> Output {
    if readable {
        let words = format!(
            "Console has to be executed with the user that owns the file config/config.php\nCurrent user id: 1000\nOwner id of config.php: {owner}\n"
        );
        return Output::out(1, words);
    }
    let words = "Cannot write into \"config\" directory!\nThis can usually be fixed by giving the web server write access to the config directory.\n";
    Output::out(0, words)
}

const fn takes(arguments: &'static [&'static str], required: usize) -> Spec {
    Spec { arguments, required, values: &[], flags: &[] }
}

/// What each command takes; `None`: there is no such command.
fn spec(name: &str) -> Option<Spec> {
    let json = |spec: Spec| Spec { values: &["output"], ..spec };
    Some(match name {
        "user:add" => Spec {
            values: &["display-name", "email", "group"],
            flags: &["password-from-env", "generate-password"],
            ..takes(&["uid"], 1)
        },
        "user:info" => json(takes(&["user"], 1)),
        "user:setting" => Spec {
            values: &["output", "default-value", "update-only"],
            flags: &["ignore-missing-user", "delete", "error-if-not-exists"],
            ..takes(&["uid", "app", "key", "value"], 1)
        },
        "user:enable" | "user:disable" | "user:delete" => takes(&["uid"], 1),
        "user:resetpassword" => Spec { flags: &["password-from-env"], ..takes(&["user"], 1) },
        "user:list" => {
            Spec { values: &["output", "limit", "offset"], flags: &["info"], ..takes(&[], 0) }
        }
        "user:report" => Spec { flags: &["count-dirs"], ..takes(&[], 0) },
        "group:add" => Spec { values: &["display-name", "output"], ..takes(&["groupid"], 1) },
        "group:adduser" | "group:removeuser" => takes(&["group", "user"], 2),
        "status" => Spec { flags: &["exit-code"], ..json(takes(&[], 0)) },
        "maintenance:mode" => Spec { flags: &["on", "off"], ..takes(&[], 0) },
        "security:bruteforce:reset" => takes(&["ipaddress"], 1),
        _ => return None,
    })
}

async fn call(name: &str, cx: &Cx<'_>) -> Output {
    match name {
        "user:add" => add::run(cx).await,
        "user:info" => accounts::show(cx),
        "user:enable" => accounts::switch(cx, true),
        "user:disable" => accounts::switch(cx, false),
        "user:delete" => accounts::delete(cx),
        "user:list" => accounts::list(cx),
        "user:report" => accounts::report(cx),
        "user:resetpassword" => accounts::reset_password(cx),
        "user:setting" => settings::run(cx),
        "group:add" => groups::add(cx),
        "group:adduser" => groups::member(cx, true),
        "group:removeuser" => groups::member(cx, false),
        "status" => server::status(cx),
        "maintenance:mode" => server::maintenance(cx),
        _ => server::reset(cx),
    }
}

/// Lines on standard output.
fn lines(code: u32, lines: &[&str]) -> Output {
    Output::out(code, lines.iter().flat_map(|line| [*line, "\n"]).collect::<String>())
}
