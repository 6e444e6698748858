//! What surrounds every page: the menu, the banner, what became of the last form.
//! And the two sorts of routes: pages that are looked at, forms that do something.

use std::future::Future;
use std::sync::Arc;

use askama::Template;
use tokio::sync::Mutex;
use warp::http::header::{self, HeaderName, HeaderValue};
use warp::http::{Method, StatusCode};

use super::flash::{self, Flash};
use super::text::Text;
use super::visit::Visit;
use super::{Dashboard, assets, html};
use crate::api::doors::Doors;
use crate::api::{Call, Need, Problem, Reply, Route, Who};

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
                      connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// What browsers are told beside the policy on content.
const SECURITY: [(HeaderName, HeaderValue); 8] = [
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::VARY, HeaderValue::from_static("Cookie, Accept-Language")),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ),
];

/// A page of the menu: where, its text, and the route that a reader must be able
/// to ask. Concerns add a line.
const MENU: [(&str, &str, &str); 12] = [
    ("/", "overview", "/status"),
    ("/dashboard/calendar", "calendar", "/resources"),
    ("/dashboard/users", "users", "/users"),
    ("/dashboard/jobs", "jobs", "/jobs"),
    ("/dashboard/agenda", "agenda", "/agenda"),
    ("/dashboard/pool", "pool", "/admin/instances"),
    ("/dashboard/sync", "sync", "/wispro/syncs"),
    ("/dashboard/folders", "folders", "/folders"),
    ("/dashboard/events", "events", "/events"),
    ("/dashboard/webhooks", "webhooks", "/tenants/0/webhooks"),
    ("/dashboard/audit", "audit", "/audit"),
    ("/dashboard/configuration", "configuration", "/config"),
];

/// A line of the menu.
pub(super) struct Item {
    pub(super) href: &'static str,
    pub(super) text: String,
    pub(super) current: bool,
}

/// What every template has.
pub(super) struct Frame {
    pub(super) t: Text,
    pub(super) title: String,
    pub(super) theme: &'static str,
    pub(super) style: String,
    pub(super) script: String,
    pub(super) icon: String,
    pub(super) menu: Vec<Item>,
    pub(super) form: String,
    pub(super) flash: Option<Flash>,
    pub(super) sandbox: String,
    pub(super) known: bool,
    pub(super) role: String,
    /// Where a form about the page leads back to.
    pub(super) here: String,
}

impl Frame {
    /// The frame of a page in this part of the menu.
    pub(super) fn new(visit: &Visit, part: &str, title: impl Into<String>) -> Self {
        let [style, script, icon] = assets::places();
        let t = visit.text;
        let role = match &visit.who {
            Who::Anyone => "",
            Who::Operator { .. } => "operator",
            Who::Service { .. } => "service",
            Who::Person(person) if person.admin => "admin",
            Who::Person(_) => "user",
        };
        Self {
            t,
            title: title.into(),
            theme: visit.theme(),
            style,
            script,
            icon,
            menu: if visit.is_known() { menu(visit, part) } else { Vec::new() },
            form: visit.form_token(),
            flash: visit.flash.clone(),
            sandbox: visit.dashboard.0.vitals.sandbox().join(", "),
            known: visit.is_known(),
            role: if role.is_empty() { String::new() } else { t.word("role", role) },
            here: here(visit),
        }
    }
}

/// The menu of a reader: what is served, and the reader's role may look at.
fn menu(visit: &Visit, part: &str) -> Vec<Item> {
    let shown = MENU.iter().filter(|(href, _, asks)| {
        visit.may(&Method::GET, href) && (*href == "/" || visit.may(&Method::GET, asks))
    });
    shown
        .map(|(href, code, _)| Item {
            href,
            text: visit.text.s(&format!("menu-{code}")),
            current: *code == part,
        })
        .collect()
}

fn here(visit: &Visit) -> String {
    match visit.browser.query.as_str() {
        "" => visit.browser.path().to_owned(),
        query => format!("{}?{query}", visit.browser.path()),
    }
}

/// How a visit ends.
pub(super) enum Done {
    /// With a page.
    Page(StatusCode, String),
    /// Elsewhere.
    Go(String),
}

impl Done {
    /// A page out of its template.
    pub(super) fn page(template: &impl Template) -> Result<Self, Problem> {
        Self::with(StatusCode::OK, template)
    }

    /// A page with another status.
    pub(super) fn with(status: StatusCode, template: &impl Template) -> Result<Self, Problem> {
        let text = template.render();
        text.map(|text| Self::Page(status, text))
            .map_err(|source| Problem::fault("writing a page", source))
    }

    fn reply(self, visit: &Visit) -> Reply {
        let mut reply = match self {
            Self::Page(status, text) => {
                let mut reply =
                    Reply::bytes("text/html; charset=utf-8", text).language(visit.text.0);
                reply.status = status;
                reply
            }
            Self::Go(to) => {
                let mut reply = Reply::none();
                reply.status = StatusCode::SEE_OTHER;
                reply.location = Some(to);
                reply
            }
        };
        reply.headers.extend(SECURITY);
        for cookie in visit.cookies() {
            if let Ok(value) = HeaderValue::from_str(cookie) {
                reply.headers.push((header::SET_COOKIE, value));
            }
        }
        reply
    }
}

/// What is behind a page or a form.
pub(super) type Outcome = Result<Done, Problem>;

