# What people read in English. One message a code, the same codes in every file.

## Titles, by HTTP status
title-400 = Bad request
title-401 = Sign in first
title-403 = Not allowed
title-404 = Not found
title-405 = Method not allowed
title-408 = Request timed out
title-409 = Conflict
title-412 = Changed in the meantime
title-413 = Too large
title-414 = Address too long
title-415 = Unsupported format
title-421 = Wrong address
title-422 = Invalid data
title-429 = Too many requests
title-431 = Headers too large
title-500 = Internal error
title-503 = Unavailable

## What every route can answer
not_found = { $what ->
    [tenant] The tenant was not found.
    [user] The user was not found.
    [plan] The scheduled change was not found.
    [job] The job was not found.
    [batch] The batch was not found.
    [event] The event was not found.
    [token] The token was not found.
    [queue] The queue was not found.
    [schedule] The schedule was not found.
    [consumer] The consumer was not found.
    [scheduled_ban] The user has no scheduled ban.
    [scheduled_status] The user has no scheduled change of status.
    [booking] The booking was not found.
    [waitlist-entry] There is no such place in the waitlist.
    [calendar] The calendar was not found.
    [leave] The leave was not found.
    [category] The category was not found.
    [resource] The resource was not found.
    [webhook] The webhook was not found.
    [delivery] The delivery was not found.
    [sync] The sync was not found.
    [instance] The instance was not found.
   *[other] The record was not found.
}
validation_failed = { $count ->
    [one] One field is not valid.
   *[other] { $count } fields are not valid.
}
forbidden = Your access does not allow this operation.
operators_only = Only the operator may start jobs of this kind.
stale_version = The record has changed since you last read it. Read it again and repeat the change.
busy = The service is busy right now. Please try again in a moment.
storage_full = There is no disk space left, so nothing can be saved. Reading still works.
upstream_failed = An external service did not respond. Try again later.
internal = Something went wrong on our side. Quote the trace_id when you report it.
bad_host = The request must name exactly one valid host.
unknown_host = This service does not answer to that host name.
unknown_route = There is nothing at this address.
method_not_allowed = { $method } cannot be used at this address.
token_required = Send an access token in the Authorization header.
bad_token = The access token is not valid: it is wrong, expired or revoked.
too_many_requests = Too many requests. Wait a little before you try again.
uri_too_long = The address is longer than { $limit } bytes.
headers_too_large = The request headers are too large or too many.
ambiguous_header = The { $header } header may appear only once and without contradiction.
body_too_large = The body is larger than { $limit } bytes.
body_too_slow = The body took too long to arrive.
body_cut_off = The body ended before it was complete.
not_json = Send the body as application/json in UTF-8.
malformed_json = The body is not valid JSON (line { $line }, column { $column }).
json_too_deep = The body is nested more than { $limit } levels deep.
repeated_key = The body has the key “{ $key }” twice in the same object.
bad_idempotency_key = Idempotency-Key must be given once, with 1 to 255 visible ASCII characters.
idempotency_key_reused = This Idempotency-Key was already used with different data.
request_in_flight = The first request with this Idempotency-Key is still being handled.
already_banned = The user is already banned.
user_not_active = A leave that begins today needs an active user, and this one is not.
too_many_leaves = The user has as many leaves planned as there can be.
leave_over = The leave is over already.
domain_taken = This domain belongs to another tenant.
email_taken = This e-mail address belongs to another user of the tenant.
id_wispro_taken = This Wispro id belongs to another user of the tenant.
category_in_use = { $count ->
    [one] One resource is in this category. Move or delete it first.
   *[other] { $count } resources are in this category. Move or delete them first.
}

