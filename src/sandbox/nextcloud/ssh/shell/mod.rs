//! The login shell of the SSH side: just enough of a POSIX shell to run `occ`
//! for honest clients, and to show what a dishonest value would have done.
//!
//! Every command that runs is noted by name, in [`Stage::ran`]: a test that hands
//! in hostile values sees there whether one of them was executed.

pub(crate) mod lex;
mod programs;
mod script;
mod sudo;

use std::collections::{BTreeMap, VecDeque};
use std::pin::Pin;

use self::script::{Command, Joint, Piece};
use super::super::stage::Stage;

/// What a command left behind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Output {
    pub(crate) code: u32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// The connection is to be cut instead of an answer.
    pub(crate) cut: bool,
}

impl Output {
    pub(crate) fn out(code: u32, stdout: impl Into<String>) -> Self {
        Self { code, stdout: stdout.into(), ..Self::default() }
    }

    pub(crate) fn err(code: u32, stderr: impl Into<String>) -> Self {
        Self { code, stderr: stderr.into(), ..Self::default() }
    }
}

/// Variables, and which of them programs see.
pub(crate) type Variables = BTreeMap<String, (String, bool)>;

/// One shell, which lives as long as the script it was given.
pub(crate) struct Shell {
    stage: Stage,
    /// The unix user it runs as.
    user: String,
    variables: Variables,
    folder: String,
    /// Lines of standard input that were not read yet.
    input: VecDeque<String>,
    last: u32,
    exited: bool,
}

type Running<'a> = Pin<Box<dyn Future<Output = Output> + Send + 'a>>;

impl Shell {
    /// A login shell of a user with this input.
    pub(crate) fn new(stage: Stage, user: &str, input: &str) -> Self {
        let mut variables = Variables::new();
        for (name, value) in [("HOME", "/home"), ("PATH", "/usr/bin:/bin"), ("USER", user)] {
            variables.insert(name.to_owned(), (value.to_owned(), true));
        }
        let input = input.split_inclusive('\n').map(str::to_owned).collect();
        let folder = "/home".to_owned();
        Self { stage, user: user.to_owned(), variables, folder, input, last: 0, exited: false }
    }

    /// Runs a script.
    pub(crate) fn run<'a>(&'a mut self, script: &'a str) -> Running<'a> {
        Box::pin(async move {
            let commands = match lex::parse(script) {
                Ok(commands) => commands,
                Err(error) => return Output::err(2, format!("sh: 1: {error}\n")),
            };
            let mut all = Output::default();
            for command in commands {
                let due = match command.joint {
                    Joint::Always => true,
                    Joint::AfterSuccess => self.last == 0,
                    Joint::AfterFailure => self.last != 0,
                };
                if !due || self.exited || all.cut {
                    continue;
                }
                let output = self.command(command, &mut all.stderr).await;
                self.last = output.code;
                all.code = output.code;
                all.cut = output.cut;
                all.stdout.push_str(&output.stdout);
                all.stderr.push_str(&output.stderr);
            }
            all
        })
    }

    async fn command(&mut self, command: Command, errors: &mut String) -> Output {
        let mut words = Vec::new();
        for word in &command.words {
            words.extend(self.fields(word, errors).await);
        }
        let mut given = Variables::new();
        for (name, value) in &command.assignments {
            let value = self.fields(value, errors).await.join(" ");
            given.insert(name.clone(), (value, true));
        }
        for target in &command.writes {
            let target = self.fields(target, errors).await.join(" ");
            if target != "/dev/null" {
                self.stage.note_run(&format!("> {target}"));
            }
        }
        let Some((name, arguments)) = words.split_first() else {
            for (name, (value, _)) in given {
                self.assign(&name, value);
            }
            return Output::default();
        };
        let mut output = self.call(name, arguments, given).await;
        if command.joined {
            output.stdout.push_str(&std::mem::take(&mut output.stderr));
        }
        if !command.writes.is_empty() {
            output.stdout.clear();
        }
        output
    }

    /// Sets a variable; one that programs see stays such.
    fn assign(&mut self, name: &str, value: String) {
        let exported = self.variables.get(name).is_some_and(|(_, exported)| *exported);
        self.variables.insert(name.to_owned(), (value, exported));
    }

