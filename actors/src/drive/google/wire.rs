//! Answers as Google writes them. Numbers of 64 bits are texts.

use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use crate::drive::port::{Change, RemoteFile, Share, SharedDrive};
use crate::drive::rules::answer::Trouble;
use crate::drive::rules::tree::MARK;

/// What is asked of a file.
pub(super) const FILE: &str = "id,name,mimeType,parents,trashed,size,md5Checksum,sha256Checksum,version,headRevisionId,appProperties,webViewLink";

/// Reads an answer.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Trouble> {
    serde_json::from_slice(body).map_err(|error| {
        let at = format!("line {}, column {}", error.line(), error.column());
        Trouble::Passing { why: format!("an answer that is none ({at})"), after: None }
    })
}

/// A text that is never printed.
pub(super) fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<SecretString, D::Error> {
    String::deserialize(from).map(SecretString::from)
}

/// A number, or a text that is one; what is neither is none.
fn number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    let value = serde_json::Value::deserialize(from)?;
    Ok(value.as_u64().or_else(|| value.as_str()?.parse().ok()))
}

#[derive(Deserialize)]
pub(super) struct Token {
    #[serde(deserialize_with = "secret")]
    pub(super) access_token: SecretString,
    pub(super) expires_in: u64,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct File {
    id: String,
    name: String,
    mime_type: String,
    parents: Vec<String>,
    trashed: bool,
    #[serde(deserialize_with = "number")]
    size: Option<u64>,
    md5_checksum: Option<String>,
    sha256_checksum: Option<String>,
    #[serde(deserialize_with = "number")]
    version: Option<u64>,
    head_revision_id: Option<String>,
    app_properties: std::collections::BTreeMap<String, String>,
    web_view_link: Option<String>,
}

impl From<File> for RemoteFile {
    fn from(file: File) -> Self {
        Self {
            id: file.id,
            name: file.name,
            mime: file.mime_type,
            parent: file.parents.into_iter().next(),
            trashed: file.trashed,
            size: file.size,
            md5: file.md5_checksum,
            sha256: file.sha256_checksum,
            version: file.version.unwrap_or(0),
            revision: file.head_revision_id,
            mark: file.app_properties.get(MARK).cloned(),
            link: file.web_view_link,
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Files {
    #[serde(rename = "files")]
    pub(super) rows: Vec<File>,
    pub(super) next_page_token: Option<String>,
    pub(super) incomplete_search: bool,
}

#[derive(Deserialize)]
pub(super) struct Ids {
    pub(super) ids: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Permission {
    pub(super) id: String,
    email_address: Option<String>,
    role: String,
    #[serde(rename = "permissionDetails")]
    details: Vec<Detail>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Detail {
    inherited: bool,
}

impl Permission {
    /// Whether it is the folder's own, and not one from above.
    pub(super) fn is_own(&self) -> bool {
        self.details.iter().all(|detail| !detail.inherited)
    }
}

impl From<Permission> for Share {
    fn from(permission: Permission) -> Self {
        Self { id: permission.id, email: permission.email_address, role: permission.role }
    }
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Permissions {
    pub(super) permissions: Vec<Permission>,
    pub(super) next_page_token: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Start {
    #[serde(rename = "startPageToken")]
    pub(super) token: String,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ChangeList {
    pub(super) changes: Vec<ChangeRow>,
    pub(super) next_page_token: Option<String>,
    pub(super) new_start_page_token: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ChangeRow {
    file_id: Option<String>,
    removed: bool,
    file: Option<File>,
}

impl ChangeRow {
    /// The change of a file; changes of drives are of no interest.
    pub(super) fn change(self) -> Option<Change> {
        let now = self.file.filter(|_| !self.removed).map(RemoteFile::from);
        Some(Change { file: self.file_id?, now })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Channel {
    pub(super) resource_id: String,
    /// A number, or a text that is one.
    #[serde(default)]
    pub(super) expiration: serde_json::Value,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct About {
    pub(super) user: User,
    pub(super) storage_quota: Quota,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct User {
    pub(super) email_address: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Quota {
    pub(super) limit: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Drive {
    name: String,
    restrictions: Restrictions,
    capabilities: Capabilities,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Restrictions {
    domain_users_only: bool,
    drive_members_only: bool,
    sharing_folders_requires_organizer_permission: bool,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Capabilities {
    can_add_children: bool,
    can_share: bool,
}

impl From<Drive> for SharedDrive {
    fn from(drive: Drive) -> Self {
        Self {
            name: drive.name,
            domain_users_only: drive.restrictions.domain_users_only,
            members_only: drive.restrictions.drive_members_only,
            folders_need_organizer: drive
                .restrictions
                .sharing_folders_requires_organizer_permission,
            can_add: drive.capabilities.can_add_children,
            can_share: drive.capabilities.can_share,
        }
    }
}
