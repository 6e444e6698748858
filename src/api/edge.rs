//! The edge as a value: the routes, and what they need of the daemon.

use std::sync::Arc;

use arc_swap::ArcSwap;
use async_trait::async_trait;
use zelador_actors::engine::clock::{Clock, Dice};
use zelador_store::id::TenantId;

use super::auth::{PersonSource, TokenSource};
use super::docs;
use super::finish::Durations;
use super::gate::Gate;
use super::idempotency::{AnswerSource, InFlight};
use super::language::Language;
use super::limits::Limits;
use super::openapi::Documents;
use super::route::Route;
use super::schema::TableError;
use super::table::Table;
use crate::config::{ApiSettings, Locale};

/// Where tenants' languages are found.
#[async_trait]
pub trait LocaleSource: Send + Sync {
    /// The tenant's `locale`, if it has one.
    async fn locale(&self, tenant: TenantId) -> Option<String>;
}

/// What the edge needs of the daemon, beside what handlers need.
pub struct Foundation {
    /// `[api]`.
    pub settings: ApiSettings,
    /// Opaque tokens.
    pub tokens: Arc<dyn TokenSource>,
    /// People who have signed in.
    pub people: Arc<dyn PersonSource>,
    /// Kept answers.
    pub answers: Arc<dyn AnswerSource>,
    /// Tenants' languages.
    pub locales: Arc<dyn LocaleSource>,
    /// Time.
    pub clock: Clock,
    /// Chance.
    pub dice: Dice,
}

/// The edge; clones are the same one.
#[derive(Clone)]
pub struct Api(pub(crate) Arc<Edge>);

pub(crate) struct Edge {
    pub(crate) table: Arc<Table>,
    pub(crate) settings: ArcSwap<ApiSettings>,
    pub(crate) limits: ArcSwap<Limits>,
    pub(crate) gate: Gate,
    pub(crate) answers: Arc<dyn AnswerSource>,
    pub(crate) locales: Arc<dyn LocaleSource>,
    pub(crate) clock: Clock,
    pub(crate) dice: Dice,
    pub(crate) in_flight: InFlight,
    pub(crate) durations: Durations,
}

impl Api {
    /// The edge with these routes, and those that describe them: `/openapi.json`
    /// and `/api-docs`.
    pub fn new<C>(cx: C, routes: Vec<Route<C>>, on: Foundation) -> Result<Self, TableError>
    where
        C: Clone + Send + Sync + 'static,
    {
        let documents = Documents::default();
        let own = docs::routes(&documents).into_iter();
        let bound = own.chain(routes).map(|route| route.bind(cx.clone())).collect();
        let table = Arc::new(Table::new(bound)?);
        documents.describe(&table);
        Ok(Self(Arc::new(Edge {
            table,
            limits: ArcSwap::from_pointee(Limits::new(&on.settings.limits)),
            settings: ArcSwap::from_pointee(on.settings),
            gate: Gate::new(on.tokens, on.people),
            answers: on.answers,
            locales: on.locales,
            clock: on.clock,
            dice: on.dice,
            in_flight: InFlight::default(),
            durations: Durations::default(),
        })))
    }

    /// How many connections may be open at once.
    pub(crate) fn connection_cap(&self) -> usize {
        usize::try_from(self.0.settings.load().limits.connections).unwrap_or(usize::MAX).max(1)
    }

    /// Takes over changed settings; requests under way keep the old ones. The
    /// address that is listened on stays.
    pub fn configure(&self, settings: &ApiSettings) {
        if !self.0.limits.load().are(&settings.limits) {
            self.0.limits.store(Arc::new(Limits::new(&settings.limits)));
        }
        self.0.settings.store(Arc::new(settings.clone()));
    }
}

impl From<Locale> for Language {
    fn from(locale: Locale) -> Self {
        match locale {
            Locale::PtBr => Self::Portuguese,
            Locale::Es => Self::Spanish,
            Locale::En => Self::English,
        }
    }
}
