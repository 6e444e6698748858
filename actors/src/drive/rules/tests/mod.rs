//! The rules, by tables and properties.

mod answers;
mod channels;
mod names;
mod routes;
mod sides;
mod trees;
