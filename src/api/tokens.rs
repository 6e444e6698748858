//! Opaque tokens: made, listed and revoked by the operator.
//!
//! A token's text is in the answer that makes it and nowhere else, so none of
//! these answers is kept for a repeated request.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use zelador_actors::Error;
use zelador_actors::error::During as _;
use zelador_actors::identity::tokens::{self, NewToken};
use zelador_store::id::{Tenant, TenantId, TokenId};
use zelador_store::tenant::Tenants;
use zelador_store::token::{Role, Token};

use super::auth::{Need, hash_of, mint};
use super::call::Call;
use super::doors::Doors;
use super::problem::Problem;
use super::reply::Reply;
use super::route::Route;
use super::time::{self, Utc};

/// What the bearer of a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum TokenRole {
    /// May do everything.
    Operator,
    /// May do what its scopes say.
    #[default]
    Service,
}

/// What makes a token.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TokenDraft {
    /// What it is for.
    #[schema(min_length = 1, max_length = 200, format = "line", example = "dashboard backend")]
    name: String,
    /// What its bearer is.
    #[schema(default = "service")]
    #[serde(default)]
    role: TokenRole,
    /// What a service may do: a noun and `read`, `write` or `*`; or `*` alone.
    #[schema(max_items = 64, example = json!(["folders:write"]))]
    #[serde(default)]
    scopes: Vec<String>,
    /// The one tenant it is good for; without it: all.
    #[schema(value_type = Option<String>, format = "uuid")]
    #[serde(default)]
    tenant_id: Option<String>,
    /// From when on it is refused; without an offset local to the tenant.
    #[schema(example = "2026-12-31T23:59:59-03:00")]
    #[serde(default)]
    expires_at: Option<String>,
}

/// A token, without its text.
#[derive(Debug, Serialize, ToSchema)]
struct TokenRecord {
    /// Its id.
    #[schema(format = "uuid")]
    id: String,
    /// What it is for.
    name: String,
    /// What its bearer is.
    role: TokenRole,
    /// What its bearer may do.
    scopes: Vec<String>,
    /// The one tenant it is good for.
    #[schema(format = "uuid")]
    tenant_id: Option<String>,
    /// When it was made.
    created_at: Utc,
    /// From when on it is refused.
    expires_at: Option<Utc>,
    /// When it was taken back.
    revoked_at: Option<Utc>,
}

/// A token that was just made, with its text.
#[derive(Debug, Serialize, ToSchema)]
struct TokenMade {
    #[serde(flatten)]
    record: TokenRecord,
    /// Its text, which is never shown again.
    #[schema(example = "zld_5f0c…")]
    token: String,
}

/// The routes.
pub fn routes() -> Vec<Route<Doors>> {
    vec![
        Route::post("/tokens", Need::Operator, create)
            .summary("Make a token; its text is shown this once")
            .takes::<TokenDraft>()
            .answers::<TokenMade>(201)
            .refuses(404, "not_found")
            .example(json!({ "name": "dashboard backend", "scopes": ["folders:*"] }))
            .secret(),
        Route::get("/tokens", Need::Operator, list)
            .summary("List tokens, revoked ones too")
            .lists::<TokenRecord>(),
        Route::delete("/tokens/{id}", Need::Operator, revoke)
            .summary("Revoke a token; the very next request with it is refused")
            .status(204)
            .refuses(404, "not_found")
            .refuses(409, "last_operator_token"),
    ]
}

async fn create(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let draft: TokenDraft = call.body()?;
    let tenant = tenant_of(draft.tenant_id.as_deref())?;
    let zone = zone_of(&doors, tenant).await?;
    let expires_at = match draft.expires_at.as_deref() {
        Some(text) => {
            let at = time::instant("expires_at", text, zone.as_ref());
            Some(at.map_err(|flaw| Problem::invalid(vec![flaw]))?)
        }
        None => None,
    };
    let text = mint(doors.shell.dice.secret());
    let new = NewToken {
        name: draft.name,
        hash: hash_of(&text),
        role: draft.role.into(),
        scopes: draft.scopes,
        tenant,
        expires_at,
    };
    let (id, token) = tokens::create(&doors.shell, new, &call.author()).await?;
    let made = TokenMade { record: record(id, token), token: text };
    Reply::created(format!("/tokens/{id}"), &made)
}

/// What cannot be an id is the id of no tenant.
fn tenant_of(text: Option<&str>) -> Result<Option<TenantId>, Problem> {
    let absent = |_| Problem::absent(<Tenant as zelador_store::id::Kind>::NAME);
    text.map(|text| text.parse().map_err(absent)).transpose()
}

async fn zone_of(doors: &Doors, tenant: Option<TenantId>) -> Result<Option<TimeZone>, Error> {
    let Some(tenant) = tenant else { return Ok(None) };
    let stored = doors.shell.store.get::<Tenants>(&tenant).await.during("reading a tenant")?;
    Ok(stored.map(|stored| time::zone(&stored.row.settings.timezone)))
}

async fn list(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let page = tokens::list(&doors.shell, call.page.limit, call.page.after).await?;
    let rows: Vec<_> = page.rows.into_iter().map(|s| record(s.key, s.row)).collect();
    Reply::list(&rows, page.next)
}

async fn revoke(doors: Doors, call: Call) -> Result<Reply, Problem> {
    tokens::revoke(&doors.shell, call.id("id")?, &call.author()).await?;
    Ok(Reply::none())
}

fn record(id: TokenId, token: Token) -> TokenRecord {
    TokenRecord {
        id: id.to_string(),
        name: token.name,
        role: token.role.into(),
        scopes: token.scopes,
        tenant_id: token.tenant.map(|tenant| tenant.to_string()),
        created_at: token.created_at.into(),
        expires_at: token.expires_at.map(Utc),
        revoked_at: token.revoked_at.map(Utc),
    }
}

impl From<TokenRole> for Role {
    fn from(role: TokenRole) -> Self {
        match role {
            TokenRole::Operator => Self::Operator,
            TokenRole::Service => Self::Service,
        }
    }
}

impl From<Role> for TokenRole {
    fn from(role: Role) -> Self {
        match role {
            Role::Operator => Self::Operator,
            Role::Service => Self::Service,
        }
    }
}