/// A visit that views may change: who signs in, what is said on the next page.
pub(super) type Guest = Arc<Mutex<Visit>>;

/// A page for those who have signed in.
pub(super) fn look<F, Fut>(dashboard: &Dashboard, path: &'static str, view: F) -> Route<Doors>
where
    F: Fn(Arc<Visit>) -> Fut + Send + Sync + Clone + 'static,
    Fut: Future<Output = Outcome> + Send + 'static,
{
    let dashboard = dashboard.clone();
    Route::get(path, Need::Open, move |_, call: Call| {
        let (dashboard, view) = (dashboard.clone(), view.clone());
        async move {
            let visit = Arc::new(Visit::new(dashboard, call).await?);
            let done = if visit.is_known() { view(visit.clone()).await } else { Ok(away(&visit)) };
            Ok(done.or_else(|problem| failed(&visit, &problem))?.reply(&visit))
        }
    })
    .page()
}

/// What a form of those who have signed in does: it leads back, and says on the
/// next page what became of it.
pub(super) fn act<F, Fut>(dashboard: &Dashboard, path: &'static str, deed: F) -> Route<Doors>
where
    F: Fn(Arc<Visit>) -> Fut + Send + Sync + Clone + 'static,
    Fut: Future<Output = Result<(String, Option<String>), Problem>> + Send + 'static,
{
    let dashboard = dashboard.clone();
    Route::post(path, Need::Open, move |_, call: Call| {
        let (dashboard, deed) = (dashboard.clone(), deed.clone());
        async move {
            let visit = Arc::new(Visit::new(dashboard, call).await?);
            if !visit.is_known() {
                return Ok(away(&visit).reply(&visit));
            }
            if let Err(problem) = visit.check_form() {
                return Ok(failed(&visit, &problem)?.reply(&visit));
            }
            let outcome = deed(visit.clone()).await;
            let back = own_path(visit.browser.field("to"));
            let (flash, to) = match outcome {
                Ok((said, to)) => (Flash::done(said), to.unwrap_or(back)),
                Err(problem) => {
                    problem.log();
                    (Flash::refused(flash::words(&problem, visit.text)), back)
                }
            };
            // The deed is done with the visit.
            let mut visit = Arc::into_inner(visit)
                .ok_or(Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal"))?;
            visit.say(&flash);
            Ok(Done::Go(to).reply(&visit))
        }
    })
    .page()
}

/// A page or a form that is for everybody, and may sign somebody in or out.
pub(super) fn open<F, Fut>(
    dashboard: &Dashboard,
    (method, path): (Method, &'static str),
    view: F,
) -> Route<Doors>
where
    F: Fn(Guest) -> Fut + Send + Sync + Clone + 'static,
    Fut: Future<Output = Outcome> + Send + 'static,
{
    let dashboard = dashboard.clone();
    let is_form = method == Method::POST;
    Route::new(method, path, Need::Open, move |_, call: Call| {
        let (dashboard, view) = (dashboard.clone(), view.clone());
        async move {
            let visit = Visit::new(dashboard, call).await?;
            let checked = if is_form { visit.check_form() } else { Ok(()) };
            let guest = Arc::new(Mutex::new(visit));
            let done = match checked {
                Ok(()) => view(guest.clone()).await,
                Err(problem) => Err(problem),
            };
            let visit = guest.lock().await;
            Ok(done.or_else(|problem| failed(&visit, &problem))?.reply(&visit))
        }
    })
    .page()
}

/// To the page where one signs in, and back.
fn away(visit: &Visit) -> Done {
    let back = if visit.browser.is_form() { "/".to_owned() } else { here(visit) };
    Done::Go(format!("/dashboard/sign-in?to={}", html::encoded(&back)))
}

/// A path of ours that a form may lead to.
pub(super) fn own_path(text: &str) -> String {
    let own = text.starts_with('/')
        && !text.starts_with("//")
        && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if own { text.to_owned() } else { "/".to_owned() }
}

#[derive(Template)]
#[template(path = "failed.html")]
struct Failed {
    f: Frame,
    status: u16,
    said: String,
    remedy: String,
    request: String,
}

/// The page that says what went wrong, and what to do.
fn failed(visit: &Visit, problem: &Problem) -> Outcome {
    problem.log();
    if problem.status() == StatusCode::UNAUTHORIZED {
        return Ok(away(visit));
    }
    let (status, t) = (problem.status(), visit.text);
    let remedy = match status.as_u16() {
        403 if problem.code() == "form_stale" => "remedy-form",
        403 => "remedy-role",
        404 => "remedy-absent",
        429 | 503 => "remedy-wait",
        500..=599 => "remedy-fault",
        _ => "remedy-back",
    };
    Done::with(
        status,
        &Failed {
            f: Frame::new(visit, "", t.s("failed-title")),
            status: status.as_u16(),
            said: flash::words(problem, t),
            remedy: t.s(remedy),
            request: visit.within.request().to_owned(),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn a_form_leads_nowhere_else() {
        for (asked, led) in [
            ("/dashboard/jobs?state=failed", "/dashboard/jobs?state=failed"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("https://evil.example", "/"),
            ("/a\r\nSet-Cookie: x", "/"),
            ("", "/"),
        ] {
            assert_eq!(own_path(asked), led, "{asked}");
        }
    }
}
