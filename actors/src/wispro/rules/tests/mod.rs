//! Rules as tables; the traps of the upstream by name.

mod alike;
mod brakes;
mod client;
mod envelope;
mod matching;
