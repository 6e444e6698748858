//! `fields`: what of an answer is wanted. A name that the resource does not have is
//! refused, as the real one does.

use serde_json::{Map, Value};

use super::refusal::Refused;

/// The members of a resource that can be asked for; an empty list inside: whatever
/// is in it.
pub(crate) type Shape = &'static [(&'static str, &'static [&'static str])];

const FILE: &[&str] = &[
    "kind",
    "id",
    "name",
    "mimeType",
    "parents",
    "trashed",
    "explicitlyTrashed",
    "size",
    "md5Checksum",
    "sha256Checksum",
    "version",
    "createdTime",
    "modifiedTime",
    "headRevisionId",
    "driveId",
    "teamDriveId",
    "appProperties",
    "properties",
    "lastModifyingUser",
    "capabilities",
    "shortcutDetails",
    "webViewLink",
    "owners",
    "ownedByMe",
    "shared",
    "permissionIds",
    "permissions",
    "originalFilename",
    "resourceKey",
    "description",
    "starred",
    "fileExtension",
];
const PERMISSION: &[&str] = &[
    "kind",
    "id",
    "type",
    "role",
    "emailAddress",
    "domain",
    "deleted",
    "permissionDetails",
    "displayName",
    "allowFileDiscovery",
    "expirationTime",
    "pendingOwner",
];

/// A file.
pub(crate) const OF_FILE: Shape = &[("", FILE)];
/// A page of files.
pub(crate) const OF_FILES: Shape =
    &[("", &["kind", "nextPageToken", "incompleteSearch"]), ("files", FILE)];
/// A permission.
pub(crate) const OF_PERMISSION: Shape = &[("", PERMISSION)];
/// A page of permissions.
pub(crate) const OF_PERMISSIONS: Shape =
    &[("", &["kind", "nextPageToken"]), ("permissions", PERMISSION)];
/// A page of changes.
pub(crate) const OF_CHANGES: Shape = &[
    ("", &["kind", "nextPageToken", "newStartPageToken"]),
    ("changes", &["kind", "changeType", "type", "time", "removed", "fileId", "driveId", "drive"]),
    ("changes/file", FILE),
];
/// What is said of the caller.
pub(crate) const OF_ABOUT: Shape =
    &[("", &["kind", "user", "storageQuota", "maxUploadSize", "importFormats", "exportFormats"])];
/// A shared drive.
pub(crate) const OF_DRIVE: Shape =
    &[("", &["kind", "id", "name", "restrictions", "capabilities", "createdTime", "hidden"])];
/// A page of shared drives.
pub(crate) const OF_DRIVES: Shape = &[
    ("", &["kind", "nextPageToken"]),
    ("drives", &["kind", "id", "name", "restrictions", "capabilities", "createdTime", "hidden"]),
];

/// What is wanted: names, and of each what inside; an empty one means all.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Mask(Map<String, Value>);

impl Mask {
    /// Reads one, and checks it against what there is.
    pub(crate) fn parse(text: &str, shape: Shape) -> Result<Self, Refused> {
        let invalid = |what: &str| Refused {
            location: Some("fields"),
            ..Refused::new(400, "invalidParameter", format!("Invalid field selection {what}"))
        };
        let mut rest = text;
        let mask = list(&mut rest).filter(|_| rest.is_empty()).ok_or_else(|| invalid(text))?;
        check(&mask, "", shape).map_err(|what| invalid(&what))?;
        Ok(Self(mask))
    }

    /// What is left of an answer.
    pub(crate) fn cut(&self, value: Value) -> Value {
        cut(value, &self.0)
    }
}

/// `a,b(c,d),e/f`
fn list(rest: &mut &str) -> Option<Map<String, Value>> {
    let mut all = Map::new();
    loop {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '*').unwrap_or(rest.len());
        let (name, after) = rest.split_at_checked(end)?;
        (!name.is_empty()).then_some(())?;
        *rest = after;
        let inner = if let Some(after) = rest.strip_prefix('(') {
            *rest = after;
            let inner = list(rest)?;
            *rest = rest.strip_prefix(')')?;
            inner
        } else if let Some(after) = rest.strip_prefix('/') {
            *rest = after;
            let end = rest.find(',').unwrap_or(rest.len());
            let (mut path, after) = rest.split_at_checked(end)?;
            *rest = after;
            list(&mut path).filter(|_| path.is_empty())?
        } else {
            Map::new()
        };
        all.insert(name.to_owned(), inner.into());
        match rest.strip_prefix(',') {
            Some(after) => *rest = after,
            None => return Some(all),
        }
    }
}

fn check(mask: &Map<String, Value>, at: &str, shape: Shape) -> Result<(), String> {
    let Some((_, names)) = shape.iter().find(|(path, _)| *path == at) else { return Ok(()) };
    for (name, inner) in mask {
        let below = if at.is_empty() { name.clone() } else { format!("{at}/{name}") };
        let known = names.contains(&name.as_str()) || shape.iter().any(|(path, _)| *path == below);
        if name != "*" && !known {
            return Err(name.clone());
        }
        if let Some(inner) = inner.as_object() {
            check(inner, &below, shape)?;
        }
    }
    Ok(())
}

fn cut(value: Value, mask: &Map<String, Value>) -> Value {
    if mask.is_empty() {
        return value;
    }
    match value {
        Value::Array(items) => items.into_iter().map(|item| cut(item, mask)).collect(),
        Value::Object(members) => {
            let wanted = |name: &str| mask.get(name).or_else(|| mask.get("*"));
            let kept = members.into_iter().filter_map(|(name, value)| {
                let inner = wanted(&name)?.as_object()?;
                Some((name, cut(value, inner)))
            });
            Value::Object(kept.collect())
        }
        plain => plain,
    }
}
