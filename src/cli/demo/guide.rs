//! Tells the steps, and judges each.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::cli::client::Client;

/// A step that has not come about by then never will.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often it is looked for.
const LOOK: Duration = Duration::from_millis(100);
/// Members of answers that tell what became of it, in the order in which they are shown.
const TELLING: [&str; 26] = [
    "error",
    "message",
    "type",
    "kind",
    "state",
    "status",
    "next_status",
    "scheduled_status_change_at",
    "planned_status",
    "cancellation_reason",
    "nextcloud_status",
    "instance",
    "account_id",
    "quota",
    "nearest",
    "seen",
    "created",
    "updated",
    "errors",
    "start_time",
    "end_time",
    "date_in",
    "date_out",
    "local_path",
    "name",
    "id",
];
/// Letters of a request or an answer that are shown.
const SHOWN: usize = 150;

/// A step failed: its chapter is over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stop;

/// Whoever tells.
pub(super) struct Guide {
    client: Client,
    colour: bool,
    silent: bool,
    began: Instant,
    chapter: String,
    steps: Vec<Value>,
    failed: usize,
}

impl Guide {
    /// Tells of this daemon; in colour, or to programs alone.
    pub(super) fn new(client: Client, colour: bool, silent: bool) -> Self {
        let began = Instant::now();
        Self { client, colour, silent, began, chapter: String::new(), steps: Vec::new(), failed: 0 }
    }

    /// Who is asked.
    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Steps that were not as they should be.
    pub(super) fn failed(&self) -> usize {
        self.failed
    }

    /// Everything that was told, for programs.
    pub(super) fn told(&self) -> Value {
        json!({ "ok": self.failed == 0, "failed": self.failed, "steps": self.steps })
    }

    /// A chapter begins.
    pub(super) fn chapter(&mut self, name: &str, about: &str) {
        name.clone_into(&mut self.chapter);
        self.say(&format!("\n{}  {about}", self.paint("1;36", name)));
    }

    /// A chapter that cannot be told here.
    pub(super) fn skip(&mut self, name: &str, why: &str) {
        self.say(&format!("\n{}  skipped: {why}", self.paint("1;36", name)));
        self.steps.push(json!({ "chapter": name, "skipped": why }));
    }

    /// A chapter is over. A step that failed has said so itself.
    pub(super) fn close(&mut self, told: Result<(), Stop>) {
        if told.is_err() {
            self.say("  the rest of this chapter is left out");
        }
    }

    /// A word beside the steps.
    pub(super) fn note(&mut self, text: &str) {
        self.say(text);
    }

    /// What it comes to.
    pub(super) fn end(&mut self) {
        let seconds = self.began.elapsed().as_secs_f64();
        let steps = self.steps.iter().filter(|step| step.get("ok").is_some()).count();
        let text = match self.failed {
            0 => self.paint("1;32", &format!("{steps} steps, all of them well")),
            failed => self.paint("1;31", &format!("{steps} steps, {failed} FAILED")),
        };
        self.say(&format!("\n{text}, in {seconds:.1} s"));
    }

    /// Sends a request that must be answered with this status.
    pub(super) async fn ask(
        &mut self,
        what: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
        status: u16,
    ) -> Result<Value, Stop> {
        let request = request(&method, path, body.as_ref());
        let answer = self.client.exchange(method, path, body.as_ref()).await;
        let (well, shown, body) = match answer {
            Ok((got, body)) => (got.as_u16() == status, answered(got.as_u16(), &body), body),
            Err(error) => (false, error.to_string(), Value::Null),
        };
        self.step(what, &request, &shown, well)?;
        Ok(body)
    }

    /// Looks again and again until it is as it should be.
    pub(super) async fn until(
        &mut self,
        what: &str,
        path: &str,
        good: impl Fn(&Value) -> bool,
    ) -> Result<Value, Stop> {
        let deadline = Instant::now() + PATIENCE;
        let request = request(&Method::GET, path, None);
        loop {
            let answer = self.client.exchange(Method::GET, path, None).await;
            let (shown, body) = match answer {
                Ok((status, body)) => (answered(status.as_u16(), &body), body),
                Err(error) => (error.to_string(), Value::Null),
            };
            let well = good(&body);
            if well || Instant::now() >= deadline {
                self.step(what, &request, &shown, well)?;
                return Ok(body);
            }
            sleep(LOOK).await;
        }
    }

