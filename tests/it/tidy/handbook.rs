//! Every command that the handbook shows is one that the program takes.

use clap::Parser as _;
use clap::error::ErrorKind;
use zelador::cli::Args;

use super::{files, none, root};

/// A line of shell that calls the program: its words from there on, up to what is the
/// shell's.
fn words(line: &str) -> Option<Vec<String>> {
    let at = line.match_indices("zelador ").find(|(at, _)| starts(line, *at))?.0;
    let mut words = Vec::new();
    for word in shlex::Shlex::new(&line[at..]) {
        let sent = word.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with('>');
        if sent || ["|", "||", "&&", ";", "#", "&"].contains(&word.as_str()) {
            break;
        }
        let last = word.ends_with(';');
        words.push(word.trim_end_matches(';').to_owned());
        if last {
            break;
        }
    }
    Some(words)
}

/// Whether the program's name stands where a command does, and not in a path, in the
/// arguments of another or in a sentence.
fn starts(line: &str, at: usize) -> bool {
    let before = line[..at].trim_end_matches('/').trim_start();
    let callers = ["", "sudo", "sudo -u zelador", "NO_COLOR=1", "ssh -t you@the-server"];
    let start = before.rsplit(['|', ';', '&', '`', '(']).next().unwrap_or_default().trim();
    callers.contains(&start)
}

/// Lines of code, and what a sentence shows between backticks; whether it is whole.
fn shown(page: &str) -> Vec<(bool, String)> {
    let (mut all, mut fence) = (Vec::new(), None);
    // A line that goes on in the next one is one.
    let page = page.replace("\\\n", " ");
    for line in page.lines() {
        match (line.trim_start().strip_prefix("```"), fence) {
            (Some(kind), None) => fence = Some(kind == "sh"),
            (Some(_), Some(_)) => fence = None,
            (None, Some(true)) => all.push((true, line.to_owned())),
            (None, Some(false)) => {}
            (None, None) => {
                let spans = line.split('`').skip(1).step_by(2);
                all.extend(spans.map(|span| (false, span.to_owned())));
            }
        }
    }
    all
}

/// What is wrong with a command, if it is not what the program takes.
fn refused(words: &[String], whole: bool) -> Option<String> {
    // A sentence names alternatives and leaves things out.
    let loose = |word: &&String| !word.contains(['…', '|', '[', '(']);
    let number = |word: &String| if word == "SEQ" { "1".to_owned() } else { word.clone() };
    let plain: Vec<_> = words.iter().take_while(loose).map(number).collect();
    let whole = whole && plain.len() == words.len();
    let error = Args::try_parse_from(&plain).err()?;
    let incomplete = [
        ErrorKind::MissingRequiredArgument,
        ErrorKind::MissingSubcommand,
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand,
        ErrorKind::InvalidValue,
    ];
    let fine = [ErrorKind::DisplayHelp, ErrorKind::DisplayVersion].contains(&error.kind())
        || (!whole && incomplete.contains(&error.kind()));
    (!fine).then(|| format!("{}: {}", plain.join(" "), error.kind()))
}

#[test]
fn every_command_that_is_shown_is_taken() {
    let pages = files(&root().join("docs/handbook"), ".md");
    let more = ["README.md", "systemd/README.md", "CHANGELOG.md"].map(|page| root().join(page));
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for page in pages.into_iter().chain(more) {
        let text = std::fs::read_to_string(&page).unwrap();
        for (whole, line) in shown(&text) {
            let Some(words) = words(&line) else { continue };
            seen += 1;
            let flaw = refused(&words, whole);
            wrong.extend(flaw.map(|flaw| format!("{}: {flaw}", page.display())));
        }
    }
    assert!(seen > 100, "only {seen} commands were found");
    none(&wrong);
}

#[test]
fn a_command_is_found_and_judged() {
    let judged = |line: &str| words(line).map(|words| refused(&words, true).is_none());
    assert_eq!(judged("sudo -u zelador zelador doctor --json | head"), Some(true));
    assert_eq!(judged("zelador jobs list --state failed  # all of them"), Some(true));
    assert_eq!(judged("zelador jobs lst"), Some(false));
    assert_eq!(judged("zelador jobs retry"), Some(false));
    assert_eq!(judged("zelador monitor --intervall 5"), Some(false));
    assert_eq!(judged("sudo apt purge zelador # and more"), None);
    assert_eq!(refused(&["zelador".to_owned(), "jobs".to_owned()], false), None);
}
