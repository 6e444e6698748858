//! Sharing: permissions on files, and what a shared drive forbids.

use serde_json::{Value, json};

use super::super::json::put;
use super::access::{Caller, domain, same};
use super::file::File;
use super::refusal::Refused;
use super::world::World;

/// What a permission grants, from the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    Reader,
    Commenter,
    Writer,
    FileOrganizer,
    Organizer,
    Owner,
}

impl Role {
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "reader" => Self::Reader,
            "commenter" => Self::Commenter,
            "writer" => Self::Writer,
            "fileOrganizer" => Self::FileOrganizer,
            "organizer" => Self::Organizer,
            "owner" => Self::Owner,
            _ => return None,
        })
    }

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Commenter => "commenter",
            Self::Writer => "writer",
            Self::FileOrganizer => "fileOrganizer",
            Self::Organizer => "organizer",
            Self::Owner => "owner",
        }
    }
}

/// Whom a permission is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    User,
    Group,
    Domain,
    Anyone,
}

impl Kind {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "user" => Self::User,
            "group" => Self::Group,
            "domain" => Self::Domain,
            "anyone" => Self::Anyone,
            _ => return None,
        })
    }

    const fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Domain => "domain",
            Self::Anyone => "anyone",
        }
    }
}

/// A permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Permission {
    pub(crate) id: String,
    pub(crate) role: Role,
    pub(crate) kind: Kind,
    /// An address, or a domain.
    pub(crate) email: Option<String>,
}

/// What somebody asks to be granted.
#[derive(Debug, Clone)]
pub(crate) struct NewPermission {
    pub(crate) role: String,
    pub(crate) kind: String,
    pub(crate) email: Option<String>,
    /// Whether the person is told by mail.
    pub(crate) notify: bool,
}

impl Permission {
    fn shown(&self, from: Option<&str>) -> Value {
        let mut value = json!({
            "kind": "drive#permission", "id": self.id, "type": self.kind.word(),
            "role": self.role.word(), "deleted": false,
        });
        let name = if self.kind == Kind::Domain { "domain" } else { "emailAddress" };
        if let Some(email) = &self.email {
            put(&mut value, name, email.as_str());
        }
        let mut detail = json!({
            "permissionType": "file", "role": self.role.word(), "inherited": from.is_some(),
        });
        if let Some(from) = from {
            put(&mut detail, "inheritedFrom", from);
        }
        put(&mut value, "permissionDetails", json!([detail]));
        value
    }
}

impl World {
    /// The permissions on a file, its own and those from above.
    pub(crate) fn permissions(
        &self,
        caller: &Caller,
        id: &str,
        all_drives: bool,
    ) -> Result<Vec<Value>, Refused> {
        let (file, standing) = self.seen(caller, id, all_drives)?;
        if !standing.may_edit() {
            return Err(Refused::not_permitted(id));
        }
        let mut all = Vec::new();
        let mut at = Some(file);
        while let Some(here) = at {
            let from = (here.id != file.id).then_some(here.id.as_str());
            all.extend(here.permissions.iter().map(|permission| permission.shown(from)));
            at = here.parent.as_ref().and_then(|parent| self.files.get(parent));
        }
        Ok(all)
    }

    /// The permissions on a file itself: what a change begins from. Two changes that
    /// begin from the same are one: the last.
    pub(crate) fn own_permissions(&self, id: &str) -> Vec<Permission> {
        self.files.get(id).map(|file| file.permissions.clone()).unwrap_or_default()
    }

