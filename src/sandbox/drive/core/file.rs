//! A file or folder, and how it is shown.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use zelador_store::Timestamp;

use super::permissions::Permission;

/// What a folder is.
pub(crate) const FOLDER: &str = "application/vnd.google-apps.folder";

/// What a file holds, with its digests.
#[derive(Debug, Clone)]
pub(crate) struct Content {
    pub(crate) bytes: Bytes,
    pub(crate) md5: String,
    pub(crate) sha256: String,
    pub(crate) revision: String,
}

impl Content {
    /// With the id of its revision.
    pub(crate) fn new(bytes: Bytes, revision: String) -> Self {
        let md5 = format!("{:x}", md5::compute(&bytes));
        let sha256 = hex::encode(Sha256::digest(&bytes));
        Self { bytes, md5, sha256, revision }
    }
}

/// A file or folder.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) mime: String,
    /// `None`: it is a root.
    pub(crate) parent: Option<String>,
    /// The shared drive it is in.
    pub(crate) drive: Option<String>,
    /// Whose it is; of a shared drive's files nobody is the owner.
    pub(crate) owner: Option<String>,
    pub(crate) trashed: bool,
    pub(crate) content: Option<Content>,
    pub(crate) version: u64,
    pub(crate) created: Timestamp,
    pub(crate) modified: Timestamp,
    pub(crate) modified_by: String,
    /// By project and key.
    pub(crate) app_properties: BTreeMap<(String, String), String>,
    pub(crate) properties: BTreeMap<String, String>,
    /// Its own, without those that it inherits.
    pub(crate) permissions: Vec<Permission>,
    /// The project that made it.
    pub(crate) project: Option<String>,
    /// Its place in the order of creation.
    pub(crate) serial: u64,
}

/// What a file is made of.
#[derive(Debug, Clone, Default)]
pub(crate) struct NewFile {
    pub(crate) id: Option<String>,
    pub(crate) name: String,
    pub(crate) mime: Option<String>,
    pub(crate) parents: Vec<String>,
    pub(crate) app_properties: BTreeMap<String, String>,
    pub(crate) properties: BTreeMap<String, String>,
    pub(crate) content: Option<Content>,
}

/// What is to change about a file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Patch {
    pub(crate) name: Option<String>,
    pub(crate) mime: Option<String>,
    pub(crate) trashed: Option<bool>,
    pub(crate) add: Vec<String>,
    pub(crate) remove: Vec<String>,
    /// `None` takes a mark off.
    pub(crate) app_properties: BTreeMap<String, Option<String>>,
    pub(crate) properties: BTreeMap<String, Option<String>>,
    pub(crate) content: Option<Content>,
}

impl File {
    pub(crate) fn is_folder(&self) -> bool {
        self.mime == FOLDER
    }

    /// What can be said of it without looking around. `project`: whose marks.
    pub(super) fn shown(&self, project: &str) -> Map<String, Value> {
        let mut map = Map::new();
        let mut put = |name: &str, value: Value| {
            map.insert(name.to_owned(), value);
        };
        put("kind", "drive#file".into());
        put("id", self.id.as_str().into());
        put("name", self.name.as_str().into());
        put("mimeType", self.mime.as_str().into());
        put("parents", json!(self.parent.iter().collect::<Vec<_>>()));
        put("explicitlyTrashed", self.trashed.into());
        put("version", self.version.to_string().into());
        put("createdTime", self.created.to_string().into());
        put("modifiedTime", self.modified.to_string().into());
        let by = json!({ "kind": "drive#user", "emailAddress": self.modified_by });
        put("lastModifyingUser", by);
        let link = if self.is_folder() {
            format!("https://drive.google.com/drive/folders/{}", self.id)
        } else {
            format!("https://drive.google.com/file/d/{}/view", self.id)
        };
        put("webViewLink", link.into());
        if let Some(drive) = &self.drive {
            put("driveId", drive.as_str().into());
        }
        if let Some(owner) = &self.owner {
            put("owners", json!([{ "kind": "drive#user", "emailAddress": owner }]));
        }
        let marks = self.app_properties.iter().filter(|((of, _), _)| of == project);
        let marks: Map<_, _> = marks.map(|((_, k), v)| (k.clone(), v.as_str().into())).collect();
        if !marks.is_empty() {
            put("appProperties", marks.into());
        }
        if !self.properties.is_empty() {
            put("properties", json!(self.properties));
        }
        if let Some(content) = &self.content {
            put("size", content.bytes.len().to_string().into());
            put("md5Checksum", content.md5.as_str().into());
            put("sha256Checksum", content.sha256.as_str().into());
            put("headRevisionId", content.revision.as_str().into());
            put("originalFilename", self.name.as_str().into());
        }
        map
    }
}
