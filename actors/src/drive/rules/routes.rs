//! Where a file goes that no program decides about: the first route that fits.

use serde::{Deserialize, Serialize};

/// Where files go without a route.
pub const USUAL: &str = "processados";

/// One route; what it does not say fits every file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Route {
    /// The file's name, with `*` and `?`, in any letters; empty: every name.
    #[serde(rename = "match")]
    pub pattern: String,
    /// Its type: `application/pdf`, or `image/*`; empty: every type.
    pub mime: String,
    /// Bytes, at least.
    pub min_bytes: u64,
    /// Bytes, at most; 0: no limit.
    pub max_bytes: u64,
    /// The folder it goes to.
    pub to: String,
}

/// What a route looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Looked<'a> {
    /// The file's name.
    pub name: &'a str,
    /// Its type, if it is known.
    pub mime: &'a str,
    /// Bytes.
    pub size: u64,
}

/// The folder that a file goes to.
pub fn folder<'a>(routes: &'a [Route], file: Looked<'_>) -> &'a str {
    routes.iter().find(|route| fits(route, file)).map_or(USUAL, |route| route.to.as_str())
}

fn fits(route: &Route, file: Looked<'_>) -> bool {
    let name =
        route.pattern.is_empty() || glob(&route.pattern.to_lowercase(), &file.name.to_lowercase());
    let mime = match route.mime.strip_suffix("/*") {
        _ if route.mime.is_empty() => true,
        Some(sort) => file.mime.split('/').next() == Some(sort),
        None => file.mime == route.mime,
    };
    let most = route.max_bytes == 0 || file.size <= route.max_bytes;
    name && mime && most && file.size >= route.min_bytes
}

/// `*` is any text, `?` any character. In time of the product of both lengths at
/// most, whatever the pattern.
pub fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    // Where the last star stands, and how far it has reached.
    let mut star: Option<(usize, usize)> = None;
    while let Some(c) = text.get(t) {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(wanted) if *wanted == '?' || wanted == c => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((at, reached)) = star else { return false };
                star = Some((at, reached + 1));
                p = at + 1;
                t = reached + 1;
            }
        }
    }
    pattern.iter().skip(p).all(|c| *c == '*')
}
