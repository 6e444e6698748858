//! The edge as its clients meet it: over a real listener, with one sample noun; and
//! the daemon's own nouns.

mod bodies;
mod browsers;
mod connections;
mod documents;
mod hosts;
mod house;
mod keys;
mod lab;
mod lists;
mod messages;
mod noun;
mod nouns;
mod order;
mod rules;
mod side_by_side;
mod tokens;
