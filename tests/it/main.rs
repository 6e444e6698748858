//! The daemon as its operators meet it: the built program as a child, its own
//! data directory, HTTP, signals, the exit code.
//!
//! What is pure is tested where it is written; here is only what needs the
//! whole. Nothing here sleeps and hopes: everything waits for a condition, with
//! a deadline that a slow machine keeps.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it did on its output"
)]

mod booking;
mod cli;
mod commands;
mod crash;
mod dashboard;
mod demo;
mod disk;
mod doctor;
mod drive;
mod erasure;
mod handbook;
mod harness;
mod import;
mod matrix;
mod monitor;
mod nextcloud;
mod notifications;
mod nouns;
mod panics;
mod people;
mod reload;
mod resources;
mod stop;
mod streams;
mod tidy;
mod users;
mod webhooks;
mod wispro;
