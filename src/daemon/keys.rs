//! The operator's token: made at the first start, and again when its file is gone.

use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use zelador_actors::engine::Shell;
use zelador_actors::identity::tokens;

use crate::api::auth::{hash_of, mint};
use crate::cli::{Exit, Failure};

/// The file that holds the operator's token.
const OPERATOR_TOKEN: &str = "operator.token";

/// Makes sure that `operator.token` holds a token that works. One that was lost
/// is replaced, and what it was good for ends.
pub(super) async fn ensure_operator_token(shell: &Shell, dir: &Path) -> Result<(), Failure> {
    let path = dir.join(OPERATOR_TOKEN);
    let fail = |error: &dyn std::fmt::Display| {
        Failure::new(Exit::No, format_args!("making {}: {error}", path.display()))
    };
    match std::fs::read_to_string(&path) {
        Ok(text) if !text.trim().is_empty() => {
            let known = tokens::find(shell, hash_of(text.trim())).await;
            if known.map_err(|error| fail(&error.chain()))?.is_some() {
                return Ok(());
            }
            tracing::warn!(file = %path.display(), "the operator's token is none of this store's");
        }
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(fail(&error)),
    }
    let text = mint(shell.dice.secret());
    // First the file: a token in the store that nobody holds would be no way in.
    write(&path, &text).map_err(|error| fail(&error))?;
    let made = tokens::replace_operator(shell, hash_of(&text)).await;
    made.map_err(|error| fail(&error.chain()))?;
    tracing::info!(file = %path.display(), "operator token made");
    Ok(())
}

/// Writes a file that only its owner reads, whole or not at all.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let temporary = path.with_extension("new");
    let _ = std::fs::remove_file(&temporary);
    let mut file =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
    writeln!(file, "{text}")?;
    file.sync_all()?;
    std::fs::rename(&temporary, path)?;
    path.parent().map_or(Ok(()), |dir| std::fs::File::open(dir)?.sync_all())
}
