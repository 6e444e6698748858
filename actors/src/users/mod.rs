//! The users concern: five statuses and the plans that change them.

pub mod settings;
