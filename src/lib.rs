//! People: command line, configuration, HTTP, service manager.

pub mod api;
