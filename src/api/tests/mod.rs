//! The edge as its clients meet it, with one sample noun.

mod noun;
mod shapes;
