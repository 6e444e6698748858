//! Routes are a table: one value says what a route asks, takes, does and answers.
//!
//! The same value routes the request, checks it, documents it and is walked by
//! the test that tries every route without permission. Handlers see a [`Call`] and
//! answer a [`Reply`] or a [`Problem`]; whatever holds for all routes alike is not
//! theirs.

use std::collections::BTreeSet;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use futures::future::BoxFuture;
use serde_json::Value;
use utoipa::ToSchema;
use warp::http::{Method, StatusCode};
use zelador_actors::Flaw;

use super::auth::Need;
use super::call::Call;
use super::problem::Problem;
use super::query::Parameters;
use super::reply::Reply;
use super::schema::{Checker, Components, Shape, TableError};

type Outcome = Result<Reply, Problem>;
type Handler<C> = Arc<dyn Fn(C, Call) -> BoxFuture<'static, Outcome> + Send + Sync>;

/// What a route takes as its body.
#[derive(Debug, Clone)]
pub(crate) enum Takes {
    /// No members.
    Nothing,
    /// All of this shape.
    Whole(Shape),
    /// Any part of this shape (PUT and PATCH).
    Change(Shape),
}

/// What a route is, without what it does.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is something a route is, or is not")]
pub struct Spec {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) need: Need,
    pub(crate) part: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) takes: Takes,
    pub(crate) query: Option<Shape>,
    pub(crate) list: bool,
    pub(crate) status: StatusCode,
    pub(crate) answers: Option<Shape>,
    /// What it answers on trial, with 200.
    pub(crate) tried: Option<Shape>,
    pub(crate) errors: Vec<(u16, &'static str)>,
    pub(crate) secret: bool,
    pub(crate) hidden: bool,
    /// Its answer is a stream of server-sent events.
    pub(crate) streams: bool,
    /// Whatever body comes along is not looked at.
    pub(crate) ignores_body: bool,
    /// It is for browsers: query and body are a form's, and no other origin reads
    /// its answer.
    pub(crate) page: bool,
    pub(crate) example: Option<Value>,
}

impl Spec {
    /// All the shapes it speaks of.
    pub(crate) fn shapes(&self) -> impl Iterator<Item = &Shape> {
        let taken = match &self.takes {
            Takes::Nothing => None,
            Takes::Whole(shape) | Takes::Change(shape) => Some(shape),
        };
        taken.into_iter().chain(&self.query).chain(&self.answers).chain(&self.tried)
    }
}

/// One route. `C` is what handlers reach the rest of the daemon through.
pub struct Route<C> {
    pub(crate) spec: Spec,
    handler: Handler<C>,
}

