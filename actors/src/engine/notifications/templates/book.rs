//! A set of texts, checked, and how one is written.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use minijinja::value::Serde;
use minijinja::{Environment, Error as JinjaError, UndefinedBehavior};
use serde::Serialize;
use serde_json::Value;

use super::folder::Overrides;
use super::sample::sample;
use super::shipped::{self, COMMON, LAYOUT, file, names};
use crate::engine::notifications::rules::tongue::Tongue;

/// Steps that a template may take: a mail takes a few hundred.
const FUEL: u64 = 100_000;
/// Characters of a text; a mail takes a few hundred.
const MAX_TEXT: usize = 64 * 1024;
/// Characters of a subject.
const MAX_SUBJECT: usize = 200;
/// Characters of the short text: two parts of an SMS.
const MAX_SHORT: usize = 300;
/// The colour of a mail whose tenant has none.
const COLOR: &str = "#0b5a8f";

/// A text of the operator's that is not used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TemplateProblem {
    /// The file, within the folder of texts.
    pub file: String,
    /// The line, from 1; 0: the file as a whole.
    pub line: usize,
    /// The column, from 1; 0: not known.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for TemplateProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.column) {
            (0, _) => write!(f, "{}: {}", self.file, self.message),
            (line, 0) => write!(f, "{}:{line}: {}", self.file, self.message),
            (line, column) => write!(f, "{}:{line}:{column}: {}", self.file, self.message),
        }
    }
}

/// A text cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the text cannot be written: {0}")]
pub struct Unwritable(pub TemplateProblem);

/// A notice in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Written {
    /// One line.
    pub subject: String,
    /// One line, for telephones.
    pub short: String,
    /// The whole, as plain text.
    pub text: String,
    /// The whole, as HTML.
    pub html: String,
}

/// The texts of every kind in every language.
pub struct Book {
    shipped: Environment<'static>,
    custom: Option<Environment<'static>>,
    /// Files of the operator's in force.
    pub overridden: Vec<String>,
    /// Files of the operator's that are not.
    pub problems: Vec<TemplateProblem>,
}

impl Book {
    /// The texts inside the program.
    pub fn shipped() -> Self {
        let (shipped, problems) = environment(&BTreeMap::new());
        Self { shipped, custom: None, overridden: Vec::new(), problems }
    }

    /// These, with an operator's files in the place of some.
    pub fn with(overrides: &Overrides) -> Self {
        let mut book = Self::shipped();
        book.problems.extend(overrides.problems.iter().cloned());
        let mut taken: BTreeMap<String, String> = BTreeMap::new();
        // What others build upon comes first.
        let (shared, own): (Vec<_>, Vec<_>) = overrides
            .files
            .iter()
            .partition(|(name, _)| *name == LAYOUT || name.ends_with(&format!("/{COMMON}.txt")));
        for (name, text) in shared.into_iter().chain(own) {
            let mut tried = taken.clone();
            tried.insert(name.clone(), text.clone());
            match check(&tried) {
                None => taken = tried,
                Some(problem) => book.problems.push(problem),
            }
        }
        if !taken.is_empty() {
            book.custom = Some(environment(&taken).0);
        }
        book.overridden = taken.into_keys().collect();
        book
    }

    /// Writes a text. An operator's that fails on these values gives way to the
    /// shipped one.
    pub fn write(&self, name: &str, tongue: Tongue, facts: &Value) -> Result<Written, Unwritable> {
        if let Some(custom) = &self.custom {
            match write(custom, name, tongue, facts) {
                Ok(written) => return Ok(written),
                Err(problem) => {
                    tracing::error!(%problem, "a text failed, the shipped one is used");
                }
            }
        }
        write(&self.shipped, name, tongue, facts).map_err(Unwritable)
    }
}

/// What is wrong with a set of files, on sample data of every kind and language.
fn check(files: &BTreeMap<String, String>) -> Option<TemplateProblem> {
    let (env, problems) = environment(files);
    if let Some(problem) = problems.into_iter().next() {
        return Some(problem);
    }
    for tongue in Tongue::ALL {
        for name in names() {
            for facts in sample(name, tongue) {
                if let Err(problem) = write(&env, name, tongue, &facts) {
                    return Some(problem);
                }
            }
        }
    }
    None
}

/// The shipped files with others in their place.
fn environment(files: &BTreeMap<String, String>) -> (Environment<'static>, Vec<TemplateProblem>) {
    let mut env = Environment::new();
    env.set_debug(true);
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_fuel(Some(FUEL));
    let mut problems = Vec::new();
    let shipped = shipped::files().map(|(name, text)| (name, text.to_owned()));
    let own = files.iter().map(|(name, text)| (name.clone(), text.clone()));
    for (name, text) in shipped.chain(own) {
        if let Err(error) = env.add_template_owned(name.clone(), text) {
            problems.push(problem(&name, &error));
        }
    }
    (env, problems)
}

