//! `zelador agenda`.

use super::client::Client;
use super::paths::with_query;
use super::table::{Column, show};
use super::when::instant;
use super::{Common, Failure};

/// Which part of it.
#[derive(Debug, clap::Args)]
pub struct Part {
    /// Not before this time [default: now]
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Before this time [default: a week later]
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// Only of this tenant
    #[arg(long, value_name = "TENANT_ID")]
    tenant: Option<String>,
    /// Only about this person
    #[arg(long, value_name = "USER_ID")]
    user: Option<String>,
    /// Only of these sorts, separated by commas: ban, `status_change`, leave,
    /// job, schedule, expiry
    #[arg(long, value_name = "SORTS")]
    kind: Option<String>,
    /// At most so many
    #[arg(long, default_value_t = 50)]
    limit: usize,
}

const LIST: &[Column] = &[
    Column("at", "/at"),
    Column("kind", "/kind"),
    Column("what", "/what"),
    Column("schedule", "/schedule"),
    Column("user", "/user_id"),
    Column("tenant", "/tenant_id"),
    Column("job", "/job_id"),
];

/// Shows it.
pub(super) async fn run(common: &Common, client: &Client, part: Part) -> Result<(), Failure> {
    let path = path(&part)?;
    show(common, LIST, &client.list(&path, part.limit).await?)
}

fn path(part: &Part) -> Result<String, Failure> {
    let from = part.from.as_deref().map(|text| instant("--from", text)).transpose()?;
    let to = part.to.as_deref().map(|text| instant("--to", text)).transpose()?;
    let kind = part.kind.as_deref().map(|kinds| kinds.replace(' ', ""));
    let members = [
        ("from", from.as_deref()),
        ("to", to.as_deref()),
        ("tenant_id", part.tenant.as_deref()),
        ("user_id", part.user.as_deref()),
        ("kind", kind.as_deref()),
    ];
    Ok(with_query("agenda", &members))
}