## What can be wrong with a field
field-required = Required.
field-unknown_field = Unknown field.
field-unknown_parameter = Unknown parameter.
field-repeated_parameter = Given more than once.
field-encoding = Not valid UTF-8.
field-type = { $expected ->
    [string] Must be text.
    [integer] Must be a whole number.
    [number] Must be a number.
    [boolean] Must be true or false.
    [array] Must be a list.
    [object] Must be an object.
   *[other] Must be of type { $expected }.
}
field-empty = Must not be empty.
field-too_short = Must have at least { $limit } characters.
field-too_long = Must have at most { $limit } characters.
field-too_few = Must have at least { $limit } items.
field-too_many = Must have at most { $limit } items.
field-minimum = Must be { $limit } or more.
field-maximum = Must be { $limit } or less.
field-above = Must be more than { $limit }.
field-below = Must be less than { $limit }.
field-multiple_of = Must be a multiple of { $step }.
field-enum = Must be one of: { $options }.
field-pattern = Does not have the expected form.
field-format = { $format ->
    [email] Must be an e-mail address.
    [uuid] Must be an identifier (UUID).
    [date] Must be a date such as 2025-12-05.
    [date-time] Must be a date and time such as 2025-12-05T14:00:00Z.
    [uri] Must be a web address.
    [line] Must not have control characters, or spaces at its ends.
    [text] Must not have control characters.
    [time-of-day] Must be a time such as 08:00.
    [timezone] Must be a time zone such as America/Sao_Paulo.
    [name] Must not be blank, nor have control characters.
    [domain] Must be a domain such as academia-fit.com.
    [web-address] Must be a web address that begins with http:// or https://.
    [color] Must be a colour such as #FF5722.
    [language] Must be a language such as pt-BR, es or en.
    [moment] Must be a date, or a date and time, such as 2025-12-05 or 2025-12-05T14:00.
   *[other] Does not have the expected format ({ $format }).
}
field-repeated_item = Must not have the same item twice.
field-member_name = Has a member with a name that is not allowed.
field-no_match = Fits none of the accepted forms.
field-invalid = Not a valid value.
field-read_only = Cannot be changed.
field-range = Must be between { $min } and { $max }.
field-cursor = Not a cursor of this list.
field-before_registration = The user was not registered yet at that time.
field-not_after_start = The end must come after the start.
field-overlapping_window = Overlaps other hours of the same day, or those that run over from the day before.

## Jobs and queues
job_exists = Another job with the same unique_key is still alive.
job_is_live = The job has not ended yet, so there is nothing to retry.
job_has_ended = The job has already ended.
job_is_not_scheduled = The job is not waiting for its time.
field-unknown_kind = No such kind of job.
field-unknown_queue = No such queue.
field-batch_size = A batch holds 1 to 1000 jobs.
field-repeated_key = An earlier job of the batch has the same key.
field-job_state_live = Only jobs that have ended can be forgotten.
field-too_many_bytes = May take at most { $limit } bytes.

## Events
field-out_of_range = Must be the number of an event in the log, or the next one.

## Signing in
bad_credentials = E-mail or password is wrong. If several tenants know the address, name yours with tenant_id or domain.
account_not_active = This account cannot sign in at the moment. Ask whoever manages it.
bad_refresh_token = The refresh token is not valid: it is wrong, expired or was used already. Sign in again.
bad_invite = The invitation is not valid: it is wrong, expired or was used already. Ask for a new one.
too_many_attempts = Too many attempts. Wait a little before you try again.
password_change_required = Choose a new password first; nothing else is possible until then.
not_yourself = Nobody can do this to themselves. Ask another administrator.
last_admin = This is the tenant's last active administrator. Make somebody else one first.
field-wrong_password = This is not the current password.
field-same_password = Must differ from the current password.
field-too_common = Is among the passwords that everybody tries first.
field-either_password = Send either password or password_hash, not both.
field-unknown_hash = Must be a bcrypt or argon2 hash of reasonable cost.

## Tokens
last_operator_token = This is the last working operator token. Create another one before you revoke it.
field-reserved = This name is reserved for the daemon itself.
field-unknown_scope = Not a known scope. Use something like jobs:read, folders:* or *.
field-operator_may_all = An operator token may do everything; leave this out.
field-not_in_the_future = Must be in the future.
field-in_the_past = Must not be in the past.
field-nonexistent_local_time = The clock change skips this local time; it does not exist.
field-offset_required = Needs its offset from UTC, as in 2025-12-05T14:00:00-03:00.

