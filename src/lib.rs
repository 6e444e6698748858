//! People: command line, configuration, HTTP, service manager.

pub mod api;
pub mod cli;
pub mod config;
pub mod daemon;
pub mod dashboard;
pub mod probes;
pub mod sandbox;
pub mod signals;
pub mod telemetry;
