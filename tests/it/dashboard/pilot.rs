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
        };
        pilot.open().await;
        pilot
    }

    async fn open(&mut self) {
        let target = self.call("Target.createTarget", json!({ "url": "about:blank" })).await;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = self.call("Target.attachToTarget", attach).await;
        self.session = Some(session["sessionId"].as_str().unwrap().to_owned());
        for domain in ["Page", "Runtime", "Network", "Log"] {
            self.call(&format!("{domain}.enable"), json!({})).await;
        }
    }

    /// Asks the browser; what happens meanwhile is noted.
    pub(super) async fn call(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let id = self.next;
        let mut message = json!({ "id": id, "method": method, "params": params });
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
        let mut bytes = Vec::new();
        let read = timeout(PATIENCE, self.from.read_until(0, &mut bytes)).await;
        assert!(read.expect("the browser answers").unwrap() > 0, "the browser has ended");
        bytes.pop();
        let message: Value = serde_json::from_slice(&bytes).unwrap();
        self.note(&message);
        message
    }

    fn note(&mut self, message: &Value) {
        let params = &message["params"];
        match message["method"].as_str().unwrap_or_default() {
            "Page.loadEventFired" => self.loaded += 1,
            "Network.requestWillBeSent" => {
                self.asked.extend(params["request"]["url"].as_str().map(str::to_owned));
            }
            "Runtime.exceptionThrown" => self.complaints.push(params.to_string()),
            "Runtime.consoleAPICalled" if params["type"] != "log" => {
                self.complaints.push(params.to_string());
            }
            "Log.entryAdded" if params["entry"]["level"] != "verbose" => {
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
        while self.loaded == before {
            self.read().await;
        }
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

    /// Presses what leads to another page.
    pub(super) async fn press(&mut self, what: &str) {
        let before = self.loaded;
        let script = format!("document.querySelector({}).click()", json!(what));
        self.eval(&script).await;
        self.arrived(before).await;
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
