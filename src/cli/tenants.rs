//! `zelador tenants …`.

use clap::Subcommand;

use super::client::Client;
use super::paths::segment;
use super::table::{Column, show, show_one};
use super::{Common, Failure};

/// What can be asked of tenants.
#[derive(Debug, Subcommand)]
pub enum Tenants {
    /// List tenants
    List {
        /// At most so many
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// Show a tenant, and its rules
    Show {
        /// The tenant's id
        #[arg(value_name = "TENANT_ID")]
        id: String,
    },
}

const LIST: &[Column] = &[
    Column("id", "/id"),
    Column("name", "/name"),
    Column("domain", "/domain"),
    Column("active", "/is_active"),
    Column("time zone", "/settings/timezone"),
];

const ONE: &[Column] = &[
    Column("id", "/id"),
    Column("name", "/name"),
    Column("domain", "/domain"),
    Column("plan", "/plan"),
    Column("language", "/locale"),
    Column("active", "/is_active"),
    Column("time zone", "/settings/timezone"),
    Column("opens", "/settings/working_hours_start"),
    Column("closes", "/settings/working_hours_end"),
    Column("days", "/settings/working_days"),
    Column("interval", "/settings/booking_interval"),
    Column("days ahead", "/settings/advance_booking_days"),
    Column("confirms by itself", "/settings/auto_confirm"),
    Column("nextcloud", "/settings/provision_nextcloud"),
    Column("drive", "/settings/create_drive_folder"),
    Column("made at", "/created_at"),
];

/// Shows tenants.
pub(super) async fn run(common: &Common, client: &Client, action: Tenants) -> Result<(), Failure> {
    match action {
        Tenants::List { limit } => show(common, LIST, &client.list("tenants", limit).await?),
        Tenants::Show { id } => {
            show_one(common, ONE, &client.get(&format!("tenants/{}", segment(&id))).await?)
        }
    }
}
