//! What is to become of a row: pure, before anybody is called.

use reqwest::Method;
use serde_json::{Map, Value, json};

use super::row::{Row, Wrong};

/// What is to become of a row.
#[derive(Debug, PartialEq)]
pub(super) enum Plan {
    /// It is brought over.
    Bring(Box<Draft>),
    /// It is left out, for this reason.
    Leave(String),
    /// It is wrong.
    Refuse(Wrong),
}

impl From<Result<Plan, Wrong>> for Plan {
    fn from(planned: Result<Plan, Wrong>) -> Self {
        planned.unwrap_or_else(Plan::Refuse)
    }
}

/// A record to be made.
#[derive(Debug, PartialEq)]
pub(super) struct Draft {
    /// Where it is posted to; `{member}` stands for that member of `refs`.
    pub(super) path: &'static str,
    /// What is posted.
    pub(super) body: Map<String, Value>,
    /// Members that name other rows.
    pub(super) refs: Vec<Ref>,
    /// How it is found if it is there already.
    pub(super) find: Find,
    /// What is asked for once it is there.
    pub(super) after: Vec<After>,
    /// What of it is wrong, although the rest can be brought over.
    pub(super) told: Vec<Wrong>,
}

impl Draft {
    /// A record with nothing in it.
    pub(super) fn new(path: &'static str, find: Find) -> Self {
        Self { path, body: Map::new(), refs: Vec::new(), find, after: Vec::new(), told: Vec::new() }
    }

    /// Sets a member, if there is something to set.
    pub(super) fn set(&mut self, member: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.body.insert(member.to_owned(), value.into());
        }
    }

    /// A member that names another row.
    pub(super) fn refer(&mut self, member: &'static str, table: &'static str, old: &str) {
        self.refs.push(Ref { member, table, old: old.to_owned() });
    }
}

/// A member that names another row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ref {
    /// The member.
    pub(super) member: &'static str,
    /// The row's table.
    pub(super) table: &'static str,
    /// Its old id.
    pub(super) old: String,
}

/// How a record is found that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Find {
    /// Among all, by this member, when a new one is refused.
    Clash(&'static str),
    /// Among its tenant's, by this member, before one is made: nothing refuses
    /// a second one.
    First(&'static str),
    /// By resource, user and start, when a new one is refused.
    Booked,
}

/// What is asked for once a record is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum After {
    /// A status now.
    Status(&'static str),
    /// A ban at this time, for this reason.
    Ban(String, String),
    /// Another status at this time.
    Change(&'static str, String),
    /// A Nextcloud account.
    Cloud,
    /// A booking is confirmed.
    Confirm,
}

impl After {
    /// What it is counted as.
    pub(super) const fn what(&self) -> &'static str {
        match self {
            Self::Status(_) => "statuses",
            Self::Ban(..) => "scheduled_bans",
            Self::Change(..) => "scheduled_changes",
            Self::Cloud => "nextcloud_accounts",
            Self::Confirm => "confirmations",
        }
    }

    /// The request for the record with this id.
    pub(super) fn request(&self, id: &str) -> (Method, String, Value) {
        match self {
            Self::Status(status) => (
                Method::PUT,
                format!("/users/{id}/status"),
                json!({ "status": status, "reason": "import" }),
            ),
            Self::Ban(at, reason) => (
                Method::POST,
                "/admin/scheduled-bans".to_owned(),
                json!({ "user_id": id, "date": at, "reason": reason }),
            ),
            Self::Change(status, at) => (
                Method::POST,
                format!("/users/{id}/scheduled-status"),
                json!({ "status": status, "at": at }),
            ),
            Self::Cloud => (Method::POST, format!("/users/{id}/nextcloud"), json!({})),
            Self::Confirm => {
                (Method::PUT, format!("/bookings/{id}/status"), json!({ "status": "confirmado" }))
            }
        }
    }
}

/// Whether this is a hash that people can go on signing in with.
pub(super) fn is_hash(text: &str) -> bool {
    let bcrypt = ["$2a$", "$2b$", "$2y$"].iter().any(|head| text.starts_with(head));
    (bcrypt && text.len() == 60) || text.starts_with("$argon2")
}

/// An address is told here if it is plainly none, so that a dry run tells it.
pub(super) fn address(row: &Row) -> Result<(), Wrong> {
    let plain = |email: &str| email.contains('@') && !email.contains(char::is_whitespace);
    match row.text("email") {
        Some(email) if !plain(email) => Err(Wrong::new("email", "is no address")),
        _ => Ok(()),
    }
}
