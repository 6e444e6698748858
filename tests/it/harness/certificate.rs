//! Certificates for servers of a test's own, made by the `openssl` program.

use std::path::Path;

use tokio::process::Command;

/// Makes `cert.pem` and `key.pem` for `localhost` in a directory, signed by nobody;
/// else why there can be none.
pub(crate) async fn certify(dir: &Path) -> Result<(), String> {
    let mut command = Command::new("openssl");
    command.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]);
    command.args(["-nodes", "-days", "30", "-subj", "/CN=localhost"]);
    // One that may sign others is refused as a server's.
    command.args(["-addext", "basicConstraints=critical,CA:FALSE"]);
    command.args(["-addext", "subjectAltName=DNS:localhost"]);
    command.args(["-keyout", "key.pem", "-out", "cert.pem"]);
    let made = command.current_dir(dir).output().await;
    let made = made.map_err(|error| format!("openssl: {error}"))?;
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    Ok(())
}