    /// Waits for something that is no answer of the daemon's.
    pub(super) async fn wait(
        &mut self,
        what: &str,
        shown: impl Fn() -> Option<String>,
    ) -> Result<(), Stop> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let seen = shown();
            if seen.is_some() || Instant::now() >= deadline {
                let text = seen.clone().unwrap_or_else(|| "nothing came".to_owned());
                return self.step(what, "", &text, seen.is_some());
            }
            sleep(LOOK).await;
        }
    }

    /// Something that must be true of what was answered.
    pub(super) fn check(&mut self, what: &str, holds: bool) -> Result<(), Stop> {
        self.step(what, "", "", holds)
    }

    fn step(&mut self, what: &str, request: &str, answer: &str, well: bool) -> Result<(), Stop> {
        let word = if well { self.paint("32", "ok  ") } else { self.paint("1;31", "FAIL") };
        let mut text = format!("  {word} {what}");
        for (mark, line) in [(">", request), ("<", answer)] {
            if !line.is_empty() {
                let _ = write!(
                    text,
                    "\n         {}",
                    self.paint("2", &format!("{mark} {}", cut(line)))
                );
            }
        }
        self.say(&text);
        self.steps.push(json!({ "chapter": self.chapter, "step": what, "request": request,
            "answer": cut(answer), "ok": well }));
        if well {
            return Ok(());
        }
        self.failed += 1;
        Err(Stop)
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// Whoever stops reading is not held up, and not told off.
    fn say(&self, text: &str) {
        if !self.silent {
            let mut out = std::io::stdout().lock();
            let _ = writeln!(out, "{text}").and_then(|()| out.flush());
        }
    }
}

fn request(method: &Method, path: &str, body: Option<&Value>) -> String {
    let body = body.map_or_else(String::new, |body| format!(" {body}"));
    format!("{method} /{path}{body}")
}

fn answered(status: u16, body: &Value) -> String {
    if body.is_null() { status.to_string() } else { format!("{status} {}", gist(body)) }
}

/// What an answer says that matters, the telling members first; a list by its first.
fn gist(body: &Value) -> String {
    match body {
        Value::Array(rows) => {
            let first = rows.first().map_or_else(String::new, |row| format!(": {}", gist(row)));
            format!("[{}]{first}", rows.len())
        }
        Value::Object(members) => {
            let told = |name: &&str| members.get(*name).is_some_and(|value| !value.is_null());
            let chosen: serde_json::Map<_, _> = TELLING
                .iter()
                .filter(|name| told(name))
                .filter_map(|name| Some(((*name).to_owned(), members.get(*name)?.clone())))
                .collect();
            Value::from(if chosen.is_empty() { members.clone() } else { chosen }).to_string()
        }
        other => other.to_string(),
    }
}

/// One line that fits a screen and cannot steer it.
fn cut(text: &str) -> String {
    let clean = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut line: String = clean.clone().take(SHOWN).collect();
    if clean.count() > SHOWN {
        line.push_str(" ...");
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guide() -> Guide {
        let url = "http://127.0.0.1:9/".parse().unwrap();
        Guide::new(Client::new(url, "x".into()).unwrap(), false, true)
    }

    #[tokio::test]
    async fn a_step_that_fails_is_counted_and_ends_its_chapter() {
        let mut guide = guide();
        guide.chapter("one", "");
        assert!(guide.check("it is so", true).is_ok());
        assert!(guide.check("it is not", false).is_err());
        assert!(guide.ask("nobody there", Method::GET, "health", None, 200).await.is_err());
        assert_eq!(guide.failed(), 2);
        let told = guide.told();
        assert_eq!((&told["ok"], told["steps"].as_array().unwrap().len()), (&json!(false), 3));
        guide.skip("two", "why");
        assert_eq!(guide.failed(), 2, "what is left out has not failed");
    }

    #[test]
    fn answers_are_told_by_what_matters() {
        let body = json!({ "id": "1", "x": 3, "status": "confirmado", "error": null });
        assert_eq!(gist(&body), r#"{"status":"confirmado","id":"1"}"#);
        assert_eq!(gist(&json!([body, body])), r#"[2]: {"status":"confirmado","id":"1"}"#);
        assert_eq!(gist(&json!([])), "[0]");
        assert_eq!(gist(&json!({ "retried": 3 })), r#"{"retried":3}"#);
    }

    #[test]
    fn lines_fit_and_steer_nothing() {
        assert_eq!(cut("a\u{1b}[2J\nb"), "a [2J b");
        assert!(cut(&"é".repeat(400)).ends_with(" ..."));
    }
}
