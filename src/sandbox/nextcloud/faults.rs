//! How the stand-in fails, when told to.

use serde::{Deserialize, Serialize};

/// What the mail server does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Smtp {
    /// Takes every mail.
    #[default]
    Works,
    /// Refuses connections: accounts are made all the same.
    Refuses,
    /// Accepts and never answers: creating takes `smtp_hang_ms` longer.
    Hangs,
}

/// What `sudo` on the SSH side does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sudo {
    /// Lets everything through, with kept variables.
    #[default]
    Allows,
    /// Runs the command, but refuses to keep variables.
    KeepsNothing,
    /// Wants a password.
    AsksPassword,
}

/// The switches. Percentages are of account creations, and exclude each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "they are switches")]
pub struct Faults {
    /// How long creating an account takes, in milliseconds.
    pub create_ms: u64,
    /// How many accounts are made at once; more wait.
    pub workers: usize,
    /// Of 100 creations, so many are slow.
    pub slow_percent: u8,
    /// By how much, in milliseconds.
    pub slow_ms: u64,
    /// A listener fails after the row was inserted: an account with nothing set.
    pub error_after_insert_percent: u8,
    /// All is done, and the answer is an error.
    pub error_after_create_percent: u8,
    /// The server dies after the row was inserted, and with it the connection.
    pub cut_after_insert_percent: u8,
    /// All is done, and the connection is cut before the answer.
    pub cut_after_create_percent: u8,
    /// The database is SQLite: it is locked while another creation is at work.
    pub sqlite: bool,
    /// The mail server.
    pub smtp: Smtp,
    /// How long a mail server that hangs is waited for, in milliseconds.
    pub smtp_hang_ms: u64,
    /// Who owns `config.php`: the only one for whom `occ` works.
    pub config_owner: String,
    /// Whether others can read `config.php`; if not, `occ` exits 0 having done nothing.
    pub config_readable: bool,
    /// What `sudo` does.
    pub sudo: Sudo,
    /// PHP is not installed where SSH leads to.
    pub php_missing: bool,
    /// New SSH logins are refused, though the key is right.
    pub ssh_refuses: bool,
    /// Every connection is cut at once.
    pub dead: bool,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            create_ms: 1000,
            workers: 4,
            slow_percent: 0,
            slow_ms: 5000,
            error_after_insert_percent: 0,
            error_after_create_percent: 0,
            cut_after_insert_percent: 0,
            cut_after_create_percent: 0,
            sqlite: false,
            smtp: Smtp::Works,
            smtp_hang_ms: 10_000,
            config_owner: "www-data".to_owned(),
            config_readable: false,
            sudo: Sudo::Allows,
            php_missing: false,
            ssh_refuses: false,
            dead: false,
        }
    }
}

/// What becomes of one creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It goes well.
    Well,
    /// It ends after the row, with an error.
    ErrorAfterInsert,
    /// It is done, and answered with an error.
    ErrorAfterCreate,
    /// It ends after the row, with the connection.
    CutAfterInsert,
    /// It is done, and not answered.
    CutAfterCreate,
}

impl Faults {
    /// Without waiting: for tests that are about something else.
    pub fn quick() -> Self {
        Self { create_ms: 0, ..Self::default() }
    }

    /// What becomes of a creation, by a roll from 0 up to, not including, 1.
    pub(crate) fn fate(&self, roll: f64) -> Fate {
        let mut left = roll * 100.0;
        for (percent, fate) in [
            (self.error_after_insert_percent, Fate::ErrorAfterInsert),
            (self.error_after_create_percent, Fate::ErrorAfterCreate),
            (self.cut_after_insert_percent, Fate::CutAfterInsert),
            (self.cut_after_create_percent, Fate::CutAfterCreate),
        ] {
            if left < f64::from(percent) {
                return fate;
            }
            left -= f64::from(percent);
        }
        Fate::Well
    }

    /// How long a creation takes, by a roll, in milliseconds.
    pub(crate) fn duration_ms(&self, roll: f64, mails: bool) -> u64 {
        let slow = if roll * 100.0 < f64::from(self.slow_percent) { self.slow_ms } else { 0 };
        let mail = if mails && self.smtp == Smtp::Hangs { self.smtp_hang_ms } else { 0 };
        self.create_ms + slow + mail
    }
}
