//! Notices: what people are told by mail or message, what of it they do not want,
//! and what has been told; alerts: what operators are told.
//!
//! A row of what was sent holds no address and no text: it only keeps a replay of
//! the event log from telling anybody anything twice.

use serde::{Deserialize, Serialize};

use crate::id::UserId;
use crate::kv::{IndexDef, Lookup, Table};
use crate::time::Timestamp;

/// What a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// A booking was made, or waits to be confirmed.
    BookingMade,
    /// A booking that waited was confirmed.
    BookingConfirmed,
    /// A booking that waited was turned down.
    BookingRejected,
    /// A booking moved, or something else about it changed.
    BookingChanged,
    /// A booking was called off.
    BookingCancelled,
    /// A booking is near.
    BookingReminder,
    /// A place became free and is held for a while.
    BookingOffered,
    /// The account was banned.
    AccountBanned,
    /// The account was suspended.
    AccountSuspended,
    /// The account may be used again.
    AccountActive,
    /// An account elsewhere is ready to be used.
    AccountReady,
    /// A password is to be chosen, by a link that is good once.
    AccountInvited,
}

impl NoticeKind {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::BookingMade,
        Self::BookingConfirmed,
        Self::BookingRejected,
        Self::BookingChanged,
        Self::BookingCancelled,
        Self::BookingReminder,
        Self::BookingOffered,
        Self::AccountBanned,
        Self::AccountSuspended,
        Self::AccountActive,
        Self::AccountReady,
        Self::AccountInvited,
    ];

    /// The word for it; never renamed.
    pub const fn word(self) -> &'static str {
        match self {
            Self::BookingMade => "booking_made",
            Self::BookingConfirmed => "booking_confirmed",
            Self::BookingRejected => "booking_rejected",
            Self::BookingChanged => "booking_changed",
            Self::BookingCancelled => "booking_cancelled",
            Self::BookingReminder => "booking_reminder",
            Self::BookingOffered => "booking_offered",
            Self::AccountBanned => "account_banned",
            Self::AccountSuspended => "account_suspended",
            Self::AccountActive => "account_active",
            Self::AccountReady => "account_ready",
            Self::AccountInvited => "account_invited",
        }
    }

    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Whether it is about a booking.
    pub const fn is_of_booking(self) -> bool {
        !matches!(
            self,
            Self::AccountBanned
                | Self::AccountSuspended
                | Self::AccountActive
                | Self::AccountReady
                | Self::AccountInvited
        )
    }
}

/// What a person wants to hear of.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NoticeChoice {
    /// What the person does not want to be told, in order, each once.
    pub refused: Vec<NoticeKind>,
    /// Raised with every change.
    pub version: u64,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// Choices by person; who has none wants everything.
#[derive(Debug)]
pub struct NoticeChoices;

impl Table for NoticeChoices {
    const NAME: &'static str = "notice choices";
    const TAG: u16 = 0x0f01;
    const VERSION: u8 = 1;
    type Key = UserId;
    type Row = NoticeChoice;
    const INDEXES: &'static [IndexDef<Self>] = &[];
}

/// Something that was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentNotice {
    /// When.
    pub at: Timestamp,
}

/// What was told, by the SHA-256 of its cause, its recipient and its channel.
#[derive(Debug)]
pub struct SentNotices;

impl Table for SentNotices {
    const NAME: &'static str = "sent notices";
    const TAG: u16 = 0x0f02;
    const VERSION: u8 = 1;
    type Key = [u8; 32];
    type Row = SentNotice;
    const INDEXES: &'static [IndexDef<Self>] = &[IndexDef::of::<SentByTime>()];
}

/// What was told, the oldest first.
#[derive(Debug)]
pub struct SentByTime;

impl Lookup for SentByTime {
    type Table = SentNotices;
    const NAME: &'static str = "sent notices by time";
    const TAG: u16 = 0x0f03;
    const UNIQUE: bool = false;
    type Key = Timestamp;

    fn key(_: &[u8; 32], sent: &SentNotice) -> Option<Timestamp> {
        Some(sent.at)
    }
}

/// One cause of trouble, as operators are told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// What sort of trouble: the type of the event, or `disk.low`.
    pub sort: String,
    /// What it is about: a kind of job, a consumer, an id.
    pub about: String,
    /// What was said of it last.
    pub detail: String,
    /// When it happened first, of what has not been told.
    pub first_at: Timestamp,
    /// When it happened last.
    pub last_at: Timestamp,
    /// How often, of what has not been told.
    pub untold: u32,
    /// When operators were told last.
    pub told_at: Option<Timestamp>,
}

/// Trouble by its cause: its sort and what it is about.
#[derive(Debug)]
pub struct Alerts;

impl Table for Alerts {
    const NAME: &'static str = "alerts";
    const TAG: u16 = 0x0f11;
    const VERSION: u8 = 1;
    type Key = String;
    type Row = Alert;
    const INDEXES: &'static [IndexDef<Self>] = &[];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_word_of_its_own() {
        for kind in NoticeKind::ALL {
            assert_eq!(NoticeKind::from_word(kind.word()), Some(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.word());
        }
        assert_eq!(NoticeKind::from_word("booking"), None);
    }
}
