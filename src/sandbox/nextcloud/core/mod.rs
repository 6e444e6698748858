//! What a Nextcloud knows and decides, without sockets: facts and a time in,
//! answers out. Both faces, HTTP and `occ`, ask the same core.

pub(crate) mod account;
pub(crate) mod cloud;
pub(crate) mod create;
pub(crate) mod edit;
pub(crate) mod guard;
pub(crate) mod names;
pub(crate) mod policy;
pub(crate) mod quota;

pub(crate) use account::Account;
pub(crate) use cloud::Cloud;
pub(crate) use create::{NewUser, NotCreated, Step, StepFlaw};
pub(crate) use edit::EditFlaw;
