//! Opaque tokens: found by hash, made, taken back.
//!
//! Nothing here sees the text of a token; its SHA-256 is all that is known.

use zelador_store::id::TokenId;
use zelador_store::token::{Role, Token, Tokens, TokensByHash};
use zelador_store::{Query, Stored, Write};

use crate::engine::Shell;
use crate::error::{During, Error};

/// The name of the token that the daemon makes for the operator.
pub const OPERATOR_NAME: &str = "operator.token";

/// Tokens looked at in one page.
const PAGE: usize = 200;

/// How often a change is decided anew because others were faster.
const REPEATS: usize = 20;

/// The token with this SHA-256, as the disk has it at this moment.
pub async fn find(shell: &Shell, hash: [u8; 32]) -> Result<Option<(TokenId, Token)>, Error> {
    let found = shell.store.find::<TokensByHash>(&hash).await.during("looking for a token")?;
    Ok(found.map(|stored| (stored.key, stored.row)))
}

/// Makes an operator's token with this SHA-256 the only one of its name: the
/// earlier ones are taken back in the same commit.
pub async fn replace_operator(shell: &Shell, hash: [u8; 32]) -> Result<TokenId, Error> {
    for _ in 0..REPEATS {
        let now = shell.now();
        let mut write = Write::new();
        for old in named(shell, OPERATOR_NAME).await? {
            let revoked = Token { revoked_at: Some(now), ..old.row.clone() };
            write.update::<Tokens>(&old, &revoked);
        }
        let id = shell.id();
        let token = Token {
            name: OPERATOR_NAME.to_owned(),
            hash,
            role: Role::Operator,
            scopes: Vec::new(),
            tenant: None,
            created_at: now,
            expires_at: None,
            revoked_at: None,
        };
        write.insert::<Tokens>(&id, &token);
        match shell.store.commit(write).await {
            Err(error) if error.is_conflict() => {}
            other => return other.during("making the operator's token").map(|_| id),
        }
    }
    Err(Error::Busy { what: "tokens", retry_after: std::time::Duration::from_secs(1) })
}

/// The tokens of a name that were not taken back.
async fn named(shell: &Shell, name: &str) -> Result<Vec<Stored<Tokens>>, Error> {
    let mut found = Vec::new();
    let mut cursor = None;
    loop {
        let query = Query::all().limit(PAGE).after(cursor);
        let page = shell.store.page::<Tokens>(&query).await.during("listing tokens")?;
        let live =
            |stored: &Stored<Tokens>| stored.row.name == name && stored.row.revoked_at.is_none();
        found.extend(page.rows.into_iter().filter(live));
        cursor = page.next;
        if cursor.is_none() {
            return Ok(found);
        }
    }
}
