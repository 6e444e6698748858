//! One request, as a handler sees it: who asks, for what, with which words.
//!
//! By the time a handler has a [`Call`], its caller is known and permitted by role,
//! and query and body have the shape that the route published. What is left to
//! the handler: which records, whose, and the rules.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use warp::http::Method;
use zelador_actors::identity::Person;
use zelador_actors::users::UserRecord;
use zelador_actors::users::rules::guards::{self, Standing};
use zelador_actors::{Flaw, Keep, PendingAnswer};
use zelador_store::author::{Author, AuthorKind};
use zelador_store::id::{Kind, UserId};
use zelador_store::tenant::Tenant;
use zelador_store::{Id, Timestamp};

use super::auth::Who;
use super::browser::Browser;
use super::conditional::IfMatch;
use super::gate::Credential;
use super::language::Language;
use super::merge::{self, Merge};
use super::page::PageAsk;
use super::problem::Problem;
use super::reply::Reply;
use super::route::Compiled;
use super::within::Within;

/// One request.
pub struct Call {
    /// Who asks.
    pub who: Who,
    /// The language to answer in.
    pub language: Language,
    /// The language that the request itself names, if it does.
    pub accepted: Option<Language>,
    /// The request's id: every log line and every audit entry carries it.
    pub request_id: Arc<str>,
    /// The W3C trace id: 32 hexadecimal digits.
    pub trace_id: Arc<str>,
    /// When the request arrived.
    pub now: Timestamp,
    /// The method.
    pub method: Method,
    /// Where the client is; a trusted proxy's word for it.
    pub address: IpAddr,
    /// What the client calls itself.
    pub agent: Option<String>,
    /// Whether the caller would rather have CSV than JSON.
    pub prefers_csv: bool,
    /// What `If-Match` asks for.
    pub if_match: IfMatch,
    /// Which part of a list; only routes that are lists may ask.
    pub page: PageAsk,
    /// Where to keep the answer, if the request carries an `Idempotency-Key`:
    /// the handler must let it land in the same commit as the change.
    pub answer_slot: Option<PendingAnswer>,
    /// What the caller wrote before the path: `/api` or nothing.
    pub prefix: &'static str,
    /// The last event that a reader of a stream has seen, as it says.
    pub last_event_id: Option<String>,
    /// What Google says of a notification: its headers `X-Goog-…`, by their names in
    /// small letters.
    pub goog: Vec<(String, String)>,
    /// What the caller showed, for what lasts longer than a request.
    pub credential: Credential,
    /// What a browser says; empty but on pages.
    pub browser: Browser,
    /// The way to the daemon's own routes.
    pub within: Within,
    pub(crate) params: Vec<(String, String)>,
    pub(crate) query: Value,
    pub(crate) body: Value,
    pub(crate) route: Arc<Compiled>,
}

impl Call {
    /// The part of the path that the route calls `name`; empty if it has none.
    pub fn param(&self, name: &str) -> &str {
        let found = self.params.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// The id in the path. What cannot be an id is the id of nothing: 404.
    pub fn id<K: Kind>(&self, name: &str) -> Result<Id<K>, Problem> {
        self.param(name).parse().map_err(|_| Problem::absent(K::NAME))
    }

    /// The query, already checked; absent parameters are absent members.
    pub fn query<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        decode(&self.query)
    }

