//! Making, finding, changing and deleting files.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use zelador_store::Timestamp;

use super::access::{Caller, Standing};
use super::file::{Content, FOLDER, File, NewFile, Patch};
use super::query::Query;
use super::refusal::Refused;
use super::world::World;

/// Bytes of a mark, key and value together.
const MOST_MARK: usize = 124;
/// Marks of one program on a file.
const MOST_MARKS: usize = 30;

/// What a list is asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct ListAsk {
    pub(crate) q: Option<String>,
    pub(crate) drive: Option<String>,
    pub(crate) all_drives: bool,
    /// `includeItemsFromAllDrives`.
    pub(crate) include_all: bool,
    pub(crate) page_size: usize,
    pub(crate) page_token: Option<String>,
    /// So many of the newest files are not found yet.
    pub(crate) lag: u64,
}

/// A page of files.
#[derive(Debug)]
pub(crate) struct Listing {
    pub(crate) files: Vec<Value>,
    pub(crate) next: Option<String>,
}

impl World {
    /// A file as its caller sees it, with what depends on what is around it.
    pub(crate) fn shown(&self, caller: &Caller, file: &File) -> Value {
        let mut map = file.shown(&caller.project);
        map.insert("trashed".into(), self.is_trashed(file).into());
        let standing = self.standing(caller, file);
        map.insert("capabilities".into(), capabilities(file, standing));
        let own = file.owner.as_deref().is_some_and(|o| o.eq_ignore_ascii_case(&caller.email));
        map.insert("ownedByMe".into(), own.into());
        map.insert("shared".into(), (file.drive.is_some() || !file.permissions.is_empty()).into());
        let ids: Vec<_> = file.permissions.iter().map(|p| p.id.as_str()).collect();
        map.insert("permissionIds".into(), json!(ids));
        Value::Object(map)
    }

    /// One file.
    pub(crate) fn get(
        &self,
        caller: &Caller,
        id: &str,
        all_drives: bool,
    ) -> Result<Value, Refused> {
        let (file, _) = self.seen(caller, id, all_drives)?;
        Ok(self.shown(caller, file))
    }

    /// What a file holds.
    pub(crate) fn content(
        &self,
        caller: &Caller,
        id: &str,
        all_drives: bool,
    ) -> Result<(String, Content), Refused> {
        let (file, _) = self.seen(caller, id, all_drives)?;
        let message =
            "Only files with binary content can be downloaded. Use Export with Docs Editors files.";
        let refused = || Refused::new(403, "fileNotDownloadable", message);
        Ok((file.mime.clone(), file.content.clone().ok_or_else(refused)?))
    }

    /// Makes a file. `fresh`: its id, if the caller brings none.
    pub(crate) fn create(
        &mut self,
        caller: &Caller,
        new: NewFile,
        all_drives: bool,
        fresh: String,
        now: Timestamp,
    ) -> Result<String, Refused> {
        caller.may_write()?;
        if new.parents.len() > 1 {
            let message = "A file cannot be added to more than one folder.";
            return Err(Refused::new(400, "cannotAddParent", message));
        }
        marks_fit(&new.app_properties)?;
        let parent = new.parents.first().cloned().unwrap_or_else(|| "root".to_owned());
        let (parent, standing) = self.seen(caller, &parent, all_drives)?;
        let (parent, drive) = (parent.id.clone(), parent.drive.clone());
        if !standing.may_edit() {
            return Err(Refused::not_permitted(&parent));
        }
        let mime = new.mime.clone().unwrap_or_else(|| "application/octet-stream".to_owned());
        if caller.service && drive.is_none() && mime != FOLDER {
            let message = "Service Accounts do not have storage quota. Leverage shared drives, or use OAuth delegation instead.";
            return Err(Refused::new(403, "storageQuotaExceeded", message));
        }
        let id = self.id_for(&new, &mime, fresh)?;
        let owner = drive.is_none().then(|| caller.email.clone());
        let project = Some(caller.project.clone());
        let file = File {
            id: id.clone(),
            name: if new.name.is_empty() { "Untitled".to_owned() } else { new.name },
            content: new.content.or_else(|| empty(&mime)),
            mime,
            parent: Some(parent),
            drive: drive.clone(),
            owner,
            trashed: false,
            version: 1,
            created: now,
            modified: now,
            modified_by: caller.email.clone(),
            app_properties: own_marks(&caller.project, new.app_properties),
            properties: new.properties,
            permissions: Vec::new(),
            project,
            serial: self.next_serial(),
        };
        self.place(file);
        self.note(&id, drive, false, now);
        Ok(id)
    }

    /// The id of a new file: one that was handed out makes it once.
    fn id_for(&mut self, new: &NewFile, mime: &str, fresh: String) -> Result<String, Refused> {
        let Some(id) = new.id.clone() else { return Ok(fresh) };
        if self.files.contains_key(&id) {
            let message = "A file already exists with the provided ID.";
            return Err(Refused::new(409, "fileIdInUse", message));
        }
        let native = mime.starts_with("application/vnd.google-apps.") && mime != FOLDER;
        if native || !self.issued.remove(&id) {
            return Err(Refused::invalid("file.id", "The provided file ID is not usable."));
        }
        Ok(id)
    }

