//! What every test here is made of.

mod certificate;
mod client;
mod daemon;
mod home;
mod mount;
mod skip;
mod wait;

pub(crate) use certificate::certify;
pub(crate) use client::{Answer, Client};
pub(crate) use daemon::Daemon;
pub(crate) use home::Home;
pub(crate) use mount::Mount;
pub(crate) use skip::skipped;
pub(crate) use wait::{PATIENCE, eventually, undisturbed};
