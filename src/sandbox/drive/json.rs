//! Members of JSON, read and put without falling over what is no object.

use serde_json::Value;

static NULL: Value = Value::Null;

/// A member; null if it is not there.
pub(super) fn at<'a>(value: &'a Value, name: &str) -> &'a Value {
    value.get(name).unwrap_or(&NULL)
}

/// Puts a member into an object.
pub(super) fn put(value: &mut Value, name: &str, member: impl Into<Value>) {
    if let Some(members) = value.as_object_mut() {
        members.insert(name.to_owned(), member.into());
    }
}
