//! What an entry says: which record, and what changed of it. Pure.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};
use zelador_store::id::{TenantId, UserId};

/// The longest text of either side, in bytes: both fit a row.
const MAX_SIDE: usize = 24 * 1024;

/// What a member that holds a secret may be called.
const SECRETS: &[&str] = &["password", "token", "hash", "secret", "private_key", "refresh"];

/// What stands for a value that is not told.
const UNSAID: &str = "…";

/// Members that change with every change and say nothing of it.
const BOOKKEEPING: &[&str] = &["version", "created_at", "updated_at", "status_changes"];

/// What was done to which record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    pub(super) action: &'static str,
    pub(super) record: &'static str,
    pub(super) record_id: String,
    pub(super) tenant: Option<TenantId>,
    pub(super) user: Option<UserId>,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
}

impl Deed {
    /// `action` is the record's noun and a verb: `user.update`. The id of a record
    /// without one is its name.
    #[expect(clippy::needless_pass_by_value, reason = "callers pass ids as they are")]
    pub fn new(action: &'static str, record_id: impl ToString) -> Self {
        let record = action.split('.').next().unwrap_or(action);
        let (record_id, tenant, user) = (record_id.to_string(), None, None);
        Self { action, record, record_id, tenant, user, before: None, after: None }
    }

    /// The record belongs to this tenant.
    pub fn of(mut self, tenant: impl Into<Option<TenantId>>) -> Self {
        self.tenant = tenant.into();
        self
    }

    /// It is about this person.
    pub fn about(mut self, user: impl Into<Option<UserId>>) -> Self {
        self.user = user.into();
        self
    }

    /// The record before and after; `Null` where there was, or is, none. Of two
    /// objects only the members in which they differ are kept.
    pub fn change(mut self, before: &Value, after: &Value) -> Self {
        self.before = side(before, after);
        self.after = side(after, before);
        self
    }

    /// A member that changed and whose value nobody shall read: it is named alone.
    pub fn unsaid(mut self, name: &str) -> Self {
        let after = self.after.as_deref().and_then(|text| serde_json::from_str(text).ok());
        let mut members: Map<String, Value> = after.unwrap_or_default();
        members.insert(name.to_owned(), UNSAID.into());
        self.after = Some(Value::Object(members).to_string());
        self
    }

    /// What it was done with.
    pub fn with(self, after: &Value) -> Self {
        self.change(&Value::Null, after)
    }

    /// The same for a record that is written often: as it is, in one pass. It must
    /// have no member that is null, a secret or bookkeeping.
    pub fn made(self, after: &impl Serialize) -> Self {
        match written(|to| after.serialize(to)).filter(|text| text.len() <= MAX_SIDE) {
            Some(text) => Self { before: None, after: Some(text), ..self },
            None => self.with(&json!(after)),
        }
    }
}

/// The members of `one` that `other` does not have alike, as text.
fn side(one: &Value, other: &Value) -> Option<String> {
    let members = one.as_object()?;
    let alike = |name: &str, value: &Value| match other.get(name) {
        Some(theirs) => theirs == value,
        None => value.is_null(),
    };
    let told = |name: &str| !is_secret(name) && !BOOKKEEPING.contains(&name);
    let kept: Vec<_> =
        members.iter().filter(|(name, value)| told(name) && !alike(name, value)).collect();
    if kept.is_empty() {
        return None;
    }
    let text = written(|to| to.collect_map(kept.iter().map(|(name, value)| (name, Open(value)))))?;
    if text.len() <= MAX_SIDE {
        return Some(text);
    }
    let text = written(|to| to.collect_map(kept.iter().map(|(name, _)| (name, UNSAID))))?;
    Some(text).filter(|text| text.len() <= MAX_SIDE)
}

/// What is written, as JSON.
fn written(
    write: impl FnOnce(&mut serde_json::Serializer<&mut Vec<u8>>) -> serde_json::Result<()>,
) -> Option<String> {
    let mut text = Vec::with_capacity(512);
    write(&mut serde_json::Serializer::new(&mut text)).ok()?;
    String::from_utf8(text).ok()
}

/// A value without the members that may hold secrets, however deep they are.
struct Open<'a>(&'a Value);

impl Serialize for Open<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(members) => {
                let open = members.iter().filter(|(name, _)| !is_secret(name));
                serializer.collect_map(open.map(|(name, value)| (name, Open(value))))
            }
            Value::Array(items) => serializer.collect_seq(items.iter().map(Open)),
            other => other.serialize(serializer),
        }
    }
}

/// Whether a member of this name may hold a secret; `token_id` may not.
fn is_secret(name: &str) -> bool {
    SECRETS.iter().any(|secret| {
        let front = name.len().checked_sub(secret.len()).and_then(|at| name.split_at_checked(at));
        front.is_some_and(|(front, back)| {
            back.eq_ignore_ascii_case(secret) && (front.is_empty() || front.ends_with('_'))
        })
    })
}
