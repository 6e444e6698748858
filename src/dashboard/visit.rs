//! One visit: who looks, in which language, and the way to the routes that a page
//! asks.

use secrecy::ExposeSecret as _;
use serde::de::DeserializeOwned;
use serde_json::Value;
use subtle::ConstantTimeEq as _;
use warp::http::{Method, StatusCode};

use super::Dashboard;
use super::flash::Flash;
use super::session::{self, Session};
use super::text::Text;
use crate::api::browser::Browser;
use crate::api::within::{Told, Within};
use crate::api::{Call, Language, Problem, Who};

/// Who has signed in.
const SESSION: &str = "session";
/// Chance, for the forms of who has not.
const VISITOR: &str = "visitor";
/// What became of the last form.
const FLASH: &str = "flash";
/// Which language, if not the browser's.
pub(super) const LANGUAGE: &str = "language";
/// Light or dark, if not as the system says.
pub(super) const THEME: &str = "theme";
/// Seconds that a choice of language or theme is remembered.
const YEAR: u64 = 31_536_000;

/// A visit.
pub(super) struct Visit {
    pub(super) dashboard: Dashboard,
    pub(super) browser: Browser,
    pub(super) within: Within,
    pub(super) text: Text,
    pub(super) who: Who,
    pub(super) session: Option<Session>,
    pub(super) flash: Option<Flash>,
    params: Vec<(String, String)>,
    visitor: String,
    /// Cookies that go with the answer.
    cookies: Vec<String>,
}

impl Visit {
    /// The visit behind a call.
    pub(super) async fn new(dashboard: Dashboard, call: Call) -> Result<Self, Problem> {
        let Call { browser, within, language, params, .. } = call;
        let chosen = browser.cookie(&plain(LANGUAGE)).and_then(Language::of_tag);
        let language = chosen.unwrap_or(language);
        let mut visit = Self {
            within: within.speaking(language),
            text: Text(language),
            who: Who::Anyone,
            session: None,
            flash: None,
            params,
            visitor: String::new(),
            cookies: Vec::new(),
            dashboard,
            browser,
        };
        visit.recognise().await?;
        visit.take_flash();
        Ok(visit)
    }

    /// A session whose token is nobody's any more is none.
    async fn recognise(&mut self) -> Result<(), Problem> {
        let shared = &self.dashboard.0;
        let cookie = self.browser.cookie(&self.name(SESSION));
        let found = cookie.and_then(|text| shared.sessions.read(text, self.within.now()));
        if let Some(session) = found {
            let token = session.token.expose_secret().to_owned();
            let within = self.within.showing(token, self.text.0);
            if let Some(who) = within.who().await? {
                (self.who, self.within, self.session) = (who, within, Some(session));
                return Ok(());
            }
            self.forget();
        }
        let known = self.browser.cookie(&self.name(VISITOR)).map(str::to_owned);
        self.visitor = known.unwrap_or_else(|| self.within.random());
        self.set(VISITOR, &self.visitor.clone(), session::LASTS.as_secs());
        Ok(())
    }

    fn take_flash(&mut self) {
        let cookie = self.browser.cookie(&self.name(FLASH)).filter(|text| !text.is_empty());
        if let Some(cookie) = cookie.filter(|_| !self.browser.is_fetch()) {
            self.flash = Flash::opened(&self.dashboard.0.seal, cookie);
            self.set(FLASH, "", 0);
        }
    }

    /// Whether somebody has signed in.
    pub(super) fn is_known(&self) -> bool {
        self.session.is_some()
    }

    /// What forms of this visit carry.
    pub(super) fn form_token(&self) -> String {
        match &self.session {
            Some(session) => session.form_token(),
            None => session::form_token(&self.visitor),
        }
    }

    /// Refuses a form that is not one of ours.
    pub(super) fn check_form(&self) -> Result<(), Problem> {
        let (given, own) = (self.browser.field("form"), self.form_token());
        if self.browser.is_own() && bool::from(given.as_bytes().ct_eq(own.as_bytes())) {
            return Ok(());
        }
        Err(Problem::new(StatusCode::FORBIDDEN, "form_stale"))
    }

    /// The part of the path that the route calls `name`, as part of another path.
    pub(super) fn param(&self, name: &str) -> String {
        let found = self.params.iter().find(|(key, _)| key == name);
        found.map_or_else(String::new, |(_, value)| super::html::encoded(value))
    }

