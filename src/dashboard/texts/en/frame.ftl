## What surrounds every page
skip = Skip to the content
menu = Menu
menu-overview = Overview
menu-calendar = Calendar
menu-users = Users
menu-jobs = Jobs
menu-agenda = What comes next
menu-pool = Cloud pool
menu-sync = Wispro sync
menu-folders = Folders
menu-events = Events
menu-webhooks = Webhooks
menu-audit = Audit
menu-configuration = Configuration
role-operator = Operator
role-service = Service
role-admin = Administrator
role-user = User
sign-in = Sign in
sign-out = Sign out
sandbox-banner = Sandbox ({ $value }): nothing reaches anybody.
live-on = Live
live-off = Connection lost: the page shows the last known state
language = Language
theme = Colours
theme-auto = As the system
theme-light = Light
theme-dark = Dark
apply = Apply
documentation = API documentation
next-page = Next page
first-page = Back to the beginning
all = All
filter = Filter
tenant = Tenant
details = Details
back = Back
never = never
nothing = nothing
yes = yes
no = no

## The first page
landing-title = The caretaker
landing-tagline = Bookings, people, accounts, clients and folders, in the care of one service.
landing-sign-in = Sign in to the dashboard
landing-docs = Documentation of the interface
landing-openapi = OpenAPI description
landing-health = Is it running?
landing-ready = Is it ready?

## Signing in
sign-in-token = With a token
sign-in-token-hint = The operator's token is in the file operator.token of the data directory.
token = Token
sign-in-person = As a person
email = E-mail
password = Password
domain = Domain of the tenant
domain-hint = Needed only if several tenants know the address.
sign-in-secret = The token does not stay in the page: it becomes a sealed cookie that lasts 12 hours.

## When something goes wrong
failed-title = That did not work
failed-request = Request number
problem-form-stale = This form is no longer good.
problem-unknown-page = There is no such page.
problem-bad-token = This token is unknown, was revoked, or has expired.
problem-password-change-required = First choose a new password: PUT /auth/password, or the invitation you were sent.
remedy-form = Go back, load the page again, and send it once more.
remedy-role = Your access does not cover this. Sign in with another token, or ask whoever administers it.
remedy-absent = It may have been deleted, or the address is incomplete.
remedy-wait = Wait a moment and try again.
remedy-fault = The fault is ours. Look for the request number in the log: journalctl -u zelador.
remedy-back = Go back and mend what is said above.

## The overview
ready = All is well
not-ready = Something is wrong
ready-but = Serving, with problems
uptime = Up for
actors = Actors
actors-up = { $value } up
restarts = { $count ->
    [one] 1 restart
   *[other] { $count } restarts
}
store = Store
lag = Events to handle
parked = { $count ->
    [0] none given up
    [one] 1 given up
   *[other] { $count } given up
}
failed-jobs = Failed jobs
version = Version
config-error = The configuration file has an error and is not in force; the one before it is.
part-failed = A part of this page did not answer: { $value }
plot-throughput = Jobs done
plot-waiting = Waiting time (95 %)
plot-errors = Failures
plot-now = now
plot-most = highest { $value }
plot-span = last { $value }
today = Today
today-empty = No resources yet. Make one with POST /resources, and its hours appear here.
people-by-status = People by status
next-up = Coming up
next-empty = Nothing is planned.
sending = Webhook deliveries
sending-now = { $count ->
    [0] none under way
   *[other] { $count } under way
}
sending-waiting = { $count } waiting
sending-delivered = { $count } delivered since the start
sending-failed = { $count ->
    [one] 1 try failed
   *[other] { $count } tries failed
}
sync-last = Last Wispro sync
sync-none = There has been none yet.
instances = Nextcloud instances
see-all = See all
drive-title = Drive folders
drive-files-waiting = { $value } waiting
drive-files-processing = { $value } in work
drive-files-failed = { $value } failed in the last 24 hours
drive-push = Google tells of changes (push)
drive-poll = Looked for every { $value } s
drive-off = Nobody looks: [drive] mode is off
plots = The last hours
plot-idle = no job
plot-nothing = no job in this time
plot-since = { $value } since the start
today-none = Nothing is booked today.
run-created = { $count } created
run-updated = { $count } updated
run-skipped = { $count } skipped
run-errors = · { $count } with errors