## Bookings
conflict = The resource is already booked in this interval
resource_inactive = { $resource }: takes no bookings at present.
user_not_allowed = { $user }: may not book at present.
in_the_past = A time that has passed cannot be booked. { $detail }
min_notice = Bookings must be made earlier. { $detail }
beyond_advance_window = Bookings cannot be made that far ahead yet. { $detail }
duration_not_multiple = It cannot last that long. { $detail }
not_aligned = The start is not on the grid of times. { $detail }
outside_working_hours = Outside opening hours. { $detail }
closed = Closed on that day. { $detail }
resource_unavailable = { $resource }: outside its hours. { $detail }
cancellation_window_passed = { $hours ->
    [one] It can only be cancelled up to an hour before the start.
   *[other] It can only be cancelled up to { $hours } hours before the start.
}
booking_closed = This booking can no longer be changed (status: { $status }).
status_not_reachable = A booking does not go from { $from } to { $to }.
hold_expired = The time of this hold is over. Book again.
place_is_free = This time is free: book it instead of waiting.
too_many_webhooks = This organisation has { $limit } webhooks already, which is the most: delete one first.
webhook_inactive = This webhook is switched off: switch it on first.
event_gone = This event is no longer kept.
already_waiting = This person is waiting for this time already.
waitlist_full = The waitlist of this resource is full.
not_waiting = This place is not waiting any more.
consumer_exists = There is a consumer of this name.
too_many_consumers = There are { $max } consumers, and there may be no more.
consumer_detached = This consumer fell too far behind and is no longer served. A replay attaches it again.
too_many_streams = Too many streams are open. Try again in a moment.
label-resource = Resource
label-booking = Booking
label-user = User
booking-status-reservado = Held
booking-status-pendente = Pending
booking-status-confirmado = Confirmed
booking-status-expirado = Expired
booking-status-rejeitado = Rejected
booking-status-cancelado = Cancelled
booking-status-concluido = Completed
booking-status-nao-compareceu = No-show
detail-now = It is { $now } now.
detail-notice = At least { $minutes } min ahead; the first possible start is { $earliest }.
detail-advance = At most { $days } days ahead; the last possible start is { $latest }.
detail-multiple = It lasts { $minutes } min; it must be a multiple of { $interval } min.
detail-too-long = A booking lasts { $hours } hours at most.
detail-grid = Every { $interval } min from { $opening }.
detail-grid-before = Every { $interval } min from { $opening }; the one before is { $before }.
detail-grid-after = Every { $interval } min from { $opening }; the next one is { $after }.
detail-grid-both = Every { $interval } min from { $opening }; the nearest are { $before } and { $after }.
detail-hours = Hours on { $date }: { $hours }.
detail-day-off = There are no hours on { $date }.
detail-closure = Closed on { $date }.
detail-closure-why = Closed on { $date }: { $reason }.
detail-seats = { $seats ->
    [one] One seat; taken at the fullest moment ({ $at }): { $peak }.
   *[other] { $seats } seats; taken at the fullest moment ({ $at }): { $peak }.
}
field-either_pattern = Send recurring_pattern or rrule, not both.
field-either_range = Send date, or from and to, not both.
field-range_too_long = A range has { $max } days at most.
field-too_large = It may take { $max } bytes at most.
field-not_on_series = A series cannot be a hold.
field-unknown_weekday = Days of the week are 0 (Monday) to 6 (Sunday).
field-weekdays_with_monthly = Only a weekly series has days of the week.
field-unsupported_rrule = This part of the rule is not supported: { $part }.
field-malformed_rrule = Not a rule of RFC 5545: { $part }.
field-count_and_until = A rule has COUNT or UNTIL, not both.
field-too_many_occurrences = A series has { $most } occurrences at most.
field-series_too_far = A series ends within { $days } days at most.
field-start_not_in_pattern = The start is not one of the rule's own.
field-end_before_start = It ends before it begins.
field-no_occurrences = No occurrence is left.
field-webhook_url = Not a URL: write it out, as https://example.com/path.
field-webhook_scheme = Must begin with https://.
field-webhook_userinfo = Must not hold a user name or a password: use the secret.
field-webhook_fragment = Must not hold a # part, which is never sent.
field-webhook_host = Must name a host of the public internet.
field-webhook_port = The port must be one of these: { $ports }.
field-webhook_event = There is no event { $event }: give a type, all of a noun (booking.*), or *.
field-webhook_secret = Takes 8 to 256 characters; after whsec_ follows the base64 of 24 to 64 bytes.
field-instance_url = Must be an http or https address without user name or password.
field-host_key = Must be the host's key as an OpenSSH line, such as “ssh-ed25519 AAAA…”.
field-private_key = Must be an Ed25519 or ECDSA private key, with its passphrase if it is encrypted.
field-secret_reference = Must be a text, or name a credential, a file by its whole path, or an environment variable.
field-unknown_tenant = There is no such tenant.

