//! What `openapi.json` says of a route.

use serde_json::Value;

/// Who may call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Need {
    /// Everybody.
    Open,
    /// Who is on this machine, or the operator.
    Local,
    /// The operator alone.
    Operator,
    /// Who holds this scope.
    Scope(String),
    /// Who holds this scope, or is the person that the record is about.
    Own(String),
    /// Who holds this scope, or is a person of the record's tenant.
    Member(String),
    /// Who has signed in.
    SignedIn,
}

/// One method of one path.
#[derive(Debug)]
pub(super) struct Operation {
    /// `GET /users/{id}`.
    pub(super) name: String,
    pub(super) need: Need,
    /// The token must not be bound to a tenant.
    pub(super) global: bool,
    /// What success looks like.
    pub(super) success: u16,
}

impl Operation {
    /// All that the document describes.
    pub(super) fn all(document: &Value) -> Vec<Self> {
        let paths = document["paths"].as_object().unwrap();
        let of_path = |(path, item): (&String, &Value)| {
            let methods = ["get", "post", "put", "patch", "delete"];
            let present = methods.into_iter().filter(|method| item.get(method).is_some());
            let read = present.map(|method| Self::read(path, method, &item[method]));
            read.collect::<Vec<_>>()
        };
        paths.iter().flat_map(of_path).collect()
    }

    fn read(path: &str, method: &str, operation: &Value) -> Self {
        let security = operation["security"].as_array().expect("every operation says who may");
        let scope = security.iter().find_map(|way| way["bearer"][0].as_str());
        let anonymous = security.iter().any(|way| way.as_object().unwrap().is_empty());
        let description = operation["description"].as_str().unwrap_or_default();
        let need = match scope {
            None => Need::Open,
            Some(_) if anonymous => Need::Local,
            Some("operator") => Need::Operator,
            Some("person") => Need::SignedIn,
            Some(scope) if description.contains("or about oneself") => Need::Own(scope.to_owned()),
            Some(scope) if description.contains("or as a person of the tenant") => {
                Need::Member(scope.to_owned())
            }
            Some(scope) => Need::Scope(scope.to_owned()),
        };
        let responses = operation["responses"].as_object().unwrap();
        // With `dry_run=true` an operation may answer 200; this is the other one.
        let success = responses.keys().filter(|status| status.starts_with('2')).max().unwrap();
        Self {
            name: format!("{} {path}", method.to_uppercase()),
            need,
            global: description.contains("not bound to a tenant"),
            success: success.parse().unwrap(),
        }
    }
}
