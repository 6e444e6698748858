//! `ETag`, `If-Match` and `If-None-Match` (RFC 9110, section 13) for records
//! whose tag is their version.

use warp::http::header::{self, HeaderMap};
use zelador_actors::Refusal;

/// The tag of a version: `"7"`.
pub fn etag(version: u64) -> String {
    format!("\"{version}\"")
}

/// What a list of tags asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum IfMatch {
    /// No such header: any version will do.
    #[default]
    Absent,
    /// `*`: any version will do, but there must be one.
    Any,
    /// One of these. Tags that cannot be ours are left out, so it may be empty.
    Versions(Vec<u64>),
}

impl IfMatch {
    /// What `If-Match` asks for. Weak tags never match.
    pub fn of(headers: &HeaderMap) -> Self {
        tags(headers, header::IF_MATCH, false)
    }

    /// [`Refusal::Stale`] if this version is not one of those asked for.
    pub fn check(&self, version: u64) -> Result<(), Refusal> {
        match self {
            Self::Versions(versions) if !versions.contains(&version) => Err(Refusal::Stale),
            _ => Ok(()),
        }
    }

    /// The version to expect in a commit that must not overwrite a newer one.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

/// Whether `If-None-Match` names this version, so that 304 is the answer. Weak
/// tags match here.
pub fn not_modified(headers: &HeaderMap, version: u64) -> bool {
    match tags(headers, header::IF_NONE_MATCH, true) {
        IfMatch::Absent => false,
        IfMatch::Any => true,
        IfMatch::Versions(versions) => versions.contains(&version),
    }
}

fn tags(headers: &HeaderMap, name: header::HeaderName, weak: bool) -> IfMatch {
    let mut given = false;
    let mut versions = Vec::new();
    for value in headers.get_all(name) {
        given = true;
        for tag in value.to_str().unwrap_or_default().split(',').map(str::trim) {
            if tag == "*" {
                return IfMatch::Any;
            }
            let tag = if weak { tag.strip_prefix("W/").unwrap_or(tag) } else { tag };
            versions.extend(version_of(tag));
        }
    }
    if given { IfMatch::Versions(versions) } else { IfMatch::Absent }
}

/// Only the way we write it: `"07"` is another tag.
fn version_of(tag: &str) -> Option<u64> {
    let version: u64 = tag.strip_prefix('"')?.strip_suffix('"')?.parse().ok()?;
    (etag(version) == tag).then_some(version)
}
