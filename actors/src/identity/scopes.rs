//! What a service token may be good for.

/// Every noun of the interface that a scope can name. A token may be made before
/// the routes that it is for: a company's backend is set up once.
pub const NOUNS: &[&str] = &[
    "agenda",
    "audit",
    "bookings",
    "events",
    "folders",
    "instances",
    "jobs",
    "nextcloud",
    "queues",
    "reports",
    "resources",
    "schedules",
    "status",
    "tenants",
    "users",
    "webhooks",
    "wispro",
];

/// What may be done to a noun.
pub const VERBS: &[&str] = &["read", "write", "*"];

/// Whether the text is a scope: `*`, or a noun and a verb such as `jobs:read`.
pub fn is_scope(text: &str) -> bool {
    let known = |(noun, verb): (&str, &str)| NOUNS.contains(&noun) && VERBS.contains(&verb);
    text == "*" || text.split_once(':').is_some_and(known)
}
