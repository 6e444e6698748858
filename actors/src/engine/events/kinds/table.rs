//! The types, and what their payloads hold.

use super::{EventKind, Member, date, flag, id, instant, names, number, object, text, word};

const STATUSES: &[&str] = &["INACTIVE", "ACTIVE", "SUSPENDED", "PENDING", "BANNED"];
#[rustfmt::skip]
const BOOKING_STATUSES: &[&str] = &[
    "reservado", "pendente", "confirmado", "expirado", "rejeitado", "cancelado", "concluido",
    "nao_compareceu",
];
const KINDS_OF_AUTHORS: &[&str] = &["operator", "service", "user", "job", "system"];

const AUTHOR: &[Member] = &[word("kind", KINDS_OF_AUTHORS), text("id")];

/// A run of the Wispro sync.
const SYNC: &[Member] = &[id("job_id"), id("tenant_id")];

/// Who had it done.
const INITIATED: &[Member] = &[object("initiated_by", AUTHOR), text("request_id").maybe()];

/// An account, the want of one, or an invitation.
const ACCOUNT: &[Member] = &[id("user_id"), id("tenant_id")];
const AILMENT: &[Member] = &[text("class"), text("message")];
const HEALTHS: &[&str] = &["healthy", "unhealthy", "unknown"];

const TENANT: &[Member] = &[
    id("tenant_id"),
    text("name"),
    text("domain").or_null(),
    text("plan"),
    flag("is_active"),
    number("version"),
];
const CHANGED: &[Member] = &[names("changed")];
const DELETED: &[Member] = &[id("tenant_id"), text("reason").maybe()];

const USER: &[Member] = &[
    id("user_id"),
    id("tenant_id"),
    word("user_type", &["user", "admin"]),
    word("status", STATUSES),
    number("version"),
];
const PLANNED: &[Member] = &[
    id("user_id"),
    id("tenant_id"),
    id("plan_id").maybe(),
    id("leave_id").maybe(),
    id("job_id").maybe(),
    word("sort", &["ban", "change", "leave"]),
    word("new_status", STATUSES),
    instant("at"),
    instant("until").maybe(),
    date("date_in").maybe(),
    date("date_out").maybe(),
    text("reason").or_null(),
];
const LIFECYCLE: &[Member] = &[
    id("user_id"),
    id("tenant_id"),
    text("action"),
    text("transition"),
    word("state", &["started", "done"]),
    id("event_id").maybe(),
    id("job_id").maybe(),
    number("count").maybe(),
];

const DROPPED: Member =
    object("file", &[text("id"), text("name"), word("source", &["drive", "vm"])]);
const FOLDERS: &[Member] = &[id("user_id"), id("tenant_id"), id("job_id")];

const CATEGORY: &[Member] =
    &[id("category_id"), id("tenant_id"), word("type", &["fisico", "humano"]), number("version")];
const WEBHOOK: &[Member] =
    &[id("webhook_id"), id("tenant_id"), flag("is_active"), number("version")];
const RESOURCE: &[Member] = &[
    id("resource_id"),
    id("tenant_id"),
    id("category_id").or_null(),
    flag("is_active"),
    number("version"),
];

const BOOKING: &[Member] = &[
    id("booking_id"),
    id("tenant_id"),
    id("user_id"),
    id("client_id"),
    id("resource_id"),
    id("series_id").or_null(),
    word("status", BOOKING_STATUSES),
    instant("start_time"),
    instant("end_time"),
];
const MOVED: &[Member] = &[
    id("resource_id").maybe(),
    id("client_id").maybe(),
    instant("start_time").maybe(),
    instant("end_time").maybe(),
    text("notes").or_null().maybe(),
];
const FROM: &[Member] = &[word("old_status", BOOKING_STATUSES)];

const fn kind(
    name: &'static str,
    when: &'static str,
    groups: &'static [&'static [Member]],
) -> EventKind {
    EventKind { name, when, groups }
}

