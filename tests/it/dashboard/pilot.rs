//! Drives a real Chromium over its own protocol, by a pipe: no driver beside it, no
//! port, no crate. What a page logs and asks for on the way is kept.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::{sleep, timeout};

use crate::harness::PATIENCE;

/// What Debian's package installs.
const CHROMIUM: &str = "chromium";
/// How soon a browser goes where it is sent.
const SOON: Duration = Duration::from_secs(3);
/// The pipe is on descriptors 3 and 4.
const PIPED: &str = "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>/dev/null";

/// A browser with one page.
pub(super) struct Pilot {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    _profile: TempDir,
    next: u64,
    session: Option<String>,
    /// What the page said or met that it should not.
    pub(super) complaints: Vec<String>,
    /// Every address that was asked for.
    pub(super) asked: Vec<String>,
    loaded: u64,
    /// Pages that were asked for.
    departed: u64,
    /// What was read of the next message.
    partial: Vec<u8>,
    /// What it was asked last.
    doing: String,
}

/// Whether there is one, else why not.
pub(super) fn is_there() -> Result<(), String> {
    let real = std::env::var_os("ZELADOR_TEST_REAL").is_some_and(|value| value == "1");
    if !real {
        return Err("a real browser, without ZELADOR_TEST_REAL=1".to_owned());
    }
    let said = std::process::Command::new(CHROMIUM).arg("--version").output();
    said.map(|_| ()).map_err(|error| format!("{CHROMIUM}: {error}"))
}

impl Pilot {
    pub(super) async fn start() -> Self {
        let profile = TempDir::with_prefix("zelador-chromium-").unwrap();
        let dir = format!("--user-data-dir={}", profile.path().display());
        let flags = [
            "--headless=new",
            "--remote-debugging-pipe",
            "--no-sandbox",
            "--no-first-run",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--lang=en",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            &dir,
            "about:blank",
        ];
        let mut child = Command::new("sh")
            .args(["-c", PIPED, CHROMIUM])
            .args(flags)
            .env("TZ", "America/Sao_Paulo")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Its helpers end with it, whatever becomes of the test.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let (to, from) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut pilot = Self {
            child,
            to,
            from: BufReader::new(from),
            _profile: profile,
            next: 0,
            session: None,
            complaints: Vec::new(),
            asked: Vec::new(),
            loaded: 0,
            departed: 0,
            partial: Vec::new(),
            doing: String::new(),
        };
        pilot.open().await;
        pilot
    }

    async fn open(&mut self) {
        let target = self.call("Target.createTarget", json!({ "url": "about:blank" })).await;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = self.call("Target.attachToTarget", attach).await;
        self.session = Some(session["sessionId"].as_str().unwrap().to_owned());
        for domain in ["Page", "Runtime", "Network", "Log", "Inspector"] {
            self.call(&format!("{domain}.enable"), json!({})).await;
        }
    }

    /// Asks the browser; what happens meanwhile is noted.
    pub(super) async fn call(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let id = self.next;
        let mut message = json!({ "id": id, "method": method, "params": params });
        self.doing = message.to_string().chars().take(300).collect();
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.to.write_all(&bytes).await.unwrap();
        loop {
            let message = self.read().await;
            if message["id"] == id {
                assert!(message.get("error").is_none(), "{method}: {message}");
                return message["result"].clone();
            }
        }
    }

    async fn read(&mut self) -> Value {
        let read = timeout(PATIENCE, self.from.read_until(0, &mut self.partial)).await;
        let read = read.unwrap_or_else(|_| panic!("no answer to {}", self.doing)).unwrap();
        assert!(read > 0, "the browser has ended");
        let mut bytes = std::mem::take(&mut self.partial);
        bytes.pop();
        let message: Value = serde_json::from_slice(&bytes).unwrap();
        self.note(&message);
        message
    }

    fn note(&mut self, message: &Value) {
        let params = &message["params"];
        match message["method"].as_str().unwrap_or_default() {
            "Page.loadEventFired" => self.loaded += 1,
            "Inspector.targetCrashed" => panic!("the page has crashed: {}", self.doing),
            "Network.requestWillBeSent" => {
                self.departed += u64::from(params["type"] == "Document");
                self.asked.extend(params["request"]["url"].as_str().map(str::to_owned));
            }
            "Runtime.exceptionThrown" => self.complaints.push(params.to_string()),
            "Runtime.consoleAPICalled" if params["type"] != "log" => {
                self.complaints.push(params.to_string());
            }
            // Remarks are none, such as who had the focus first.
            "Log.entryAdded"
                if params["entry"]["level"] == "warning" || params["entry"]["level"] == "error" =>
            {
                self.complaints.push(params["entry"].to_string());
            }
            _ => {}
        }
    }

    /// Goes to an address and waits until it is loaded.
    pub(super) async fn go(&mut self, url: &str) {
        let before = self.loaded;
        let went = self.call("Page.navigate", json!({ "url": url })).await;
        assert!(went.get("errorText").is_none(), "{url}: {went}");
        self.arrived(before).await;
    }

