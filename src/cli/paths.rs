//! Paths and queries of requests, from what people type.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stands for itself in a path and in a query.
const PLAIN: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b':');

/// A segment of a path.
pub(super) fn segment(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

/// A path with a query of what is given.
pub(super) fn with_query(path: &str, members: &[(&str, Option<&str>)]) -> String {
    let given = members.iter().filter_map(|(name, value)| Some((name, (*value)?)));
    let pairs: Vec<String> =
        given.map(|(name, value)| format!("{name}={}", segment(value))).collect();
    if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_stays_one_segment() {
        assert_eq!(segment("../tokens?x=1&y#z"), "..%2Ftokens%3Fx%3D1%26y%23z");
        assert_eq!(segment("user.scheduled_ban"), "user.scheduled_ban");
        let members = [("queue", Some("a b")), ("kind", None), ("state", Some("failed"))];
        assert_eq!(with_query("jobs", &members), "jobs?queue=a%20b&state=failed");
        assert_eq!(with_query("jobs", &[("kind", None)]), "jobs");
    }
}