    /// What the permissions become if this one is granted, and the new one.
    pub(crate) fn grant(
        &self,
        caller: &Caller,
        id: &str,
        new: &NewPermission,
        all_drives: bool,
    ) -> Result<(Permission, Value), Refused> {
        caller.may_write()?;
        let (file, standing) = self.seen(caller, id, all_drives)?;
        let role = Role::parse(&new.role)
            .ok_or_else(|| Refused::invalid("permission.role", "The specified role is invalid."))?;
        let kind = Kind::parse(&new.kind).ok_or_else(|| {
            Refused::invalid("permission.type", "The permission type field is invalid.")
        })?;
        if kind != Kind::Anyone && new.email.as_deref().is_none_or(str::is_empty) {
            let message = "The permission type field is required to have an address.";
            return Err(Refused::invalid("permission.emailAddress", message));
        }
        self.may_share(file, standing.role)?;
        self.restrictions_allow(file, new.email.as_deref(), kind)?;
        let known =
            new.email.as_deref().is_some_and(|email| self.accounts.contains(&email.to_lowercase()));
        if kind == Kind::User && !known && !new.notify {
            let message = "Bad Request. User message: \"You are trying to invite an address that has no Google account. Check Notify people to do so.\"";
            return Err(Refused::new(400, "invalidSharingRequest", message));
        }
        let permission = Permission {
            id: permission_id(new.email.as_deref().unwrap_or("anyone")),
            role,
            kind,
            email: new.email.clone(),
        };
        let shown = permission.shown(None);
        Ok((permission, shown))
    }

    /// Puts the permissions of a file in the place of those it had.
    pub(crate) fn set_permissions(
        &mut self,
        id: &str,
        all: Vec<Permission>,
        caller: &Caller,
        now: zelador_store::Timestamp,
    ) {
        if let Some(file) = self.files.get_mut(id) {
            file.permissions = all;
        }
        self.touched(id, &caller.email, now, false);
    }

    /// Whether this permission may be taken off by the caller.
    pub(crate) fn revocable(
        &self,
        caller: &Caller,
        id: &str,
        permission: &str,
        all_drives: bool,
    ) -> Result<(), Refused> {
        caller.may_write()?;
        let (file, standing) = self.seen(caller, id, all_drives)?;
        self.may_share(file, standing.role)?;
        if file.permissions.iter().any(|own| own.id == permission) {
            return Ok(());
        }
        let message = format!("Permission not found: {permission}.");
        Err(Refused { location: Some("permissionId"), ..Refused::new(404, "notFound", message) })
    }

    fn may_share(&self, file: &File, role: Role) -> Result<(), Refused> {
        let Some(drive) = file.drive.as_ref().and_then(|drive| self.drives.get(drive)) else {
            return if role >= Role::Writer {
                Ok(())
            } else {
                Err(Refused::not_permitted(&file.id))
            };
        };
        let least = match (file.is_folder(), drive.restrictions.folders_need_organizer) {
            (true, true) => Role::Organizer,
            (true, false) => Role::FileOrganizer,
            (false, _) => Role::Writer,
        };
        if role >= least { Ok(()) } else { Err(Refused::not_permitted(&file.id)) }
    }

    fn restrictions_allow(
        &self,
        file: &File,
        email: Option<&str>,
        kind: Kind,
    ) -> Result<(), Refused> {
        let Some(drive) = file.drive.as_ref().and_then(|drive| self.drives.get(drive)) else {
            return Ok(());
        };
        let restrictions = &drive.restrictions;
        let outside = kind == Kind::Anyone
            || email.is_some_and(|email| domain(email) != Some(restrictions.domain.as_str()));
        if restrictions.domain_users_only && outside {
            let message = "The domain administrators have disabled sharing outside of the domain.";
            return Err(Refused::new(403, "teamDriveDomainUsersOnlyRestriction", message));
        }
        let member = drive.members.iter().any(|(of, _)| email.is_some_and(|email| same(of, email)));
        if restrictions.members_only && !member {
            let message = "Only members of the shared drive may have access to its items.";
            return Err(Refused::new(403, "teamDriveTeamMembersOnlyRestriction", message));
        }
        Ok(())
    }
}

/// The same person has the same permission id on every file.
fn permission_id(email: &str) -> String {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(email.to_lowercase().as_bytes());
    let number = digest.iter().take(8).fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    format!("{number:020}")
}