    /// A word expanded: what was unquoted falls apart at blanks.
    async fn fields(&mut self, word: &[Piece], errors: &mut String) -> Vec<String> {
        let mut fields: Vec<String> = Vec::new();
        let mut open: Option<String> = None;
        for piece in word {
            let (text, whole) = match piece {
                Piece::Text(text) => (text.clone(), true),
                Piece::Variable(name, quoted) => (self.value(name), *quoted),
                Piece::Substitution(script, quoted) => {
                    let output = self.run(script).await;
                    errors.push_str(&output.stderr);
                    (output.stdout.trim_end_matches('\n').to_owned(), *quoted)
                }
            };
            if whole {
                open.get_or_insert_default().push_str(&text);
                continue;
            }
            for (at, part) in text.split_whitespace().enumerate() {
                if at > 0 || text.starts_with(char::is_whitespace) {
                    fields.extend(open.take());
                }
                open.get_or_insert_default().push_str(part);
            }
            if text.ends_with(char::is_whitespace) {
                fields.extend(open.take());
            }
        }
        fields.extend(open);
        fields
    }

    fn value(&self, name: &str) -> String {
        if name == "?" {
            return self.last.to_string();
        }
        self.variables.get(name).map(|(value, _)| value.clone()).unwrap_or_default()
    }

    /// What a program sees of the variables.
    fn environment(&self, given: &Variables) -> BTreeMap<String, String> {
        let exported = self.variables.iter().filter(|(_, (_, exported))| *exported);
        let all = exported.chain(given.iter());
        all.map(|(name, (value, _))| (name.clone(), value.clone())).collect()
    }

    fn call<'a>(
        &'a mut self,
        name: &'a str,
        arguments: &'a [String],
        given: Variables,
    ) -> Running<'a> {
        Box::pin(async move {
            self.stage.note_run(name);
            if let Some(output) = self.builtin(name, arguments, &given) {
                return output;
            }
            let seen = self.environment(&given);
            if name == "exec" || name == "command" {
                let Some((name, rest)) = arguments.split_first() else { return Output::default() };
                return self.call(name, rest, given).await;
            }
            programs::run(&self.stage, &self.user, &self.folder, name, arguments, seen).await
        })
    }

    /// Commands of the shell itself.
    fn builtin(&mut self, name: &str, arguments: &[String], given: &Variables) -> Option<Output> {
        let first = arguments.first().map(String::as_str);
        match name {
            ":" | "true" | "set" | "umask" => Some(Output::default()),
            "false" => Some(Output::out(1, "")),
            "exit" => {
                self.exited = true;
                let code = first.and_then(|code| code.parse().ok()).unwrap_or(self.last);
                Some(Output::out(code, ""))
            }
            "cd" => {
                first.unwrap_or("/home").clone_into(&mut self.folder);
                Some(Output::default())
            }
            "export" => {
                for argument in arguments {
                    let (name, value) = match argument.split_once('=') {
                        Some((name, value)) => (name, value.to_owned()),
                        None => (argument.as_str(), self.value(argument)),
                    };
                    self.variables.insert(name.to_owned(), (value, true));
                }
                Some(Output::default())
            }
            "unset" => {
                self.variables.retain(|name, _| !arguments.contains(name));
                Some(Output::default())
            }
            "read" => Some(self.read(arguments, given)),
            _ => None,
        }
    }

    /// `read [-r] NAME`: a line of input. Without `IFS=` outer blanks go; without
    /// `-r` backslashes do.
    fn read(&mut self, arguments: &[String], given: &Variables) -> Output {
        let raw = arguments.iter().any(|argument| argument == "-r");
        let name = arguments.iter().find(|argument| !argument.starts_with('-'));
        let mut text = self.input.pop_front().unwrap_or_default();
        let complete = text.ends_with('\n');
        if complete {
            text.pop();
        }
        if !raw {
            text = text.replace('\\', "");
        }
        if given.get("IFS").is_none_or(|(ifs, _)| !ifs.is_empty()) {
            let blank = |c: char| matches!(c, ' ' | '\t');
            text = text.trim_matches(blank).into();
        }
        if let Some(name) = name {
            self.assign(name, text);
        }
        Output::out(u32::from(!complete), "")
    }
}
