//! Who may do what with a file: by ownership, by a permission on it or above it,
//! by membership of its shared drive.

use super::file::File;
use super::permissions::{Kind, Role};
use super::refusal::Refused;
use super::world::World;

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    /// Whose rights count.
    pub(crate) email: String,
    /// A service account by itself: it has no storage.
    pub(crate) service: bool,
    /// The program's project: marks and `drive.file` are its own.
    pub(crate) project: String,
    /// What the token is for.
    pub(crate) scopes: Vec<String>,
}

const SCOPE: &str = "https://www.googleapis.com/auth/";

impl Caller {
    /// A person at a browser.
    pub(crate) fn person(email: &str) -> Self {
        let scopes = vec![format!("{SCOPE}drive")];
        Self { email: email.to_owned(), service: false, project: String::new(), scopes }
    }

    fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|held| held.strip_prefix(SCOPE) == Some(scope))
    }

    /// Whether only files of the program's own making are seen.
    pub(super) fn sees_own_only(&self) -> bool {
        !self.has("drive") && !self.has("drive.readonly") && !self.has("drive.metadata")
    }

    /// Whether the token lets anything be changed.
    pub(crate) fn may_write(&self) -> Result<(), Refused> {
        if self.has("drive") || self.has("drive.file") {
            return Ok(());
        }
        let message = "Request had insufficient authentication scopes.";
        Err(Refused::new(403, "insufficientPermissions", message))
    }
}

/// What a caller may do with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Standing {
    pub(super) role: Role,
    pub(super) in_drive: bool,
}

impl Standing {
    pub(super) fn may_edit(self) -> bool {
        self.role >= Role::Writer
    }

    /// Move it out of its folder, or within its drive.
    pub(super) fn may_move(self) -> bool {
        self.role >= if self.in_drive { Role::FileOrganizer } else { Role::Writer }
    }

    /// In My Drive the owner alone.
    pub(super) fn may_trash(self) -> bool {
        self.role >= if self.in_drive { Role::FileOrganizer } else { Role::Owner }
    }

    pub(super) fn may_delete(self) -> bool {
        self.role >= if self.in_drive { Role::Organizer } else { Role::Owner }
    }
}

impl World {
    /// The caller's role on a file; `None`: it is invisible.
    pub(super) fn standing(&self, caller: &Caller, file: &File) -> Option<Standing> {
        if caller.sees_own_only() && file.project.as_deref() != Some(&caller.project) {
            return None;
        }
        let mut best = None;
        let mut at = Some(file);
        while let Some(here) = at {
            if here.owner.as_deref().is_some_and(|owner| same(owner, &caller.email)) {
                best = best.max(Some(Role::Owner));
            }
            let for_caller = here.permissions.iter().filter(|permission| match permission.kind {
                Kind::Anyone => true,
                Kind::Domain => domain(&caller.email) == permission.email.as_deref(),
                Kind::User | Kind::Group => {
                    permission.email.as_deref().is_some_and(|email| same(email, &caller.email))
                }
            });
            best = best.max(for_caller.map(|permission| permission.role).max());
            at = here.parent.as_ref().and_then(|parent| self.files.get(parent));
        }
        if let Some(drive) = file.drive.as_ref().and_then(|drive| self.drives.get(drive)) {
            let members = drive.members.iter().filter(|(email, _)| same(email, &caller.email));
            best = best.max(members.map(|(_, role)| *role).max());
        }
        Some(Standing { role: best?, in_drive: file.drive.is_some() })
    }

    /// A file that the caller can see, with what may be done to it.
    pub(super) fn seen(
        &self,
        caller: &Caller,
        id: &str,
        all_drives: bool,
    ) -> Result<(&File, Standing), Refused> {
        let root;
        let id = if id == "root" {
            root = Self::root_of(&caller.email);
            &root
        } else {
            id
        };
        let file = self.files.get(id).ok_or_else(|| Refused::not_found(id))?;
        // Who does not say that it knows shared drives does not see them.
        if file.drive.is_some() && !all_drives {
            return Err(Refused::not_found(id));
        }
        let standing = self.standing(caller, file).ok_or_else(|| Refused::not_found(id))?;
        Ok((file, standing))
    }

    /// Whether it, or a folder above it, is in the trash.
    pub(super) fn is_trashed(&self, file: &File) -> bool {
        let mut at = Some(file);
        while let Some(here) = at {
            if here.trashed {
                return true;
            }
            at = here.parent.as_ref().and_then(|parent| self.files.get(parent));
        }
        false
    }
}

/// Addresses are compared without regard to case.
pub(super) fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

pub(super) fn domain(email: &str) -> Option<&str> {
    email.rsplit_once('@').map(|(_, domain)| domain)
}
