//! `zelador audit`.

use super::client::Client;
use super::paths::with_query;
use super::table::{Column, show};
use super::when::instant;
use super::{Common, Failure};

/// Which entries.
#[derive(Debug, clap::Args)]
pub struct Part {
    /// Only about records of this noun, such as user or token
    #[arg(long, value_name = "NOUN")]
    record: Option<String>,
    /// Only about the record with this id, or name
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Only about this person
    #[arg(long, value_name = "USER_ID")]
    user: Option<String>,
    /// Only of this action, such as `user.set_status`
    #[arg(long)]
    action: Option<String>,
    /// Only what the token, person or job of this id wanted
    #[arg(long, value_name = "ID")]
    by: Option<String>,
    /// Only of this tenant
    #[arg(long, value_name = "TENANT_ID")]
    tenant: Option<String>,
    /// Not before this time
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Before this time
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// At most so many
    #[arg(long, default_value_t = 50)]
    limit: usize,
}

const LIST: &[Column] = &[
    Column("at", "/at"),
    Column("action", "/action"),
    Column("record", "/record_id"),
    Column("by", "/initiated_by/kind"),
    Column("id", "/initiated_by/id"),
    Column("from", "/address"),
    Column("before", "/before"),
    Column("after", "/after"),
];

/// Shows them.
pub(super) async fn run(common: &Common, client: &Client, part: Part) -> Result<(), Failure> {
    let from = part.from.as_deref().map(|text| instant("--from", text)).transpose()?;
    let to = part.to.as_deref().map(|text| instant("--to", text)).transpose()?;
    let members = [
        ("record", part.record.as_deref()),
        ("record_id", part.id.as_deref()),
        ("user_id", part.user.as_deref()),
        ("action", part.action.as_deref()),
        ("by", part.by.as_deref()),
        ("tenant_id", part.tenant.as_deref()),
        ("from", from.as_deref()),
        ("to", to.as_deref()),
    ];
    let path = with_query("audit", &members);
    show(common, LIST, &client.list(&path, part.limit).await?)
}
