//! The peer: `PostgreSQL` with its defaults (`fsync` and `synchronous_commit` on),
//! a cluster of its own on the same disk, reached by a socket in its directory.

use std::cell::Cell;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::Failure;

/// Where Debian puts the programs.
const PROGRAMS: &str = "/usr/lib/postgresql";
/// Who runs it when the bench is root, which `PostgreSQL` refuses.
const NOBODY: &str = "nobody";

/// What cannot hold two bookings of one resource at once, and nothing else.
const TABLE: &str = r#"
CREATE EXTENSION btree_gist;
CREATE TABLE bookings (resource int NOT NULL, start timestamptz NOT NULL, "end" timestamptz NOT NULL,
    EXCLUDE USING gist (resource WITH =, tstzrange(start, "end") WITH &&));
CREATE SEQUENCE slots CACHE 64;
"#;

/// The next slot of 10,000 resources by turns, as the daemon is asked.
const INSERT: &str = "INSERT INTO bookings SELECT n % 10000, \
    timestamptz '2030-01-01' + (n / 10000) * interval '30 minutes', \
    timestamptz '2030-01-01' + (n / 10000 + 1) * interval '30 minutes' \
    FROM (SELECT nextval('slots') AS n) AS slot;";

/// The same as a program would send it that prepares nothing, the slot in its text.
const PLAIN_INSERT: &str = "\\set i :i + 1
\\set n :i * :clients + :client_id
INSERT INTO bookings VALUES (:n % 10000, \
    timestamptz '2200-01-01' + (:n / 10000) * interval '30 minutes', \
    timestamptz '2200-01-01' + (:n / 10000 + 1) * interval '30 minutes');";

/// Slots of a client that no call of [`Postgres::plain_inserts`] reaches.
const ENOUGH: u64 = 1_000_000;

/// A running cluster; dropping it stops it.
pub struct Postgres {
    dir: PathBuf,
    programs: PathBuf,
    /// Calls of [`Self::plain_inserts`].
    calls: Cell<u64>,
}

impl Postgres {
    /// Makes one in `dir`, which must not be there yet.
    pub fn start(dir: &Path) -> Result<Self, Failure> {
        std::fs::create_dir(dir)?;
        let mut versions: Vec<PathBuf> = std::fs::read_dir(PROGRAMS)?
            .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
            .collect();
        versions.sort();
        let programs = versions.pop().ok_or("no PostgreSQL: apt install postgresql")?;
        if rustix::process::geteuid().is_root() {
            // It must reach its directory through ours.
            for above in dir.ancestors().skip(1).take(1) {
                std::fs::set_permissions(above, std::fs::Permissions::from_mode(0o755))?;
            }
            run(Command::new("chown").arg(NOBODY).arg(dir))?;
        }
        let cluster = Self { dir: dir.to_owned(), programs, calls: Cell::new(0) };
        let data = dir.join("data");
        run(cluster.command("initdb").arg("-D").arg(&data).args(["-U", "bench", "-A", "trust"]))?;
        let options = format!("-c listen_addresses= -c unix_socket_directories={}", dir.display());
        let log = dir.join("log");
        run(cluster
            .command("pg_ctl")
            .arg("-D")
            .arg(&data)
            .arg("-o")
            .arg(options)
            .arg("-l")
            .arg(log)
            .args(["-w", "start"]))?;
        run(cluster
            .command("psql")
            .arg("-h")
            .arg(dir)
            .args(["-U", "bench", "-d", "postgres", "-q", "-v", "ON_ERROR_STOP=1", "-c"])
            .arg(TABLE))?;
        Ok(cluster)
    }

    /// Inserts per second of so many clients, prepared beforehand: its quickest.
    pub fn inserts(&self, clients: u32, time: Duration) -> Result<f64, Failure> {
        self.bench(INSERT, &["-M", "prepared"], clients, time)
    }

    /// The same by the protocol that `pgbench` speaks unless it is told otherwise.
    pub fn plain_inserts(&self, clients: u32, time: Duration) -> Result<f64, Failure> {
        let call = self.calls.replace(self.calls.get() + 1);
        let (from, all) = (format!("i={}", call * ENOUGH), format!("clients={clients}"));
        self.bench(PLAIN_INSERT, &["-D", &from, "-D", &all], clients, time)
    }

    fn bench(
        &self,
        text: &str,
        how: &[&str],
        clients: u32,
        time: Duration,
    ) -> Result<f64, Failure> {
        let script = self.dir.join("insert.sql");
        std::fs::write(&script, text)?;
        let mut pgbench = self.command("pgbench");
        pgbench.arg("-h").arg(&self.dir).args(["-U", "bench", "-n", "-j", "2"]).args(how);
        pgbench.args(["-c", &clients.to_string(), "-T", &time.as_secs().to_string(), "-f"]);
        let said = run(pgbench.arg(&script).arg("postgres"))?;
        let rate = said.lines().find_map(|line| line.strip_prefix("tps = "));
        let rate = rate.and_then(|line| line.split(' ').next()?.parse().ok());
        Ok(rate.ok_or_else(|| format!("pgbench tells no rate: {said}"))?)
    }

    /// A program of its, by a user that it accepts.
    fn command(&self, program: &str) -> Command {
        let program = self.programs.join(program);
        if !rustix::process::geteuid().is_root() {
            return Command::new(program);
        }
        let mut command = Command::new("setpriv");
        command.args(["--reuid", NOBODY, "--clear-groups", "--regid", "nogroup", "--"]);
        command.arg(program).current_dir("/");
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.dir.join("data");
        // It may not have come up.
        let _ =
            self.command("pg_ctl").arg("-D").arg(data).args(["-m", "immediate", "stop"]).output();
    }
}

/// Runs a program to its end; what it said.
fn run(command: &mut Command) -> Result<String, Failure> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(format!("{command:?}: {}: {said}", output.status).into())
}
