//! The client against a real OpenSSH server with a scripted `occ`: only where
//! foreign servers are asked for (`ZELADOR_TEST_REAL=1`).

use std::fmt::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use zelador_actors::nextcloud::port::{Limits, Port as _};
use zelador_actors::nextcloud::rules::{Class, Edit};
use zelador_actors::nextcloud::ssh::{HostPin, SshAuth, SshPort, SshTarget};

use super::{PASSWORD, id, password, wanted};
use crate::harness::{eventually, skipped};

/// An `occ` that notes what it was given, one argument a line, and answers as the
/// real one does.
const SCRIPT: &str = r#"#!/bin/sh
log="$(dirname "$0")/log"
{ echo "== $1"; shift_name="$1"; for word in "$@"; do printf '<%s>\n' "$word"; done; } >>"$log"
for last in "$@"; do :; done
case "$1" in
  status) echo '{"installed":true,"maintenance":false,"needsDbUpgrade":false,"versionstring":"32.0.1"}' ;;
  user:add)
    [ -n "$OC_PASS" ] || { echo '--password-from-env given, but NC_PASS/OC_PASS is empty!'; exit 1; }
    printf '%s' "$OC_PASS" >"$(dirname "$0")/password"
    case "$last" in
      taken) echo "The account \"$last\" already exists."; exit 1 ;;
      partial) echo "The account \"$last\" was created successfully"; echo 'database is locked'; exit 5 ;;
      silent) exit 0 ;;
      killed) kill -9 $$ ;;
    esac
    echo "The account \"$last\" was created successfully" ;;
  user:setting) : ;;
  user:info) echo 'user not found'; exit 1 ;;
  user:delete) echo 'User does not exist' ;;
  user:disable) echo 'The specified user is disabled' ;;
  *) echo "Command \"$1\" is not defined." >&2; exit 1 ;;
esac
"#;

/// A server that ends with the test.
struct Server {
    child: Child,
    folder: TempDir,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn keygen(path: &Path, kind: &str, passphrase: &str) -> bool {
    let mut command = Command::new("ssh-keygen");
    command.args(["-q", "-t", kind, "-C", "test", "-N", passphrase, "-f"]).arg(path);
    command.status().is_ok_and(|status| status.success())
}

fn sshd() -> Option<&'static str> {
    ["/usr/sbin/sshd", "/usr/local/sbin/sshd"].into_iter().find(|path| Path::new(path).is_file())
}

/// Starts a server for this user; `Err`: why not.
fn start(client_key: &str, passphrase: &str) -> Result<Server, String> {
    let real = std::env::var_os("ZELADOR_TEST_REAL").is_some_and(|value| value == "1");
    if !real {
        return Err("a foreign server, without ZELADOR_TEST_REAL=1".to_owned());
    }
    let sshd = sshd().ok_or("there is no sshd")?;
    // sshd, as root, will have this folder; nobody minds where it is there.
    let _ = std::fs::create_dir_all("/run/sshd");
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    if !keygen(&at("host"), "ed25519", "") || !keygen(&at("client"), client_key, passphrase) {
        return Err("there is no ssh-keygen".to_owned());
    }
    std::fs::copy(at("client.pub"), at("authorized")).unwrap();
    std::fs::write(at("occ"), SCRIPT).unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut config = String::new();
    let lines = [
        format!("ListenAddress 127.0.0.1:{port}"),
        format!("HostKey {}", at("host").display()),
        format!("AuthorizedKeysFile {}", at("authorized").display()),
        format!("PidFile {}", at("pid").display()),
        "StrictModes no".to_owned(),
        "UsePAM no".to_owned(),
        "PasswordAuthentication no".to_owned(),
        "PermitRootLogin yes".to_owned(),
    ];
    for line in lines {
        writeln!(config, "{line}").unwrap();
    }
    std::fs::write(at("config"), config).unwrap();
    let mut command = Command::new(sshd);
    command.args(["-D", "-e", "-f"]).arg(at("config")).stderr(Stdio::null());
    let child = command.spawn().map_err(|error| format!("sshd: {error}"))?;
    Ok(Server { child, folder, port })
}

impl Server {
    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }

    fn target(&self, passphrase: Option<&str>) -> SshTarget {
        let user = Command::new("id").arg("-un").output().unwrap().stdout;
        SshTarget {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            user: String::from_utf8(user).unwrap().trim().to_owned(),
            auth: SshAuth::Key {
                key: self.text("client").into(),
                passphrase: passphrase.map(Into::into),
            },
            host_key: HostPin::parse(&self.text("host.pub")).unwrap(),
            occ_path: self.folder.path().join("occ").to_str().unwrap().to_owned(),
            php: "sh".to_owned(),
            run_as: None,
            limits: Limits::default(),
        }
    }

    /// A client, once the server listens.
    async fn client(&self, passphrase: Option<&str>) -> SshPort {
        eventually("sshd listens", Duration::from_secs(30), || async {
            let port = SshPort::new(self.target(passphrase)).unwrap();
            port.status().await.ok().map(|_| port)
        })
        .await
    }
}

#[tokio::test]
async fn a_real_server_is_spoken_to_as_the_stand_in_is() {
    let server = match start("ed25519", "canary") {
        Ok(server) => server,
        Err(why) => return skipped(why),
    };
    let port = server.client(Some("canary")).await;
    let mut hostile = wanted("o'brien");
    hostile.display_name =
        Some("João'; touch canary; $(touch canary) `touch canary` \"\\".to_owned());
    port.create(&hostile, &password()).await.unwrap();
    assert_eq!(server.text("password"), PASSWORD);
    let log = server.text("log");
    assert!(
        log.contains("<--display-name=João'; touch canary; $(touch canary) `touch canary` \"\\>"),
        "{log}"
    );
    assert!(log.contains("<-->\n<o'brien>"), "{log}");
    assert!(log.contains("<o'brien>\n<files>\n<quota>\n<5 GB>"), "{log}");
    assert!(!log.contains(PASSWORD));
    for (name, class, doubt) in [
        ("taken", Class::Taken, true),
        ("partial", Class::Failed, true),
        ("silent", Class::Misconfigured, false),
    ] {
        let trouble = port.create(&wanted(name), &password()).await.unwrap_err();
        assert_eq!((trouble.class, trouble.doubt), (class, doubt), "{name}: {trouble}");
    }
    let killed = port.create(&wanted("killed"), &password()).await.unwrap_err();
    assert!(killed.doubt, "{killed}");
    assert_eq!(port.find(&id("nobody")).await.unwrap(), None);
    port.delete(&id("nobody")).await.unwrap();
    port.edit(&id("ana"), &Edit::Enabled(false)).await.unwrap();
    let foreign = Path::new("canary").exists();
    assert!(!foreign, "a hostile name was executed");
}

#[tokio::test]
async fn a_real_server_with_another_key_is_refused() {
    let server = match start("ecdsa", "") {
        Ok(server) => server,
        Err(why) => return skipped(why),
    };
    server.client(None).await;
    let mut target = server.target(None);
    let pinned = server.text("client.pub");
    target.host_key = HostPin::parse(&pinned).unwrap();
    let trouble = SshPort::new(target).unwrap().status().await.unwrap_err();
    assert_eq!(trouble.class, Class::HostKey, "{trouble}");
    let mut target = server.target(None);
    target.user = "no-such-user".to_owned();
    let trouble = SshPort::new(target).unwrap().status().await.unwrap_err();
    assert_eq!(trouble.class, Class::WrongCredentials, "{trouble}");
}
