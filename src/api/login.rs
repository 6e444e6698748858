//! Signing in and out over HTTP, and the choice of a password.

use std::str::FromStr as _;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use zelador_actors::identity::{From, Granted, Whither};
use zelador_store::id::TenantId;

use super::auth::Need;
use super::call::Call;
use super::doors::Doors;
use super::problem::Problem;
use super::reply::Reply;
use super::route::Route;

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Login {
    /// The person's address.
    #[schema(min_length = 1, max_length = 254, example = "joao.silva@academiafit.com")]
    email: String,
    /// The person's password.
    #[schema(min_length = 1, max_length = 1024, format = "password")]
    password: String,
    /// The tenant, where several know the address.
    #[schema(value_type = Option<String>, format = "uuid")]
    #[serde(default)]
    tenant_id: Option<String>,
    /// The tenant's domain, instead of its id.
    #[schema(max_length = 253, example = "academia-fit.com")]
    #[serde(default)]
    domain: Option<String>,
}

/// A refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Refresh {
    /// As the last answer gave it; each is good once.
    #[schema(min_length = 1, max_length = 200)]
    refresh_token: String,
}

/// What somebody who has signed in is given.
#[derive(Serialize, ToSchema)]
#[schema(as = Tokens)]
struct TokensView {
    /// For the header `Authorization: Bearer`.
    access_token: String,
    /// For `POST /auth/refresh`, once.
    refresh_token: String,
    /// Always `bearer`.
    #[schema(example = "bearer")]
    token_type: &'static str,
    /// Seconds that the access token is good.
    #[schema(example = 86400)]
    expires_in: u64,
    /// The tokens are good for choosing a password, and nothing else.
    must_change_password: bool,
}

/// Another password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordChange {
    /// The one until now.
    #[schema(min_length = 1, max_length = 1024, format = "password")]
    current_password: String,
    /// The one from now on.
    #[schema(min_length = 8, max_length = 1024, format = "password")]
    new_password: String,
}

/// A first password, by an invitation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Acceptance {
    /// The invitation's text.
    #[schema(min_length = 1, max_length = 200)]
    token: String,
    /// The password from now on.
    #[schema(min_length = 8, max_length = 1024, format = "password")]
    new_password: String,
}

/// The routes.
pub fn routes() -> Vec<Route<Doors>> {
    vec![
        Route::post("/auth/login", Need::Open, login)
            .summary("Sign in")
            .takes::<Login>()
            .example(json!({ "email": "joao.silva@academiafit.com", "password": "correto cavalo" }))
            .answers::<TokensView>(200)
            .refuses(401, "bad_credentials")
            .refuses(403, "account_not_active")
            .refuses(429, "too_many_attempts")
            .secret(),
        Route::post("/auth/refresh", Need::Open, refresh)
            .summary("New tokens for a refresh token; one that was used ends its session")
            .takes::<Refresh>()
            .answers::<TokensView>(200)
            .refuses(401, "bad_refresh_token")
            .refuses(429, "too_many_attempts")
            .secret(),
        Route::post("/auth/accept-invite", Need::Open, accept)
            .summary("Set a password with an invitation, once")
            .takes::<Acceptance>()
            .status(204)
            .refuses(401, "bad_invite")
            .refuses(429, "too_many_attempts")
            .secret(),
        Route::post("/auth/logout", Need::SignedIn, logout)
            .summary("Sign out: the session's tokens are refused from now on")
            .status(204)
            .secret(),
        Route::put("/auth/password", Need::SignedIn, change_password)
            .summary("Choose another password; all other sessions end")
            .takes::<PasswordChange>()
            .status(204)
            .refuses(429, "too_many_attempts"),
    ]
}

/// Where the caller signs in from.
pub(super) fn origin(call: &Call) -> From {
    From { address: call.address, agent: call.agent.clone() }
}

fn granted(granted: Granted) -> Result<Reply, Problem> {
    Reply::ok(&TokensView {
        access_token: granted.access,
        refresh_token: granted.refresh,
        token_type: "bearer",
        expires_in: granted.lasts.as_secs(),
        must_change_password: granted.must_change,
    })
}

async fn login(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let Login { email, password, tenant_id, domain } = call.body()?;
    let whither = match (tenant_id, domain) {
        // What cannot be an id is the id of no tenant, where nobody is known.
        (Some(id), _) => TenantId::from_str(&id).map_or(Whither::Domain(id), Whither::Tenant),
        (None, Some(domain)) => Whither::Domain(domain),
        (None, None) => Whither::Any,
    };
    let password = SecretString::from(password);
    granted(
        doors.identity.login(&email, password, whither, (&origin(&call), &call.author())).await?,
    )
}

async fn refresh(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let Refresh { refresh_token } = call.body()?;
    granted(doors.identity.refresh(&refresh_token.into(), &origin(&call)).await?)
}

async fn accept(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let Acceptance { token, new_password } = call.body()?;
    doors
        .identity
        .accept(&token.into(), new_password.into(), (&origin(&call), &call.author()))
        .await?;
    Ok(Reply::none())
}

async fn logout(doors: Doors, call: Call) -> Result<Reply, Problem> {
    doors.identity.logout(call.person()?, &call.author()).await?;
    Ok(Reply::none())
}

async fn change_password(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let PasswordChange { current_password, new_password } = call.body()?;
    let (current, new) = (current_password.into(), new_password.into());
    doors
        .identity
        .change_password(call.person()?, current, new, (&origin(&call), &call.author()))
        .await?;
    Ok(Reply::none())
}
