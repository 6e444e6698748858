## Queues
queues = Queues
queue = Queue
queue-ready = Ready
queue-scheduled = Scheduled
queue-running = Running
queue-failed = Failed
queue-pace = Per minute
queue-oldest = Longest wait
queue-pause = Pause
queue-resume = Resume
queue-pause-named = Pause the queue { $value }
queue-resume-named = Resume the queue { $value }
queue-pause-done = The queue { $value } is paused: what runs goes on, nothing new is started.
queue-resume-done = The queue { $value } works again.
queue-paused = paused

## Jobs
running = Running now
running-empty = Nothing is running.
failed = Failed
failed-empty = No job has failed.
job = Job
job-kind = Kind
job-state = State
job-tries = Tries
job-error = Error
job-progress = Progress
job-when = When
job-created = Enqueued
job-due = Due
job-started = Began
job-ended = Ended
job-priority = Priority
job-key = Unique key
job-args = Arguments
job-about = About
job-history = Tries
job-history-empty = It has not been tried yet.
job-took = Took
job-outcome = Outcome
job-retry = Retry
job-retry-named = Retry { $value }
job-cancel = Cancel
job-cancel-named = Cancel { $value }
job-run = Start now
job-retry-done = The job will be tried again.
job-cancel-done = The job is called off; if it runs, it has been asked to stop.
job-run-done = The job starts now.
job-cancel-requested = asked to stop
jobs-empty = No job fits this filter.
jobs-empty-hint = Jobs that succeeded are forgotten after some days, failed ones after weeks.
jobs-retry-all = Retry all failed…
jobs-forget-all = Forget all failed…
sweep-retry-title = Retry failed jobs
sweep-forget-title = Forget failed jobs
sweep-retry-ask = { $value ->
    [1] 1 failed job fits this filter. It gets all its tries again.
   *[other] { $value } failed jobs fit this filter. Each gets all its tries again.
}
sweep-forget-ask = { $value ->
    [1] 1 failed job fits this filter. It is deleted with its history; this cannot be undone.
   *[other] { $value } failed jobs fit this filter. They are deleted with their history; this cannot be undone.
}
sweep-none = No failed job fits the filter: there is nothing to do.
sweep-retry-do = Retry them
sweep-forget-do = Forget them for good
sweep-retry-done = { $count ->
    [one] 1 job will be tried again.
   *[other] { $count } jobs will be tried again.
}
sweep-forget-done = The failed jobs are forgotten.
sweep-all-queues = all queues
sweep-all-kinds = all kinds
