//! Tokens: making, finding, listing and revoking them.

use serde_json::json;
use zelador_store::author::Author;
use zelador_store::id::{TenantId, TokenId};
use zelador_store::tenant::Tenants;
use zelador_store::token::{Role, Token, Tokens, TokensByHash};
use zelador_store::{Cursor, Page, Query, Stored, Timestamp, Write};

use super::scopes::is_scope;
use crate::engine::Shell;
use crate::engine::audit::{Deed, note};
use crate::error::{During, Error, Flaw, Refusal};

/// The name of the token in the data directory, which the daemon makes itself.
pub const OPERATOR: &str = "operator.token";

/// How often a revocation is decided anew because others were faster.
const REPEATS: usize = 20;

/// Rows read at once.
const PAGE: usize = 200;

/// A token that is about to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// What it is for, in its maker's words.
    pub name: String,
    /// SHA-256 of its text.
    pub hash: [u8; 32],
    /// What its bearer is.
    pub role: Role,
    /// What its bearer may do; operators need none.
    pub scopes: Vec<String>,
    /// The one tenant it is good for; `None`: all.
    pub tenant: Option<TenantId>,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
}

/// Whether a token opens the door.
pub fn is_good(token: &Token, now: Timestamp) -> bool {
    token.revoked_at.is_none() && token.expires_at.is_none_or(|at| now < at)
}

/// All that is wrong with a new token.
pub fn check(new: &NewToken, now: Timestamp) -> Result<(), Refusal> {
    let mut flaws = Vec::new();
    if new.name == OPERATOR {
        flaws.push(Flaw::new("name", "reserved"));
    }
    for (at, scope) in new.scopes.iter().enumerate() {
        if !is_scope(scope) {
            flaws.push(Flaw::new(format!("scopes[{at}]"), "unknown_scope"));
        }
    }
    match new.role {
        Role::Service if new.scopes.is_empty() => {
            flaws.push(Flaw::new("scopes", "too_few").with("limit", 1));
        }
        Role::Operator if !new.scopes.is_empty() => {
            flaws.push(Flaw::new("scopes", "operator_may_all"));
        }
        _ => {}
    }
    if new.role == Role::Operator && new.tenant.is_some() {
        flaws.push(Flaw::new("tenant_id", "operator_may_all"));
    }
    if new.expires_at.is_some_and(|at| at <= now) {
        flaws.push(Flaw::new("expires_at", "not_in_the_future"));
    }
    if flaws.is_empty() { Ok(()) } else { Err(Refusal::Invalid(flaws)) }
}

/// Makes a token.
pub async fn create(shell: &Shell, new: NewToken, by: &Author) -> Result<(TokenId, Token), Error> {
    let now = shell.now();
    check(&new, now)?;
    if let Some(tenant) = new.tenant {
        let stored = shell.store.get::<Tenants>(&tenant).await.during("reading a tenant")?;
        if !stored.is_some_and(|stored| stored.row.is_live()) {
            return Err(Refusal::Absent { what: "tenant" }.into());
        }
    }
    let token = row(new, now);
    let id = shell.id();
    let mut write = Write::new();
    write.insert::<Tokens>(&id, &token);
    note(shell, &mut write, by, Deed::new("token.create", id).of(token.tenant).with(&json!(token)));
    shell.store.commit(write).await.during("making a token")?;
    tracing::info!(token = %id, name = token.name, role = ?token.role, "token made");
    Ok((id, token))
}

/// The token of a hash, good or not.
pub async fn find(shell: &Shell, hash: [u8; 32]) -> Result<Option<(TokenId, Token)>, Error> {
    let found = shell.store.find::<TokensByHash>(&hash).await.during("looking for a token")?;
    Ok(found.map(|stored| (stored.key, stored.row)))
}

/// A page of tokens, the oldest first; revoked ones stay in the list.
pub async fn list(
    shell: &Shell,
    limit: usize,
    after: Option<Cursor>,
) -> Result<Page<Stored<Tokens>>, Error> {
    let query = Query::all().limit(limit).after(after);
    shell.store.page::<Tokens>(&query).await.during("listing tokens")
}

