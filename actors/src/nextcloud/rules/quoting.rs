//! Words for a remote shell: every value in single quotes, nothing left to it.

/// The value cannot be sent through a shell's command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a value with a NUL or a line break cannot go through a command line")]
pub struct Unspeakable;

/// A value as one word of a POSIX shell.
pub fn quote(value: &str) -> Result<String, Unspeakable> {
    if value.contains(['\0', '\n', '\r']) {
        return Err(Unspeakable);
    }
    Ok(format!("'{}'", value.replace('\'', r#"'"'"'"#)))
}

/// `--name=value` as one word.
pub fn option(name: &str, value: &str) -> Result<String, Unspeakable> {
    quote(&format!("--{name}={value}"))
}

/// A value for people, such as a name, with its line breaks made blanks.
pub fn one_line(value: &str) -> String {
    value.replace(|c: char| c.is_control(), " ")
}
