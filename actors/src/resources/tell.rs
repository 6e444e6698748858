//! What is told of a change: an event, and an entry of the audit, in its commit.

use serde_json::{Value, json};
use zelador_store::Write;
use zelador_store::author::Author;
use zelador_store::category::Category;
use zelador_store::id::{CategoryId, ResourceId, TenantId};
use zelador_store::resource::Resource;

use super::rules::{category, resource};
use crate::engine::Shell;
use crate::engine::audit::{Deed, note};
use crate::facts::about_tenant;

/// A change on its way to the disk.
pub(super) struct Telling<'a> {
    pub(super) shell: &'a Shell,
    pub(super) by: &'a Author,
    pub(super) write: &'a mut Write,
}

/// The verbs of events, and of the audit.
#[derive(Clone)]
pub(super) enum Verb {
    Create,
    /// With the names of the members that changed.
    Update(Vec<String>),
    Delete,
}

impl Telling<'_> {
    /// Of a category, as it was and as it is.
    pub(super) fn category(
        &mut self,
        verb: &Verb,
        id: CategoryId,
        before: Option<&Category>,
        now: &Category,
    ) {
        let kinds = ["category.created", "category.updated", "category.deleted"];
        let mut data = category::payload(id, now);
        self.event(verb.of(kinds), format!("category:{id}"), now.tenant, verb, &mut data);
        let action = verb.of(["category.create", "category.update", "category.delete"]);
        let after = Some(now).filter(|now| now.is_live());
        let side = |row: Option<&Category>| row.map_or(Value::Null, category::told);
        let deed = Deed::new(action, id).of(now.tenant).change(&side(before), &side(after));
        note(self.shell, self.write, self.by, deed);
    }

    /// Of a resource, as it was and as it is.
    pub(super) fn resource(
        &mut self,
        verb: &Verb,
        id: ResourceId,
        before: Option<&Resource>,
        now: &Resource,
    ) {
        let kinds = ["resource.created", "resource.updated", "resource.deleted"];
        let mut data = resource::payload(id, now);
        self.event(verb.of(kinds), format!("resource:{id}"), now.tenant, verb, &mut data);
        let action = verb.of(["resource.create", "resource.update", "resource.delete"]);
        let after = Some(now).filter(|now| now.is_live());
        let side = |row: Option<&Resource>| row.map_or(Value::Null, resource::told);
        let deed = Deed::new(action, id).of(now.tenant).change(&side(before), &side(after));
        note(self.shell, self.write, self.by, deed);
    }

    fn event(
        &mut self,
        kind: &'static str,
        key: String,
        tenant: TenantId,
        verb: &Verb,
        data: &mut Value,
    ) {
        if let (Verb::Update(changed), Some(members)) = (verb, data.as_object_mut()) {
            members.insert("changed".into(), json!(changed));
        }
        let mut event = about_tenant(self.shell, kind, tenant, self.by, data.take());
        event.key = key;
        self.write.event(&event);
    }
}

impl Verb {
    fn of(&self, [create, update, delete]: [&'static str; 3]) -> &'static str {
        match self {
            Self::Create => create,
            Self::Update(_) => update,
            Self::Delete => delete,
        }
    }
}
