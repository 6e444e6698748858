//! The rules by name, in the order in which they speak.

/// What a booking is measured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// The resource can be booked at all.
    ResourceInactive,
    /// Who books is `ACTIVE` and may book.
    UserNotAllowed,
    /// It does not start in the past.
    InThePast,
    /// It starts no sooner than the notice allows.
    MinNotice,
    /// It starts no later than the advance window allows.
    BeyondAdvanceWindow,
    /// It lasts a positive multiple of the interval, and no longer than the
    /// longest there is.
    DurationNotMultiple,
    /// It starts on the grid that begins at the opening.
    NotAligned,
    /// It lies within the hours of the tenant.
    OutsideWorkingHours,
    /// No closure stands against it.
    Closed,
    /// It lies within the resource's own schedule.
    ResourceUnavailable,
    /// There is a seat for all of it.
    Conflict,
}

impl Rule {
    /// All of them, in order.
    pub const ALL: [Self; 11] = [
        Self::ResourceInactive,
        Self::UserNotAllowed,
        Self::InThePast,
        Self::MinNotice,
        Self::BeyondAdvanceWindow,
        Self::DurationNotMultiple,
        Self::NotAligned,
        Self::OutsideWorkingHours,
        Self::Closed,
        Self::ResourceUnavailable,
        Self::Conflict,
    ];

    /// The word for its being broken.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ResourceInactive => "resource_inactive",
            Self::UserNotAllowed => "user_not_allowed",
            Self::InThePast => "in_the_past",
            Self::MinNotice => "min_notice",
            Self::BeyondAdvanceWindow => "beyond_advance_window",
            Self::DurationNotMultiple => "duration_not_multiple",
            Self::NotAligned => "not_aligned",
            Self::OutsideWorkingHours => "outside_working_hours",
            Self::Closed => "closed",
            Self::ResourceUnavailable => "resource_unavailable",
            Self::Conflict => "conflict",
        }
    }
}
