//! From a path and a method to a route.
//!
//! A slash at the end and the prefix `/api` are optional on every route; a route
//! has one template, and that is what metrics call it.

use std::collections::BTreeMap;
use std::sync::Arc;

use matchit::Router;
use percent_encoding::percent_decode_str;
use warp::http::header::{self, HeaderValue};
use warp::http::{Method, StatusCode};

use super::problem::Problem;
use super::route::{Bound, Compiled};
use super::schema::{Components, TableError};

/// All that one path can do.
pub(crate) struct Place {
    /// As it was declared.
    pub(crate) template: &'static str,
    /// The methods it has, as `Allow` lists them.
    pub(crate) allow: HeaderValue,
    routes: BTreeMap<&'static str, Arc<Compiled>>,
}

impl Place {
    /// The route of a method; HEAD is GET without its body.
    pub(crate) fn route(&self, method: &Method) -> Result<Arc<Compiled>, Problem> {
        let name = if *method == Method::HEAD { "GET" } else { method.as_str() };
        self.routes.get(name).cloned().ok_or_else(|| {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed")
                .with("method", method)
                .header(header::ALLOW, self.allow.to_str().unwrap_or_default())
        })
    }
}

/// A path that was found.
pub(crate) struct Found {
    pub(crate) place: Arc<Place>,
    pub(crate) params: Vec<(String, String)>,
    /// The path without what is optional.
    pub(crate) path: String,
    /// Whether the caller wrote `/api` before it.
    pub(crate) prefixed: bool,
}

/// All routes.
pub(crate) struct Table {
    router: Router<Arc<Place>>,
    /// In the order in which they were declared.
    pub(crate) routes: Vec<Arc<Compiled>>,
    pub(crate) components: Components,
}

impl Table {
    pub(crate) fn new(bound: Vec<Bound>) -> Result<Self, TableError> {
        let mut components = Components::default();
        for bound in &bound {
            for shape in bound.spec.shapes() {
                components.add(shape)?;
            }
        }
        let mut routes = Vec::new();
        let mut places: BTreeMap<&'static str, BTreeMap<&'static str, Arc<Compiled>>> =
            BTreeMap::new();
        for bound in bound {
            let route = Arc::new(Compiled::new(bound, &components)?);
            let methods = places.entry(route.spec.path).or_default();
            if methods.insert(known(&route.spec.method), route.clone()).is_some() {
                return Err(twice(&route));
            }
            routes.push(route);
        }
        Ok(Self { router: router(places)?, routes, components })
    }

    /// The place of a path as the caller wrote it.
    pub(crate) fn find(&self, path: &str) -> Option<Found> {
        let (bare, prefixed) = bare(path);
        let matched = self.router.at(bare).ok()?;
        let mut params = Vec::new();
        for (name, value) in matched.params.iter() {
            let value = percent_decode_str(value).decode_utf8().ok()?;
            params.push((name.to_owned(), value.into_owned()));
        }
        Some(Found { place: matched.value.clone(), params, path: bare.to_owned(), prefixed })
    }
}

fn router(
    places: BTreeMap<&'static str, BTreeMap<&'static str, Arc<Compiled>>>,
) -> Result<Router<Arc<Place>>, TableError> {
    let mut router = Router::new();
    for (template, routes) in places {
        let place = Place { template, allow: allow(&routes), routes };
        router.insert(bare(template).0, Arc::new(place)).map_err(|error| TableError::Path {
            route: template.to_owned(),
            reason: error.to_string(),
        })?;
    }
    Ok(router)
}

fn twice(route: &Compiled) -> TableError {
    TableError::Path {
        route: format!("{} {}", route.spec.method, route.spec.path),
        reason: "it is there twice".to_owned(),
    }
}

/// The path without what is optional.
fn bare(path: &str) -> (&str, bool) {
    let rest = path.strip_prefix("/api").filter(|rest| rest.is_empty() || rest.starts_with('/'));
    let prefixed = rest.is_some();
    let path = rest.unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    (if path.is_empty() { "/" } else { path }, prefixed)
}

fn allow(routes: &BTreeMap<&'static str, Arc<Compiled>>) -> HeaderValue {
    let mut methods: Vec<&str> = routes.keys().copied().collect();
    if routes.contains_key("GET") {
        methods.push("HEAD");
    }
    methods.push("OPTIONS");
    HeaderValue::from_str(&methods.join(", ")).unwrap_or(HeaderValue::from_static("OPTIONS"))
}

/// The name of a method that a metric may carry.
pub(crate) fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}
