//! The edge as its clients meet it: over a real listener, with one sample noun.

mod bodies;
mod browsers;
mod connections;
mod documents;
mod hosts;
mod keys;
mod lab;
mod lists;
mod messages;
mod noun;
mod order;
mod rules;
mod tokens;
