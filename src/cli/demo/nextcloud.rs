//! An account in the right instance, exactly once.

use reqwest::Method;
use serde_json::{Value, json};

use super::guide::{Guide, Stop};
use super::scene::{Scene, id, of};

/// Tells it.
pub(super) async fn tell(guide: &mut Guide, scene: &Scene) -> Result<(), Stop> {
    guide.chapter("Nextcloud", "an account in the instance with the most room, exactly once");
    let Some(tenant) = scene.tenant.clone() else {
        return guide.check("there is a tenant", false);
    };
    let pool = guide.ask("the pool", Method::GET, "admin/instances", None, 200).await?;
    let count = pool.as_array().map_or(0, Vec::len);
    guide.check(&format!("{count} instances, one over HTTP and one over SSH"), count >= 2)?;
    let path = format!("tenants/{tenant}/settings");
    let body = json!({ "provision_nextcloud": true });
    guide.ask("the tenant wants accounts", Method::PATCH, &path, Some(body), 200).await?;
    let draft = json!({ "tenant_id": tenant, "name": "Bruno Lima", "plan": "basico",
        "email": format!("bruno@demo-{}.example", scene.tag) });
    let made = guide.ask("Bruno registers", Method::POST, "users", Some(draft), 201).await?;
    let bruno = id(&made);
    guide.check(
        "his account is under way in the same commit",
        of(&made, "nextcloud_status") == "pending",
    )?;
    let path = format!("users/{bruno}/nextcloud");
    let seen = guide.until("a moment later", &path, |seen| seen["status"] == "active").await?;
    let quota = of(&seen, "quota").as_str().unwrap_or_default();
    guide.check(&format!("with the quota of his plan, {quota}"), !quota.is_empty())?;
    guide.ask("asked for again", Method::POST, &path, Some(json!({})), 409).await?;
    banned(guide, &bruno).await
}

/// What follows from a ban reaches there, too.
async fn banned(guide: &mut Guide, bruno: &str) -> Result<(), Stop> {
    for (what, status, kind) in [
        ("a ban", "BANNED", "nextcloud.disable_user"),
        ("and his return", "ACTIVE", "nextcloud.enable_user"),
    ] {
        let path = format!("users/{bruno}/status");
        let body = json!({ "status": status, "reason": "demo" });
        guide.ask(what, Method::PUT, &path, Some(body), 200).await?;
        let jobs = format!("jobs?kind={kind}&limit=20");
        let done = |all: &Value| {
            all.as_array().is_some_and(|all| {
                all.iter().any(|job| job["user_id"] == bruno && job["state"] == "succeeded")
            })
        };
        guide.until("reach his account by a job", &jobs, done).await?;
    }
    Ok(())
}
