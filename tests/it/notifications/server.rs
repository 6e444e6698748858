//! A real mail server (aiosmtpd) with a certificate of its own, and its mails.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::harness::{PATIENCE, certify, eventually};

/// The python that the package is for.
const PYTHON: &str = "/usr/bin/python3";

/// Proof that all is there that the server needs.
pub(super) struct Tools(());

/// What the server needs, if it is there.
pub(super) fn tools() -> Option<Tools> {
    let runs = |program: &str, args: &[&str]| {
        let mut command = std::process::Command::new(program);
        command.args(args).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let here = runs(PYTHON, &["-c", "import aiosmtpd.smtp"]) && runs("openssl", &["version"]);
    here.then_some(Tools(()))
}

/// The server; dropped, it is killed.
pub(super) struct MailServer {
    dir: TempDir,
    child: Child,
    pub(super) port: u16,
    read: AtomicUsize,
}

/// A mail that arrived.
#[derive(Debug)]
pub(super) struct Mail {
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) html: String,
    pub(super) invite: String,
    headers: String,
}

impl Mail {
    /// A header's text.
    pub(super) fn header(&self, name: &str) -> String {
        let line = self.headers.lines().find_map(|line| {
            let (of, value) = line.split_once('\t')?;
            of.eq_ignore_ascii_case(name).then(|| value.to_owned())
        });
        line.unwrap_or_default()
    }
}

/// Reads a mail with the language's own reader, which is not ours.
const READER: &str = r#"
import email, email.policy, json, sys
mail = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default)
parts = {part.get_content_type(): part.get_content() for part in mail.walk() if not part.is_multipart()}
print(json.dumps({"subject": mail["subject"], "parts": {k: v if isinstance(v, str) else v.decode() for k, v in parts.items()},
                  "headers": "\n".join(f"{k}\t{' '.join(v.split())}" for k, v in mail.items())}))
"#;

impl MailServer {
    pub(super) async fn start(_: Tools) -> Self {
        let dir = TempDir::with_prefix("zelador-mail-").unwrap();
        certify(dir.path()).await.unwrap();
        let child = spawn(dir.path(), 0);
        let mut server = Self { dir, child, port: 0, read: AtomicUsize::new(0) };
        server.port = server.listens().await;
        server
    }

    pub(super) fn certificate(&self) -> PathBuf {
        self.dir.path().join("cert.pem")
    }

    async fn listens(&self) -> u16 {
        let file = self.dir.path().join("port");
        eventually("the mail server listens", PATIENCE, || async {
            std::fs::read_to_string(&file).ok()?.parse().ok()
        })
        .await
    }

    pub(super) async fn stop(&mut self) {
        self.child.kill().await.unwrap();
        std::fs::remove_file(self.dir.path().join("port")).unwrap();
    }

    /// On the same port as before; its mails go on being numbered from the start.
    pub(super) async fn restart(&mut self) {
        for file in std::fs::read_dir(self.dir.path()).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "eml") {
                std::fs::remove_file(path).unwrap();
            }
        }
        self.read.store(0, Ordering::SeqCst);
        self.child = spawn(self.dir.path(), self.port);
        self.listens().await;
    }

    /// The next mail that arrives, or has arrived.
    pub(super) async fn next(&self) -> Mail {
        let number = self.read.fetch_add(1, Ordering::SeqCst);
        let file = self.dir.path().join(format!("{number:04}.eml"));
        eventually(&format!("mail {number}"), PATIENCE, || async { file.exists().then_some(()) })
            .await;
        let read = Command::new(PYTHON).args(["-c", READER]).arg(&file).output().await.unwrap();
        let read: serde_json::Value = serde_json::from_slice(&read.stdout).unwrap();
        let part = |kind: &str| read["parts"][kind].as_str().unwrap_or_default().to_owned();
        Mail {
            subject: read["subject"].as_str().unwrap().to_owned(),
            text: part("text/plain"),
            html: part("text/html"),
            invite: part("text/calendar"),
            headers: read["headers"].as_str().unwrap().to_owned(),
        }
    }
}

fn spawn(dir: &Path, port: u16) -> Child {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/notifications/server.py");
    let mut command = Command::new(PYTHON);
    command.arg(script).arg(dir).arg(dir.join("cert.pem")).arg(dir.join("key.pem"));
    command.arg(port.to_string()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.kill_on_drop(true).spawn().unwrap()
}
