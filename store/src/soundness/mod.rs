//! Is a store sound: as a store, and as what its rows mean.

mod booking;
mod jobs;
mod nextcloud;
mod people;
mod resources;
#[cfg(test)]
mod tests;
mod webhooks;

use crate::catalog::tables;
use crate::kv::keeping::{self, Finding, Pairs};
use crate::kv::{EngineError, Key, Table, decode_row};

/// Everything that is wrong; nothing: the store is sound.
pub fn check(pairs: &dyn Pairs) -> Result<Vec<Finding>, EngineError> {
    let mut findings = keeping::check(pairs, &tables())?;
    let mut counted = jobs::Counted::default();
    let mut known = people::Known::default();
    let mut things = resources::Things::default();
    let mut booked = booking::Booked::default();
    let mut placed = nextcloud::Placed::default();
    let mut posted = webhooks::Posted::default();
    pairs.walk(&mut |key, value| {
        counted.look(key, value);
        known.look(key, value);
        things.look(key, value);
        booked.look(key, value);
        placed.look(key, value);
        posted.look(key, value);
        Ok(())
    })?;
    counted.compare(&mut findings);
    known.compare(&mut findings);
    things.compare(&mut findings);
    booked.compare(&mut findings);
    placed.compare(&mut findings);
    posted.compare(&mut findings);
    Ok(findings)
}

/// A row and its key; `None`: one of them cannot be read.
fn read<T: Table>(key: &[u8], value: &[u8]) -> Option<(T::Key, T::Row)> {
    Some((T::Key::from_bytes(key).ok()?, decode_row::<T>(value).ok()?))
}
