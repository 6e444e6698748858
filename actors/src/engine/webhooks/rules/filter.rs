//! Which events a webhook wants: types, all of a noun (`booking.*`), or all (`*`).

/// Every noun that events are about, with its verbs. A test compares them with
/// `docs/events.md`.
pub const KINDS: &[(&str, &[&str])] = &[
    (
        "booking",
        &[
            "created",
            "updated",
            "cancelled",
            "status_changed",
            "hold_expired",
            "waitlist_joined",
            "waitlist_offered",
        ],
    ),
    ("tenant", &["created", "updated", "deleted"]),
    (
        "user",
        &[
            "created",
            "updated",
            "deleted",
            "erased",
            "status_changed",
            "status_scheduled",
            "status_unscheduled",
            "invited",
            "lifecycle_action",
        ],
    ),
    ("category", &["created", "updated", "deleted"]),
    ("resource", &["created", "updated", "deleted"]),
    ("job", &["failed"]),
    ("webhook", &["created", "updated", "deleted", "disabled"]),
    ("nextcloud", &["user_created", "user_failed", "instance_health_changed"]),
    ("wispro", &["sync_started", "sync_completed", "sync_failed", "sync_braked"]),
    ("drive", &["folder_created", "folder_failed", "file_processed", "file_failed"]),
];

/// Whether anything can ever match.
pub fn is_known(filter: &str) -> bool {
    let Some((noun, verb)) = filter.split_once('.') else { return filter == "*" };
    let verbs = KINDS.iter().find(|(known, _)| *known == noun).map(|(_, verbs)| *verbs);
    verbs.is_some_and(|verbs| verb == "*" || verbs.contains(&verb))
}

/// Whether one of the filters takes this type.
pub fn takes(filters: &[String], kind: &str) -> bool {
    filters.iter().any(|filter| match filter.strip_suffix('*') {
        Some(front) => kind.starts_with(front),
        None => filter == kind,
    })
}
