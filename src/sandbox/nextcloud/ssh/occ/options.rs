//! Arguments and options as Symfony's console reads them: options anywhere, `--`
//! ends them, and what is wrong is said in a box on standard error.

use std::collections::BTreeMap;

/// What a command takes.
pub(super) struct Spec {
    /// Names of its arguments; the first `required` must be there.
    pub(super) arguments: &'static [&'static str],
    pub(super) required: usize,
    /// Options with a value.
    pub(super) values: &'static [&'static str],
    /// Options without.
    pub(super) flags: &'static [&'static str],
}

/// What every command takes.
const FLAGS: [&str; 6] = ["no-interaction", "no-ansi", "ansi", "quiet", "no-warnings", "verbose"];

/// What a command was given.
#[derive(Debug, Default)]
pub(super) struct Given {
    arguments: Vec<String>,
    values: BTreeMap<&'static str, Vec<String>>,
    flags: Vec<&'static str>,
}

impl Given {
    pub(super) fn argument(&self, at: usize) -> Option<&str> {
        self.arguments.get(at).map(String::as_str)
    }

    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name)?.last().map(String::as_str)
    }

    pub(super) fn all(&self, name: &str) -> &[String] {
        self.values.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn has(&self, flag: &str) -> bool {
        self.flags.contains(&flag)
    }
}

/// The box that an error stands in.
pub(super) fn boxed(words: &str) -> String {
    let blank = " ".repeat(words.chars().count() + 4);
    format!("\n{blank}\n  {words}  \n{blank}\n\n")
}

/// Reads what a command was given.
pub(super) fn read(spec: &Spec, words: &[String]) -> Result<Given, String> {
    let mut given = Given::default();
    let mut words = words.iter();
    let mut only_arguments = false;
    while let Some(word) = words.next() {
        match word.strip_prefix("--") {
            Some("") if !only_arguments => only_arguments = true,
            Some(option) if !only_arguments => {
                let (name, value) = match option.split_once('=') {
                    Some((name, value)) => (name, Some(value.to_owned())),
                    None => (option, None),
                };
                if let Some(known) = spec.values.iter().find(|known| **known == name) {
                    let value = value.or_else(|| words.next().cloned());
                    let value =
                        value.ok_or(format!("The \"--{name}\" option requires a value."))?;
                    given.values.entry(known).or_default().push(value);
                } else if let Some(known) =
                    spec.flags.iter().chain(&FLAGS).find(|known| **known == name)
                {
                    given.flags.push(known);
                } else {
                    return Err(format!("The \"--{name}\" option does not exist."));
                }
            }
            None if !only_arguments && word.len() > 1 && word.starts_with('-') => {
                short(spec, word, &mut given)?;
            }
            _ => given.arguments.push(word.clone()),
        }
    }
    if let Some(missing) = spec.arguments.get(given.arguments.len()..spec.required) {
        let missing = missing.join(", ");
        if !missing.is_empty() {
            return Err(format!("Not enough arguments (missing: \"{missing}\")."));
        }
    }
    if given.arguments.len() > spec.arguments.len() {
        return Err("Too many arguments.".to_owned());
    }
    Ok(given)
}

fn short(spec: &Spec, word: &str, given: &mut Given) -> Result<(), String> {
    for letter in word.chars().skip(1) {
        match letter {
            'n' | 'q' | 'v' => {}
            'e' if spec.flags.contains(&"exit-code") => given.flags.push("exit-code"),
            _ => return Err(format!("The \"-{letter}\" option does not exist.")),
        }
    }
    Ok(())
}