    async fn arrived(&mut self, before: u64) {
        let arriving = async {
            while self.loaded == before {
                self.read().await;
            }
        };
        let arrived = timeout(PATIENCE, arriving).await;
        assert!(arrived.is_ok(), "no page came of {}", self.doing);
    }

    /// Whether the browser asks for another page soon.
    async fn departs(&mut self, before: u64) -> bool {
        let departing = async {
            while self.departed == before {
                self.read().await;
            }
        };
        timeout(SOON, departing).await.is_ok()
    }

    /// Does what leads to another page: again, if a live part was exchanged under its
    /// hand.
    async fn leads(&mut self, what: &str, script: &str, keys: Option<&str>) {
        for _ in 0..5 {
            let (loaded, departed) = (self.loaded, self.departed);
            let at = self.eval(script).await;
            match keys {
                Some(key) => self.key(key).await,
                None => self.click(&at).await,
            }
            if self.departs(departed).await {
                return self.arrived(loaded).await;
            }
        }
        panic!("{what} leads nowhere");
    }

    /// What an expression comes to.
    pub(super) async fn eval(&mut self, expression: &str) -> Value {
        let params =
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let told = self.call("Runtime.evaluate", params).await;
        assert!(told.get("exceptionDetails").is_none(), "{expression}: {told}");
        told["result"]["value"].clone()
    }

    /// Writes into a field.
    pub(super) async fn fill(&mut self, field: &str, value: &str) {
        let script = format!(
            "(() => {{ const one = document.querySelector({}); one.focus(); one.value = {}; \
             one.dispatchEvent(new Event('input', {{bubbles: true}})); return one.value; }})()",
            json!(field),
            json!(value)
        );
        assert_eq!(self.eval(&script).await, value, "{field}");
    }

    /// Presses what leads to another page, with the mouse, where it is to be seen.
    pub(super) async fn press(&mut self, what: &str) {
        let script = format!(
            "(() => {{ const one = document.querySelector({}); \
             one.scrollIntoView({{block: 'center'}}); const box = one.getBoundingClientRect(); \
             return [box.x + box.width / 2, box.y + box.height / 2]; }})()",
            json!(what)
        );
        self.leads(what, &script, None).await;
    }

    /// Gives what leads to another page the focus, and presses Enter.
    pub(super) async fn enter(&mut self, what: &str) {
        let script = format!(
            "(() => {{ const one = document.querySelector({}); one.focus(); \
             if (document.activeElement !== one) throw new Error('it takes no focus'); }})()",
            json!(what)
        );
        self.leads(what, &script, Some("Enter")).await;
    }

    async fn click(&mut self, at: &Value) {
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({
                "type": kind, "x": at[0], "y": at[1], "button": "left", "clickCount": 1,
            });
            self.call("Input.dispatchMouseEvent", event).await;
        }
    }

    /// Presses a key: `Tab` or `Enter`.
    pub(super) async fn key(&mut self, name: &str) {
        let (code, text) = if name == "Enter" { (13, "\r") } else { (9, "") };
        for kind in ["keyDown", "keyUp"] {
            let text = if kind == "keyDown" { text } else { "" };
            let event = json!({
                "type": kind, "key": name, "code": name, "windowsVirtualKeyCode": code,
                "text": text,
            });
            self.call("Input.dispatchKeyEvent", event).await;
        }
    }

    /// Waits until an expression is true.
    pub(super) async fn until(&mut self, what: &str, expression: &str) {
        let wait = async {
            while self.eval(expression).await != json!(true) {
                sleep(Duration::from_millis(50)).await;
            }
        };
        assert!(timeout(PATIENCE, wait).await.is_ok(), "not in time: {what}");
    }

    /// The size of the window, and the colours that the system asks for.
    pub(super) async fn look_like(&mut self, (width, height): (u32, u32), scheme: &str) {
        let size = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600,
        });
        self.call("Emulation.setDeviceMetricsOverride", size).await;
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.call("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    }

    /// The whole page as a picture.
    pub(super) async fn picture(&mut self, file: &Path) {
        let how = json!({ "format": "png", "captureBeyondViewport": true });
        let shot = self.call("Page.captureScreenshot", how).await;
        let bytes = STANDARD.decode(shot["data"].as_str().unwrap()).unwrap();
        std::fs::write(file, bytes).unwrap();
    }

    /// Closes the browser, and waits until it has written all it had: what is left
    /// of its profile goes with it.
    pub(super) async fn end(mut self) {
        self.session = None;
        self.call("Browser.close", json!({})).await;
        let ended = timeout(PATIENCE, self.child.wait()).await;
        ended.expect("the browser ends").unwrap();
    }
}

impl Drop for Pilot {
    fn drop(&mut self) {
        // None: it has ended by itself.
        let group = self.child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        if let Some(group) = group {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}
