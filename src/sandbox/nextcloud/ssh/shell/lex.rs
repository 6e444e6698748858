//! Reading a command line as a POSIX shell does: quotes, operators, expansions.
//!
//! Only what clients of `occ` may send, or an attacker may hope for, is known;
//! anything else is an error, as it would be for a shell that is damaged.

use std::iter::Peekable;
use std::str::Chars;

use super::script::{Command, Joint, Piece, Syntax, Token, Word, commands};

/// Reads a script.
pub(crate) fn parse(script: &str) -> Result<Vec<Command>, Syntax> {
    let mut lexer = Lexer { chars: script.chars().peekable(), tokens: Vec::new() };
    lexer.run()?;
    commands(lexer.tokens)
}

struct Lexer<'a> {
    chars: Peekable<Chars<'a>>,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    fn run(&mut self) -> Result<(), Syntax> {
        while let Some(&c) = self.chars.peek() {
            match c {
                ' ' | '\t' | '\r' => {
                    self.chars.next();
                }
                '#' => while self.chars.next_if(|c| *c != '\n').is_some() {},
                '\n' | ';' => self.joint(Joint::Always),
                '&' | '|' => self.double(c),
                '>' => self.write(),
                '<' => return Err(Syntax("redirections of input are not known here")),
                '(' | ')' => return Err(Syntax("\"(\" unexpected")),
                _ => self.word()?,
            }
        }
        Ok(())
    }

    fn joint(&mut self, joint: Joint) {
        self.chars.next();
        self.tokens.push(Token::Joint(joint));
    }

    fn double(&mut self, c: char) {
        self.chars.next();
        let doubled = self.chars.next_if_eq(&c).is_some();
        let joint = match (c, doubled) {
            ('&', true) => Joint::AfterSuccess,
            ('|', true) => Joint::AfterFailure,
            _ => Joint::Always,
        };
        self.tokens.push(Token::Joint(joint));
    }

    fn write(&mut self) {
        self.chars.next();
        self.chars.next_if_eq(&'>');
        if self.chars.next_if_eq(&'&').is_some() {
            self.chars.next();
            self.tokens.push(Token::Join);
        } else {
            self.tokens.push(Token::Write);
        }
    }

    fn word(&mut self) -> Result<(), Syntax> {
        let mut word = Word::new();
        while let Some(&c) = self.chars.peek() {
            match c {
                ' ' | '\t' | '\r' | '\n' | ';' | '&' | '|' | '<' | '>' | '(' | ')' => break,
                '\'' => self.single(&mut word)?,
                '"' => self.double_quoted(&mut word)?,
                '\\' => self.escaped(&mut word),
                '$' => self.dollar(&mut word, false)?,
                '`' => self.backquoted(&mut word, false)?,
                c => {
                    self.chars.next();
                    push(&mut word, c);
                }
            }
        }
        // `2>` names a stream, not a word.
        let number = matches!(word.as_slice(), [Piece::Text(text)] if text == "2" || text == "1");
        if !(number && self.chars.peek() == Some(&'>')) {
            self.tokens.push(Token::Word(word));
        }
        Ok(())
    }

    fn escaped(&mut self, word: &mut Word) {
        self.chars.next();
        match self.chars.next() {
            Some('\n') => {}
            Some(c) => push(word, c),
            None => push(word, '\\'),
        }
    }

    fn single(&mut self, word: &mut Word) -> Result<(), Syntax> {
        self.chars.next();
        push_text(word, "");
        for c in self.chars.by_ref() {
            if c == '\'' {
                return Ok(());
            }
            push(word, c);
        }
        Err(Syntax("Unterminated quoted string"))
    }

    fn double_quoted(&mut self, word: &mut Word) -> Result<(), Syntax> {
        self.chars.next();
        push_text(word, "");
        while let Some(&c) = self.chars.peek() {
            match c {
                '"' => {
                    self.chars.next();
                    return Ok(());
                }
                '$' => self.dollar(word, true)?,
                '`' => self.backquoted(word, true)?,
                '\\' => self.escaped_in_quotes(word),
                c => {
                    self.chars.next();
                    push(word, c);
                }
            }
        }
        Err(Syntax("Unterminated quoted string"))
    }

    fn escaped_in_quotes(&mut self, word: &mut Word) {
        self.chars.next();
        match self.chars.next() {
            Some('\n') => {}
            Some(c @ ('"' | '\\' | '$' | '`')) => push(word, c),
            Some(c) => {
                push(word, '\\');
                push(word, c);
            }
            None => push(word, '\\'),
        }
    }

    fn dollar(&mut self, word: &mut Word, quoted: bool) -> Result<(), Syntax> {
        self.chars.next();
        match self.chars.peek() {
            Some('(') => {
                self.chars.next();
                let script = self.inside(')', Some('('))?;
                word.push(Piece::Substitution(script, quoted));
            }
            Some('{') => {
                self.chars.next();
                let name = self.inside('}', None)?;
                word.push(Piece::Variable(name, quoted));
            }
            Some(c) if c.is_ascii_alphabetic() || *c == '_' => {
                let mut name = String::new();
                let inside = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
                while let Some(c) = self.chars.next_if(inside) {
                    name.push(c);
                }
                word.push(Piece::Variable(name, quoted));
            }
            Some(c) if "?$!#*@0123456789".contains(*c) => {
                let name = self.chars.next().map(String::from).unwrap_or_default();
                word.push(Piece::Variable(name, quoted));
            }
            _ => push(word, '$'),
        }
        Ok(())
    }

    fn backquoted(&mut self, word: &mut Word, quoted: bool) -> Result<(), Syntax> {
        self.chars.next();
        let script = self.inside('`', None)?;
        word.push(Piece::Substitution(script, quoted));
        Ok(())
    }

    /// Up to a closing character; what opens again is counted.
    fn inside(&mut self, close: char, open: Option<char>) -> Result<String, Syntax> {
        let mut depth = 0;
        let mut text = String::new();
        for c in self.chars.by_ref() {
            if Some(c) == open {
                depth += 1;
            } else if c == close {
                if depth == 0 {
                    return Ok(text);
                }
                depth -= 1;
            }
            text.push(c);
        }
        Err(Syntax("end of file unexpected"))
    }
}

fn push(word: &mut Word, c: char) {
    push_text(word, c.encode_utf8(&mut [0; 4]));
}

fn push_text(word: &mut Word, text: &str) {
    if let Some(Piece::Text(last)) = word.last_mut() {
        last.push_str(text);
    } else {
        word.push(Piece::Text(text.to_owned()));
    }
}
