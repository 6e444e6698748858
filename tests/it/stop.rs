//! The end of the process, and what the service manager is told.

mod drain;
mod service;