## Status of a user
status-INACTIVE = Inactive
status-ACTIVE = Active
status-SUSPENDED = Suspended
status-PENDING = Pending
status-BANNED = Banned

## Notices
first_password_title = Your first password
first_password_ask = The password is shown only once. Press the button when you are ready to write it down or to use it.
first_password_show = Show the password
first_password_is = This is your account. The password is not shown again: change it after you have signed in.
first_password_address = Address
first_password_account = User name
first_password_password = Password
first_password_gone = This link was already used, or it is no longer valid. Ask for a new one, or use “Forgot password?” where you sign in.
invitation_title = Choose your password
invitation_ask = { $tenant } invites you. Choose the password that you will sign in with.
invitation_email = Your e-mail
invitation_password = Password
invitation_again = The same password once more
invitation_rules = At least { $limit } characters. A short sentence of your own is easy to remember and hard to guess; the passwords that everybody tries first are refused.
invitation_do = Save the password
invitation_differ = The two passwords are not the same.
invitation_done = Your password is set. Sign in with { $email } and this password.
invitation_set = Your password is set. You can sign in with it now.
invitation_gone = This link was already used, or it is no longer valid. Ask for a new invitation.
opt_out_title = Messages by e-mail
opt_out_ask = Do you want to stop receiving { $kind ->
    [booking_made] messages about new bookings
    [booking_confirmed] confirmations
    [booking_rejected] messages about declined requests
    [booking_changed] messages about changes
    [booking_cancelled] messages about cancellations
    [booking_reminder] reminders
    [booking_offered] messages about free places
    [account_banned] messages about a blocked account
    [account_suspended] messages about a suspended account
    [account_active] messages about a reactivated account
    [account_ready] messages about new accounts
    [account_invited] invitations to choose a password
   *[other] messages of this kind
}?
opt_out_do = Stop these messages
opt_out_done = Done: you will not receive { $kind ->
    [booking_made] messages about new bookings
    [booking_confirmed] confirmations
    [booking_rejected] messages about declined requests
    [booking_changed] messages about changes
    [booking_cancelled] messages about cancellations
    [booking_reminder] reminders
    [booking_offered] messages about free places
    [account_banned] messages about a blocked account
    [account_suspended] messages about a suspended account
    [account_active] messages about a reactivated account
    [account_ready] messages about new accounts
    [account_invited] invitations to choose a password
   *[other] messages of this kind
} any more.
opt_out_undo = I want them after all
opt_out_gone = This link is no longer good. Please use the one in a newer message.
unwritable = The text cannot be written: { $error }
unknown_notice = There is no text of this name.
unknown_language = Choose pt-BR, es or en.

## Wispro
sync_started = Synchronisation started in the background. Follow the log to see how far it is.
sync_running = A sync is queued, running or waiting for a decision already; job_id says which.
sync_not_braked = This sync is not waiting for a decision.
invitations_off = Nothing can be sent yet: set [notifications] public_url (or invite_url, for a page of your own) and a mail server or gateway, or hand over the url of POST /users/ID/invite yourself.
sandbox_records = There are records made with the sandbox; remove them with zelador sandbox purge before going live.
concern_off = This integration is switched off in the configuration.
instance_name_taken = Another instance has this name already.
too_many_instances = There are as many instances as a pool can have.
instance_in_use = { $count ->
    [one] One account is placed on this instance. Move or delete it first.
   *[other] { $count } accounts are placed on this instance. Move or delete them first.
}
sandbox_only = This instance is a real server, and the daemon runs with the sandbox. Set mode to live to use it.
account_active = The user already has a Nextcloud account that works.
no_account_to_move = The user has no Nextcloud account that could be moved.
account_there_already = The account is on this instance already.
no_first_password = There is no first password to hand over: the account is not active, or the password was shown already.
