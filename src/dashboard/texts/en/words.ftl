## States of jobs, runs, deliveries, bookings, parts
state-scheduled = scheduled
state-ready = ready
state-running = running
state-succeeded = succeeded
state-failed = failed
state-cancelled = cancelled
state-timed-out = timed out
state-panicked = panicked
state-interrupted = interrupted
state-snoozed = snoozed
state-released = given back
state-fetching = fetching
state-comparing = comparing
state-applying = applying
state-braked = braked
state-completed = completed
state-discarded = discarded
state-pending = pending
state-delivered = delivered
state-healthy = healthy
state-unhealthy = unhealthy
state-unknown = unknown

## The status of people
status-active = Active
status-inactive = Inactive
status-suspended = Suspended
status-pending = Pending
status-banned = Banned

## What the agenda holds
agenda-ban = Ban
agenda-status-change = Change of status
agenda-leave = Leave
agenda-job = Job
agenda-schedule = Schedule
agenda-expiry = Expiry
