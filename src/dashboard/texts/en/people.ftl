## People
user = Person
user-find = Name or e-mail
user-name = Name
user-phone = Phone
user-status = Status
user-since = since
user-planned = Planned
user-created = Registered
user-plans = Planned changes
user-plans-empty = Nothing is planned for this person.
user-timeline = Timeline
user-timeline-empty = Nothing has happened yet.
users-none = Nobody yet. Register somebody with POST /users, or sync with Wispro.
users-empty = Nobody fits this filter.
plan-cancel = Call off
plan-cancel-named = Call off what is planned: { $value }
plan-cancelled = What was planned is called off.
leave-over = over since
ban-title = Plan a ban
ban-date = When
ban-reason = Reason
ban-try = See what would happen
ban-would = What would happen
ban-do = Plan the ban
ban-done = The ban is planned.
unban-title = This person is banned
unban-do = Let back in
status-done = The status is now: { $value }.
would-sessions = { $count ->
    [0] No session would end
    [one] 1 session would end
   *[other] { $count } sessions would end
}
would-bookings = { $count ->
    [0] No booking would be called off
    [one] 1 booking would be called off
   *[other] { $count } bookings would be called off
}
plan-ban = Planned ban
plan-change = Planned change
plan-leave = Leave
plan-state-replaced = would be replaced
plan-state-cancelled = would be called off
action-revoke-sessions = Sessions are ended
action-cancel-bookings = Upcoming bookings are called off
action-disable-nextcloud = The Nextcloud account is disabled

## The calendar
calendar-date = Day
calendar-view = View
calendar-day = Day, all resources
calendar-week = Week, one resource
calendar-show = Show
calendar-before = ← Earlier
calendar-after = Later →
calendar-closed = Closed: no hours in this time.
calendar-free = Free at { $value }: look and book
calendar-more = { $count ->
    [one] 1 more resource: choose it above.
   *[other] { $count } more resources: choose one above.
}
resource = Resource
weekday-0 = Mon
weekday-1 = Tue
weekday-2 = Wed
weekday-3 = Thu
weekday-4 = Fri
weekday-5 = Sat
weekday-6 = Sun
explain-title = Can it be booked?
explain-yes = It can be booked
explain-no = It cannot be booked
explain-nearest = Free nearby
explain-none = Nothing is free nearby.
explain-ask = Ask otherwise
explain-length = Length
explain-anybody = anybody who may
explain-check = Check
book-title = Book it
book-for = For whom
book-notes = Notes
book-do = Book
book-done = Booked: { $value }.
booking-zone = Time zone
booking-for = For
booking-by = Booked by
booking-series = Series
booking-cancelled-at = Called off
booking-confirm = Confirm
booking-cancel = Call the booking off
booking-reason = Reason
booking-scope = Which
scope-this = only this one
scope-following = this one and those after it
scope-all = the whole series
booking-cancelled = The booking is called off.
booking-changed = The booking was changed.

## Rules of a booking
rule-resource-inactive = Resource inactive
rule-user-not-allowed = Person not allowed
rule-in-the-past = In the past
rule-min-notice = Too short notice
rule-beyond-advance-window = Too far ahead
rule-duration-not-multiple = Length off the interval
rule-not-aligned = Start off the grid
rule-outside-working-hours = Outside working hours
rule-closed = Closed
rule-resource-unavailable = Resource unavailable
rule-conflict = Taken

## The same rules, where they are kept
kept-resource-inactive = The resource is active
kept-user-not-allowed = The person may book
kept-in-the-past = It is still to come
kept-min-notice = Notice enough
kept-beyond-advance-window = Within the window
kept-duration-not-multiple = The length fits
kept-not-aligned = The start is on the grid
kept-outside-working-hours = Within working hours
kept-closed = It is not closed
kept-resource-unavailable = The resource is available
kept-conflict = There is a seat
calendar-legend-free = + free: look at the rules and book
calendar-legend-shut = not to be booked: over, closed or too late