    /// A parameter of the address, if it is there and not empty.
    pub(super) fn asked(&self, name: &str) -> Option<String> {
        let value = self.browser.parameter(name).trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    /// A field of the form, if it is there and not empty.
    pub(super) fn field(&self, name: &str) -> Option<String> {
        let value = self.browser.field(name).trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    /// Whether the reader's role may ever ask this route.
    pub(super) fn may(&self, method: &Method, path: &str) -> bool {
        self.within.may(&self.who, method, path)
    }

    /// Asks a route.
    pub(super) async fn get<T: DeserializeOwned>(&self, target: &str) -> Result<T, Problem> {
        self.within.get(target).await?.read()
    }

    /// A page of a list, and the cursor to the next.
    pub(super) async fn list<T: DeserializeOwned>(
        &self,
        target: &str,
    ) -> Result<(Vec<T>, Option<String>), Problem> {
        let mut told = self.within.get(target).await?;
        let next = told.next.take();
        Ok((told.read()?, next))
    }

    /// Asks a route, if the reader may and there is such a thing.
    pub(super) async fn perhaps<T: DeserializeOwned>(
        &self,
        target: &str,
    ) -> Result<Option<T>, Problem> {
        match self.within.get(target).await {
            Ok(told) => told.read().map(Some),
            Err(problem) if [403, 404].contains(&problem.status().as_u16()) => Ok(None),
            Err(problem) => Err(problem),
        }
    }

    /// Has a route do something.
    pub(super) async fn tell(
        &self,
        method: Method,
        target: &str,
        body: Value,
    ) -> Result<Told, Problem> {
        let key = self.field("key");
        let key = key.filter(|_| method == Method::POST);
        self.within.ask(method, target, body, key.as_deref()).await
    }

    /// Signs somebody in.
    pub(super) fn begin(&mut self, token: &str) {
        let (chance, now) = (self.within.random(), self.within.now());
        let cookie = self.dashboard.0.sessions.begin(token, chance, now);
        self.set(SESSION, &cookie, session::LASTS.as_secs());
        self.set(VISITOR, "", 0);
    }

    /// Signs out, here and on every copy of the cookie.
    pub(super) fn end(&mut self) {
        if let Some(session) = self.session.take() {
            self.dashboard.0.sessions.end(&session, self.within.now());
        }
        self.forget();
    }

    fn forget(&mut self) {
        self.set(SESSION, "", 0);
    }

    /// Says something on the next page.
    pub(super) fn say(&mut self, flash: &Flash) {
        let sealed = flash.sealed(&self.dashboard.0.seal);
        self.set(FLASH, &sealed, 60);
    }

    /// Remembers a choice of language or theme; empty: none.
    pub(super) fn choose(&mut self, name: &str, value: &str) {
        let lasts = if value.is_empty() { 0 } else { YEAR };
        self.cookies.push(cookie(&plain(name), value, lasts, self.is_secure()));
    }

    /// The cookies that go with the answer.
    pub(super) fn cookies(&self) -> &[String] {
        &self.cookies
    }

    fn set(&mut self, name: &str, value: &str, lasts: u64) {
        let name = self.name(name);
        let secure = self.is_secure();
        self.cookies.retain(|set| !set.starts_with(&format!("{name}=")));
        self.cookies.push(cookie(&name, value, lasts, secure));
    }

    /// Whether the browser speaks TLS, as far as the configuration says.
    fn is_secure(&self) -> bool {
        self.within.is_behind_tls() && !self.browser.speaks_plainly()
    }

    /// With TLS, browsers hold such a name to this host.
    fn name(&self, name: &str) -> String {
        if self.is_secure() { format!("__Host-{}", plain(name)) } else { plain(name) }
    }

    /// Light, dark, or as the system says.
    pub(super) fn theme(&self) -> &'static str {
        match self.browser.cookie(&plain(THEME)) {
            Some("light") => "light",
            Some("dark") => "dark",
            _ => "",
        }
    }
}

fn plain(name: &str) -> String {
    format!("zelador-{name}")
}

fn cookie(name: &str, value: &str, lasts: u64, secure: bool) -> String {
    let secure = if secure { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; Max-Age={lasts}; SameSite=Strict; HttpOnly{secure}")
}
