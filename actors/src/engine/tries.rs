//! How often a command that was overtaken decides anew.

use crate::error::Error;

/// A record that changes under a command this often is busy, not unlucky.
const TRIES: u8 = 16;

/// The tries left to a command.
#[derive(Debug)]
pub struct Tries {
    doing: &'static str,
    left: u8,
}

impl Tries {
    /// All of them; `doing` names the command.
    pub const fn of(doing: &'static str) -> Self {
        Self { doing, left: TRIES }
    }

    /// `Ok`: load again and decide anew.
    pub fn again(&mut self, error: zelador_store::Error) -> Result<(), Error> {
        if error.is_conflict() && self.left > 1 {
            self.left -= 1;
            return Ok(());
        }
        Err(Error::from_store(self.doing, error))
    }
}