impl<C: Send + 'static> Route<C> {
    /// A route. `path` is as in `/users/{id}/status`, without `/api` and without a
    /// slash at its end; its first segment is its part of the documentation.
    pub fn new<F, Fut>(method: Method, path: &'static str, need: Need, handler: F) -> Self
    where
        F: Fn(C, Call) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Outcome> + Send + 'static,
    {
        let spec = Spec {
            method,
            path,
            need,
            part: path.split('/').find(|part| !part.is_empty()).unwrap_or("service"),
            summary: "",
            takes: Takes::Nothing,
            query: None,
            list: false,
            status: StatusCode::OK,
            answers: None,
            tried: None,
            errors: Vec::new(),
            secret: false,
            hidden: false,
            streams: false,
            ignores_body: false,
            page: false,
            example: None,
        };
        Self { spec, handler: Arc::new(move |cx, call| Box::pin(handler(cx, call))) }
    }

    /// A GET route.
    pub fn get<F, Fut>(path: &'static str, need: Need, handler: F) -> Self
    where
        F: Fn(C, Call) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Outcome> + Send + 'static,
    {
        Self::new(Method::GET, path, need, handler)
    }

    /// A POST route; `Idempotency-Key` works on it unless it is [`secret`](Self::secret).
    pub fn post<F, Fut>(path: &'static str, need: Need, handler: F) -> Self
    where
        F: Fn(C, Call) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Outcome> + Send + 'static,
    {
        Self::new(Method::POST, path, need, handler)
    }

    /// A PUT route.
    pub fn put<F, Fut>(path: &'static str, need: Need, handler: F) -> Self
    where
        F: Fn(C, Call) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Outcome> + Send + 'static,
    {
        Self::new(Method::PUT, path, need, handler)
    }

    /// A PATCH route.
    pub fn patch<F, Fut>(path: &'static str, need: Need, handler: F) -> Self
    where
        F: Fn(C, Call) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Outcome> + Send + 'static,
    {
        Self::new(Method::PATCH, path, need, handler)
    }

    /// A DELETE route.
    pub fn delete<F, Fut>(path: &'static str, need: Need, handler: F) -> Self
    where
        F: Fn(C, Call) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Outcome> + Send + 'static,
    {
        Self::new(Method::DELETE, path, need, handler)
    }

    pub(crate) fn bind(self, cx: C) -> Bound
    where
        C: Clone + Sync,
    {
        let handler = self.handler;
        Bound { spec: self.spec, run: Box::new(move |call| handler(cx.clone(), call)) }
    }
}

/// What documents and checks.
impl<C> Route<C> {
    /// What it does, in a few words: `List tenants`.
    pub fn summary(mut self, summary: &'static str) -> Self {
        self.spec.summary = summary;
        self
    }

    /// The part of the documentation it belongs to, if not its first segment.
    pub fn part(mut self, part: &'static str) -> Self {
        self.spec.part = part;
        self
    }

    /// It takes a whole `T` as its body.
    pub fn takes<T: ToSchema>(mut self) -> Self {
        self.spec.takes = Takes::Whole(Shape::of::<T>());
        self
    }

    /// It takes any part of a `T`, to be merged ([`Call::merge`]); members of the
    /// answer may be repeated. Say [`answers`](Self::answers) too.
    pub fn changes<T: ToSchema>(mut self) -> Self {
        self.spec.takes = Takes::Change(Shape::of::<T>());
        self
    }

    /// It takes the members of `T` as query parameters.
    pub fn filters<T: ToSchema>(mut self) -> Self {
        self.spec.query = Some(Shape::of::<T>());
        self
    }

    /// It answers a `T` with this status.
    pub fn answers<T: ToSchema>(mut self, status: u16) -> Self {
        self.spec.answers = Some(Shape::of::<T>());
        self.status(status)
    }

    /// With `?dry_run=true` it answers this with 200 and changes nothing; say what
    /// parameters it takes ([`filters`](Self::filters)) too.
    pub fn tries(mut self, shape: Shape) -> Self {
        self.spec.tried = Some(shape);
        self
    }

    /// It answers a page of `T`s: `limit` and `cursor` are understood.
    pub fn lists<T: ToSchema>(mut self) -> Self {
        self.spec.answers = Some(Shape::list_of::<T>());
        self.spec.list = true;
        self
    }

    /// It answers all `T`s there are, with 200.
    pub fn answers_many<T: ToSchema>(mut self) -> Self {
        self.spec.answers = Some(Shape::list_of::<T>());
        self
    }

    /// It answers this status, without a body of a known shape.
    pub fn status(mut self, status: u16) -> Self {
        self.spec.status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
        self
    }

    /// It can be refused with this status and code, beside what every route can.
    pub fn refuses(mut self, status: u16, code: &'static str) -> Self {
        self.spec.errors.push((status, code));
        self
    }

    /// Its answer holds a secret: it is never kept for a repeated request.
    pub fn secret(mut self) -> Self {
        self.spec.secret = true;
        self
    }

    /// It is for browsers, and not part of the documented interface.
    pub fn hidden(mut self) -> Self {
        self.spec.hidden = true;
        self
    }

    /// It answers a stream of server-sent events.
    pub fn streams(mut self) -> Self {
        self.spec.streams = true;
        self
    }

    /// Whatever body comes along is not looked at: mail programs and forms send
    /// other things than JSON.
    pub fn ignores_body(mut self) -> Self {
        self.spec.ignores_body = true;
        self
    }

    /// It is a page, or what a form of one is sent to: it reads the query and the
    /// body of a form as they are ([`Call::browser`]), and no other origin may read
    /// its answer, whatever `[api.cors]` says.
    pub fn page(mut self) -> Self {
        self.spec.page = true;
        self.hidden().secret()
    }

    /// A body it takes, as an example.
    pub fn example(mut self, example: Value) -> Self {
        self.spec.example = Some(example);
        self
    }
}

impl<C> fmt::Debug for Route<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.spec.method, self.spec.path)
    }
}

/// A route whose handler has what it needs.
pub(crate) struct Bound {
    pub(crate) spec: Spec,
    pub(crate) run: Box<dyn Fn(Call) -> BoxFuture<'static, Outcome> + Send + Sync>,
}

/// A route with its checks compiled.
pub(crate) struct Compiled {
    pub(crate) spec: Spec,
    pub(crate) run: Box<dyn Fn(Call) -> BoxFuture<'static, Outcome> + Send + Sync>,
    pub(crate) parameters: Parameters,
    /// The published schema of the body.
    pub(crate) body_schema: Value,
    body: Checker,
    whole: Option<Checker>,
    members: BTreeSet<String>,
}

impl Compiled {
    /// `components` must hold all that the route speaks of.
    pub(crate) fn new(bound: Bound, components: &Components) -> Result<Self, TableError> {
        let Bound { spec, run } = bound;
        let name = format!("{} {}", spec.method, spec.path);
        let (body_schema, whole, members) = match &spec.takes {
            Takes::Nothing => (Shape::nothing().schema, None, BTreeSet::new()),
            Takes::Whole(shape) => (shape.schema.clone(), None, BTreeSet::new()),
            Takes::Change(shape) => {
                let shown = spec.answers.as_ref().map(|shape| components.members(&shape.schema));
                let change = components.change_of(&shape.schema, &shown.unwrap_or_default());
                let whole = components.compile(&shape.schema, &name)?;
                (change, Some(whole), components.members(&shape.schema))
            }
        };
        let body = components.compile(&body_schema, &name)?;
        let parameters = Parameters::new(&spec, components, &name)?;
        Ok(Self { spec, run, parameters, body_schema, body, whole, members })
    }

    pub(crate) fn path(&self) -> &'static str {
        self.spec.path
    }

    pub(crate) fn check_body(&self, body: &Value) -> Vec<Flaw> {
        self.body.check(body)
    }

    pub(crate) fn check_whole(&self, body: &Value) -> Vec<Flaw> {
        self.whole.as_ref().map(|whole| whole.check(body)).unwrap_or_default()
    }

    pub(crate) fn members(&self) -> &BTreeSet<String> {
        &self.members
    }

    /// Whether a body is looked at; where it is not, one is ignored.
    pub(crate) fn reads_body(&self) -> bool {
        let usual = matches!(self.spec.method, Method::POST | Method::PUT | Method::PATCH)
            || !matches!(self.spec.takes, Takes::Nothing);
        usual && !self.spec.ignores_body
    }
}
