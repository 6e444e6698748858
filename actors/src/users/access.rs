//! What goes with a change of a user's access: the credential, the sessions, and
//! that somebody stays to administer the tenant.

use zelador_store::id::{TenantId, UserId};
use zelador_store::session::{Credential, Credentials, Sessions, SessionsByUser};
use zelador_store::user::{AdminsByTenant, Users};
use zelador_store::{Query, Stored, Write};

use super::messages::NewCredential;
use super::rules::{guards, shown};
use crate::engine::Shell;
use crate::error::{During, Error, Refusal};
use crate::identity::ended;

/// Rows read at once.
const PAGE: usize = 200;

/// A credential of a new user.
pub(super) fn first(shell: &Shell, write: &mut Write, user: UserId, new: &NewCredential) {
    write.insert::<Credentials>(&user, &row(shell, new));
}

/// Another credential, in place of what there is; the sessions of the old one end.
pub(super) async fn replace(
    shell: &Shell,
    write: &mut Write,
    user: UserId,
    new: &NewCredential,
) -> Result<(), Error> {
    let doing = "replacing a credential";
    match shell.store.get::<Credentials>(&user).await.during(doing)? {
        Some(old) => write.update::<Credentials>(&old, &row(shell, new)),
        None => write.insert::<Credentials>(&user, &row(shell, new)),
    };
    let open = Query::under_key(&user).limit(PAGE);
    for session in shell.store.page_by::<SessionsByUser>(&open).await.during(doing)?.rows {
        let over = ended(&session.row, "password", shell.now());
        write.update::<Sessions>(&session, &over);
    }
    Ok(())
}

fn row(shell: &Shell, new: &NewCredential) -> Credential {
    Credential {
        password: Some(new.hash.clone()),
        must_change: new.must_change,
        set_at: Some(shell.now()),
        ..Credential::default()
    }
}

/// Another active admin of the tenant, whom the write expects to stay as it is:
/// two who end each other at once must not both succeed.
pub(super) async fn expect_other_admin(
    shell: &Shell,
    write: &mut Write,
    tenant: TenantId,
    but: UserId,
) -> Result<(), Error> {
    let other = other_admin(shell, tenant, but).await?;
    write.expect(&other.ok_or(Refusal::conflict("last_admin"))?);
    Ok(())
}

async fn other_admin(
    shell: &Shell,
    tenant: TenantId,
    but: UserId,
) -> Result<Option<Stored<Users>>, Error> {
    let (now, mut after) = (shell.now(), None);
    loop {
        let query = Query::under_key(&tenant).after(after).limit(PAGE);
        let page = shell.store.page_by::<AdminsByTenant>(&query).await;
        let page = page.during("looking for another admin")?;
        let stays = |user: &Stored<Users>| {
            user.key != but && guards::stays_admin(&shown::in_force(&user.row, now))
        };
        if let Some(found) = page.rows.into_iter().find(stays) {
            return Ok(Some(found));
        }
        after = page.next;
        if after.is_none() {
            return Ok(None);
        }
    }
}
