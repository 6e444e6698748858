//! `zelador categories …` and `zelador resources …`.

use clap::Subcommand;

use super::client::Client;
use super::paths::{segment, with_query};
use super::table::{Column, show, show_one};
use super::{Common, Failure};

/// What can be asked of categories.
#[derive(Debug, Subcommand)]
pub enum Categories {
    /// List categories
    List {
        /// Only of this tenant
        #[arg(long, value_name = "TENANT_ID")]
        tenant: Option<String>,
        /// Only those whose name begins so
        #[arg(long, value_name = "TEXT")]
        search: Option<String>,
        /// At most so many
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
}

/// What can be asked of resources.
#[derive(Debug, Subcommand)]
pub enum Resources {
    /// List resources
    List {
        /// Only of this tenant
        #[arg(long, value_name = "TENANT_ID")]
        tenant: Option<String>,
        /// Only of this category
        #[arg(long, value_name = "CATEGORY_ID")]
        category: Option<String>,
        /// Only those whose name begins so
        #[arg(long, value_name = "TEXT")]
        search: Option<String>,
        /// At most so many
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// Show a resource, and the rules in force
    Show {
        /// The resource's id
        #[arg(value_name = "RESOURCE_ID")]
        id: String,
    },
}

const CATEGORIES: &[Column] = &[
    Column("id", "/id"),
    Column("name", "/name"),
    Column("type", "/type"),
    Column("tenant", "/tenant_id"),
];

const RESOURCES: &[Column] = &[
    Column("id", "/id"),
    Column("name", "/name"),
    Column("category", "/category_id"),
    Column("active", "/is_active"),
    Column("seats", "/concurrent_bookings"),
    Column("location", "/location"),
];

const ONE: &[Column] = &[
    Column("id", "/id"),
    Column("tenant", "/tenant_id"),
    Column("category", "/category_id"),
    Column("name", "/name"),
    Column("description", "/description"),
    Column("location", "/location"),
    Column("capacity", "/capacity"),
    Column("active", "/is_active"),
    Column("seats", "/concurrent_bookings"),
    Column("schedule", "/availability_schedule"),
    Column("time zone", "/effective_settings/timezone"),
    Column("opens", "/effective_settings/working_hours_start"),
    Column("closes", "/effective_settings/working_hours_end"),
    Column("interval", "/effective_settings/booking_interval"),
    Column("notice", "/effective_settings/min_notice_minutes"),
    Column("buffer", "/effective_settings/buffer_minutes"),
    Column("made at", "/created_at"),
];

/// Shows categories.
pub(super) async fn categories(
    common: &Common,
    client: &Client,
    action: Categories,
) -> Result<(), Failure> {
    let Categories::List { tenant, search, limit } = action;
    let members = [("tenant_id", tenant.as_deref()), ("q", search.as_deref())];
    show(common, CATEGORIES, &client.list(&with_query("categories", &members), limit).await?)
}

/// Shows resources.
pub(super) async fn resources(
    common: &Common,
    client: &Client,
    action: Resources,
) -> Result<(), Failure> {
    match action {
        Resources::List { tenant, category, search, limit } => {
            let members = [
                ("tenant_id", tenant.as_deref()),
                ("category_id", category.as_deref()),
                ("q", search.as_deref()),
            ];
            let path = with_query("resources", &members);
            show(common, RESOURCES, &client.list(&path, limit).await?)
        }
        Resources::Show { id } => {
            show_one(common, ONE, &client.get(&format!("resources/{}", segment(&id))).await?)
        }
    }
}
