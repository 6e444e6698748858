//! Where the log goes.

use std::io::{IsTerminal as _, stderr};

/// Where the log goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Somebody is looking.
    Terminal {
        /// Whether they want colours.
        colours: bool,
    },
    /// journald collects it.
    Journal,
    /// A file, a pipe, a container's log.
    Elsewhere,
}

/// What tells the places apart.
#[derive(Clone, Debug, Default)]
struct Signs {
    terminal: bool,
    no_color: Option<String>,
    journal_stream: Option<String>,
    stderr: Option<(u64, u64)>,
}

impl Place {
    /// That of this process's standard error.
    pub(super) fn of_process() -> Self {
        let stat = rustix::fs::fstat(stderr()).ok();
        tell(&Signs {
            terminal: stderr().is_terminal(),
            no_color: std::env::var("NO_COLOR").ok(),
            journal_stream: std::env::var("JOURNAL_STREAM").ok(),
            stderr: stat.map(|stat| (stat.st_dev, stat.st_ino)),
        })
    }
}

/// systemd sets `JOURNAL_STREAM` to the device and inode of the stream that it
/// connected; a child whose output goes elsewhere inherits the variable, so it
/// counts only where the numbers are those of standard error.
fn tell(signs: &Signs) -> Place {
    let numbers = |text: &str| {
        let (device, inode) = text.split_once(':')?;
        Some((device.parse().ok()?, inode.parse().ok()?))
    };
    let named = signs.journal_stream.as_deref().and_then(numbers);
    if named.is_some() && named == signs.stderr {
        Place::Journal
    } else if signs.terminal {
        // https://no-color.org: set and not empty.
        Place::Terminal { colours: signs.no_color.as_deref().unwrap_or_default().is_empty() }
    } else {
        Place::Elsewhere
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_tell_the_place() {
        let stream = |text: &str| Some(text.to_owned());
        let at = Some((8, 31));
        let signs = Signs { stderr: at, ..Signs::default() };
        assert_eq!(tell(&signs), Place::Elsewhere);
        assert_eq!(
            tell(&Signs { journal_stream: stream("8:31"), ..signs.clone() }),
            Place::Journal
        );
        for other in ["8:32", "9:31", "", "x:y"] {
            let signs = Signs { journal_stream: stream(other), ..signs.clone() };
            assert_eq!(tell(&signs), Place::Elsewhere, "{other}");
        }
        let terminal = Signs { terminal: true, ..signs };
        assert_eq!(tell(&terminal), Place::Terminal { colours: true });
        let plain = Signs { no_color: stream("1"), ..terminal };
        assert_eq!(tell(&plain), Place::Terminal { colours: false });
    }
}
