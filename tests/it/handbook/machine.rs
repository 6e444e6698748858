//! A machine as the handbook has it: its own `/etc`, `/var`, `/root` and programs, below
//! a directory of the test, and a daemon that `systemctl` starts and stops there.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::time::timeout;

use super::story::future;
use crate::harness::{Client, Home, skipped};

/// More than a page takes.
const LIMIT: Duration = Duration::from_secs(120);

/// Where the machine's own directories are meant by the pages.
pub(super) const PLACES: [&str; 10] = [
    "/var/lib/zelador",
    "/etc/zelador",
    "/etc/systemd",
    "/usr/lib/sysusers.d",
    "/usr/share/bash-completion",
    "/usr/bin/zelador",
    "/root/",
    "/backups/",
    "/safe/place",
    "/srv/zelador",
];

/// A machine; dropped, its daemon is killed and its files go.
pub(super) struct Machine {
    home: Home,
    port: u16,
}

impl Machine {
    /// One with zelador installed, or not yet, and nothing started; `None`: a program is
    /// missing here that pages need.
    pub(super) async fn new(installed: bool) -> Option<Self> {
        if let Some(missing) = missing() {
            skipped(format!("the handbook needs {missing}"));
            return None;
        }
        let home = Home::new("").await;
        // As on any machine: others may look where nothing is kept from them.
        allow(home.path(), 0o755);
        let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        let machine = Self { home, port };
        machine.furnish();
        if installed {
            machine.install();
        }
        Some(machine)
    }

    /// Directories, programs, and a clone of the repository that has been built.
    fn furnish(&self) {
        let dirs = ["names", "root", "backups", "safe/place", "srv", "var/lib", "usr/bin"];
        let more = ["programs", "dumps", "etc/systemd/system", "usr/lib/sysusers.d"];
        let last = ["usr/lib/systemd/system", "usr/share/bash-completion/completions"];
        for dir in dirs.into_iter().chain(more).chain(last).chain(["clone/target/release"]) {
            std::fs::create_dir_all(self.path(dir)).unwrap();
        }
        // The daemon makes directories in these, which a package or a person makes.
        allow(&self.path("var/lib"), 0o777);
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for entry in std::fs::read_dir(root.join("tests/it/handbook/programs")).unwrap() {
            let from = entry.unwrap().path();
            std::fs::copy(&from, self.path("programs").join(from.file_name().unwrap())).unwrap();
        }
        for name in ["mysqldump", "pg_dump"] {
            std::os::unix::fs::symlink("dump", self.path("programs").join(name)).unwrap();
        }
        for file in ["said", "failed", "recorded", "status", "daemon.log"] {
            std::fs::write(self.path(file), "").unwrap();
            allow(&self.path(file), 0o666);
        }
        // What pages say of the place where one tries things out.
        std::os::unix::fs::symlink(self.path("var/lib/zelador"), self.path("root/data")).unwrap();
        for name in ["systemd", "config.toml"] {
            std::os::unix::fs::symlink(root.join(name), self.path("clone").join(name)).unwrap();
        }
        let built = self.path("clone/target/release/zelador");
        let made = Path::new(env!("CARGO_BIN_EXE_zelador"));
        std::fs::hard_link(made, &built)
            .or_else(|_| std::fs::copy(made, &built).map(drop))
            .unwrap();
    }

    /// What the package brings: the program, the unit, a configuration.
    fn install(&self) {
        let link = |from: &str, to: &str| std::fs::hard_link(self.path(from), self.path(to));
        link("clone/target/release/zelador", "usr/bin/zelador").unwrap();
        let unit = self.path("clone/systemd/zelador.service");
        std::fs::copy(unit, self.path("usr/lib/systemd/system/zelador.service")).unwrap();
        std::fs::create_dir_all(self.path("etc/zelador")).unwrap();
        self.configure("");
    }

    /// Writes the service's configuration, in the words of a page.
    pub(super) fn configure(&self, text: &str) {
        self.write("etc/zelador/config.toml", text);
    }

    /// Writes a file of the machine, in the words of a page.
    pub(super) fn write(&self, file: &str, text: &str) {
        let new = self.path(file).with_extension("new");
        std::fs::write(&new, self.placed(text)).unwrap();
        std::fs::rename(new, self.path(file)).unwrap();
    }

    /// A path of the machine.
    pub(super) fn path(&self, inside: &str) -> PathBuf {
        self.home.path().join(inside)
    }

    /// A text with the places that it means replaced by the machine's.
    pub(super) fn placed(&self, text: &str) -> String {
        let here = self.home.path().display().to_string();
        PLACES
            .iter()
            .fold(text.to_owned(), |text, place| text.replace(place, &format!("{here}{place}")))
    }

    /// Gives a stand-in of the pages its value.
    pub(super) fn name(&self, name: &str, value: &str) {
        std::fs::write(self.path("names").join(name), value).unwrap();
    }

    /// The operator of the daemon that runs.
    pub(super) fn client(&self) -> Client {
        let token = std::fs::read_to_string(self.path("var/lib/zelador/operator.token")).unwrap();
        Client::new(format!("127.0.0.1:{}", self.port), Some(token.trim().to_owned()))
    }

    /// Runs lines of shell to their end; else what went wrong.
    pub(super) async fn shell(&self, lines: &str) -> Result<String, String> {
        let programs = self.path("programs");
        let path = std::env::var("PATH").unwrap();
        let mut command = Command::new("bash");
        command
            .args(["-c", &format!("{}\n{lines}", include_str!("prelude.sh"))])
            .current_dir(self.path("root"))
            .env_clear()
            .env("PATH", format!("{}:{path}", programs.display()))
            .env("PROGRAMS", &programs)
            .env("MACHINE", self.home.path())
            .env("PORT", self.port.to_string())
            .env("DAY", future("2030-12-05"))
            .env("TMPDIR", self.home.path())
            .env("HOME", self.path("root"))
            .env("LANG", "C.UTF-8")
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .kill_on_drop(true);
        let output = timeout(LIMIT, command.output()).await;
        let Ok(output) = output else { return Err(format!("not within {LIMIT:?}")) };
        let output = output.unwrap();
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        let (out, wrong) = (text(&output.stdout), text(&output.stderr));
        let last: Vec<_> = out.lines().rev().take(15).collect();
        let told = last.into_iter().rev().collect::<Vec<_>>().join("\n");
        if output.status.success() { Ok(out) } else { Err(format!("{told}\n{wrong}")) }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let daemon = std::fs::read_to_string(self.path("pid")).unwrap_or_default();
        if let Some(daemon) = daemon.trim().parse().ok().and_then(Pid::from_raw) {
            let _ = kill_process(daemon, Signal::KILL);
        }
    }
}

fn missing() -> Option<&'static str> {
    let runs = |program: &&&str| {
        let found = std::process::Command::new(program).arg("--version").output();
        found.is_ok_and(|output| output.status.success())
    };
    let found = ["bash", "curl", "setsid", "setpriv"];
    found.iter().find(|program| !runs(program)).copied()
}

fn allow(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}
