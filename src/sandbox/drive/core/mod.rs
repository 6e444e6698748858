//! One Google Drive without its wires: files, sharing, changes, channels. Pure:
//! time and ids are arguments.

mod access;
mod changes;
mod channels;
mod file;
mod files;
mod masks;
mod permissions;
mod query;
mod refusal;
mod world;

pub(crate) use access::Caller;
pub(crate) use changes::ChangesAsk;
pub(crate) use channels::{Notice, WatchAsk, Watched};
pub(crate) use file::{Content, NewFile, Patch};
pub(crate) use files::ListAsk;
pub(crate) use masks::{
    Mask, OF_ABOUT, OF_CHANGES, OF_DRIVE, OF_DRIVES, OF_FILE, OF_FILES, OF_PERMISSION,
    OF_PERMISSIONS,
};
pub(crate) use permissions::NewPermission;
pub(crate) use refusal::Refused;
pub(crate) use world::{Restrictions, World};