/// Takes a token back. The last operator's token that works stays: without it
/// nobody could make another. One that was taken back already is left as it is.
pub async fn revoke(shell: &Shell, id: TokenId, by: &Author) -> Result<(), Error> {
    for _ in 0..REPEATS {
        let Some(write) = revocation(shell, id, by).await? else { return Ok(()) };
        match shell.store.commit(write).await {
            Err(error) if error.is_conflict() => {}
            other => {
                other.during("revoking a token")?;
                tracing::info!(token = %id, "token revoked");
                return Ok(());
            }
        }
    }
    Err(busy())
}

/// What takes a token back; `None`: it was taken back already.
pub(super) async fn revocation(
    shell: &Shell,
    id: TokenId,
    by: &Author,
) -> Result<Option<Write>, Error> {
    let stored = shell.store.get::<Tokens>(&id).await.during("reading a token")?;
    let stored = stored.ok_or(Refusal::Absent { what: "token" })?;
    if stored.row.revoked_at.is_some() {
        return Ok(None);
    }
    let now = shell.now();
    let mut write = Write::new();
    if stored.row.role == Role::Operator && is_good(&stored.row, now) {
        let other = other_operator(shell, id, now).await?;
        // Two that revoke each other at once must not both succeed.
        write.expect(&other.ok_or(Refusal::conflict("last_operator_token"))?);
    }
    let after = revoked(&stored.row, now);
    write.update::<Tokens>(&stored, &after);
    let deed = Deed::new("token.revoke", id).of(after.tenant);
    note(shell, &mut write, by, deed.change(&json!(stored.row), &json!(after)));
    Ok(Some(write))
}

/// Makes the operator's token of this hash, in place of those that the daemon
/// made before: what a lost file was good for ends.
pub async fn replace_operator(shell: &Shell, hash: [u8; 32]) -> Result<TokenId, Error> {
    for _ in 0..REPEATS {
        let (now, id) = (shell.now(), shell.id());
        let mut write = Write::new();
        write.insert::<Tokens>(&id, &row(operator(hash), now));
        for old in operators(shell).await? {
            if old.row.name == OPERATOR && old.row.revoked_at.is_none() {
                write.update::<Tokens>(&old, &revoked(&old.row, now));
            }
        }
        match shell.store.commit(write).await {
            Err(error) if error.is_conflict() => {}
            other => return other.during("making the operator's token").map(|_| id),
        }
    }
    Err(busy())
}

fn operator(hash: [u8; 32]) -> NewToken {
    let name = OPERATOR.to_owned();
    let (scopes, tenant, expires_at) = (Vec::new(), None, None);
    NewToken { name, hash, role: Role::Operator, scopes, tenant, expires_at }
}

async fn other_operator(
    shell: &Shell,
    id: TokenId,
    now: Timestamp,
) -> Result<Option<Stored<Tokens>>, Error> {
    let mut others = operators(shell).await?.into_iter();
    Ok(others.find(|other| other.key != id && is_good(&other.row, now)))
}

/// Operators' tokens, good or not.
async fn operators(shell: &Shell) -> Result<Vec<Stored<Tokens>>, Error> {
    let mut found = Vec::new();
    let mut cursor = None;
    loop {
        let page = list(shell, PAGE, cursor).await?;
        found.extend(page.rows.into_iter().filter(|stored| stored.row.role == Role::Operator));
        cursor = page.next;
        if cursor.is_none() {
            return Ok(found);
        }
    }
}

fn busy() -> Error {
    Error::Busy { what: "token", retry_after: std::time::Duration::from_secs(1) }
}

fn row(new: NewToken, now: Timestamp) -> Token {
    let NewToken { name, hash, role, scopes, tenant, expires_at } = new;
    Token { name, hash, role, scopes, tenant, created_at: now, expires_at, revoked_at: None }
}

fn revoked(token: &Token, now: Timestamp) -> Token {
    Token { revoked_at: Some(now), ..token.clone() }
}
