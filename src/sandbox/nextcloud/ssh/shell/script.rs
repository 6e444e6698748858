//! A script as it was read: commands, what joins them, where their words come from.

/// A part of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// As it is.
    Text(String),
    /// The value of a variable; whether it stood in double quotes.
    Variable(String, bool),
    /// What a script prints; whether it stood in double quotes.
    Substitution(String, bool),
}

/// A word before expansion.
pub(crate) type Word = Vec<Piece>;

/// When a command runs, by how the one before it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Joint {
    /// Always. A pipe and a background job count as such: they run.
    Always,
    /// If it succeeded.
    AfterSuccess,
    /// If it failed.
    AfterFailure,
}

/// A command: assignments before it, its words, where its streams go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Command {
    pub(crate) joint: Joint,
    pub(crate) assignments: Vec<(String, Word)>,
    pub(crate) words: Vec<Word>,
    /// Targets of `>` and `>>`: files that the command would have written.
    pub(crate) writes: Vec<Word>,
    /// Whether standard error goes where standard output goes.
    pub(crate) joined: bool,
}

/// The line is no command line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Syntax error: {0}")]
pub(crate) struct Syntax(pub(crate) &'static str);

/// What a line falls into.
pub(super) enum Token {
    /// A word.
    Word(Word),
    /// The end of a command.
    Joint(Joint),
    /// `>`; the target follows as a word.
    Write,
    /// `2>&1`.
    Join,
}

impl Command {
    const fn after(joint: Joint) -> Self {
        Self {
            joint,
            assignments: Vec::new(),
            words: Vec::new(),
            writes: Vec::new(),
            joined: false,
        }
    }

    const fn is_empty(&self) -> bool {
        self.words.is_empty() && self.assignments.is_empty() && self.writes.is_empty()
    }
}

/// The name and value of `NAME=value`.
fn assignment(word: &[Piece]) -> Option<(String, Word)> {
    let Some(Piece::Text(first)) = word.first() else { return None };
    let (name, value) = first.split_once('=')?;
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let begins = name.chars().next().is_some_and(|c| !c.is_ascii_digit());
    if !begins || !name.chars().all(legal) {
        return None;
    }
    let rest = word.iter().skip(1).cloned();
    let value = std::iter::once(Piece::Text(value.to_owned())).chain(rest).collect();
    Some((name.to_owned(), value))
}

/// Puts tokens together to commands.
pub(super) fn commands(tokens: Vec<Token>) -> Result<Vec<Command>, Syntax> {
    let mut all = Vec::new();
    let mut now = Command::after(Joint::Always);
    let mut tokens = tokens.into_iter();
    while let Some(token) = tokens.next() {
        match token {
            Token::Word(word) => match assignment(&word).filter(|_| now.words.is_empty()) {
                Some(assignment) => now.assignments.push(assignment),
                None => now.words.push(word),
            },
            Token::Joint(joint) => {
                all.push(std::mem::replace(&mut now, Command::after(joint)));
            }
            Token::Join => now.joined = true,
            Token::Write => match tokens.next() {
                Some(Token::Word(word)) => now.writes.push(word),
                _ => return Err(Syntax("newline unexpected")),
            },
        }
    }
    all.push(now);
    all.retain(|command| !command.is_empty());
    Ok(all)
}
