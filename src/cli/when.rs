//! Times as people type them.

use jiff::tz::TimeZone;
use zelador_actors::moment::Spoken;

use super::{Exit, Failure};

/// The instant that is meant by an option, as the daemon takes it; without an
/// offset, local to this machine.
pub(super) fn instant(option: &str, text: &str) -> Result<String, Failure> {
    let usage = |error: &dyn std::fmt::Display| {
        Failure::new(Exit::Usage, format_args!("{option}: `{text}`: {error}"))
    };
    let spoken: Spoken = text.parse().map_err(|error| usage(&error))?;
    let at = spoken.resolve(&TimeZone::system()).map_err(|error| usage(&error))?;
    Ok(at.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_instants_for_the_daemon() {
        let at = |text| instant("--at", text);
        assert_eq!(at("2025-12-05T14:00:00-03:00").unwrap(), "2025-12-05T17:00:00.000Z");
        assert!(at("2025-12-05 14:00").unwrap().ends_with('Z'));
        let wrong = at("tomorrow").unwrap_err();
        assert_eq!(wrong.exit, Exit::Usage);
        assert!(wrong.message.contains("--at"));
    }
}
