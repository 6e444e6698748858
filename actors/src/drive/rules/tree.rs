//! A user's folders: what is wanted, what is there, what is left to do.

use crate::drive::port::{NewFolder, RemoteFile};

/// Marks a folder as one of ours.
pub const MARK: &str = "zelador_key";

/// One folder of a user's: the top one has no name of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// `""` for the one that holds the others, else such as `novos`.
    pub name: String,
    /// Its id on Drive, handed out before it is made.
    pub id: Option<String>,
    /// It was there once.
    pub made: bool,
}

/// What a part's folder was found to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// Nobody has looked.
    Unknown,
    /// It is not there.
    Missing,
    /// It is.
    There(Box<RemoteFile>),
}

/// What is left to do about a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// An id is to be had, and made durable, before anything is made.
    Id,
    /// It was there and is gone, and its id is spent: a new id.
    NewId,
    /// To be made.
    Make(NewFolder),
    /// To be taken out of the trash.
    Untrash(String),
    /// To be put back into its folder.
    PutBack {
        /// Which.
        id: String,
        /// From.
        from: String,
        /// To.
        to: String,
    },
    /// Nothing.
    Nothing,
}

/// The parts of a tree with these folders: the top one first.
pub fn parts(folders: &[String]) -> Vec<Part> {
    let part = |name: &str| Part { name: name.to_owned(), id: None, made: false };
    std::iter::once(part("")).chain(folders.iter().map(|name| part(name))).collect()
}

/// The parts that a configuration adds to a tree that was made before; those it has
/// stay as they are.
pub fn completed(have: &[Part], folders: &[String]) -> Vec<Part> {
    let mut all = have.to_vec();
    for part in parts(folders) {
        if !all.iter().any(|held| held.name == part.name) {
            all.push(part);
        }
    }
    all
}

/// What is left to do about a part of `user`'s. `title`: the name of the top folder;
/// `parent`: where it goes.
pub fn step(part: &Part, seen: &Seen, user: &str, title: &str, parent: Option<&str>) -> Step {
    let Some(id) = &part.id else { return Step::Id };
    match seen {
        Seen::Unknown if part.made => Step::Nothing,
        Seen::Missing if part.made => Step::NewId,
        Seen::Unknown | Seen::Missing => Step::Make(NewFolder {
            id: id.clone(),
            name: if part.name.is_empty() { title.to_owned() } else { part.name.clone() },
            parent: parent.map(str::to_owned),
            mark: mark(user, &part.name),
        }),
        Seen::There(file) if file.trashed => Step::Untrash(id.clone()),
        Seen::There(file) => match (parent, &file.parent) {
            // The top one may be put elsewhere; the others belong into it.
            (Some(to), Some(from)) if !part.name.is_empty() && to != from => {
                Step::PutBack { id: id.clone(), from: from.clone(), to: to.to_owned() }
            }
            _ => Step::Nothing,
        },
    }
}

/// The mark of a user's folder.
pub fn mark(user: &str, part: &str) -> String {
    format!("user:{user}:{part}")
}
