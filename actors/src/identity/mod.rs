//! Who may call.

pub mod tokens;
