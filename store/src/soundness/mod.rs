//! Is a store sound: as a store, and as what its rows mean.

mod booking;
mod jobs;
mod people;
mod resources;
#[cfg(test)]
mod tests;

use crate::catalog::tables;
use crate::kv::EngineError;
use crate::kv::keeping::{self, Finding, Pairs};

/// Everything that is wrong; nothing: the store is sound.
pub fn check(pairs: &dyn Pairs) -> Result<Vec<Finding>, EngineError> {
    let mut findings = keeping::check(pairs, &tables())?;
    let mut counted = jobs::Counted::default();
    let mut known = people::Known::default();
    let mut things = resources::Things::default();
    let mut booked = booking::Booked::default();
    pairs.walk(&mut |key, value| {
        counted.look(key, value);
        known.look(key, value);
        things.look(key, value);
        booked.look(key, value);
        Ok(())
    })?;
    counted.compare(&mut findings);
    known.compare(&mut findings);
    things.compare(&mut findings);
    booked.compare(&mut findings);
    Ok(findings)
}
