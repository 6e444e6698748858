//! Each call of the port.

use std::path::Path;

use async_trait::async_trait;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use serde_json::{Map, Value, json};
use tokio::io::AsyncWriteExt as _;

use super::client::{Body, Call, Talk, passing};
use super::wire::{self, read};
use crate::drive::port::{
    Changes, FOLDER, NewChannel, NewFolder, OpenChannel, Port, RemoteFile, Share, Standing,
};
use crate::drive::rules::answer::Trouble;
use crate::drive::rules::tree::MARK;

/// Ids hold nothing else; whatever comes, it stays one part of the path.
const PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_');
/// Files, and changes, asked for at once: the most there is.
const PAGE: &str = "1000";
/// Pages of one list, at most.
const PAGES: usize = 1000;

fn of(id: &str) -> String {
    format!("drive/v3/files/{}", utf8_percent_encode(id, PART))
}

/// A text inside a query: a backslash before each backslash, then each quote.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// What is said of a file that is to be made.
fn about(new: &NewFolder, mime: &str) -> Value {
    let mut about = Map::new();
    about.insert("id".into(), new.id.as_str().into());
    about.insert("name".into(), new.name.as_str().into());
    about.insert("mimeType".into(), mime.into());
    about.insert("appProperties".into(), json!({ MARK: new.mark }));
    about.extend(new.parent.as_ref().map(|parent| ("parents".into(), json!([parent]))));
    Value::Object(about)
}

impl Talk {
    /// Confined to the shared drive, if there is one.
    fn within(&self, call: Call) -> Call {
        let call = call.with("includeItemsFromAllDrives", "true");
        if self.drive.is_empty() { call } else { call.with("driveId", self.drive.clone()) }
    }

    async fn one(&self, call: Call) -> Result<RemoteFile, Trouble> {
        let file: wire::File = read(&self.call(&call.with("fields", wire::FILE)).await?)?;
        Ok(file.into())
    }

    async fn list(&self, q: &str) -> Result<Vec<RemoteFile>, Trouble> {
        let (mut found, mut token) = (Vec::new(), None::<String>);
        for _ in 0..PAGES {
            let fields = format!("nextPageToken,incompleteSearch,files({})", wire::FILE);
            let mut call = self.within(Call::get("drive/v3/files")).with("q", q);
            call = call.with("pageSize", PAGE).with("fields", fields);
            if !self.drive.is_empty() {
                call = call.with("corpora", "drive");
            }
            if let Some(token) = token {
                call = call.with("pageToken", token);
            }
            let page: wire::Files = read(&self.call(&call).await?)?;
            if page.incomplete_search {
                tracing::debug!("Google Drive did not look everywhere");
            }
            found.extend(page.rows.into_iter().map(RemoteFile::from));
            token = page.next_page_token;
            if token.is_none() {
                return Ok(found);
            }
        }
        Ok(found)
    }
}

#[async_trait]
impl Port for Talk {
    async fn standing(&self) -> Result<Standing, Trouble> {
        let call =
            Call::get("drive/v3/about").with("fields", "user(emailAddress),storageQuota(limit)");
        let about: wire::About = read(&self.call(&call).await?)?;
        let limit = about.storage_quota.limit.and_then(|limit| limit.parse().ok());
        let mut standing = Standing { email: about.user.email_address, limit, drive: None };
        if !self.drive.is_empty() {
            let path = format!("drive/v3/drives/{}", utf8_percent_encode(&self.drive, PART));
            let call = Call::get(path).with("fields", "name,restrictions,capabilities");
            standing.drive = match self.call(&call).await {
                Ok(body) => Some(read::<wire::Drive>(&body)?.into()),
                Err(Trouble::Missing) => None,
                Err(trouble) => return Err(trouble),
            };
        }
        Ok(standing)
    }

    async fn ids(&self, count: usize) -> Result<Vec<String>, Trouble> {
        let call = Call::get("drive/v3/files/generateIds").with("count", count.to_string());
        let told: wire::Ids =
            read(&self.call(&call.with("space", "drive").with("type", "files")).await?)?;
        Ok(told.ids)
    }

    async fn make_folder(&self, new: &NewFolder) -> Result<RemoteFile, Trouble> {
        let body = about(new, FOLDER);
        self.one(Call::new(Method::POST, "drive/v3/files").json(body)).await
    }

    async fn file(&self, id: &str) -> Result<RemoteFile, Trouble> {
        self.one(Call::get(of(id))).await
    }

    async fn in_folder(&self, id: &str) -> Result<Vec<RemoteFile>, Trouble> {
        self.list(&format!("{} in parents and trashed = false", quoted(id))).await
    }

    async fn marked(&self, mark: &str) -> Result<Vec<RemoteFile>, Trouble> {
        let (key, value) = (quoted(MARK), quoted(mark));
        let q = format!("appProperties has {{ key={key} and value={value} }} and trashed = false");
        self.list(&q).await
    }

    async fn untrash(&self, id: &str) -> Result<RemoteFile, Trouble> {
        self.one(Call::new(Method::PATCH, of(id)).json(json!({ "trashed": false }))).await
    }

    async fn move_file(&self, id: &str, from: &str, to: &str) -> Result<RemoteFile, Trouble> {
        let call = Call::new(Method::PATCH, of(id)).with("addParents", to);
        self.one(call.with("removeParents", from).json(Value::Object(Map::new()))).await
    }

