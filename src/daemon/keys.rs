//! The operator's token and the key that signs: made at the first start, and again
//! when their files are gone.

use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use secrecy::{ExposeSecret, SecretString};
use zelador_actors::engine::notifications::Links;
use zelador_actors::engine::seal::Seal;
use zelador_actors::engine::{Dice, Shell};
use zelador_actors::identity::keys::Keys;
use zelador_actors::identity::tokens::{self, NewToken};
use zelador_store::author::{Author, AuthorKind};
use zelador_store::token::Role;

use crate::api::auth::{hash_of, mint};
use crate::cli::{Exit, Failure};
use crate::config::{AuthSettings, Config, Secret};

/// The file that holds the operator's token.
const OPERATOR_TOKEN: &str = "operator.token";

/// Makes the tokens that there are without anybody asking for them.
pub(super) async fn ensure_tokens(shell: &Shell, config: &Config) -> Result<(), Failure> {
    ensure_operator_token(shell, &config.store.data_dir).await?;
    ensure_vm_token(shell, config.drive.api_key.as_ref()).await
}

/// Makes sure that `operator.token` holds a token that works. One that was lost
/// is replaced, and what it was good for ends.
async fn ensure_operator_token(shell: &Shell, dir: &Path) -> Result<(), Failure> {
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

/// What the token is called that is made of `[drive] api_key`.
const VM_API_KEY: &str = "VM_API_KEY";

/// Makes a service token of the key that the dashboard's backend shows. One that was
/// revoked stays so.
async fn ensure_vm_token(shell: &Shell, key: Option<&Secret>) -> Result<(), Failure> {
    let Some(key) = key else { return Ok(()) };
    let fail = |error: zelador_actors::Error| {
        Failure::new(Exit::No, format_args!("[drive] api_key: {}", error.chain()))
    };
    let hash = hash_of(key.expose().trim());
    if let Some((_, token)) = tokens::find(shell, hash).await.map_err(fail)? {
        if !tokens::is_good(&token, shell.now()) {
            tracing::warn!("[drive] api_key is a token that was revoked: choose another one");
        }
        return Ok(());
    }
    let new = NewToken {
        name: VM_API_KEY.to_owned(),
        hash,
        role: Role::Service,
        scopes: vec!["folders:*".to_owned()],
        tenant: None,
        expires_at: None,
    };
    let by = Author::new(AuthorKind::Operator, "configuration");
    tokens::create(shell, new, &by).await.map(drop).map_err(fail)
}

/// The file that holds the signing key, and in its second line the one before it
/// while that is being replaced.
const SECRET_KEY: &str = "secret.key";

/// The keys of `secret.key`: the one that signs, and those that still verify.
pub(super) struct OwnKeys(SecretString, Vec<SecretString>);

/// The keys in `secret.key`, which is made if it is not there.
pub(super) fn ensure_secret_key(shell: &Shell, dir: &Path) -> Result<OwnKeys, Failure> {
    let path = dir.join(SECRET_KEY);
    let fail = |error: io::Error| {
        Failure::new(Exit::No, format_args!("the key in {}: {error}", path.display()))
    };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) if !text.trim().is_empty() => text,
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(fail(error)),
        _ => {
            let text =
                [hex::encode(shell.dice.secret()), hex::encode(shell.dice.secret())].concat();
            write(&path, &text).map_err(fail)?;
            tracing::info!(file = %path.display(), "signing key made");
            text
        }
    };
    let mut lines = text.split_whitespace().map(SecretString::from);
    let first = lines.next().ok_or_else(|| fail(io::ErrorKind::InvalidData.into()))?;
    Ok(OwnKeys(first, lines.collect()))
}

/// The keys in force: the configured ones, else those of the file.
pub(super) fn signing_keys(auth: &AuthSettings, own: &OwnKeys) -> Keys {
    let previous = auth.previous_secret_key.as_ref().map(Secret::expose);
    let OwnKeys(first, others) = own;
    if let Some(key) = &auth.secret_key {
        return Keys::new(auth.jwt_algorithm, key.expose(), previous);
    }
    let others = previous.into_iter().chain(others.iter().map(ExposeSecret::expose_secret));
    Keys::new(auth.jwt_algorithm, first.expose_secret(), others)
}

/// What seals secrets at rest: always by the file's own keys, so that a signing
/// key from elsewhere can be replaced without losing them.
pub(super) fn seal(dice: Dice, OwnKeys(first, others): &OwnKeys) -> Seal {
    Seal::new(dice, first, others)
}

/// What signs the links in mails.
pub(super) fn links(OwnKeys(first, others): &OwnKeys) -> Links {
    Links::new(first, others)
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