    /// The files that a query finds.
    pub(crate) fn list(&self, caller: &Caller, ask: &ListAsk) -> Result<Listing, Refused> {
        let query = ask.q.as_deref().map(Query::parse).transpose()?;
        let after = match &ask.page_token {
            None => 0,
            Some(token) => token
                .strip_prefix("~!!~")
                .and_then(|serial| serial.parse::<u64>().ok())
                .ok_or_else(|| Refused::invalid("pageToken", "Invalid Value"))?,
        };
        if let Some(drive) = &ask.drive {
            self.drive_seen(caller, drive)?;
        }
        let newest = self.newest(ask.lag);
        let fits = |file: &&File| {
            let place = match &ask.drive {
                Some(drive) => file.drive.as_ref() == Some(drive) && ask.include_all,
                None => file.drive.is_none() || (ask.include_all && ask.all_drives),
            };
            file.parent.is_some()
                && place
                && file.serial > after
                && file.serial <= newest
                && self.standing(caller, file).is_some()
                && query.as_ref().is_none_or(|query| query.fits(self, file, caller))
        };
        let mut found: Vec<&File> = match query.as_ref().and_then(Query::parent) {
            Some(parent) => self.in_folder(caller, parent).into_iter().filter(fits).collect(),
            None => self.files.values().filter(fits).collect(),
        };
        found.sort_by_key(|file| file.serial);
        let more = found.len() > ask.page_size;
        found.truncate(ask.page_size);
        let next = found.last().filter(|_| more).map(|last| format!("~!!~{}", last.serial));
        Ok(Listing {
            files: found.into_iter().map(|file| self.shown(caller, file)).collect(),
            next,
        })
    }

    fn newest(&self, lag: u64) -> u64 {
        if lag == 0 {
            return u64::MAX;
        }
        self.files.values().map(|file| file.serial).max().unwrap_or(0).saturating_sub(lag)
    }

    fn in_folder(&self, caller: &Caller, parent: &str) -> Vec<&File> {
        let root = Self::root_of(&caller.email);
        let parent = if parent == "root" { &root } else { parent };
        let ids = self.children.get(parent).into_iter().flatten();
        ids.filter_map(|id| self.files.get(id)).collect()
    }

    /// Changes a file: its name, its place, its marks, its content, the trash.
    pub(crate) fn update(
        &mut self,
        caller: &Caller,
        id: &str,
        patch: Patch,
        all_drives: bool,
        now: Timestamp,
    ) -> Result<(), Refused> {
        caller.may_write()?;
        let (file, standing) = self.seen(caller, id, all_drives)?;
        let (id, trashes) = (file.id.clone(), patch.trashed.is_some_and(|on| on != file.trashed));
        if !standing.may_edit() || (trashes && !standing.may_trash()) {
            return Err(Refused::not_permitted(&id));
        }
        let place = self.new_place(caller, file, standing, &patch, all_drives)?;
        if let Some(place) = place {
            self.move_to(&id, place);
        }
        let Some(file) = self.files.get_mut(&id) else { return Ok(()) };
        let content = patch.content.is_some();
        if let Some(name) = patch.name {
            file.name = name;
        }
        if let Some(mime) = patch.mime {
            file.mime = mime;
        }
        if let Some(new) = patch.content {
            file.content = Some(new);
        }
        file.trashed = patch.trashed.unwrap_or(file.trashed);
        for (key, value) in patch.app_properties {
            let key = (caller.project.clone(), key);
            match value {
                Some(value) => file.app_properties.insert(key, value),
                None => file.app_properties.remove(&key),
            };
        }
        for (key, value) in patch.properties {
            match value {
                Some(value) => file.properties.insert(key, value),
                None => file.properties.remove(&key),
            };
        }
        self.touched(&id, &caller.email, now, content);
        Ok(())
    }

    /// Where a file goes; in the end it has one parent.
    fn new_place(
        &self,
        caller: &Caller,
        file: &File,
        standing: Standing,
        patch: &Patch,
        all_drives: bool,
    ) -> Result<Option<String>, Refused> {
        if patch.add.is_empty() && patch.remove.is_empty() {
            return Ok(None);
        }
        let mut parents: Vec<String> = file.parent.iter().cloned().collect();
        parents.retain(|parent| !patch.remove.contains(parent));
        for added in &patch.add {
            let (folder, into) = self.seen(caller, added, all_drives)?;
            if !into.may_edit() || !standing.may_move() {
                return Err(Refused::not_permitted(&file.id));
            }
            if !parents.contains(&folder.id) {
                parents.push(folder.id.clone());
            }
        }
        match parents.as_slice() {
            [one] => Ok((Some(one) != file.parent.as_ref()).then(|| one.clone())),
            [] if file.drive.is_none() => Ok(Some(Self::root_of(&caller.email))),
            _ if file.drive.is_some() => {
                let message = "A shared drive item must have exactly one parent.";
                Err(Refused::new(403, "teamDrivesParentLimit", message))
            }
            _ => Err(Refused::new(
                403,
                "cannotAddParent",
                "Increasing the number of parents is not allowed",
            )),
        }
    }