/// Every type.
pub const KINDS: &[EventKind] = &[
    kind("tenant.created", "a tenant was registered", &[TENANT, INITIATED]),
    kind("tenant.updated", "a tenant or its settings changed", &[TENANT, CHANGED, INITIATED]),
    kind("tenant.deleted", "a tenant was deleted", &[&[id("tenant_id")], INITIATED]),
    kind("user.created", "a user was registered", &[USER, INITIATED]),
    kind("user.updated", "fields of a user changed", &[USER, CHANGED, INITIATED]),
    kind(
        "user.deleted",
        "a user was deleted",
        &[
            &[
                id("user_id"),
                word("user_type", &["user", "admin"]).maybe(),
                word("status", STATUSES).maybe(),
                number("version").maybe(),
            ],
            DELETED,
            INITIATED,
        ],
    ),
    kind(
        "user.erased",
        "what is known of a person is erased",
        &[&[id("user_id"), id("tenant_id"), number("version")], INITIATED],
    ),
    kind(
        "user.invited",
        "somebody is to choose a password, by a link that is sent",
        &[ACCOUNT, &[instant("expires_at")], INITIATED],
    ),
    kind(
        "user.status_changed",
        "a user's status became another one",
        &[
            &[
                id("user_id"),
                id("tenant_id"),
                word("old_status", STATUSES),
                word("new_status", STATUSES),
                text("reason").or_null(),
                instant("changed_at"),
                id("plan_id").or_null(),
                id("leave_id").or_null(),
                word("sort", &["ban", "change", "leave"]).or_null(),
                id("job_id").or_null(),
                object("executed_by", AUTHOR),
            ],
            INITIATED,
        ],
    ),
    kind(
        "user.status_scheduled",
        "a ban, another change or a leave was planned",
        &[PLANNED, &[id("replaces").or_null().maybe()], INITIATED],
    ),
    kind(
        "user.status_unscheduled",
        "a plan will not happen any more",
        &[PLANNED, &[text("state"), text("cause").or_null()], INITIATED],
    ),
    kind(
        "user.lifecycle_action",
        "an action of [lifecycle] started or was done",
        &[LIFECYCLE, INITIATED],
    ),
    kind("category.created", "a category was made", &[CATEGORY, INITIATED]),
    kind("category.updated", "fields of a category changed", &[CATEGORY, CHANGED, INITIATED]),
    kind(
        "category.deleted",
        "a category was deleted",
        &[
            &[
                id("category_id"),
                word("type", &["fisico", "humano"]).maybe(),
                number("version").maybe(),
            ],
            DELETED,
            INITIATED,
        ],
    ),
    kind("resource.created", "a resource was made", &[RESOURCE, INITIATED]),
    kind("resource.updated", "fields of a resource changed", &[RESOURCE, CHANGED, INITIATED]),
    kind(
        "resource.deleted",
        "a resource was deleted",
        &[
            &[
                id("resource_id"),
                id("category_id").or_null().maybe(),
                flag("is_active").maybe(),
                number("version").maybe(),
            ],
            DELETED,
            INITIATED,
        ],
    ),
    kind("booking.created", "a booking, a hold or one of a series was made", &[BOOKING, INITIATED]),
    kind(
        "booking.updated",
        "a booking moved, or its client or notes changed",
        &[BOOKING, &[object("changes", MOVED)], INITIATED],
    ),
    kind(
        "booking.cancelled",
        "a booking was called off",
        &[BOOKING, FROM, &[text("reason").or_null(), text("cancelled_by")], INITIATED],
    ),
    kind(
        "booking.status_changed",
        "a booking went to another status",
        &[BOOKING, FROM, &[word("new_status", BOOKING_STATUSES)], INITIATED],
    ),
    kind("booking.hold_expired", "a hold ran out", &[BOOKING, FROM, INITIATED]),
    kind(
        "booking.waitlist_joined",
        "somebody waits for a place",
        &[
            &[
                id("waitlist_id"),
                id("resource_id"),
                id("user_id"),
                id("tenant_id"),
                instant("start_time"),
                instant("end_time"),
            ],
            INITIATED,
        ],
    ),
    kind(
        "booking.waitlist_offered",
        "a place became free and is held for the next in line",
        &[BOOKING, &[id("waitlist_id"), instant("hold_expires_at")], INITIATED],
    ),
    kind(
        "nextcloud.user_created",
        "an account is complete",
        &[
            ACCOUNT,
            &[
                id("instance_id"),
                text("account_id"),
                text("quota"),
                text("url"),
                word("hand_over", &["link", "welcome_mail"]),
                instant("created_at"),
                instant("link_until").or_null(),
            ],
            INITIATED,
        ],
    ),
    kind(
        "nextcloud.user_failed",
        "no account after all tries",
        &[ACCOUNT, &[id("instance_id").or_null(), object("error", AILMENT)], INITIATED],
    ),
    kind(
        "nextcloud.instance_health_changed",
        "an instance is well, or is not any more",
        &[
            &[
                id("instance_id"),
                text("name"),
                word("old_health", HEALTHS),
                word("new_health", HEALTHS),
                word("breaker", &["open", "closed"]),
                object("error", AILMENT).or_null(),
            ],
            INITIATED,
        ],
    ),
    kind(
        "wispro.sync_started",
        "the first page of a sync was read",
        &[SYNC, &[number("pages"), number("clients"), flag("dry_run"), flag("sandbox")], INITIATED],
    ),
    kind(
        "wispro.sync_completed",
        "a sync has dealt with every client",
        &[
            SYNC,
            &[
                number("created"),
                number("updated"),
                number("unchanged"),
                number("skipped"),
                number("errors"),
                number("pages"),
                number("seconds"),
                flag("dry_run"),
            ],
            INITIATED,
        ],
    ),
    kind(
        "wispro.sync_failed",
        "a sync was given up",
        &[SYNC, &[text("error"), number("page")], INITIATED],
    ),
    kind(
        "wispro.sync_braked",
        "a sync stopped before it changed anything and asks",
        &[
            SYNC,
            &[
                text("brake"),
                number("found"),
                number("limit"),
                number("would_create"),
                number("would_update"),
                number("seen"),
                number("promised"),
                text("error"),
            ],
            INITIATED,
        ],
    ),
    kind(
        "drive.folder_created",
        "a user's folders are ready",
        &[
            FOLDERS,
            &[
                text("drive_folder_id").or_null(),
                text("novos_folder_id").or_null(),
                text("web_view_link").or_null(),
            ],
            INITIATED,
        ],
    ),
    kind(
        "drive.folder_failed",
        "a user's folders could not be made",
        &[FOLDERS, &[text("error")], INITIATED],
    ),
    kind(
        "drive.file_processed",
        "a file has reached its folder",
        &[FOLDERS, &[DROPPED, text("to")], INITIATED],
    ),
    kind(
        "drive.file_failed",
        "a file could not be processed",
        &[FOLDERS, &[DROPPED, text("error")], INITIATED],
    ),
    kind(
        "job.failed",
        "a job has used up its tries, or failed for good",
        &[&[
            id("job_id"),
            text("kind"),
            text("queue"),
            number("tries"),
            text("error").or_null(),
            id("user_id").or_null(),
            id("batch_id").or_null(),
        ]],
    ),
    kind("webhook.created", "a webhook was made", &[WEBHOOK, INITIATED]),
    kind(
        "webhook.updated",
        "a webhook was changed, or its secret replaced",
        &[WEBHOOK, CHANGED, INITIATED],
    ),
    kind("webhook.deleted", "a webhook was deleted", &[WEBHOOK, INITIATED]),
    kind(
        "webhook.disabled",
        "the daemon switched a webhook off",
        &[
            &[
                id("webhook_id"),
                id("tenant_id"),
                word("reason", &["gone", "failing"]),
                instant("since").or_null(),
                text("last_error").or_null(),
                number("replay_from").or_null(),
            ],
            INITIATED,
        ],
    ),
    kind(
        "consumer.detached",
        "a consumer fell too far behind and is no longer served",
        &[&[text("consumer"), number("cursor"), number("head"), number("max_lag")]],
    ),
];
