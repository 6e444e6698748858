## Events
event = Event
event-type = Type
events-empty = No event fits this filter, among the latest.
consumers = Consumers
consumer = Consumer
consumer-cursor = Place
consumer-lag = Behind
consumer-parked = Given up
consumer-external = for a program
consumer-detached = detached
consumer-detached-hint = It fell too far behind and is no longer served. Replay from an event to attach it again.
parked-empty = Nothing was given up.
parked-retry = Hand all over again
parked-handled = { $count ->
    [one] 1 handled.
   *[other] { $count } handled.
}
parked-failed = { $count ->
    [0] None failed.
    [one] 1 failed again.
   *[other] { $count } failed again.
}
parked-discard = Forget
parked-discard-named = Forget event { $value }
parked-discarded = The event is forgotten: nobody will handle it.
replay = Replay
replay-from = From event
replay-done = Everything from event { $count } on will be handled again.

## Webhooks
webhooks-empty = No webhook. Make one with POST /tenants/…/webhooks.
webhook-url = Address
webhook-events = Events
webhook-last = Last arrival
webhook-signed = Signed
webhook-on = on
webhook-off = off
webhook-failing = failing
webhook-failing-since = Nothing but failures since
webhook-disabled = Switched off by the daemon on
webhook-test = Send a test
webhook-test-done = A test event is on its way.
webhook-replay = Send again what it may have missed
webhook-replay-done = { $count ->
    [0] Nothing was missed.
    [one] 1 event is sent again.
   *[other] { $count } events are sent again.
}
webhook-switch-on = Switch on
webhook-switch-off = Switch off
webhook-on-done = The webhook is on.
webhook-off-done = The webhook is off.
deliveries = Deliveries
deliveries-empty = No delivery fits this filter.
delivery-answer = Answer
delivery-next = again at
delivery-said = What it said
redeliver = Send again
redeliver-named = Send again: { $value }
redeliver-done = The event is sent again.

## The Wispro sync
sync-run = Sync run
sync-none-hint = Begin with a trial: nothing is changed, and the report says what would be.
sync-pages = Pages at most (0: all)
sync-try = Trial run
sync-start = Sync now
sync-dry = trial
sync-dry-hint = Trial: nothing was changed; the numbers are what would be.
sync-sandbox = The clients come from the stand-in, not from Wispro.
sync-created = Created
sync-updated = Updated
sync-unchanged = Unchanged
sync-skipped = Skipped
sync-errors = Errors
sync-seen = Clients seen
sync-page = page
sync-would = to do: { $count }
sync-report = Report
sync-lines = About clients
sync-lines-empty = Nothing to say about any client.
sync-client = Client
sync-said = What
sync-brake = Brake
sync-limit = limit
brake-fewer-than-promised = Fewer clients than Wispro says there are
brake-too-many-changed = Too many changes at once
brake-too-many-created = Too many new people at once
sync-brake-hint = The sync stopped before changing anything, and waits for a decision.
sync-approve = Let it go on
sync-discard = Discard it
sync-approved = Somebody let it go on.
sync-approve-done = The sync goes on.
sync-discard-done = The run is discarded; nothing was changed.

## The pool
pool-empty = No instance. Register one with POST /admin/instances.
pool-accounts = accounts
pool-counted = { $count } by the server's own count
pool-looked = looked at
pool-check = Check now
pool-check-named = Check now: { $value }
pool-checked = The instance is: { $value }.
pool-retry = Retry failed accounts
pool-requeued = { $count ->
    [0] No account has failed.
    [one] 1 account will be tried again.
   *[other] { $count } accounts will be tried again.
}
pool-maintenance = in maintenance
pool-disabled = disabled
pool-breaker = not asked

## Folders
folders-of = Folders of { $value }
folders-none = No folders yet. They are made from the page of a person, or with zelador folders create.
folders-empty = No folders with this filter.
folders-provider = Made by
folders-share = Shared with
folders-nobody = nobody
folders-noticed = Files noticed by
folders-until = until
folders-channel = Channel
folders-stand-in = stand-in
folders-sandbox = They are in the stand-in, not on Google Drive.
folders-vm = On the VM
folders-open = Open on Google Drive
folders-ready-at = Ready since
folders-create = Make folders
folders-create-done = The folders are being made.
folders-recreate = Make what is missing
folders-recreate-done = Every folder is looked at, and what is missing is made.
folders-process = Look for files now
folders-process-done = Files are being looked for.
folder-none = none
folder-pending = asked for
folder-creating = being made
folder-ready = ready
folder-failed = failed
provider-native = zelador
provider-script = own program
watch-push = push
watch-poll = polling
watch-watch = watched
files = Files
files-empty = No file has been dropped into novos yet.
file-name = File
file-source = Dropped on
file-to = To
file-seen-at = Seen
file-seen = seen
file-waiting = waiting
file-processing = processing
file-moved = moved
file-failed = failed
file-note = A note beside the file says so.
side-drive = Google Drive
side-vm = VM

## What comes next
agenda-kind = What
agenda-empty = Nothing that fits this filter is planned in the coming week.
schedules = Schedules
schedules-empty = No schedule. They are in [schedules] of config.toml.
schedule-name = Name
schedule-when = When
schedule-next = Next run
schedule-last = Last run
schedule-started = The schedule was started.
schedule-run-named = Start now: { $value }

## The audit
audit-action = Action
audit-record = Record
audit-record-id = Id of the record
audit-user-id = Person (id)
audit-by = By
audit-change = Change
audit-members = { $count ->
    [0] no change
    [one] 1 field
   *[other] { $count } fields
}
audit-empty = Nothing on record fits this filter.
by-operator = operator
by-service = service
by-user = person
by-job = job

## The configuration
config-good = The configuration file is in force.
config-restart = Changed in the file, and in force only after a restart:
config-generation = { $count ->
    [one] The first configuration since the start
   *[other] Configuration number { $count } since the start
}
config-loaded = in force since
config-hint = Change the file; a valid change takes effect within two seconds. Secrets are shown as ***.
pool-latency = answers in { $count } ms
method-api = by its API
method-ssh = by SSH
config-keys = { $count ->
    [one] 1 key
   *[other] { $count } keys
}
line-no-id = row without an id
line-no-number = no cédula
line-duplicate = the same cédula as another client
line-name-missing = no name
line-ambiguous = several people may be meant
line-number-taken = the cédula is another client’s
line-not-written = could not be written
line-email-conflict = e-mail of somebody else
line-id-given = Wispro id added
line-other-id = has another Wispro id, kept
line-unparsed = cédula that cannot be read
line-letter-guessed = letter V assumed
