//! Arguments from a template: values of a request become parts of a command
//! without ever becoming a command. Pure.
//!
//! A template is a list of arguments in which `{name}` stands for a value. Each
//! stays one argument whatever the value holds; no shell reads it. What a program
//! could mistake for an option, or cannot take at all, is refused.

use std::collections::BTreeMap;

/// Bytes of a value, at most.
const MOST: usize = 4096;

/// Why no command is made of a template and these values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// The template names a value that there is not.
    #[error("the argument {argument:?} names {name:?}, which is not known; there are: {known}")]
    Unknown {
        /// The argument of the template.
        argument: String,
        /// The name in it.
        name: String,
        /// The names there are.
        known: String,
    },
    /// A brace opens and does not close.
    #[error("the argument {0:?} has a brace that does not close; two braces stand for one")]
    Unclosed(String),
    /// A value has a control character.
    #[error("{0} holds a character that cannot be part of a command")]
    Control(String),
    /// A value is too long.
    #[error("{0} is longer than {MOST} bytes")]
    Long(String),
    /// A value would be read as an option.
    #[error(
        "{0} begins with a dash and would be read as an option: write it as --name={{{0}}}, or after --"
    )]
    Option(String),
}

/// A piece of an argument.
enum Piece<'a> {
    Text(&'a str),
    Brace(char),
    Value(&'a str),
}

/// The arguments that a template makes of these values.
pub fn fill(template: &[String], values: &BTreeMap<&str, String>) -> Result<Vec<String>, Unfit> {
    let mut all_are_values = false;
    let mut made = Vec::with_capacity(template.len());
    for argument in template {
        made.push(one(argument, values, all_are_values)?);
        all_are_values |= argument == "--";
    }
    Ok(made)
}

fn one(
    argument: &str,
    values: &BTreeMap<&str, String>,
    after_dashes: bool,
) -> Result<String, Unfit> {
    let mut made = String::new();
    for piece in pieces(argument)? {
        match piece {
            Piece::Text(text) => made.push_str(text),
            Piece::Brace(brace) => made.push(brace),
            Piece::Value(name) => {
                let value = values.get(name).ok_or_else(|| Unfit::Unknown {
                    argument: argument.to_owned(),
                    name: name.to_owned(),
                    known: values.keys().copied().collect::<Vec<_>>().join(", "),
                })?;
                fits(name, value)?;
                if made.is_empty() && value.starts_with('-') && !after_dashes {
                    return Err(Unfit::Option(name.to_owned()));
                }
                made.push_str(value);
            }
        }
    }
    Ok(made)
}

fn fits(name: &str, value: &str) -> Result<(), Unfit> {
    if value.chars().any(char::is_control) {
        return Err(Unfit::Control(name.to_owned()));
    }
    if value.len() > MOST {
        return Err(Unfit::Long(name.to_owned()));
    }
    Ok(())
}

fn pieces(argument: &str) -> Result<Vec<Piece<'_>>, Unfit> {
    let unclosed = || Unfit::Unclosed(argument.to_owned());
    let (mut found, mut rest) = (Vec::new(), argument);
    while let Some(at) = rest.find(['{', '}']) {
        let (text, braced) = rest.split_at(at);
        let (piece, after) = if let Some(after) = braced.strip_prefix("{{") {
            (Piece::Brace('{'), after)
        } else if let Some(after) = braced.strip_prefix("}}") {
            (Piece::Brace('}'), after)
        } else {
            let inner = braced.strip_prefix('{').ok_or_else(unclosed)?;
            let (name, after) = inner.split_once('}').ok_or_else(unclosed)?;
            (Piece::Value(name.trim()), after)
        };
        found.extend([Piece::Text(text), piece]);
        rest = after;
    }
    found.push(Piece::Text(rest));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn filled(template: &[&str], email: &str) -> Result<Vec<String>, Unfit> {
        let template: Vec<_> = template.iter().map(|&argument| argument.to_owned()).collect();
        let values =
            BTreeMap::from([("user.email", email.to_owned()), ("user.id", "7".to_owned())]);
        fill(&template, &values)
    }

    #[test]
    fn a_value_takes_its_place() {
        let made = filled(&["--email", "{user.email}", "--id={ user.id }", "{{x}}"], "a@b.c");
        assert_eq!(made.unwrap(), ["--email", "a@b.c", "--id=7", "{x}"]);
    }

    #[test]
    fn what_would_be_an_option_is_refused_unless_it_cannot_be_one() {
        assert_eq!(
            filled(&["{user.email}"], "--root"),
            Err(Unfit::Option("user.email".to_owned()))
        );
        assert_eq!(filled(&["--email={user.email}"], "-x").unwrap(), ["--email=-x"]);
        assert_eq!(filled(&["--", "{user.email}"], "-x").unwrap(), ["--", "-x"]);
        assert!(filled(&["--", "{user.id}{user.email}"], "-x").is_ok());
    }

    #[test]
    fn what_no_command_can_hold_is_refused() {
        for value in ["a\0b", "a\nb", "\u{1b}[2J", "\u{85}"] {
            assert_eq!(
                filled(&["{user.email}"], value),
                Err(Unfit::Control("user.email".to_owned()))
            );
        }
        assert_eq!(
            filled(&["{user.email}"], &"x".repeat(MOST + 1)),
            Err(Unfit::Long("user.email".to_owned()))
        );
    }

    #[test]
    fn a_template_with_a_mistake_says_which() {
        let error = filled(&["{user.mail}"], "a").unwrap_err().to_string();
        assert_eq!(
            error,
            "the argument \"{user.mail}\" names \"user.mail\", which is not known; there are: user.email, user.id"
        );
        for broken in ["{user.id", "user.id}", "{"] {
            assert_eq!(filled(&[broken], "a"), Err(Unfit::Unclosed(broken.to_owned())), "{broken}");
        }
    }

    proptest! {
        /// Whatever a value holds, an argument stays one, and holds it as it is.
        #[test]
        fn one_argument_stays_one(value in "[^\\p{Cc}]{0,40}") {
            let made = filled(&["--email={user.email}", "last"], &value);
            prop_assert_eq!(made.unwrap(), [format!("--email={value}"), "last".to_owned()]);
        }

        /// No template makes it fall over.
        #[test]
        fn any_template_is_read(template in "[{}a.\u{e9} ]{0,12}") {
            let _ = filled(&[template.as_str()], "a");
        }
    }
}
