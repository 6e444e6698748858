//! `zelador bookings …`.

use clap::Subcommand;
use reqwest::Method;
use serde_json::json;

use super::client::Client;
use super::paths::{segment, with_query};
use super::table::{Column, show, show_one};
use super::{Common, Failure};

/// What can be asked of bookings.
#[derive(Debug, Subcommand)]
pub enum Bookings {
    /// List bookings, by their start
    List {
        /// Only of this tenant
        #[arg(long, value_name = "TENANT_ID")]
        tenant: Option<String>,
        /// Only on this resource
        #[arg(long, value_name = "RESOURCE_ID")]
        resource: Option<String>,
        /// Only those made by this user
        #[arg(long, value_name = "USER_ID")]
        user: Option<String>,
        /// Only in these statuses, separated by commas
        #[arg(long, value_name = "STATUS")]
        status: Option<String>,
        /// Only those that are not over by this time
        #[arg(long, value_name = "TIME")]
        from: Option<String>,
        /// Only those that have begun before this time
        #[arg(long, value_name = "TIME")]
        to: Option<String>,
        /// At most so many
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// Show a booking
    Show {
        /// The booking's id
        #[arg(value_name = "BOOKING_ID")]
        id: String,
    },
    /// Tell why a time can be booked, or cannot
    Explain {
        /// The resource's id
        #[arg(value_name = "RESOURCE_ID")]
        resource: String,
        /// From when
        #[arg(value_name = "START")]
        start: String,
        /// Until when
        #[arg(value_name = "END")]
        end: String,
        /// Who would book
        #[arg(long, value_name = "USER_ID")]
        user: Option<String>,
    },
    /// Call a booking off
    Cancel {
        /// The booking's id
        #[arg(value_name = "BOOKING_ID")]
        id: String,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// Only tell what would happen
        #[arg(long)]
        dry_run: bool,
    },
}

const BOOKINGS: &[Column] = &[
    Column("id", "/id"),
    Column("resource", "/resource_id"),
    Column("user", "/user_id"),
    Column("start", "/start_time"),
    Column("end", "/end_time"),
    Column("status", "/status"),
];

const ONE: &[Column] = &[
    Column("id", "/id"),
    Column("tenant", "/tenant_id"),
    Column("resource", "/resource_id"),
    Column("user", "/user_id"),
    Column("client", "/client_id"),
    Column("start", "/start_time"),
    Column("end", "/end_time"),
    Column("status", "/status"),
    Column("held until", "/hold_expires_at"),
    Column("series", "/series_id"),
    Column("notes", "/notes"),
    Column("called off at", "/cancelled_at"),
    Column("by", "/cancelled_by"),
    Column("because", "/cancellation_reason"),
    Column("made at", "/created_at"),
];

const RULES: &[Column] =
    &[Column("rule", "/rule"), Column("ok", "/ok"), Column("detail", "/detail")];

/// Shows bookings, explains, calls off.
pub(super) async fn run(common: &Common, client: &Client, action: Bookings) -> Result<(), Failure> {
    match action {
        Bookings::List { tenant, resource, user, status, from, to, limit } => {
            let members = [
                ("tenant_id", tenant.as_deref()),
                ("resource_id", resource.as_deref()),
                ("user_id", user.as_deref()),
                ("status", status.as_deref()),
                ("from", from.as_deref()),
                ("to", to.as_deref()),
            ];
            show(common, BOOKINGS, &client.list(&with_query("bookings", &members), limit).await?)
        }
        Bookings::Show { id } => {
            show_one(common, ONE, &client.get(&format!("bookings/{}", segment(&id))).await?)
        }
        Bookings::Explain { resource, start, end, user } => {
            let path = format!("resources/{}/explain", segment(&resource));
            let members = [
                ("start", Some(start.as_str())),
                ("end", Some(&end)),
                ("user_id", user.as_deref()),
            ];
            let told = client.get(&with_query(&path, &members)).await?;
            let rules = told.get("rules").and_then(|rules| rules.as_array()).cloned();
            show(common, RULES, &rules.unwrap_or_default())
        }
        Bookings::Cancel { id, reason, dry_run } => {
            let path = format!("bookings/{}/cancel", segment(&id));
            let members = [("dry_run", dry_run.then_some("true"))];
            let body = json!({ "reason": reason });
            let path = with_query(&path, &members);
            show_one(common, ONE, &client.call(Method::POST, &path, Some(&body)).await?.body)
        }
    }
}
