//! `zelador notifications …`.

use clap::Subcommand;
use reqwest::Method;
use serde_json::json;

use super::client::Client;
use super::copies::follow;
use super::paths::with_query;
use super::{Common, Failure, print};

/// What can be asked about notices.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Print a text with sample data, as it is in force
    Preview {
        /// The text: `booking_made`, `booking_reminder`, … or `alert`
        kind: String,
        /// pt-BR, es or en
        #[arg(long, value_name = "LANGUAGE")]
        lang: Option<String>,
        /// The HTML part instead of the plain one
        #[arg(long)]
        html: bool,
    },
    /// Send a text with sample data, to try the mail server
    Test {
        /// Where to
        address: String,
        /// The text
        #[arg(long, default_value = "booking_made")]
        kind: String,
        /// pt-BR, es or en
        #[arg(long, value_name = "LANGUAGE")]
        lang: Option<String>,
    },
}

/// Does it.
pub(super) async fn run(common: &Common, client: &Client, action: Action) -> Result<(), Failure> {
    match action {
        Action::Preview { kind, lang, html } => {
            let asked = [("kind", Some(kind.as_str())), ("language", lang.as_deref())];
            let shown = client.get(&with_query("notifications/preview", &asked)).await?;
            if common.json {
                return print(&shown.to_string());
            }
            let text = |name: &str| shown.get(name).and_then(|text| text.as_str()).unwrap_or("");
            if html {
                print(text("html"))
            } else {
                print(&format!("{}\n\n{}", text("subject"), text("text")))
            }
        }
        Action::Test { address, kind, lang } => {
            let body = json!({ "address": address, "kind": kind, "language": lang });
            let job = client.call(Method::POST, "/notifications/test", Some(&body)).await?.body;
            follow(client, job).await?;
            if common.json {
                return print(&json!({ "sent": address }).to_string());
            }
            print(&format!("handed over to the mail server: {address}"))
        }
    }
}