fn write(
    env: &Environment<'static>,
    name: &str,
    tongue: Tongue,
    facts: &Value,
) -> Result<Written, TemplateProblem> {
    let text_file = file(name, tongue, "txt");
    let parts = parts(env, &text_file, facts).map_err(|error| problem(&text_file, &error))?;
    let sender = facts.pointer("/tenant/name").and_then(Value::as_str).unwrap_or("zelador");
    let color = facts.pointer("/tenant/color").and_then(Value::as_str).unwrap_or(COLOR);
    let opt_out_url = facts.get("opt_out_url").filter(|url| url.is_string());
    let lead = [parts.greeting.as_str(), parts.lead.as_str()].join("\n\n");
    let page = serde_json::json!({
        "lang": tongue.tag(), "subject": parts.subject, "sender": sender, "color": color,
        "lead": paragraphs(&lead), "details": details(&parts.details),
        "after": paragraphs(&parts.after), "footer": parts.footer,
        "opt_out": parts.opt_out, "opt_out_url": opt_out_url, "facts": facts,
    });
    let html_file = file(name, tongue, "html");
    let html_file = if env.get_template(&html_file).is_ok() { html_file } else { LAYOUT.into() };
    let html = env.get_template(&html_file).and_then(|page_of| page_of.render(Serde(&page)));
    let html = html.map_err(|error| problem(&html_file, &error))?;
    let text = parts.text(opt_out_url.and_then(Value::as_str));
    if text.len().max(html.len()) > MAX_TEXT {
        let message = "what it writes is too long".to_owned();
        return Err(TemplateProblem { file: text_file, line: 0, column: 0, message });
    }
    if parts.subject.is_empty() {
        let message = "the block `subject` is empty".to_owned();
        return Err(TemplateProblem { file: text_file, line: 0, column: 0, message });
    }
    Ok(Written { subject: parts.subject, short: parts.short, text, html })
}

/// The blocks of a text.
struct Parts {
    subject: String,
    short: String,
    greeting: String,
    lead: String,
    details: String,
    after: String,
    footer: String,
    opt_out: String,
}

impl Parts {
    fn text(&self, opt_out_url: Option<&str>) -> String {
        let mut text = String::new();
        for part in [&self.greeting, &self.lead, &self.details, &self.after] {
            if !part.is_empty() {
                text.push_str(part);
                text.push_str("\n\n");
            }
        }
        text.push_str("-- \n");
        text.push_str(&self.footer);
        if let Some(url) = opt_out_url {
            let _ = write!(text, "\n{}: {url}", self.opt_out);
        }
        text.push('\n');
        text
    }
}

fn parts(env: &Environment<'static>, name: &str, facts: &Value) -> Result<Parts, JinjaError> {
    let template = env.get_template(name)?;
    let mut captured = template.render_captured(Serde(facts))?;
    captured.with_state_mut(|state| {
        let mut block = |name: &str| state.render_block(name).map(|text| tidy(&text));
        Ok(Parts {
            subject: line(&block("subject")?, MAX_SUBJECT),
            short: line(&block("short")?, MAX_SHORT),
            greeting: block("greeting")?,
            lead: block("lead")?,
            details: block("details")?.replace("\n\n", "\n"),
            after: block("after")?,
            footer: line(&block("footer")?, MAX_SHORT),
            opt_out: line(&block("opt_out")?, MAX_SHORT),
        })
    })
}

/// Without blanks at the ends of lines, and no two empty lines in a row: templates
/// need not care where their tags stand.
fn tidy(text: &str) -> String {
    let mut tidied = String::with_capacity(text.len());
    let mut gap = false;
    for line in text.lines().map(str::trim) {
        if line.is_empty() {
            gap = true;
            continue;
        }
        if !tidied.is_empty() {
            tidied.push_str(if gap { "\n\n" } else { "\n" });
        }
        gap = false;
        tidied.extend(line.chars().filter(|c| !c.is_control()));
    }
    tidied
}

/// All in one line, cut where it is too long.
fn line(text: &str, most: usize) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    let joined = words.join(" ");
    if joined.chars().count() <= most {
        return joined;
    }
    joined.chars().take(most - 1).chain(['…']).collect()
}

fn paragraphs(text: &str) -> Vec<Vec<&str>> {
    let paragraphs = text.split("\n\n").map(|paragraph| paragraph.lines().collect());
    paragraphs.filter(|lines: &Vec<&str>| lines.iter().any(|line| !line.is_empty())).collect()
}

/// Lines such as `When: tomorrow`, in their two parts.
fn details(text: &str) -> Vec<Value> {
    let pair = |line: &str| {
        let (label, value) = line.split_once(": ").unwrap_or(("", line));
        serde_json::json!({ "label": label, "value": value })
    };
    text.lines().filter(|line| !line.is_empty()).map(pair).collect()
}

fn problem(file: &str, error: &JinjaError) -> TemplateProblem {
    let at = error.range().map(|range| range.start);
    let before = at.and_then(|at| error.template_source()?.get(..at));
    let column = before.map_or(0, |text| {
        let line = text.rsplit('\n').next().unwrap_or_default();
        line.chars().count() + 1
    });
    let kind = error.kind().to_string();
    let message = error.detail().map_or(kind.clone(), |detail| format!("{kind}: {detail}"));
    TemplateProblem {
        file: error.name().unwrap_or(file).to_owned(),
        line: error.line().unwrap_or(0),
        column,
        message,
    }
}