    fn move_to(&mut self, id: &str, place: String) {
        let drive = self.files.get(&place).and_then(|folder| folder.drive.clone());
        let Some(file) = self.files.get_mut(id) else { return };
        if let Some(old) = file.parent.replace(place.clone())
            && let Some(children) = self.children.get_mut(&old)
        {
            children.remove(id);
        }
        file.drive = drive;
        self.children.entry(place).or_default().insert(id.to_owned());
    }

    /// Deletes a file for good, with all that is in it.
    pub(crate) fn delete(
        &mut self,
        caller: &Caller,
        id: &str,
        all_drives: bool,
        now: Timestamp,
    ) -> Result<(), Refused> {
        caller.may_write()?;
        let (file, standing) = self.seen(caller, id, all_drives)?;
        if !standing.may_delete() || file.parent.is_none() {
            return Err(Refused::not_permitted(id));
        }
        let id = file.id.clone();
        self.remove(&id, now);
        Ok(())
    }

    fn remove(&mut self, id: &str, now: Timestamp) {
        for child in self.children.remove(id).unwrap_or_default() {
            self.remove(&child, now);
        }
        let Some(file) = self.files.remove(id) else { return };
        if let Some(children) =
            file.parent.as_ref().and_then(|parent| self.children.get_mut(parent))
        {
            children.remove(id);
        }
        self.note(id, file.drive, true, now);
    }

    /// A shared drive whose member the caller is.
    pub(crate) fn drive_seen(&self, caller: &Caller, id: &str) -> Result<Value, Refused> {
        let missing = || {
            let message = format!("Shared drive not found: {id}");
            Refused { location: Some("driveId"), ..Refused::new(404, "notFound", message) }
        };
        let drive = self.drives.get(id).ok_or_else(missing)?;
        let mut members = drive.members.iter();
        let role = members.find(|(email, _)| email.eq_ignore_ascii_case(&caller.email));
        let (_, role) = role.ok_or_else(missing)?;
        let root = self.files.get(id);
        let standing = root.and_then(|root| self.standing(caller, root));
        Ok(json!({
            "kind": "drive#drive", "id": id, "name": drive.name,
            "restrictions": {
                "domainUsersOnly": drive.restrictions.domain_users_only,
                "driveMembersOnly": drive.restrictions.members_only,
                "sharingFoldersRequiresOrganizerPermission": drive.restrictions.folders_need_organizer,
                "adminManagedRestrictions": false,
                "copyRequiresWriterPermission": false,
            },
            "capabilities": {
                "canAddChildren": standing.is_some_and(Standing::may_edit),
                "canEdit": standing.is_some_and(Standing::may_edit),
                "canListChildren": true,
                "canManageMembers": role.word() == "organizer",
                "canShare": role.word() == "organizer" || role.word() == "fileOrganizer",
            },
        }))
    }
}

/// An upload without content is an empty file; folders and Google's own sorts
/// hold nothing.
fn empty(mime: &str) -> Option<Content> {
    let native = mime.starts_with("application/vnd.google-apps.");
    (!native).then(|| Content::new(bytes::Bytes::new(), "0".to_owned()))
}

fn own_marks(project: &str, marks: BTreeMap<String, String>) -> BTreeMap<(String, String), String> {
    marks.into_iter().map(|(key, value)| ((project.to_owned(), key), value)).collect()
}

fn marks_fit(marks: &BTreeMap<String, String>) -> Result<(), Refused> {
    let too_long = marks.iter().any(|(key, value)| key.len() + value.len() > MOST_MARK);
    if too_long || marks.len() > MOST_MARKS {
        let message = "The properties exceed the limits.";
        return Err(Refused::new(400, "propertyLimitExceeded", message));
    }
    Ok(())
}

fn capabilities(file: &File, standing: Option<Standing>) -> Value {
    let can = |what: fn(Standing) -> bool| standing.is_some_and(what);
    let mut all = Map::new();
    for (name, may) in [
        ("canEdit", can(Standing::may_edit)),
        ("canAddChildren", can(Standing::may_edit) && file.is_folder()),
        ("canListChildren", file.is_folder()),
        ("canMoveItemWithinDrive", can(Standing::may_move) && file.parent.is_some()),
        ("canTrash", can(Standing::may_trash) && file.parent.is_some()),
        ("canDelete", can(Standing::may_delete) && file.parent.is_some()),
        ("canShare", can(Standing::may_edit)),
        ("canDownload", !file.is_folder()),
        ("canRename", can(Standing::may_edit)),
    ] {
        all.insert(name.to_owned(), may.into());
    }
    all.into()
}
