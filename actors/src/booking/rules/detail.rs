//! What a rule found: facts, which the edge turns into words.

use jiff::civil::{Date, Time};
use zelador_store::Timestamp;
use zelador_store::resource::Window;

/// What a rule found, whether it holds or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Detail {
    /// Nothing that the rule's name does not say.
    Nothing,
    /// What time it is.
    Now {
        /// The present.
        now: Timestamp,
    },
    /// How soon at the earliest.
    Notice {
        /// How much notice is to be given.
        minutes: u32,
        /// The earliest start.
        earliest: Timestamp,
    },
    /// How far ahead.
    Advance {
        /// How many days ahead.
        days: u32,
        /// The latest start.
        latest: Timestamp,
    },
    /// It lasts a multiple of this, or does not.
    Multiple {
        /// Minutes.
        interval: u32,
        /// How long it lasts, rounded down.
        minutes: i64,
    },
    /// It is longer than any booking may be.
    TooLong {
        /// How many hours a booking may last.
        hours: u64,
    },
    /// The grid, and where it is met around the start.
    Grid {
        /// Minutes.
        interval: u32,
        /// Where the grid begins, local time of day.
        opening: Time,
        /// The last start before the one asked for, in the same hours.
        before: Option<Timestamp>,
        /// The first one after it, in the same hours.
        after: Option<Timestamp>,
    },
    /// The hours of the day.
    Hours {
        /// The local day of the start.
        date: Date,
        /// Its hours, in order; an end that is not after its start is on the next
        /// day.
        windows: Vec<Window>,
    },
    /// A day without hours.
    DayOff {
        /// The local day of the start.
        date: Date,
    },
    /// A closure stands against it.
    Closure {
        /// The first closed day that it meets.
        date: Date,
        /// Why, for people.
        reason: Option<String>,
    },
    /// The seats, and how many of them are taken at the fullest moment.
    Seats {
        /// How many there are.
        seats: u32,
        /// How many are taken.
        peak: u32,
        /// The first instant at which that is so.
        at: Timestamp,
    },
}

/// A value for a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// A number.
    Number(i64),
    /// An instant, to be shown in the tenant's zone.
    At(Timestamp),
    /// A local day.
    Day(Date),
    /// A local time of day.
    Time(Time),
    /// Hours of a day.
    Windows(Vec<Window>),
    /// Words of the tenant's.
    Text(String),
}

impl Detail {
    /// The message that tells it; none for [`Detail::Nothing`]. A message is true
    /// whether the rule holds or not.
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Now { .. } => "detail-now",
            Self::Notice { .. } => "detail-notice",
            Self::Advance { .. } => "detail-advance",
            Self::Multiple { .. } => "detail-multiple",
            Self::TooLong { .. } => "detail-too-long",
            Self::Grid { .. } => "detail-grid",
            Self::Hours { .. } => "detail-hours",
            Self::DayOff { .. } => "detail-day-off",
            Self::Closure { .. } => "detail-closure",
            Self::Seats { .. } => "detail-seats",
        }
    }

    /// The message's values; one that is absent is left out.
    pub fn args(&self) -> Vec<(&'static str, Fact)> {
        let number = |value: u32| Fact::Number(value.into());
        match self {
            Self::Nothing => Vec::new(),
            Self::Now { now } => vec![("now", Fact::At(*now))],
            Self::Notice { minutes, earliest } => {
                vec![("minutes", number(*minutes)), ("earliest", Fact::At(*earliest))]
            }
            Self::Advance { days, latest } => {
                vec![("days", number(*days)), ("latest", Fact::At(*latest))]
            }
            Self::Multiple { interval, minutes } => {
                vec![("interval", number(*interval)), ("minutes", Fact::Number(*minutes))]
            }
            Self::TooLong { hours } => {
                vec![("hours", Fact::Number(i64::try_from(*hours).unwrap_or(i64::MAX)))]
            }
            Self::Grid { interval, opening, before, after } => {
                let around = [("before", before), ("after", after)];
                let around =
                    around.into_iter().filter_map(|(name, at)| Some((name, Fact::At((*at)?))));
                let grid = [("interval", number(*interval)), ("opening", Fact::Time(*opening))];
                grid.into_iter().chain(around).collect()
            }
            Self::Hours { date, windows } => {
                vec![("date", Fact::Day(*date)), ("hours", Fact::Windows(windows.clone()))]
            }
            Self::DayOff { date } => vec![("date", Fact::Day(*date))],
            Self::Closure { date, reason } => {
                let reason = reason.iter().map(|reason| ("reason", Fact::Text(reason.clone())));
                [("date", Fact::Day(*date))].into_iter().chain(reason).collect()
            }
            Self::Seats { seats, peak, at } => {
                vec![("seats", number(*seats)), ("peak", number(*peak)), ("at", Fact::At(*at))]
            }
        }
    }
}