    async fn shares(&self, id: &str) -> Result<Vec<Share>, Trouble> {
        let (mut found, mut token) = (Vec::new(), None::<String>);
        for _ in 0..PAGES {
            let fields =
                "nextPageToken,permissions(id,emailAddress,role,permissionDetails(inherited))";
            let call = Call::get(format!("{}/permissions", of(id))).with("pageSize", "100");
            let mut call = call.with("fields", fields);
            if let Some(token) = token {
                call = call.with("pageToken", token);
            }
            let page: wire::Permissions = read(&self.call(&call).await?)?;
            let own = page.permissions.into_iter().filter(wire::Permission::is_own);
            found.extend(own.map(Share::from));
            token = page.next_page_token;
            if token.is_none() {
                break;
            }
        }
        Ok(found)
    }

    async fn share(&self, id: &str, email: &str, notify: bool) -> Result<String, Trouble> {
        let call = Call::new(Method::POST, format!("{}/permissions", of(id)));
        let call = call.with("sendNotificationEmail", notify.to_string()).with("fields", "id");
        let body = json!({ "role": "writer", "type": "user", "emailAddress": email });
        let made: wire::Permission = read(&self.call(&call.json(body)).await?)?;
        Ok(made.id)
    }

    async fn unshare(&self, id: &str, share: &str) -> Result<(), Trouble> {
        let path = format!("{}/permissions/{}", of(id), utf8_percent_encode(share, PART));
        match self.call(&Call::new(Method::DELETE, path)).await {
            Ok(_) | Err(Trouble::Missing) => Ok(()),
            Err(trouble) => Err(trouble),
        }
    }

    async fn download(&self, id: &str, to: &Path) -> Result<u64, Trouble> {
        let mut answer = self.answered(&Call::get(of(id)).with("alt", "media")).await?;
        let local = |error: std::io::Error| Trouble::Passing {
            why: format!("a file cannot be written on the VM: {error}"),
            after: None,
        };
        let mut file = tokio::fs::File::create(to).await.map_err(local)?;
        let mut bytes = 0;
        while let Some(chunk) = answer.chunk().await.map_err(passing)? {
            file.write_all(&chunk).await.map_err(local)?;
            bytes += u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        }
        file.flush().await.map_err(local)?;
        file.sync_all().await.map_err(local)?;
        Ok(bytes)
    }

    async fn put_text(&self, new: &NewFolder, text: &str) -> Result<(), Trouble> {
        let about = about(new, "text/plain");
        // No text of ours holds the boundary: it is as long as an id, and as random.
        let boundary = format!("zelador-{}", new.id);
        let kind = format!("multipart/related; boundary={boundary}");
        let body = format!(
            "--{boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{about}\r\n--{boundary}\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\n{text}\r\n--{boundary}--\r\n"
        );
        let mut call = Call::new(Method::POST, "upload/drive/v3/files");
        call = call.with("uploadType", "multipart").with("fields", "id");
        call.uploads = true;
        call.body = Body::Other(kind, body.into_bytes());
        match self.call(&call).await {
            Ok(_) | Err(Trouble::Exists) => Ok(()),
            Err(trouble) => Err(trouble),
        }
    }

    async fn log_end(&self) -> Result<String, Trouble> {
        let mut call = Call::get("drive/v3/changes/startPageToken");
        if !self.drive.is_empty() {
            call = call.with("driveId", self.drive.clone());
        }
        let told: wire::Start = read(&self.call(&call).await?)?;
        Ok(told.token)
    }

    async fn changes(&self, from: &str) -> Result<Changes, Trouble> {
        let fields = format!(
            "nextPageToken,newStartPageToken,changes(changeType,fileId,removed,file({}))",
            wire::FILE
        );
        let call = self.within(Call::get("drive/v3/changes")).with("pageToken", from);
        let call =
            call.with("pageSize", PAGE).with("includeRemoved", "true").with("fields", fields);
        let page: wire::ChangeList = read(&self.call(&call).await?)?;
        let end = page.new_start_page_token.is_some();
        let next = page.new_start_page_token.or(page.next_page_token);
        let none =
            || Trouble::Passing { why: "a page of changes without an end".into(), after: None };
        let changes = page.changes.into_iter().filter_map(wire::ChangeRow::change).collect();
        Ok(Changes { changes, next: next.ok_or_else(none)?, end })
    }

    async fn watch(&self, from: &str, new: &NewChannel) -> Result<OpenChannel, Trouble> {
        let call = self.within(Call::new(Method::POST, "drive/v3/changes/watch"));
        let body = json!({
            "id": new.id, "type": "web_hook", "address": new.address, "token": new.token,
            "expiration": new.expiration.to_string(),
        });
        let told: wire::Channel =
            read(&self.call(&call.with("pageToken", from).json(body)).await?)?;
        let expiration = match &told.expiration {
            Value::String(text) => text.parse().ok(),
            number => number.as_i64(),
        };
        let expiration = expiration.unwrap_or(new.expiration);
        Ok(OpenChannel { resource: told.resource_id, expiration })
    }

    async fn stop(&self, channel: &str, resource: &str) -> Result<(), Trouble> {
        let body = json!({ "id": channel, "resourceId": resource });
        let mut call = Call::new(Method::POST, "drive/v3/channels/stop").json(body);
        call.query.clear();
        match self.call(&call).await {
            Ok(_) | Err(Trouble::Missing) => Ok(()),
            Err(trouble) => Err(trouble),
        }
    }
}