    /// The body, already checked.
    pub fn body<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        decode(&self.body)
    }

    /// The body merged into `record` (as it is shown), checked like a creation.
    pub fn merge<T: DeserializeOwned>(
        &self,
        record: &impl Serialize,
        how: &Merge,
    ) -> Result<T, Problem> {
        self.merged(&to_value(record)?, &self.body, how)
    }

    /// The same for a record that shows more than it holds: what the body says as
    /// `shown` does is no change, the rest is merged into `own`.
    pub fn merge_changed<T: DeserializeOwned>(
        &self,
        shown: &impl Serialize,
        own: &impl Serialize,
        how: &Merge,
    ) -> Result<T, Problem> {
        let (shown, own) = (to_value(shown)?, to_value(own)?);
        let mut news = self.body.clone();
        if let Some(news) = news.as_object_mut() {
            news.retain(|name, value| shown.get(name) != Some(value));
        }
        self.merged(&own, &news, how)
    }

    fn merged<T: DeserializeOwned>(
        &self,
        record: &Value,
        news: &Value,
        how: &Merge,
    ) -> Result<T, Problem> {
        let merged =
            merge::merge(record, news, self.route.members(), how).map_err(Problem::invalid)?;
        let flaws = self.route.check_whole(&merged);
        if !flaws.is_empty() {
            return Err(Problem::invalid(flaws));
        }
        decode(&merged)
    }

    /// The language for texts about a record of this tenant.
    pub fn language_for(&self, tenant: &Tenant) -> Language {
        self.speech().for_tenant(tenant)
    }

    /// What the language depends on, for answers that are made later.
    pub fn speech(&self) -> Speech {
        Speech { accepted: self.accepted, otherwise: self.language }
    }

    /// Who has it done, for those who write that down.
    pub fn author(&self) -> Author {
        let (kind, id) = match &self.who {
            Who::Operator { token } => (AuthorKind::Operator, token.to_string()),
            Who::Service { token, .. } => (AuthorKind::Service, token.to_string()),
            Who::Person(person) => (AuthorKind::User, person.user.to_string()),
            Who::Anyone => (AuthorKind::User, "unknown".to_owned()),
        };
        Author {
            request: Some(self.request_id.to_string()),
            address: Some(self.address),
            ..Author::new(kind, id)
        }
    }

    /// Whether the caller may do what this scope is for with the record of this
    /// user; 403 if it may be seen, and not that.
    pub fn permit(&self, user: UserId, scope: &str) -> Result<(), Problem> {
        if self.who.may(scope) || self.who.user() == Some(user) {
            Ok(())
        } else {
            Err(Problem::forbidden("forbidden"))
        }
    }

    /// Whether the caller may act upon this user's access: nobody does upon an
    /// admin's but another admin, and those above.
    pub fn outranks(&self, record: &UserRecord) -> Result<(), Problem> {
        guards::outranks(&self.standing(), record.id, &record.user).map_err(Problem::from)
    }

    /// How the caller stands to the users of a tenant.
    pub fn standing(&self) -> Standing {
        match &self.who {
            Who::Person(person) => Standing::Person {
                id: person.user,
                admin: person.admin,
                manager: self.who.may("users:write"),
                permissions: person.permissions,
            },
            _ => Standing::Above,
        }
    }

    /// The person who calls; only routes that need one may ask.
    pub fn person(&self) -> Result<&Person, Problem> {
        match &self.who {
            Who::Person(person) => Ok(person),
            _ => Err(Problem::forbidden("forbidden")),
        }
    }

    /// How the concern keeps the answer, if the caller asked for that; hand it to
    /// the concern's message. `show` must answer just as the handler will.
    pub fn keep<R>(
        &mut self,
        show: impl Fn(&R) -> Result<Reply, Problem> + Send + Sync + 'static,
    ) -> Option<Keep<R>> {
        let pending = self.answer_slot.take()?;
        Some(Keep::new(pending, move |record| show(record).ok().map(|reply| reply.rendered())))
    }
}

/// Which language a caller reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Speech {
    accepted: Option<Language>,
    otherwise: Language,
}

impl Speech {
    /// What the request asks for, else what the tenant speaks, else what
    /// everybody is answered in.
    pub fn for_tenant(self, tenant: &Tenant) -> Language {
        let theirs = tenant.locale.as_deref().and_then(Language::of_tag);
        self.accepted.or(theirs).unwrap_or(self.otherwise)
    }
}

fn to_value(record: &impl Serialize) -> Result<Value, Problem> {
    serde_json::to_value(record).map_err(|source| Problem::fault("showing the record", source))
}

/// The schema has been checked, so what serde still finds is a gap between the
/// schema and the type; the caller is told all the same.
fn decode<T: DeserializeOwned>(value: &Value) -> Result<T, Problem> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        tracing::warn!(%error, "the schema let through what its type does not take");
        let path = error.path().to_string();
        let field = if path == "." { "body".to_owned() } else { path };
        Problem::invalid(vec![Flaw::new(field, "invalid")])
    })
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("request_id", &self.request_id)
            .field("method", &self.method)
            .field("route", &self.route.path())
            .finish_non_exhaustive()
    }
}
